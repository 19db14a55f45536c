"""四、本期问题录音分析: what to play in the shift meeting, and two good recordings."""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.call_fields import DISSATISFIED
from qc_pipeline.report import formats
from qc_pipeline.report.blocks import (
    Block,
    Cell,
    Column,
    DeductionBlock,
    ProblemCall,
    ProblemCalls,
    SectionView,
    Sentence,
    TableBlock,
)
from qc_pipeline.report.deduction_marks import deduction
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.sections.headline import closed_unseen
from qc_pipeline.report.words.not_judged import band_or_why_none
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult

MOST_CARDS = 12
MOST_QUOTES = 2
MOST_FAULTS = 4
MOST_LISTED = 700
LEAST_CARDS = 5
LOST_POINTS, NO_PROBLEM = 5, 9
GOOD_RECORDINGS = 2


def build(model: ReportModel) -> tuple[SectionView, ...]:
    t = model.words
    found = problem_calls(model)
    cards = tuple(_card(model, c) for c in found[:MOST_CARDS])
    blocks: list[Block] = [Sentence(text=_meaning(model, found))]
    if cards:
        blocks.append(ProblemCalls(items=cards, more=len(found) - len(cards)))
    blocks.append(_all_calls(model))
    unhappy = _well_formed_but_unhappy(model)
    if unhappy is not None:
        blocks.append(unhappy)
    mystery = _mystery(model)
    if mystery is not None:
        blocks.append(mystery)
    good = _good(model)
    if good is not None:
        blocks.append(good)
    return (
        SectionView(
            id="problems",
            heading=t("part4"),
            level=2,
            blocks=tuple(blocks),
            short=t("nav_part4"),
        ),
    )


def problem_calls(model: ReportModel) -> list[Call]:
    """Calls with a red line, a major error, a total below the pass mark, or a red line or major
    error held; gravest first, then lowest total. Where these are fewer than five, the calls that
    lost most points fill up: there is always something to learn from."""
    graded = [(_grade(c), c) for c in model.shown]
    graded.sort(
        key=lambda g: (g[0], 101.0 if g[1].total is None else g[1].total, g[1].recording_id)
    )
    found = [c for grade, c in graded if grade < LOST_POINTS]
    rest = [c for grade, c in graded if grade == LOST_POINTS]
    return found + rest[: max(0, LEAST_CARDS - len(found))]


def _grade(call: Call) -> int:
    counting = [r for r in call.results if not r.trial]
    failed = {r.severity for r in counting if r.verdict is Verdict.FAIL}
    held = {r.severity for r in counting if call.waits(r)}
    below = call.card is not None and call.card.passed is False
    for grade, so in enumerate(
        (
            "fatal" in failed,
            "major" in failed,
            below,
            "fatal" in held,
            "major" in held,
            any(r.lost > 0 for r in counting),
        )
    ):
        if so:
            return grade
    return NO_PROBLEM


def _shown_results(call: Call) -> list[CriterionResult]:
    """What is told in a card: deductions, gravest first, then held red lines and major errors."""
    weight = {"fatal": 0, "major": 1}
    failed = [
        r
        for r in call.results
        if r.verdict is Verdict.FAIL and not r.trial and r.covered_by is None
    ]
    held = [r for r in call.results if call.waits(r) and r.severity in weight]
    failed.sort(key=lambda r: (weight.get(r.severity, 2), -r.lost, r.id))
    return failed + held


def _card(model: ReportModel, call: Call) -> ProblemCall:
    t = model.words
    row = call.recording
    duration = row.duration_s if row.duration_s is not None else None
    if duration is None and call.transcript is not None:
        duration = call.transcript.duration_s
    meta = [
        formats.moment(row.start_time),
        call.team,
        model.agent(call),
        call.business,
        "" if duration is None else t("lasts", time=formats.clock(duration)),
    ]
    flags = []
    if row.mystery:
        flags.append(t("mystery_calls"))
    if call.card is not None and call.card.provisional:
        flags.append(t("provisional"))
    results = _shown_results(call)
    return ProblemCall(
        key=call.key,
        href=call.page,
        title=t.listed([r.title for r in results[:3]]) or t("problem_untitled"),
        meta=tuple(m for m in meta if m),
        total=call.total,
        band="" if call.card is None else call.card.band or "",
        flags=tuple(flags),
        group=call.team,
        deductions=tuple(
            _cut(deduction(model, call, r, from_call_page=False)) for r in results[:MOST_FAULTS]
        ),
        rest=""
        if len(results) <= MOST_FAULTS
        else t("more_faults", titles=t.titles([r.title for r in results[MOST_FAULTS:]])),
    )


def _cut(item: DeductionBlock) -> DeductionBlock:
    return replace(item, quotes=item.quotes[:MOST_QUOTES])


