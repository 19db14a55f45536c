"""`qc sample` as an inspector runs it, on a list with written transcripts."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.weeks import PEOPLE, PERIOD, RUBRIC, qc, qc_json, transcript

SETTINGS = """\
[paths]
calls = "calls.csv"
recordings = "recordings"

[asr]
backend = "imported"

[rubrics]
default = "mini"

[runner]
kind = "inline"

[sampling]
budget_calls = 6
duration_s = []
slots = []
seed = "test"
"""

WORDS = (("agent", "您好请问有什么可以帮您"), ("customer", "查账单"), ("agent", "稍后给您回电"))
AGENTS = ("a1", "a2", "a3")


def workspace(folder: Path, sampling: str = "", *, silent: tuple[str, ...] = ()) -> Path:
    """30 calls r00 … r29 of three agents over a week, ten each; `silent` ones hold no speech."""
    for name in ("recordings", "rubrics", "heard"):
        (folder / name).mkdir(parents=True)
    (folder / "rubrics" / "mini.yaml").write_text(RUBRIC, encoding="utf-8")
    (folder / "qc.toml").write_text(SETTINGS + sampling + PEOPLE, encoding="utf-8")
    rows = ["recording_id,path,start_time,agent_id,team,business,duration_s"]
    for n in range(30):
        name, agent = f"r{n:02}", AGENTS[n % 3]
        body = transcript(name, () if name in silent else WORDS, 0.98)
        (folder / "heard" / f"{name}.json").write_text(json.dumps(body), encoding="utf-8")
        start = f"2026-11-{9 + n % 7:02}T{9 + n % 9:02}:00:00"
        business = "投诉" if n % 5 == 0 else "咨询"
        rows.append(f"{name},{name}.wav,{start},{agent},组{agent},{business},{30 + n}")
    (folder / "calls.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def scored_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = workspace(tmp_path_factory.mktemp("scored") / "w")
    picks(folder)
    take_in_and_score(folder)
    return folder


@pytest.fixture
def scored(scored_once: Path, tmp_path: Path) -> Path:
    """A workspace of `workspace` with its sample drawn, taken in, scored and reported."""
    return Path(shutil.copytree(scored_once, tmp_path / "w"))


def picks(folder: Path, *words: str) -> dict[str, Any]:
    return {p["recording_id"]: p for p in qc_json(folder, "sample", "-p", PERIOD, *words)["picks"]}


def take_in_and_score(folder: Path, *, expect: int = 0) -> None:
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    qc(folder, "run", "-p", PERIOD, expect=expect)


def reserve_after(folder: Path, recording: str) -> str:
    """The next in reserve of a drawn recording's agent, read off the draw."""
    sample = qc_json(folder, "sample", "-p", PERIOD)
    agent = next(p["agent_id"] for p in sample["picks"] if p["recording_id"] == recording)
    order = zip(sample["reserve"], sample["reserve_agents"], strict=True)
    return next(name for name, other in order if other == agent)


