"""From published to final: what stands in the way, what is fixed and told, what stays refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import qc_pipeline.report
from qc_pipeline.store.outcomes import outcome_rows
from qc_pipeline.store.publications import finalised, published
from qc_pipeline.store.samples import kept_sample
from tests.fixtures import Clock
from tests.pseudo_terminal import qc_at_terminal
from tests.weeks import FINE, PERIOD, RUBRIC, qc, qc_json, record_of, transcript, words_of
from tests.workspaces import hashes

SCHEMA = Path(qc_pipeline.report.__file__).parent / "report.schema.json"
QIAN = ("--as", "qian")
WANG = ("--as", "wang")
FINAL = ("publish", PERIOD, "--final", *QIAN)
AFTER_THE_WINDOW = "2026-11-19T09:00:00"


def listened_and_published(folder: Path) -> None:
    """r3 is listened to: its taboo word stands, its tone is right: 30 of 100 points are lost."""
    qc(folder, "review", "r6", "abuse", "--confirm", *WANG)
    qc(folder, "review", "r5", "promise", "--confirm", "--as", "li")
    qc(folder, "review", "r3", "taboo", "--confirm", *WANG)
    qc(folder, "review", "r3", "tone", "--overturn", "--because", "special", *WANG)
    qc(folder, "publish", PERIOD, *QIAN)


def objected(folder: Path, *decided: str) -> None:
    words = ("--reason", "语境不同", "--as", "sun")
    qc(folder, "appeal", "open", "r3", "taboo", *words)
    if decided:
        qc(folder, "appeal", "decide", "1", *decided, "--reason", "客户在复述", "--as", "zhao")


def standing(folder: Path) -> dict[str, str | None]:
    """How every call of the period stands: its card by hash."""
    with record_of(folder) as record:
        kept = kept_sample(record, PERIOD)
        assert kept is not None
        return {k: row.card_sha256 for k, row in outcome_rows(record, kept.seq).items()}


def report(folder: Path) -> dict[str, str]:
    found = hashes(folder / "report" / PERIOD)
    found.pop("seal.json", None)
    return found


def data(folder: Path) -> Any:
    return json.loads((folder / "report" / PERIOD / "report.json").read_text("utf-8"))


def test_a_draft_is_published_before_it_is_final(week: Path, clock: Clock) -> None:
    assert f"{PERIOD} is a draft" in qc(week, *FINAL, "--yes", expect=2).err


def test_an_open_window_stands_in_the_way_to_its_last_second(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-18T23:59:59")
    refused = qc(published_week, *FINAL, "--yes", expect=2).err
    assert "objections can be raised until the end of 2026-11-18 (公示期)" in refused
    assert "`qc publish 2026-W46 --final` from 2026-11-19 on" in refused
    clock.set("2026-11-19T00:00:00")
    assert f"{PERIOD} is final" in qc(published_week, *FINAL, "--yes").out


def test_an_extended_window_stands_in_the_way(published_week: Path, clock: Clock) -> None:
    qc(published_week, "appeal", "extend", PERIOD, "--reason", "节假日", *QIAN)
    clock.set(AFTER_THE_WINDOW)
    refused = qc(published_week, *FINAL, "--yes", expect=2).err
    assert "until the end of 2026-11-20" in refused
    clock.set("2026-11-21T09:00:00")
    qc(published_week, *FINAL, "--yes")


def test_an_objection_without_an_answer_stands_in_the_way(
    published_week: Path, clock: Clock
) -> None:
    objected(published_week)
    clock.set(AFTER_THE_WINDOW)
    wanted = "r3: objection 1 to taboo is not decided yet"
    assert wanted in qc(published_week, *FINAL, "--yes", expect=2).err
    qc(published_week, "appeal", "take", "1", "--as", "zhao")
    assert wanted in qc(published_week, *FINAL, "--yes", expect=2).err
    decide = ("appeal", "decide", "1", "--rejected", "--reason", "属实", "--as", "zhao")
    qc(published_week, *decide, "--not-final")
    refused = qc(published_week, *FINAL, "--yes", expect=2).err
    assert "a second objection can be raised until the end of 2026-11-23" in refused
    # Thursday the 19th: Friday and Monday are the two working days.
    clock.set("2026-11-24T00:00:00")
    qc(published_week, *FINAL, "--yes")


def test_the_window_of_a_correction_notice_stands_in_the_way(
    published_week: Path, clock: Clock
) -> None:
    clock.set("2026-11-20T15:00:00")
    qc(published_week, "review", "r4", "taboo", "--confirm", *WANG, "--notice", "复听后补扣")
    refused = qc(published_week, *FINAL, "--yes", expect=2).err
    assert (
        "r4: its correction notice of 2026-11-20 is open to objections until the end of 2026-11-24"
        in refused
    )
    clock.set("2026-11-25T00:00:00")
    qc(published_week, *FINAL, "--yes")


def test_a_red_line_that_came_up_later_stands_in_the_way(
    published_week: Path, clock: Clock
) -> None:
    words = (FINE[0][1], f"{FINE[0][1]}神经病")
    file = words_of(published_week, "r1", words)
    qc(published_week, "rescore", "r1", "--words", str(file), "--reason", "漏听", *WANG)
    clock.set(AFTER_THE_WINDOW)
    refused = qc(published_week, *FINAL, "--yes", expect=2).err
    assert "r1: abuse (辱骂客户) is fatal, proposed and undecided" in refused
    qc(published_week, "review", "r1", "abuse", "--overturn", "--because", "recogniser", *WANG)
    qc(published_week, *FINAL, "--yes")


def test_final_tells_version_scores_and_corrections(week: Path, clock: Clock) -> None:
    listened_and_published(week)
    assert "复听平均成绩" in (week / "report" / PERIOD / "index.html").read_text("utf-8")
    assert (data(week)["state"], data(week)["final"], data(week)["head"]["mean"]) == (
        "published",
        None,
        70,
    )
    objected(week, "--upheld")
    clock.set(AFTER_THE_WINDOW)
    done = qc_json(week, *FINAL, "--yes")
    assert (done["final"], done["version"], done["by"]) == (True, 1, "钱经理")
    assert done["line"] == "定稿第1版：70.00→100.00，申诉更正1处"
    assert done["listened"] == {
        "before": {"mean": 70, "calls": 1},
        "after": {"mean": 100, "calls": 1},
    }
    assert (done["corrected"], done["corrected_calls"]) == ({"appeals": 1}, 1)

    body = data(week)
    jsonschema.validate(body, json.loads(SCHEMA.read_text("utf-8")))
    assert (body["state"], body["head"]["mean"]) == ("final", 100)
    assert body["final"]["line"] == done["line"]
    stage = body["tables"]["stage"]["rows"]
    assert {"what": "状态", "value": "定稿第1版"} in stage
    assert {"what": "版本", "value": done["line"]} in stage
    page = (week / "report" / PERIOD / "index.html").read_text("utf-8")
    assert done["line"] in page
    assert "由 钱经理 定稿；定稿后成绩不再变动" in page
    assert "异议期已于 2026年11月18日（周三）结束" in page
    corrections = (week / "report" / PERIOD / "corrections.html").read_text("utf-8")
    assert "于 2026-11-19 定稿。定稿第1版：70.00→100.00，申诉更正1处。" in corrections
    assert "70.00 → 100.00" in corrections

    (line,) = qc_json(week, "audit", "--action", "publication.final")["lines"]
    assert (line["person"], line["what"]["version"]) == ("钱经理", 1)
    assert qc_json(week, "audit")["broken_at"] is None
    told = qc_json(week, "show", "r3", "--history")["publications"]
    assert [(p["kind"], p["version"]) for p in told] == [("published", None), ("final", 1)]
    assert told[1]["card"] == standing(week)["r3"]
    assert "final (定稿), version 1" in qc(week, "show", "r3", "--history").out
    assert "阶段：2026-W46 定稿第1版（2026-11-19）" in qc(week, "show", "r3").out


def test_corrections_are_counted_by_what_made_them(week: Path, clock: Clock) -> None:
    listened_and_published(week)
    objected(week, "--upheld")
    because = ("--overturn", "--because", "rule")
    qc(week, "review", "r5", "promise", *because, *WANG)
    file = words_of(week, "r2", ("喂请讲一下", "您好请讲一下"))
    qc(week, "rescore", "r2", "--words", str(file), "--reason", "听录音核对", *WANG)
    # Overturned and confirmed again: as it was published.
    qc(week, "review", "r6", "abuse", *because, *WANG)
    qc(week, "review", "r6", "abuse", "--confirm", *WANG, "--notice", "复听属实")
    clock.set(AFTER_THE_WINDOW)
    done = qc_json(week, *FINAL, "--yes")
    assert done["corrected"] == {"appeals": 1, "decisions": 1, "words": 1}
    assert done["corrected_calls"] == 3
    assert done["line"].endswith("，申诉更正1处，复核改判1处，文字更正1处")


def test_a_corrected_rule_and_another_rubric_are_counted_apart(
    published_week: Path, clock: Clock
) -> None:
    rubric = published_week / "rubrics" / "mini.yaml"
    rubric.write_text(RUBRIC.replace("你听不懂吗, ", ""), "utf-8")
    qc(published_week, "rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "过严", *WANG)
    other = published_week / "other.yaml"
    other.write_text(RUBRIC.replace("any: [您好]", "any: [您好, 请讲一下]"), "utf-8")
    adopt = ("rescore", "r2", "--rubric", str(other), "--adopt", "--reason", "版本有误")
    qc(published_week, *adopt, *WANG)
    clock.set(AFTER_THE_WINDOW)
    done = qc_json(published_week, *FINAL, "--yes")
    assert done["corrected"] == {"rules": 1, "rubric": 1}
    assert done["line"] == "定稿第1版：尚无复听成绩，规则更正1处，换用评分标准1处"


def test_what_came_up_since_and_nobody_looked_at_is_closed_without_a_deduction(
    published_week: Path, clock: Clock
) -> None:
    other = published_week / "other.yaml"
    tone = "        points: 10\n        manual: true\n"
    smile = "      - {id: smile, title: 微笑服务, points: 4, manual: true}\n"
    other.write_text(RUBRIC.replace(tone, tone.replace("10", "6") + smile, 1), "utf-8")
    adopt = ("rescore", "r1", "--rubric", str(other), "--adopt", "--reason", "版本有误")
    qc(published_week, *adopt, *WANG)
    assert qc_json(published_week, "review")["open"] == 1
    clock.set(AFTER_THE_WINDOW)
    done = qc_json(published_week, *FINAL, "--yes")
    assert done["closed_unseen"] == 1
    assert qc_json(published_week, "review")["open"] == 0
    *_, last = qc_json(published_week, "show", "r1", "--history")["decisions"]
    assert (last["criterion"], last["verdict"]) == ("smile", "not_looked_at")
    assert last["reason"] == "未复听，不扣分"
    assert qc_json(published_week, "show", "r1")["total"] == 100


@pytest.fixture(scope="module")
def final_once(scored_week: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    from qc_pipeline.cli import session

    folder = Path(shutil.copytree(scored_week, tmp_path_factory.mktemp("final") / "week"))
    time, former = Clock(), session.clock
    session.clock = lambda: time.now
    try:
        listened_and_published(folder)
        time.set(AFTER_THE_WINDOW)
        qc(folder, *FINAL, "--yes")
    finally:
        session.clock = former
    return folder


@pytest.fixture
def final_week(final_once: Path, tmp_path: Path, clock: Clock) -> Path:
    """A week made final on Thursday, 19 November 2026; of r3 people decided everything."""
    clock.set("2026-11-20T09:00:00")
    return Path(shutil.copytree(final_once, tmp_path / "final"))


REFUSED: dict[str, tuple[str, ...]] = {
    "decision": ("review", "r3", "taboo", "--overturn", "--because", "rule", *WANG),
    "deduction": ("review", "r4", "taboo", "--confirm", *WANG, "--notice", "补扣"),
    "invalid": ("review", "r4", "--invalid", "--because", "test", *WANG),
    "rule": ("rescore", "--criterion", "taboo", "-p", PERIOD, "--reason", "过严", *WANG),
    "rubric": ("rescore", "r3", "--rubric", "{other}", "--adopt", "--reason", "换", *WANG),
    "words": ("rescore", "r3", "--words", "{words}", "--reason", "核对", *WANG),
    "objection": ("appeal", "open", "r3", "taboo", "--reason", "语境", "--as", "sun"),
    "window": ("appeal", "extend", PERIOD, "--reason", "节假日", *QIAN),
}


@pytest.mark.parametrize("act", REFUSED)
def test_nothing_changes_a_final_period(final_week: Path, act: str) -> None:
    other = final_week / "other.yaml"
    other.write_text(RUBRIC.replace("你听不懂吗, ", ""), "utf-8")
    words = words_of(final_week, "r3", ("你听不懂吗", "请您听我说"))
    before, lines = standing(final_week), qc_json(final_week, "audit")["count"]
    named = {"{other}": str(other), "{words}": str(words)}
    refused = qc(final_week, *(named.get(w, w) for w in REFUSED[act]), expect=2).err
    assert f"{PERIOD} is final (定稿) since 2026-11-19 by 钱经理" in refused
    assert standing(final_week) == before
    assert qc_json(final_week, "audit")["count"] == lines


def test_a_what_if_may_still_be_looked_at(final_week: Path) -> None:
    other = final_week / "other.yaml"
    other.write_text(RUBRIC.replace("你听不懂吗, ", ""), "utf-8")
    before = standing(final_week)
    done = qc_json(final_week, "rescore", "r3", "--rubric", str(other), *WANG)
    assert done["total_after"] == 100
    assert standing(final_week) == before


def test_final_again_changes_nothing(final_week: Path) -> None:
    before, lines = report(final_week), qc_json(final_week, "audit")["lines"]
    told = qc(final_week, *FINAL).out
    assert "was made final on 2026-11-19 by 钱经理; it stays so" in told
    assert "定稿第1版：70.00，成绩未变，公示后无更正" in told
    assert "it stays so" in qc(final_week, "publish", PERIOD, *QIAN).out
    assert report(final_week) == before
    assert qc_json(final_week, "audit")["lines"] == lines


def test_the_job_gives_the_final_report_again(final_week: Path) -> None:
    before = report(final_week)
    rubric = final_week / "rubrics" / "mini.yaml"
    rubric.write_text(RUBRIC.replace("您好", "早上好"), "utf-8")
    assert f"{PERIOD} is final: its scores stand" in qc(final_week, "run", "-p", PERIOD).err
    assert report(final_week) == before
    shutil.rmtree(final_week / "report")
    qc(final_week, "report", "-p", PERIOD)
    assert report(final_week) == before
    agent = qc(final_week, "report", "-p", PERIOD, "--audience", "agent:a2").out
    own = Path(agent.splitlines()[-1]).parent / "report.json"
    assert json.loads(own.read_text("utf-8"))["final"] == {
        "version": 1,
        "day": "2026-11-19",
        "line": "定稿第1版",
    }


def test_a_final_report_that_was_not_written_comes_with_the_next_command(
    published_week: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Path:
        raise OSError(28, "No space left on device")

    clock.set(AFTER_THE_WINDOW)
    with monkeypatch.context() as patch:
        patch.setattr("qc_pipeline.job.publish.report_stage", full)
        assert qc(published_week, *FINAL, "--yes", expect=None).code != 0
    assert data(published_week)["state"] == "published"  # the former report, whole
    qc(published_week, "run", "-p", PERIOD)
    assert data(published_week)["state"] == "final"
    before = report(published_week)
    qc(published_week, "run", "-p", PERIOD)
    assert report(published_week) == before


def test_an_export_says_of_which_stage_it_is(final_week: Path, week: Path) -> None:
    stages = []
    for folder in (week, final_week):
        qc(folder, "export", "-p", PERIOD, "--out", str(folder / "out"))
        stages.append(json.loads((folder / "out" / "stage.json").read_text("utf-8")))
    assert [(s["state"], s["version"]) for s in stages] == [("draft", None), ("final", 1)]
    assert stages[1]["published_on"] == "2026-11-16"
    assert stages[1]["final_on"] == "2026-11-19"
    assert stages[1]["listened"]["after"] == {"mean": 70, "calls": 1}


def test_a_purge_leaves_a_final_period_final(final_week: Path) -> None:
    before = standing(final_week)
    qc(final_week, "purge", "--before", "2026-12-01", *QIAN)
    assert standing(final_week) == before
    qc(final_week, *FINAL)
    assert qc_json(final_week, "audit")["broken_at"] is None


def test_a_period_published_before_there_were_stages_can_be_made_final(
    published_week: Path, clock: Clock
) -> None:
    clock.set(AFTER_THE_WINDOW)
    with record_of(published_week) as record:
        public = published(record, PERIOD)
        # All that a publication has kept from the first version on.
        assert public is not None and set(public.body) == {"cards", "closed"}
        assert finalised(record, PERIOD) is None
    assert qc_json(published_week, *FINAL, "--yes")["version"] == 1


def test_a_script_says_yes(week: Path, clock: Clock) -> None:
    listened_and_published(week)  # `qc publish` alone asks nobody without a terminal
    clock.set(AFTER_THE_WINDOW)
    before = standing(week)
    refused = qc(week, *FINAL, expect=2).err
    assert refused.strip() == (f"{PERIOD} would be final for good: without a terminal, say --yes")
    assert standing(week) == before
    with record_of(week) as record:
        assert finalised(record, PERIOD) is None


def test_at_a_terminal_it_says_what_is_closed_and_asks(week: Path, clock: Clock) -> None:
    qc(week, "review", "r6", "abuse", "--confirm", *WANG)
    qc(week, "review", "r5", "promise", "--confirm", "--as", "li")
    words = ("publish", PERIOD, *QIAN, "-C", str(week))
    asks = "现在公示？[y/N]"
    left = qc_at_terminal(*words, answers=[(asks, "n")])
    assert left.code == 2
    assert f"{PERIOD} stays a draft: nothing was changed" in left.screen
    assert qc_json(week, "review")["open"] == 7
    done = qc_at_terminal(*words, answers=[(asks, "y")])
    assert done.code == 0
    assert done.screen[:5] == [
        "2026-W46：初评 → 公示",
        "关闭 7 项（6 通录音）：未复听，不扣分",
        "  语气：6 项（人工评判 6）",
        "  服务禁语：1 项（存疑 1）",
        "公示后，可在 2026-11-18 当日结束前提出异议。",
    ]
    assert f"{PERIOD} is published; 7 open items closed, not deducted" in done.screen

    clock.set(AFTER_THE_WINDOW)
    asks = "现在定稿？[y/N]"
    left = qc_at_terminal(*words, "--final", answers=[(asks, "")])
    assert left.code == 2
    assert f"{PERIOD} stays published and is not final: nothing was changed" in left.screen
    done = qc_at_terminal(*words, "--final", answers=[(asks, "是")])
    assert done.code == 0
    assert done.screen[:4] == [
        "2026-W46：公示 → 定稿",
        "定稿第1版：尚无复听成绩，公示后无更正",
        "没有待关闭的项目。",
        "定稿后，本期成绩不再判定、更正、申诉或改用其他标准。",
    ]
    assert qc_at_terminal(*words, "--final").code == 0  # final already: nothing is asked


def test_yes_asks_nobody_at_a_terminal(published_week: Path, clock: Clock) -> None:
    clock.set(AFTER_THE_WINDOW)
    done = qc_at_terminal(*FINAL, "--yes", "-C", str(published_week))
    assert done.code == 0
    assert "[y/N]" not in done.written


def another_week(folder: Path, recording: str, day: str, period: str) -> None:
    """A week of one call of the agent a2, listened to and published: 30 of 100 points lost."""
    rows = (folder / "calls.csv").read_text("utf-8")
    rows += f"{recording},{recording}.wav,{day}T10:00:00,a2,坐席2,一组,30\n"
    (folder / "calls.csv").write_text(rows, "utf-8")
    heard = folder / "heard" / f"{recording}.json"
    rude = (FINE[0], ("agent", "你听不懂吗"), FINE[2])
    heard.write_text(json.dumps(transcript(recording, rude, 0.98), ensure_ascii=False), "utf-8")
    qc(folder, "sample", "-p", period)
    qc(folder, "transcribe", "-p", period, "--from", str(heard))
    qc(folder, "score", "-p", period)
    qc(folder, "review", recording, "taboo", "-p", period, "--confirm", *WANG)
    because = ("--overturn", "--because", "special")
    qc(folder, "review", recording, "tone", "-p", period, *because, *WANG)
    qc(folder, "publish", period, *QIAN)


def test_a_month_is_the_sum_of_its_final_weeks(week: Path, clock: Clock, tmp_path: Path) -> None:
    settings = week / "qc.toml"
    text = settings.read_text("utf-8")
    settings.write_text(f"{text}\n[review]\ncalls_an_agent_a_month = 2\n", "utf-8")
    listened_and_published(week)
    objected(week, "--upheld")  # r3 of a2: 100
    clock.set("2026-11-23T09:00:00")
    another_week(week, "n1", "2026-11-17", "2026-W47")  # 70

    def month() -> Any:
        qc(week, "export", "--to", "month", "-p", "2026-11", "--out", str(tmp_path / "m"))
        return json.loads((tmp_path / "m" / "month.json").read_text("utf-8"))

    qc(week, *FINAL, "--yes")
    for how in ("--listen", "--page"):
        assert "is final (定稿)" in qc(week, "review", "-p", "2026-W46", how, *WANG, expect=2).err
    assert qc_json(week, "review", "-p", "2026-W46")["calls"] == []
    body = month()
    assert body["month"] == "2026-11"
    # The weeks whose middle day lies in the month, but for those drawn.
    assert body["not_drawn"] == ["2026-W45", "2026-W48"]
    assert [(p["period"], p["state"], p["version"], p["counts"]) for p in body["periods"]] == [
        ("2026-W46", "final", 1, True),
        ("2026-W47", "published", None, False),
    ]
    assert [p["listened_mean"] for p in body["periods"]] == [100, 70]
    assert body["missing"] == ["2026-W47"]
    # One listened call of a final week: too few for a mean of two.
    agents = {a["agent_id"]: (a["listened_calls"], a["listened_mean"]) for a in body["agents"]}
    assert agents["a2"] == (1, None)
    assert agents["a5"] == (0, None)

    clock.set("2026-11-26T09:00:00")
    qc(week, "publish", "2026-W47", "--final", "--yes", *QIAN)
    body = month()
    assert body["missing"] == []
    agents = {a["agent_id"]: (a["listened_calls"], a["listened_mean"]) for a in body["agents"]}
    # n1 was chosen with a chance of one half (one call more, two weeks left), r3 for certain:
    # (100 + 2 × 70) / 3.
    assert agents["a2"] == (2, 80)
    table = (tmp_path / "m" / "month.csv").read_text("utf-8-sig")
    assert "a2,一组,2,80.00" in table
    # The final report of the later week names the weeks that its month is made of.
    page = (week / "report" / "2026-W47" / "index.html").read_text("utf-8")
    assert "本月成绩由已定稿的2026-W46（定稿第1版）、2026-W47（定稿第1版）合计。" in page
    assert (
        "no week of 2026-12"
        in qc(
            week, "export", "--to", "month", "-p", "2026-12", "--out", str(tmp_path / "n"), expect=2
        ).err
    )
