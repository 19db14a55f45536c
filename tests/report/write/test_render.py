"""Files: the same bytes, never half, nothing of anybody's numbers, and numbers that agree."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from qc_pipeline.call import Failure
from qc_pipeline.message import read_message
from qc_pipeline.report.inputs import Appeal, ClipJob, ReportInputs
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import write_report
from tests.browsing import make_wave
from tests.report.inputs import Shape, appeal_facts, listen_to, week
from tests.workspaces import hashes

SECRETS = ("13800138000", "幺三八零零幺三八零零零", "一三八零零一三八零零零")


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    """Of forty sampled calls nine that enter means were listened to."""
    found = week(Shape(calls=40, past_weeks=1))
    ordinary = [r.recording_id for r in found.recordings if not r.mystery]
    return listen_to(found, [k for k in ordinary if k in found.scorecards][:9])


@pytest.fixture(scope="module")
def folder(inputs: ReportInputs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("report") / "2026-W47"
    write_report(build_view(inputs), place)
    return place


@pytest.fixture(scope="module")
def body(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    return found


def test_same_inputs_give_the_same_bytes(
    inputs: ReportInputs, folder: Path, tmp_path: Path
) -> None:
    write_report(build_view(inputs), tmp_path / "again")
    first = hashes(folder)
    assert len(first) > 40
    assert hashes(tmp_path / "again") == first


def test_every_scored_call_has_a_page_and_every_link_leads_to_a_file(
    inputs: ReportInputs, folder: Path
) -> None:
    assert len(list((folder / "calls").iterdir())) == len(inputs.scorecards) == 39
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) > 50
    for page in pages:
        text = page.read_text(encoding="utf-8")
        ids = set(re.findall(r'\sid="([^"]+)"', text))
        for link in re.findall(r'href="([^"]+)"', text):
            path, _, anchor = link.partition("#")
            assert not path or (page.parent / path).exists(), (page.name, link)
            if not path and not anchor.startswith("t="):
                assert anchor in ids, (page.name, link)


def test_nobodys_number_stands_in_any_file_or_name(inputs: ReportInputs, folder: Path) -> None:
    ids = [r.recording_id for r in inputs.recordings]
    phones = [i.split("-")[1] for i in ids]
    checked = 0
    for path in sorted(folder.rglob("*")):
        assert not any(p in path.name for p in phones)
        if path.suffix in (".html", ".json"):
            text = path.read_text(encoding="utf-8")
            for secret in (*SECRETS, *ids, *phones):
                assert secret not in text, (path.name, secret)
            checked += 1
    assert checked > 50
    book = CalamineWorkbook.from_path(folder / "report.xlsx")
    cells = " ".join(
        str(v)
        for name in book.sheet_names
        for row in book.get_sheet_by_name(name).to_python()
        for v in row
    )
    assert len(cells) > 1000
    assert not any(secret in cells for secret in (*SECRETS, *ids, *phones))


def test_numbers_follow_from_the_calls_of_the_data_file(
    inputs: ReportInputs, body: dict[str, Any]
) -> None:
    """Recomputed from report.json's calls alone, without the view."""
    counted = [c for c in body["calls"] if c["counted"]]
    totals = [c["total"] for c in counted]
    assert body["format"] == "qc-report/1"
    assert body["head"]["machine_mean"] == pytest.approx(sum(totals) / len(totals), abs=1e-6)
    heard = [c for c in counted if c["listened"]]
    assert (len(heard), body["head"]["listened"]) == (9, 9)
    mean = sum(c["total"] for c in heard) / len(heard)
    assert body["head"]["mean"] == pytest.approx(mean, abs=1e-6)
    assert body["head"]["pass_share"] == pytest.approx(
        sum(c["passed"] for c in heard) / 9, abs=1e-6
    )
    assert body["head"]["scored"] == len(body["calls"])
    assert body["head"]["sampled"] == len(inputs.sample.picks)
    for row in body["tables"]["groups"]["rows"]:
        own = [c for c in counted if c["team"] == row["team"]]
        assert row["mean"] == pytest.approx(sum(c["total"] for c in own) / len(own), abs=1e-6)
        assert row["passed"] == pytest.approx(sum(c["passed"] for c in own) / len(own), abs=1e-6)
        assert row["lowest"] == min(c["total"] for c in own)
    titles = {r.id: r.title for c in inputs.scorecards.values() for r in c.criteria()}
    for row in body["tables"]["deductions"]["rows"]:
        key = next(k for k, t in titles.items() if t == row["title"])
        verdicts = [c["verdicts"][key] for c in counted]
        assert row["calls"] == verdicts.count("fail")
        assert row["judged"] == verdicts.count("fail") + verdicts.count("pass")
        assert row["lost"] == pytest.approx(sum(c["lost"].get(key, 0) for c in counted))