def test_recording_that_a_person_finds_invalid_is_followed_by_the_next_in_reserve(
    scored: Path,
) -> None:
    folder = scored
    first = picks(folder)
    gone = min(first)
    following = reserve_after(folder, gone)
    qc(folder, "review", gone, "--invalid", "--because", "test", "--reason", "线路测试",
       "--as", "wang")  # fmt: skip
    refused = qc(folder, "publish", PERIOD, "--as", "qian", expect=2)
    assert f"{gone} found invalid and not replaced yet" in refused.err
    said = qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    assert f"{gone} is invalid (test); {following} takes its place" in said.err
    ran = qc(folder, "run", "-p", PERIOD)
    assert "invalid 1 (test 1), replaced 1" in ran.out
    assert "sampled 6 = scored 6 + failed 0" in ran.out
    now = qc_json(folder, "sample", "-p", PERIOD)
    assert {p["recording_id"] for p in now["picks"]} == (first.keys() - {gone}) | {following}
    assert now["replaced"] == [
        {
            "recording_id": gone,
            "reason": "test",
            "text": "线路测试",
            "by": following,
            "broken_quotas": [],
        }
    ]
    new = next(p for p in now["picks"] if p["recording_id"] == following)
    for key in ("stratum", "probability", "agent_id", "relisten", "relisten_probability"):
        assert new[key] == first[gone][key], key
    text = qc(folder, "sample", "-p", PERIOD).out
    assert "invalid recordings 1: test 1" in text
    assert f"{gone} (test: 线路测试) → {following}" in text
    page = Path(ran.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "抽中后发现无效录音 1 通（测试通话 1 通），按预定的候补顺序递补 1 通。" in page
    assert "无效录音及递补" in page
    assert "线路测试" in page
    assert "同坐席、同风险倍数、同层的下一通" in page
    assert "未符合的定额" not in page
    assert qc_json(folder, "show", following)["recording_id"] == following
    shown = qc(folder, "show", gone, "-p", PERIOD, expect=2)
    assert f"{gone} is invalid (test); {following} takes its place" in shown.err
    assert qc_json(folder, "show", gone, "--history")["cards"]
    verified = qc(folder, "sample", "-p", PERIOD, "--verify")
    assert "identical: 6 calls" in verified.out
    assert "1 invalid recordings were replaced since" in verified.out


def test_silent_recordings_leave_by_themselves_and_so_do_silent_ones_that_follow(
    tmp_path: Path,
) -> None:
    plain = workspace(tmp_path / "plain")
    gone = min(picks(plain))
    following = reserve_after(plain, gone)
    folder = workspace(tmp_path / "w", silent=(gone, following))
    picks(folder)
    take_in_and_score(folder)
    now = qc_json(folder, "sample", "-p", PERIOD)
    assert [(r["recording_id"], r["reason"]) for r in now["replaced"]] == [
        (gone, "silent"),
        (following, "silent"),
    ]
    assert len(now["picks"]) == 6
    assert not {gone, following} & {p["recording_id"] for p in now["picks"]}
    actions = [line["action"] for line in qc_json(folder, "audit")["lines"]]
    assert actions.count("sample.replace") == 2
    again = qc(folder, "run", "-p", PERIOD)
    assert "invalid 2 (silent 2), replaced 2" in again.out
    assert [x["action"] for x in qc_json(folder, "audit")["lines"]] == actions


def test_used_up_reserve_leaves_a_gap_that_reconciles(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    settings = folder / "qc.toml"
    text = settings.read_text("utf-8")
    plan = "budget_calls = 30\nagent_min = 10"
    settings.write_text(text.replace("budget_calls = 6", plan), "utf-8")
    assert len(picks(folder)) == 30
    take_in_and_score(folder)
    qc(folder, "review", "r07", "--invalid", "--because", "wrong_number", "--as", "wang")
    ran = qc(folder, "run", "-p", PERIOD)
    assert "r07 is invalid (wrong number); nobody in the reserve can take its place" in ran.err
    assert "invalid 1 (wrong number 1), replaced 0" in ran.out
    assert "sampled 29 = scored 29 + failed 0" in ran.out
    shown = qc(folder, "sample").out
    assert "r07 (wrong number) nobody left in the reserve" in shown
    # The seventh call is of the second of three agents, who had ten and owed ten.
    broken = "agent a2 has 9 drawn calls now, the plan asks for 10 at least"
    assert broken in ran.err
    assert broken in shown
    quota = {"of": "agent", "name": "a2", "bound": "least", "planned": 10, "drawn": 9}
    assert qc_json(folder, "sample")["replaced"][0]["broken_quotas"] == [quota]
    page = Path(ran.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "1 名坐席、0 个抽样层不再符合方案规定的通数" in page
    assert "坐席 a2 现抽取 9 通，方案至少 10 通" in page
    qc(folder, "export", "-p", PERIOD, "--to", "samples", "--out", str(tmp_path / "out"))
    with (tmp_path / "out" / "replaced.csv").open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["recording_id"], row["replaced_by"]) == ("r07", "")
    assert row["broken_quotas"] == "agent a2: 9, least 10"


def test_sample_drawn_before_the_reserve_kept_probabilities_verifies_and_is_replaced_as_then(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path / "w", "agent_min = 2\nrules = 1\n")
    first = qc_json(folder, "sample", "-p", PERIOD)
    settings = folder / "qc.toml"
    settings.write_text(settings.read_text(encoding="utf-8").replace("rules = 1\n", ""), "utf-8")
    assert first["reserve"]
    assert "reserve_probabilities" not in first
    assert "identical: 6 calls" in qc(folder, "sample", "-p", PERIOD, "--verify").out
    take_in_and_score(folder)
    gone = first["picks"][0]
    qc(folder, "review", gone["recording_id"], "--invalid", "--because", "silent", "--as", "wang")
    qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    ran = qc(folder, "run", "-p", PERIOD)
    now = qc_json(folder, "sample", "-p", PERIOD)
    following = now["replaced"][0]["by"]
    new = next(p for p in now["picks"] if p["recording_id"] == following)
    for key in ("stratum", "probability", "agent_id"):
        assert new[key] == gone[key]
    page = Path(ran.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert "递补录音为同层同坐席（没有时为同层）候补中的下一通" in page
    assert "identical: 6 calls" in qc(folder, "sample", "-p", PERIOD, "--verify").out


def test_the_agents_call_of_another_stratum_follows_as_what_it_is(tmp_path: Path) -> None:
    # Every agent has two complaints among ten calls; all six complaints are drawn.
    plan = 'by = ["business"]\nagent_min = 0\nallocation = "fixed"\n'
    fixed = '[sampling.fixed]\n"all / other / 咨询" = 6\n"all / other / 投诉" = 6\n'
    folder = workspace(tmp_path / "w", plan + fixed)
    settings = folder / "qc.toml"
    text = settings.read_text("utf-8").replace("budget_calls = 6\n", "")
    settings.write_text(text, "utf-8")
    first = qc_json(folder, "sample", "-p", PERIOD)
    gone = next(p for p in first["picks"] if p["stratum"].endswith("投诉"))
    assert gone["probability"] == 1.0
    take_in_and_score(folder)
    qc(folder, "review", gone["recording_id"], "--invalid", "--because", "silent", "--as", "wang")
    said = qc(folder, "transcribe", "-p", PERIOD, "--from", str(folder / "heard"))
    told = "stratum any length / other / 投诉 has 5 drawn calls now, the plan asks for 6 at least"
    assert told in said.err
    qc(folder, "run", "-p", PERIOD)
    now = qc_json(folder, "sample", "-p", PERIOD)
    new = next(p for p in now["picks"] if p["recording_id"] == now["replaced"][0]["by"])
    assert (new["agent_id"], new["stratum"]) == (gone["agent_id"], "all / other / 咨询")
    # Six of 24: exactly where agents' parts are whole, and never what a complaint had.
    inquiries = {p["probability"] for p in first["picks"] if p["stratum"].endswith("咨询")}
    assert new["probability"] in inquiries
    assert [(s["stratum"], s["drawn"]) for s in now["strata"]] == [
        ("all / other / 咨询", 7),
        ("all / other / 投诉", 5),
    ]
    # The catalogue's names where people read, the keys where files and settings name a stratum.
    assert "any length / other / 咨询" in qc(folder, "sample", "-p", PERIOD).out


def test_published_period_is_not_touched_by_a_later_finding(scored: Path) -> None:
    folder = scored
    before = picks(folder)
    qc(folder, "publish", PERIOD, "--as", "qian")
    qc(folder, "review", min(before), "--invalid", "--because", "silent", "--as", "wang")
    qc(folder, "run", "-p", PERIOD)
    assert picks(folder).keys() == before.keys()


def test_replacement_goes_to_an_inspector_who_may_hear_it(tmp_path: Path) -> None:
    extra = (
        'own_team = "never"\nagent_min = 0\n'
        'inspectors = [{id = "I1", team = "组a1"}, {id = "I2", team = "组a2"}]\n'
    )
    folder = workspace(tmp_path / "w", extra)
    first = picks(folder)
    assert {p["inspector"] for p in first.values()} == {"I1", "I2"}
    take_in_and_score(folder)
    for name in first:
        qc(folder, "review", name, "--invalid", "--because", "internal", "--as", "wang")
    now = picks(folder)
    assert not now.keys() & first.keys()
    led = {"I1": "a1", "I2": "a2"}
    assert all(led[p["inspector"]] != p["agent_id"] for p in now.values())


def test_calls_of_an_overlapping_period_are_left_out_where_the_flag_says_so(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path / "w")
    week = picks(folder)
    month = qc_json(folder, "sample", "-p", "2026-11", "--exclude-inspected")
    assert not {p["recording_id"] for p in month["picks"]} & week.keys()
    assert {e["recording_id"] for e in month["excluded"]} == week.keys()
    assert {e["reason"] for e in month["excluded"]} == {f"inspected in {PERIOD}"}
    assert month["frame_size"] == 24
    # Periods drawn later do not make another draw of it.
    qc(folder, "sample", "-p", "2026-11-09..2026-11-11")
    assert "identical" in qc(folder, "sample", "-p", "2026-11", "--verify").out
    assert f"inspected in {PERIOD} 6" in qc(folder, "sample", "-p", "2026-11").out


def test_recordings_put_in_by_hand_are_marked_and_a_drawn_period_is_not_changed_silently(
    tmp_path: Path,
) -> None:
    folder = workspace(tmp_path / "w")
    file = tmp_path / "ids.txt"
    first = picks(folder)
    other = sorted({f"r{n:02}" for n in range(30)} - first.keys())[:2]
    file.write_text("\ufeff" + "\n".join(other) + "\n\n", encoding="utf-8")
    refused = qc(folder, "sample", "-p", PERIOD, "--include", str(file), expect=2)
    assert f"drawn already, without {other[0]}, {other[1]} of --include" in refused.err
    again = picks(folder, "--include", str(file), "--redraw", "--reason", "领导要求")
    assert {k: p["origin"] for k, p in again.items() if k not in first} == {
        name: "forced" for name in other
    }
    assert all(again[name]["probability"] is None for name in other)
    assert "identical" in qc(folder, "sample", "-p", PERIOD, "--verify").out
    assert "in the sample 8: at random 6, put in by hand 2" in qc(folder, "sample").out
    more = sorted({f"r{n:02}" for n in range(30)} - first.keys())[2]
    file.write_text(more, encoding="utf-8")
    dry = qc_json(folder, "sample", "-p", PERIOD, "--dry-run", "--include", str(file))
    assert {p["recording_id"] for p in dry["picks"]} == {*first, *other, more}
    grown = qc(folder, "sample", "-p", PERIOD, "--include", str(file), "--redraw", "--reason", "x")
    assert f"put in by hand before and kept in the new draw: {other[0]}, {other[1]}\n" in grown.err
    assert "in the sample 9: at random 6, put in by hand 3" in grown.out


def test_call_put_in_by_hand_stays_in_a_new_draw_unless_it_cannot(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    first = picks(folder)
    invalid, gone, silent, elsewhere, stays = sorted(
        {f"r{n:02}" for n in range(30)} - first.keys()
    )[:5]
    file = tmp_path / "ids.txt"
    file.write_text("\n".join((invalid, gone, silent, elsewhere, stays)), encoding="utf-8")
    put_in = picks(folder, "--include", str(file), "--redraw", "--reason", "领导要求")
    assert len(put_in) == 11
    take_in_and_score(folder)
    qc(folder, "review", invalid, "--invalid", "--because", "test", "--as", "wang")
    qc(folder, "run", "-p", PERIOD)
    # Another period has drawn one, nobody answered another, a third is no longer in the list.
    day = next(line for line in (folder / "calls.csv").read_text("utf-8").splitlines()
               if line.startswith(elsewhere)).split(",")[2][:10]  # fmt: skip
    file.write_text(elsewhere, encoding="utf-8")
    qc(folder, "sample", "-p", day, "--include", str(file))
    kept, unanswered = [], f"{silent},{silent}.wav"
    for line in (folder / "calls.csv").read_text("utf-8").splitlines():
        answered = (
            "answered" if line.startswith("recording_id") else not line.startswith(unanswered)
        )
        if not line.startswith(f"{gone},"):
            kept.append(f"{line},{str(answered).lower()}")
    (folder / "calls.csv").write_text("\n".join(kept) + "\n", encoding="utf-8")
    new = qc(
        folder, "sample", "-p", PERIOD, "--redraw", "--reason", "清单更正", "--exclude-inspected"
    )
    told = "put in by hand before and left out of the new draw: "
    assert f"{told}{invalid} (found invalid)\n" in new.err
    assert f"{told}{gone} (no longer in the call list)\n" in new.err
    assert f"{told}{silent} (unanswered)\n" in new.err
    assert f"{told}{elsewhere} (inspected in {day}..{day})\n" in new.err
    assert f"put in by hand before and kept in the new draw: {stays}\n" in new.err
    # By the list of now it could be drawn at random as well.
    assert picks(folder).keys() & {invalid, gone, silent, elsewhere, stays} == {stays}


def test_calls_that_were_not_drawn_at_random_are_told_never_to_be_replaced(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    lines = (folder / "calls.csv").read_text("utf-8").splitlines()
    marked = [f"{line},{str(line.startswith('r03,')).lower()}" for line in lines[1:]]
    (folder / "calls.csv").write_text("\n".join([lines[0] + ",mystery", *marked]) + "\n", "utf-8")
    first = picks(folder)
    file = tmp_path / "ids.txt"
    forced = min({f"r{n:02}" for n in range(30)} - first.keys())
    file.write_text(forced, encoding="utf-8")
    picks(folder, "--include", str(file), "--redraw", "--reason", "领导要求")
    take_in_and_score(folder)
    for name in (forced, "r03"):
        qc(folder, "review", name, "--invalid", "--because", "wrong_number", "--as", "wang")
    ran = qc(folder, "run", "-p", PERIOD)
    shown = qc(folder, "sample").out
    for name in (forced, "r03"):
        why = f"{name} is invalid (wrong number); calls put in by hand and test calls are not "
        why += "replaced"
        assert why in ran.err
        assert why in qc(folder, "show", name, expect=2).err
        assert f"{name} (wrong number) not replaced, as no call is that was put in by hand" in shown
    assert "nobody" not in ran.err + shown
    page = Path(ran.out.splitlines()[-1]).read_text(encoding="utf-8")
    assert page.count("不递补（人工加入的或神秘顾客录音）") == 2
    assert "候补已用完" not in page


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "names no recording"),
        (b"\xff\xfe\x00r", "is not UTF-8 text"),
        (b"r99\n", "no such recording; found r99"),
    ],
)
def test_file_of_ids_that_cannot_be_used_is_refused(
    tmp_path: Path, content: bytes, message: str
) -> None:
    folder = workspace(tmp_path / "w")
    file = tmp_path / "ids.txt"
    file.write_bytes(content)
    assert message in qc(folder, "sample", "--include", str(file), expect=2).err


def test_dry_run_shows_the_plan_with_its_rates_and_keeps_nothing(tmp_path: Path) -> None:
    extra = (
        'allocation = "risk"\n[[sampling.risk]]\nname = "complaint"\nfield = "business"\n'
        'in = ["投诉"]\nmultiplier = 3\n'
    )
    folder = workspace(tmp_path / "w", extra)
    body = qc_json(folder, "sample", "-p", PERIOD, "--dry-run")
    rows = {row["risk_class"]: row for row in body["plan_table"]}
    # 6 complaints at three times the rate of 24 others: 6 calls over 6 × 3 + 24 = 42 shares.
    assert [rows[c]["frame"] for c in ("×1", "×3")] == [24, 6]
    assert rows["×1"]["expected"] + rows["×3"]["expected"] == pytest.approx(6)
    assert rows["×3"]["most_rate"] > 2 * rows["×1"]["least_rate"]
    assert body["risk"] == [{"name": "complaint", "multiplier": 3.0, "frame": 6}]
    text = qc(folder, "sample", "-p", PERIOD, "--dry-run").out
    assert "6 calls of the frame  ×3  complaint" in text
    assert text.rstrip().endswith("dry run: nothing was kept, but that this seed was tried")
    assert "is not drawn yet" in qc(folder, "sample", "-p", PERIOD, "--verify", expect=2).err
    drawn = qc(folder, "sample", "-p", PERIOD).out
    assert "6 calls of the frame  ×3  complaint" in drawn
    assert "is drawn already; this is what" in qc(folder, "sample", "-p", PERIOD, "--dry-run").err


def test_ways_of_sampling_that_exclude_one_another_are_refused(tmp_path: Path) -> None:
    folder = workspace(tmp_path / "w")
    assert "one at a time" in qc(folder, "sample", "--dry-run", "--verify", expect=2).err
