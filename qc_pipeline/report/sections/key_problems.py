"""一、本期重点问题汇总: what many share, and what somebody must follow up."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import (
    Block,
    Cell,
    Column,
    CommonProblem,
    CommonProblems,
    Quote,
    SectionView,
    Sentence,
    TableBlock,
    without,
)
from qc_pipeline.report.counts import Count
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.pages.typical_wordings import typical
from qc_pipeline.report.quotes import quote
from qc_pipeline.report.sections import appeals, follow_ups
from qc_pipeline.report.sections.machine_reference import weighted_note
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind, Verdict

LEAST_CALLS = 5
LEAST_SHARE = 0.1
LEAST_AGENTS = 3
MOST_PROBLEMS = 5


def build(model: ReportModel) -> tuple[SectionView, ...]:
    t = model.words
    parts = [SectionView(id="key", heading=t("part1"), level=2, blocks=(), short=t("nav_part1"))]
    if model.audience.sees_groups:
        common = common_problems(model)
        parts.append(
            SectionView(
                id="common",
                heading=t("part1_common"),
                level=3,
                blocks=(
                    *(weighted_note(model) if common.items else ()),
                    Sentence(text=_common_sentence(model, common)),
                    common,
                ),
            )
        )
    parts.append(
        SectionView(id="tracking", heading=t("part1_tracking"), level=3, blocks=_tracking(model))
    )
    return tuple(parts)


def is_common(count: Count) -> bool:
    """The stated rule: five calls, a tenth of the applicable ones, three agents."""
    return (
        count.failed >= LEAST_CALLS
        and count.failed_weight >= LEAST_SHARE * count.judged_weight
        and len(count.agents) >= LEAST_AGENTS
    )


def common_problems(model: ReportModel) -> CommonProblems:
    t = model.words
    found = sorted(
        (c for c in model.counts if is_common(model.counts[c])),
        key=lambda c: (-model.counts[c].lost, -model.counts[c].failed, c),
    )[:MOST_PROBLEMS]
    return CommonProblems(
        rule=t(
            "common_rule",
            calls=LEAST_CALLS,
            share=formats.percent(LEAST_SHARE, 0),
            agents=LEAST_AGENTS,
            most=MOST_PROBLEMS,
        ),
        items=tuple(_problem(model, rank, c) for rank, c in enumerate(found, start=1)),
    )


def _problem(model: ReportModel, rank: int, criterion: str) -> CommonProblem:
    t = model.words
    count = model.counts[criterion]
    facts = model.criteria.get(criterion)
    low, high = count.interval()
    before = model.former_counts.get(criterion)
    change = ""
    if before is not None and before.share is not None and count.share is not None:
        change = t(
            "against_former",
            former=formats.percent(before.share),
            change=formats.percent_change(count.share - before.share),
        )
    return CommonProblem(
        rank=rank,
        criterion=criterion,
        title=model.title(criterion),
        calls=count.failed,
        judged=count.judged,
        agents=len(count.agents),
        points=count.lost,
        share=count.share or 0.0,
        low=low,
        high=high,
        change=change,
        why="" if facts is None else facts.why,
        say="" if facts is None else facts.say,
        quotes=_quotes(model, criterion),
    )


def _quotes(model: ReportModel, criterion: str) -> tuple[tuple[int, Quote], ...]:
    """The typical wordings among the calls the audience may hear, with how many are alike."""
    found = [
        (call, evidence)
        for call in model.shown
        if call.counted
        for result in call.results
        if result.id == criterion and result.verdict is Verdict.FAIL
        for evidence in result.evidence[:2]
    ]
    said = [(c, e) for c, e in found if e.kind is EvidenceKind.SAID and e.quote]
    if said:
        kinds = typical([_words(model, c, e) for c, e in said])
        return tuple((k.size, quote(model, *said[k.index], from_call_page=False)) for k in kinds)
    longest = max(found, key=lambda f: (_length(f[1]), f[0].key), default=None)
    if longest is None:
        return ()
    return ((len(found), quote(model, *longest, from_call_page=False)),)


def _words(model: ReportModel, call: Call, evidence: Evidence) -> str:
    """The whole turn where the evidence points into one: what was said around the phrase."""
    words, turn = model.heard(call), evidence.turn
    if words is not None and turn is not None and turn < len(words.texts):
        return words.texts[turn]
    return model.mask(evidence.quote)


def _length(evidence: Evidence) -> float:
    return evidence.end_s - evidence.start_s


def _common_sentence(model: ReportModel, common: CommonProblems) -> str:
    t = model.words
    if not common.items:
        return t("common_none")
    lost = sum(c.lost for c in model.counts.values())
    part = sum(p.points for p in common.items)
    return t(
        "common_sentence",
        n=len(common.items),
        titles=t.titles([p.title for p in common.items]),
        share=formats.percent(part / lost if lost else None, 0),
    )


def _tracking(model: ReportModel) -> tuple[Block, ...]:
    t, inputs = model.words, model.inputs
    days = inputs.deadlines
    rows: list[tuple[Cell, ...]] = []
    links: list[str | None] = []
    about: list[str] = []
    for item in follow_ups.own(model):
        call = model.by_id[item.recording_id]
        rows.append(
            (
                formats.moment(call.recording.start_time),
                call.team,
                model.agent(call),
                *follow_ups.cells(model, item, item.due or days.follow_ups),
            )
        )
        links.append(call.page if call.card is not None else None)
        about.append(item.recording_id)
    if not rows:
        rows, links = _proposed_tracking(model)
        text = t("tracking_proposed", n=len(rows)) if rows else t("tracking_none")
    else:
        text = t("tracking_sentence", n=len(rows))
    table = TableBlock(
        id="tracking",
        title=t("tracking_title"),
        columns=(
            Column(key="time", label=t("col_time")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            *follow_ups.columns(model),
        ),
        rows=tuple(rows),
        links=tuple(links),
        open_rows=20,
        about=tuple(about),
    )
    notes = [
        t("note_follow_up", day=formats.full_day(days.follow_ups, t.language), n=days.window_days),
        t(
            "note_objection" if inputs.final is None else "note_objection_over",
            day=formats.full_day(days.objections, t.language),
            n=days.window_days,
        ),
    ]
    if inputs.options.contact:
        notes.append(t("note_contact", contact=inputs.options.contact))
    if days.provisional:
        notes.append(t("note_provisional"))
    blocks: list[Block] = [Sentence(text=text), *follow_ups.standing(model)]
    if rows and not inputs.follow_ups:
        table = without(table, {"callback_number", "feedback", "check"})
    if rows:
        blocks.append(table)
    blocks += follow_ups.earlier(model)
    blocks += _appeals(model)
    return (*blocks, *(Sentence(text=n, tone="note") for n in notes))


def _appeals(model: ReportModel) -> list[Block]:
    """Objections to calls the audience sees, with both scores and the answer."""
    t = model.words
    found = [(o, model.by_id[o.recording_id]) for o in appeals.own_appeals(model)]
    if not found:
        return []
    return [
        TableBlock(
            id="objections",
            title=t("objections_title"),
            columns=(
                Column(key="time", label=t("col_call")),
                Column(key="team", label=t("col_team")),
                Column(key="agent", label=t("col_agent")),
                Column(key="title", label=t("col_criterion")),
                Column(key="reason", label=t("col_reason")),
                Column(key="state", label=t("col_state")),
                Column(key="answer", label=t("col_answer")),
                Column(key="before", label=t("col_before"), kind="points"),
                Column(key="after", label=t("col_after"), kind="points"),
                *appeals.case_columns(t),
            ),
            rows=tuple(
                (
                    formats.moment(call.recording.start_time),
                    call.team,
                    model.agent(call),
                    "" if o.criterion_id is None else model.title(o.criterion_id),
                    model.mask(o.reason),
                    appeals.outcome_word(model, o),
                    model.mask(o.answer),
                    o.total_before,
                    o.total_after,
                    *appeals.case_cells(o, model),
                )
                for o, call in found
            ),
            cell_links=appeals.case_links([o for o, _ in found]),
            links=tuple(c.page if c.card is not None else None for _, c in found),
            open_rows=20,
            about=tuple(c.recording_id for _, c in found),
        )
    ]


def _proposed_tracking(
    model: ReportModel,
) -> tuple[list[tuple[Cell, ...]], list[str | None]]:
    """Where nobody has opened follow-ups yet: calls with a failed red line or major error."""
    t, days = model.words, model.inputs.deadlines
    rows: list[tuple[Cell, ...]] = []
    links: list[str | None] = []
    for call in model.shown:
        if call.recording.mystery:
            continue
        grave = [
            r
            for r in call.results
            if r.verdict is Verdict.FAIL and r.severity in ("fatal", "major") and not r.trial
        ]
        if not grave:
            continue
        rows.append(
            (
                formats.moment(call.recording.start_time),
                call.team,
                model.agent(call),
                t.listed([r.title for r in grave]),
                t("lead_of", team=call.team),
                days.follow_ups.isoformat(),
                "",
                t("follow_up.proposed"),
                "",
                "",
            )
        )
        links.append(call.page)
    return rows, links