def test_cards_of_the_data_file_are_the_scorecards(
    inputs: ReportInputs, body: dict[str, Any]
) -> None:
    by_time = {
        r.start_time.isoformat(): inputs.scorecards[r.recording_id]
        for r in inputs.recordings
        if r.recording_id in inputs.scorecards
    }
    for call in body["calls"]:
        card = by_time[call["start_time"]]
        assert call["total"] == card.total
        assert call["verdicts"] == {r.id: str(r.verdict) for r in card.criteria()}


def test_page_shows_what_the_data_file_says(folder: Path, body: dict[str, Any]) -> None:
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert f"抽取 {body['head']['sampled']} = 评分 {body['head']['scored']} + 失败 1" in text
    assert f"监听平均成绩为{body['head']['mean']:.2f}分" in text
    assert f"平均 {body['head']['machine_mean']:.2f} 分（未经复听校正" in text
    assert body["head"]["health"]["sentence"] in text
    assert "录音文件为空（0 字节）" in text
    assert "start_time is no time" in text


def test_former_report_stays_where_writing_fails(
    inputs: ReportInputs, folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "report"
    write_report(build_view(inputs), place)
    before = hashes(place)

    def broken(job: ClipJob) -> Path | None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_report(build_view(inputs), place, make_clip=broken)
    assert hashes(place) == before
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report", "report.manifest.json"]


def test_clips_are_bounded_short_silenced_and_named_by_hash(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    jobs: list[ClipJob] = []

    def cut(job: ClipJob) -> Path:
        jobs.append(job)
        path = job.target.with_name(job.target.name + ".mp3")
        path.write_bytes(b"\xff\xfb")
        return path

    options = replace(inputs.options, max_clips=5, delete_clips_after=date(2027, 2, 1))
    write_report(build_view(replace(inputs, options=options)), tmp_path / "r", make_clip=cut)
    assert len({j.recording_id for j in jobs}) == 5
    assert all(0 < j.end_s - j.start_s <= 60.0 for j in jobs)
    assert all(re.fullmatch(r"[0-9a-f]{12}-[123]", j.target.name) for j in jobs)
    spoken = [
        (j, w)
        for j in jobs
        for t in inputs.transcripts[j.recording_id].turns
        for w in t.words
        if "幺三八零零幺三八零零零" in t.text and j.start_s <= w.start_s < j.end_s
    ]
    assert spoken
    assert all(j.silenced for j, _ in spoken)
    page = next((tmp_path / "r" / "calls").glob(f"{jobs[0].target.name[:12]}.html"))
    text = page.read_text(encoding="utf-8")
    assert f'src="../clips/{jobs[0].target.name}.mp3"' in text
    assert "2027年2月1日" in text


def test_no_audio_leaves_the_clips_out(inputs: ReportInputs, tmp_path: Path) -> None:
    options = replace(inputs.options, audio=False)
    write_report(
        build_view(replace(inputs, options=options)),
        tmp_path / "r",
        make_clip=lambda job: pytest.fail("a clip was asked for"),
    )
    assert not (tmp_path / "r" / "clips").exists()


def test_meeting_version_names_no_agent_in_any_file(inputs: ReportInputs, tmp_path: Path) -> None:
    transcripts = dict(inputs.transcripts)
    key = sorted(transcripts)[0]
    heard = transcripts[key]
    first = replace(heard.turns[0], text="您好坐席1-1工号八零零零为您服务", words=())
    transcripts[key] = replace(heard, turns=(first, *heard.turns[1:]))
    options = replace(inputs.options, audience="meeting")
    write_report(
        build_view(replace(inputs, options=options, transcripts=transcripts)), tmp_path / "m"
    )
    assert not (tmp_path / "m" / "agents").exists()
    for path in (tmp_path / "m").rglob("*"):
        if path.suffix in (".html", ".json"):
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"坐席\d-\d", text), path.name
            assert "八零零零为您" not in text


def test_english_report_has_no_chinese_of_its_own(tmp_path: Path) -> None:
    found = week(Shape(calls=8), language="en")
    write_report(build_view(found), tmp_path / "en")
    text = (tmp_path / "en" / "index.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in text
    assert "3. 16 Nov – 22 Nov: 7 recordings inspected" in text
    for phrase in ("质检项", "扣分", "待复核", "本期", "录音"):
        assert phrase not in text.replace(found.options.title, "").replace(
            "呼入服务录音质检标准", ""
        ).replace("录音文件为空(0 字节)", ""), phrase


def test_objection_appears_on_its_call_with_both_scores(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    key = sorted(inputs.scorecards)[0]
    item = Appeal(
        recording_id=key,
        criterion_id="time-limit",
        reason="客户电话 13800138000 已说明",
        opened_on=date(2026, 11, 23),
        state="upheld",
        answer="成立",
        total_before=88.0,
        total_after=91.0,
    )
    view = build_view(replace(inputs, objections=(item,)))
    write_report(view, tmp_path / "r")
    page = next(c.page for c in view.calls if c.recording_id == key)
    text = (tmp_path / "r" / page).read_text(encoding="utf-8")
    assert "88 → 91" in text and "138****8000 已说明" in text


def test_page_of_an_objection_plays_what_the_call_page_plays(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    key, criterion = next(
        (k, r.id)
        for k, card in sorted(inputs.scorecards.items())
        for r in card.criteria()
        if r.verdict == "fail" and r.evidence
    )
    item = Appeal(
        recording_id=key,
        criterion_id=criterion,
        reason="听错",
        opened_on=date(2026, 11, 23),
        due=date(2026, 11, 25),
        facts=appeal_facts(inputs.scorecards[key], number=3),
    )
    told = replace(inputs, objections=(item,))
    view = build_view(told)
    write_report(view, tmp_path / "r", make_clip=make_wave)
    page = next(c.page for c in view.calls if c.recording_id == key)

    def played(name: str) -> list[str]:
        text = (tmp_path / "r" / name).read_text(encoding="utf-8")
        return re.findall(r'<audio controls preload="metadata" src="([^"]+)"', text)

    assert played("appeals/3.html") == played(page) != []
    case = (tmp_path / "r" / "appeals" / "3.html").read_text(encoding="utf-8")
    assert 'class="at" href="#t=' in case  # the place moves the sound on this page
    assert "答复期限：2026年11月25日（周三）。" in case and "尚未答复。" in case
    # Without sound the place leads to the call's page.
    write_report(view, tmp_path / "silent")
    case = (tmp_path / "silent" / "appeals" / "3.html").read_text(encoding="utf-8")
    assert f'class="at" href="../{page}#t=' in case and "<audio" not in case


def bare(inputs: ReportInputs) -> ReportInputs:
    """Everything optional is missing."""
    return replace(
        inputs,
        transcripts={},
        envelopes={},
        rubrics=(),
        past=(),
        excluded_rows=(),
        making=type(inputs.making)(),
        recordings=tuple(replace(r, fields={}) for r in inputs.recordings),
    )


@pytest.mark.parametrize("audience", ["manager", "meeting", "lead:no such", "agent:nobody"])
def test_report_is_written_where_all_that_is_optional_is_missing(
    inputs: ReportInputs, tmp_path: Path, audience: str
) -> None:
    found = bare(inputs)
    options = replace(found.options, audience=audience)
    write_report(build_view(replace(found, options=options)), tmp_path / "r")
    assert (tmp_path / "r" / "index.html").stat().st_size > 5_000


def test_report_is_written_where_every_recording_failed(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    failures = tuple(
        Failure(recording_id=p.recording_id, stage="asr", reason=read_message("模型读不出"))
        for p in inputs.sample.picks
    )
    view = build_view(replace(inputs, scorecards={}, transcripts={}, failures=failures))
    write_report(view, tmp_path / "r")
    text = (tmp_path / "r" / "index.html").read_text(encoding="utf-8")
    assert view.head.failed == view.head.sampled == 40
    assert "监听平均成绩：尚无复听成绩。" in text
    assert "✘ 暂不通报：没有可评的录音。" in text
    assert text.count("模型读不出") == 40


def test_report_of_an_empty_sample_is_written(inputs: ReportInputs, tmp_path: Path) -> None:
    sample = replace(inputs.sample, picks=(), strata=(), frame_size=0)
    found = replace(
        inputs, sample=sample, recordings=(), scorecards={}, transcripts={}, failures=()
    )
    write_report(build_view(found), tmp_path / "r")
    assert "抽取 0 = 评分 0 + 失败 0" in (tmp_path / "r" / "index.html").read_text("utf-8")


def test_customers_name_of_the_list_is_hidden_where_it_is_spoken(
    inputs: ReportInputs, tmp_path: Path
) -> None:
    key = sorted(inputs.transcripts)[0]
    heard = inputs.transcripts[key]
    first = replace(heard.turns[0], text="您好是诸葛某某吗", words=())
    rows = tuple(
        replace(r, fields={**r.fields, "客户姓名": "诸葛某某"}) if r.recording_id == key else r
        for r in inputs.recordings
    )
    talks = {**inputs.transcripts, key: replace(heard, turns=(first, *heard.turns[1:]))}
    view = build_view(replace(inputs, recordings=rows, transcripts=talks))
    write_report(view, tmp_path / "r")
    text = (tmp_path / "r" / view.calls[0].page).read_text(encoding="utf-8")
    assert view.calls[0].recording_id == key
    assert "您好是****吗" in text and "诸葛某某" not in text