def _all_calls(model: ReportModel) -> TableBlock:
    t = model.words
    calls = sorted(
        model.shown, key=lambda c: (101.0 if c.total is None else c.total, c.recording_id)
    )
    rows: list[tuple[Cell, ...]] = []
    closed = model.inputs.is_public
    for call in calls:
        worst = _shown_results(call)
        held = closed_unseen(call) if closed else sum(call.waits(r) for r in call.results)
        rows.append(
            (
                formats.moment(call.recording.start_time),
                call.team,
                model.agent(call),
                call.business,
                call.total,
                band_or_why_none(call, t),
                t.listed([r.title for r in worst[:3]]),
                held,
                "" if call.counted else _why_apart(model, call),
            )
        )
    return TableBlock(
        id="calls",
        title=t("calls_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="business", label=t("col_business")),
            Column(key="total", label=t("col_total"), kind="score"),
            Column(key="band", label=t("col_band")),
            Column(key="problems", label=t("col_problems")),
            Column(key="held", label=t("mark.unseen" if closed else "mark.held"), kind="int"),
            Column(key="apart", label=t("col_apart")),
        ),
        rows=tuple(rows),
        links=tuple(c.page for c in calls),
        open_rows=15,
        page_rows=MOST_LISTED,
        search=True,
        filters=("team", "band"),
        note=t("calls_more", n=len(calls), most=MOST_LISTED) if len(calls) > MOST_LISTED else "",
    )


def _why_apart(model: ReportModel, call: Call) -> str:
    t = model.words
    if call.recording.mystery:
        return t("mystery_calls")
    if call.pick.origin != "drawn":
        return t("forced_calls")
    return band_or_why_none(call, t)


def _well_formed_but_unhappy(model: ReportModel) -> TableBlock | None:
    """高分不满意: passed, and the customer was not content."""
    t = model.words
    found = [
        c
        for c in model.shown
        if c.card is not None
        and c.card.passed
        and (c.recording.text("satisfaction") or "").lower() in DISSATISFIED
    ]
    if not found:
        return None
    return TableBlock(
        id="unhappy",
        title=t("unhappy_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="business", label=t("col_business")),
            Column(key="total", label=t("col_total"), kind="score"),
            Column(key="satisfaction", label=t("col_satisfaction")),
        ),
        rows=tuple(
            (
                formats.moment(c.recording.start_time),
                c.team,
                model.agent(c),
                c.business,
                c.total,
                c.recording.text("satisfaction") or "",
            )
            for c in found
        ),
        links=tuple(c.page for c in found),
        note=t("unhappy_note"),
    )


def _mystery(model: ReportModel) -> TableBlock | None:
    """Test calls: only a manager's report has any to show."""
    t = model.words
    found = [c for c in model.shown if c.recording.mystery]
    if not found:
        return None
    return TableBlock(
        id="mystery",
        title=t("mystery_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="total", label=t("col_total"), kind="score"),
            Column(key="problems", label=t("col_problems")),
        ),
        rows=tuple(
            (
                formats.moment(c.recording.start_time),
                c.team,
                model.agent(c),
                c.total,
                t.listed([r.title for r in _shown_results(c)[:4]]),
            )
            for c in found
        ),
        links=tuple(c.page for c in found),
    )


def _good(model: ReportModel) -> TableBlock | None:
    """优秀录音: the best totals among calls with something to show (the longer call first)."""
    t = model.words
    found = [
        c
        for c in model.shown
        if c.card is not None
        and c.total is not None
        and c.card.passed
        and not c.recording.mystery
        and not any(r.verdict in (Verdict.FAIL, Verdict.HELD) for r in c.results)
        and (c.recording.text("satisfaction") or "").lower() not in DISSATISFIED
    ]
    found.sort(key=lambda c: (-(c.total or 0), -_applied(c), c.recording_id))
    found = found[:GOOD_RECORDINGS]
    if not found:
        return None
    return TableBlock(
        id="good",
        title=t("good_title"),
        columns=(
            Column(key="time", label=t("col_call")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="business", label=t("col_business")),
            Column(key="total", label=t("col_total"), kind="score"),
            Column(key="applied", label=t("col_applied"), kind="int"),
        ),
        rows=tuple(
            (
                formats.moment(c.recording.start_time),
                c.team,
                model.agent(c),
                c.business,
                c.total,
                _applied(c),
            )
            for c in found
        ),
        links=tuple(c.page for c in found),
        note=t("good_note"),
    )


def _applied(call: Call) -> int:
    return sum(r.verdict is Verdict.PASS for r in call.results)


def _meaning(model: ReportModel, found: list[Call]) -> str:
    t = model.words
    if not found:
        return t("problems_none")
    fatal = sum(bool(c.card and c.card.fatal) for c in found)
    below = sum(bool(c.card and c.card.passed is False) for c in found)
    return t("problems_sentence", n=len(found), fatal=fatal, below=below)
