"""What the report says in its own words: reasons, notes, tasks, overlap, traffic and trends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.call import Failure
from qc_pipeline.intake.tables import TrafficRow
from qc_pipeline.message import read_message
from qc_pipeline.report.blocks import BarChart, LineChart, Sentence, TableBlock
from qc_pipeline.report.inputs import FollowUp, ReportInputs
from qc_pipeline.report.model import build_model
from qc_pipeline.report.pages.call import call_page
from qc_pipeline.report.pages.timeline import timeline
from qc_pipeline.report.sections.periods import period_labels
from qc_pipeline.report.view import View, build_view
from qc_pipeline.report.words import measured, reasons
from qc_pipeline.scoring.evidence.finding import EvidenceKind, Verdict
from tests.report.inputs import Shape, week


@pytest.fixture(scope="module")
def inputs() -> ReportInputs:
    return week(Shape(calls=60, past_weeks=8))


@pytest.fixture(scope="module")
def view(inputs: ReportInputs) -> View:
    return build_view(inputs)


def block(view: View, name: str) -> object:
    return next(b for s in view.sections for b in s.blocks if getattr(b, "id", "") == name)


def texts(view: View, section: str) -> str:
    blocks = next(s.blocks for s in view.sections if s.id == section)
    return " ".join(b.text for b in blocks if isinstance(b, Sentence))


@pytest.mark.parametrize(
    ("text", "typeset"),
    [
        (
            "0:53 坐席说“升级”,随后2轮内未做到:告知时限;",
            "0:53 坐席说“升级”，随后2轮内未做到：告知时限；",
        ),
        ("静音11.9秒(界限10秒)", "静音11.9秒（界限10秒）"),
        ("第 1,200 通, 12:30 (a)", "第 1,200 通， 12:30 (a)"),
        ("see a, b: c", "see a, b: c"),
    ],
)
def test_marks_beside_chinese_are_full_width_and_others_stay(text: str, typeset: str) -> None:
    assert measured.typeset(text) == typeset


def test_reasons_say_no_verdict_twice_and_show_no_search_pattern(inputs: ReportInputs) -> None:
    model = build_model(inputs)
    call = next(c for c in model.calls if c.results)
    result = replace(
        call.results[0],
        verdict=Verdict.NOT_APPLICABLE,
        reason="不适用：客户说出符合/1[,,、 ]*[3-9](先生|女士)/的话不成立",
    )
    assert reasons.reason(model, call, result) == "客户说出符合规定句式的话不成立"


def test_an_english_report_of_a_chinese_rubric_gives_reasons_in_english(
    inputs: ReportInputs,
) -> None:
    options = replace(inputs.options, language="en")
    model = build_model(replace(inputs, options=options))
    seen = set()
    for call in model.calls:
        for result in call.results:
            text = reasons.reason(model, call, result)
            seen.add(result.verdict)
            quotes = "".join(e.quote for e in result.evidence)
            left = [c for c in text if "\u4e00" <= c <= "\u9fff" and c not in quotes]
            assert left == [], text
            if result.verdict is Verdict.FAIL and result.evidence[0].kind is EvidenceKind.SAID:
                assert "Agent said “" in text
    assert seen >= {Verdict.PASS, Verdict.FAIL, Verdict.HELD, Verdict.NOT_APPLICABLE}


def test_a_persons_own_words_stay_in_the_language_they_wrote(inputs: ReportInputs) -> None:
    options = replace(inputs.options, language="en")
    model = build_model(replace(inputs, options=options))
    call = next(c for c in model.calls if c.results)
    result = replace(call.results[0], decided_by="person", reason="客户先说的")
    assert reasons.reason(model, call, result) == "客户先说的"


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("the recording is not there", "录音文件不存在"),
        (
            "the recording is cut short: 3.0 s of 9.5 s are there",
            "录音不完整：应有 9.5 秒，只有 3.0 秒",
        ),
        ("something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_failures_are_told_in_chinese_where_their_words_are_known(
    inputs: ReportInputs, english: str, chinese: str
) -> None:
    failures = tuple(
        Failure(recording_id=f.recording_id, stage="audio", reason=read_message(english))
        for f in inputs.failures
    )
    found = block(build_view(replace(inputs, failures=failures)), "failures")
    assert isinstance(found, TableBlock)
    assert [r[-1] for r in found.rows] == [chinese]


def test_the_head_says_what_to_do_first(inputs: ReportInputs, view: View) -> None:
    play, speak, answer, decide = view.tasks
    assert play.href.startswith("calls/") and speak.href == "#common-part"
    assert "异议在 2026年11月25日（周三）前提交" in answer.text and "建议跟踪" in answer.text
    waiting = sum(
        r.verdict is Verdict.HELD or r.proposed
        for c in inputs.scorecards.values()
        for r in c.criteria()
    )
    assert decide.text.startswith(f"{waiting} 项")
    key = sorted(inputs.scorecards)[0]
    item = FollowUp(recording_id=key, what="回电", due=inputs.period.end)
    opened = build_view(replace(inputs, follow_ups=(item,))).tasks[2]
    assert opened.text.startswith("需跟踪 1 项，最早的在 2026年11月22日（周日）前反馈结果")
    agent = replace(inputs.options, audience="agent:8000")
    assert build_view(replace(inputs, options=agent)).tasks == ()


def test_a_test_call_is_never_the_one_to_play(inputs: ReportInputs, view: View) -> None:
    gravest = next(c for c in view.calls if c.page == view.tasks[0].href)
    rows = tuple(
        replace(r, fields={**r.fields, "mystery": True})
        if r.recording_id == gravest.recording_id
        else r
        for r in inputs.recordings
    )
    assert build_view(replace(inputs, recordings=rows)).tasks[0].href != gravest.page


def test_pareto_stands_by_points_and_by_calls(view: View) -> None:
    points, calls = block(view, "pareto"), block(view, "pareto-calls")
    assert isinstance(points, BarChart) and isinstance(calls, BarChart)
    for chart in (points, calls):
        values = [b.value for b in chart.bars]
        shares = [b.cumulative or 0.0 for b in chart.bars]
        assert values == sorted(values, reverse=True)
        assert shares == sorted(shares) and shares[-1] <= 1.0
    table = block(view, "deductions")
    assert isinstance(table, TableBlock)
    failed = {r[0]: r[4] for r in table.rows}
    assert [b.value for b in calls.bars] == [failed[b.label] for b in calls.bars]


def test_groups_and_business_types_stand_beside_their_own_periods(
    inputs: ReportInputs, view: View
) -> None:
    table = block(view, "weeks-kinds")
    assert isinstance(table, TableBlock)
    assert [c.label for c in table.columns[2:]] == [
        *(p.name for p in inputs.past[-5:]),
        "2026-W47",
    ]
    row = next(r for r in table.rows if r[1] == "一组")
    last = [c.total for c in inputs.past[-1].calls if c.team == "一组" and c.total is not None]
    assert row[-2] == pytest.approx(sum(last) / len(last))


def test_period_names_are_short_under_an_axis() -> None:
    assert period_labels(["2025-W52", "2026-W01", "2026-W02"]) == ["W52 2025", "W01 2026", "W02"]
    assert period_labels(["2026-11-02..2026-11-08", "2026-12"]) == ["11-02 2026", "12"]
    assert period_labels(["spring"]) == ["spring"]


def test_traffic_is_drawn_against_its_target(inputs: ReportInputs) -> None:
    rows = tuple(
        TrafficRow(
            day=inputs.period.start.replace(day=16 + i),
            team="一组",
            offered=100,
            answered=85 + i,
            answered_in_time=70,
        )
        for i in range(7)
    )
    found = build_view(replace(inputs, traffic=rows))
    chart = block(found, "traffic-chart")
    assert isinstance(chart, LineChart)
    assert (chart.target, chart.points[0].value) == (0.9, 0.85)
    assert "服务水平（20 秒内接起） 70.0%（目标 ≥ 80%）" in texts(found, "service-figures")


def test_speech_at_once_is_marked_on_the_timeline(inputs: ReportInputs) -> None:
    model = build_model(inputs)
    call = next(c for c in model.calls if c.transcript is not None)
    assert call.transcript is not None
    speech = {
        who: ((1.0, 3.0),) if str(who) == "agent" else ((2.0, 4.0), (9.5, 10.0))
        for who in call.transcript.speech
    }
    both = replace(call, transcript=replace(call.transcript, speech=speech))
    page = call_page(model, both, with_clips=False)
    assert page.timeline is not None
    marks = [(m.tone, m.start_s, m.end_s) for m in page.timeline.marks]
    assert ("overlap", 2.0, 3.0) in marks and ("silence", 4.0, 9.5) in marks
    drawn = str(timeline(page.timeline))
    assert drawn.count('class="overlap"') == 1 and "同时说话 1.0 秒" in drawn


def settled(inputs: ReportInputs) -> ReportInputs:
    """The week once published: everything open was closed by publishing, unseen."""
    cards = {}
    for recording_id, card in inputs.scorecards.items():
        closed = [
            replace(
                s,
                criteria=tuple(
                    replace(c, stake=0.0, proposed=False, reason=f"{c.reason}; 未复听，不扣分")
                    if c.verdict is Verdict.HELD
                    else replace(c, proposed=False)
                    for c in s.criteria
                ),
            )
            for s in card.sections
        ]
        cards[recording_id] = replace(card, sections=tuple(closed), provisional=False)
    return replace(inputs, scorecards=cards, state="published")


def test_what_was_closed_unseen_is_not_told_as_waiting(inputs: ReportInputs) -> None:
    """A published period waits for nobody: RUBRIC.md, an item not looked at is not deducted."""
    held = sum(
        r.verdict is Verdict.HELD and not r.trial
        for c in inputs.scorecards.values()
        for r in c.criteria()
    )
    draft, public = build_view(inputs), build_view(settled(inputs))
    assert held > 20
    assert (draft.head.held_items, draft.head.unseen_items) == (held, 0)
    assert (public.head.held_items, public.head.unseen_items) == (0, held)
    assert {f.label: f.value for f in draft.figures}["待复核"] == str(held)
    figures = {f.label: (f.value, f.note) for f in public.figures}
    assert "待复核" not in figures
    assert figures["未复听"] == (str(held), "公示时未复听，不扣分")
    for name, columns in (("calls", -2), ("conduct-1", -2)):
        table = block(public, name)
        assert isinstance(table, TableBlock)
        assert table.columns[columns].label == "未复听"


def test_an_item_closed_unseen_stands_apart_and_marks_no_word(inputs: ReportInputs) -> None:
    model = build_model(settled(inputs))
    call = next(c for c in model.calls if any(r.verdict is Verdict.HELD for r in c.results))
    page = call_page(model, call, with_clips=False)
    assert page.held_title == "公示时未复听、未评判（不扣分）"
    told = {(d.mark, d.cost) for d in page.held}
    assert told <= {("未复听", "不扣分"), ("未评判", "")} and ("未复听", "不扣分") in told
    assert not any("待人工确认" in d.reason for d in page.held)
    assert page.timeline is not None
    assert "held" not in {m.tone for m in page.timeline.marks}
    assert "held" not in {tone for u in page.turns for _, tone in u.pieces}
