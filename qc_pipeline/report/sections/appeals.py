"""异议处理情况: objections to this and to earlier periods, what became of them, both scores."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Cell, Column, SectionView, Sentence, TableBlock
from qc_pipeline.report.inputs import Appeal
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.text.masking.mask import mask_identifier

STANDS = ("upheld", "partly")
ANSWERED = (*STANDS, "rejected")


def build(model: ReportModel) -> tuple[SectionView, ...]:
    """Nothing where nobody objected, or nothing that this audience may see."""
    return (*_own(model), *_earlier(model))


def _own(model: ReportModel) -> tuple[SectionView, ...]:
    """Objections to this period's calls, each with its call."""
    t, places = model.words, model.by_id
    found = sorted(
        (
            o
            for o in model.inputs.objections
            if o.period in ("", model.inputs.period.name)
            and o.recording_id in places
            and places[o.recording_id].shown
        ),
        key=lambda o: (o.opened_on, o.recording_id, o.criterion_id or ""),
    )
    if not found:
        return ()
    answered = sum(o.answered_on is not None or o.state in ANSWERED for o in found)
    table = TableBlock(
        id="own-objections",
        title=t("objections"),
        columns=(
            Column(key="call", label=t("col_call")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            *opened_columns(t),
            *outcome_columns(t),
        ),
        rows=tuple(
            (
                formats.moment(places[o.recording_id].recording.start_time),
                places[o.recording_id].team,
                model.agent(places[o.recording_id]),
                *opened(o, model),
                *outcome(o, model),
            )
            for o in found
        ),
        links=tuple(places[o.recording_id].page for o in found),
        about=tuple(o.recording_id for o in found),
    )
    said = t(
        "objections_sentence",
        n=len(found),
        answered=answered,
        upheld=sum(o.state in STANDS for o in found),
    )
    return (
        SectionView(
            id="objections",
            heading=t("objections"),
            level=3,
            blocks=(Sentence(text=said), table),
        ),
    )


def opened_columns(t: Translator) -> tuple[Column, ...]:
    """The columns of what `opened` tells."""
    return (
        Column(key="title", label=t("col_criterion")),
        Column(key="opened", label=t("col_opened"), kind="date"),
    )


def opened(objection: Appeal, model: ReportModel) -> tuple[Cell, Cell]:
    """What is objected to, and since when."""
    whole, criterion = model.words("all_criteria"), objection.criterion_id
    title = whole if criterion is None else model.title(criterion)
    return title, objection.opened_on.isoformat()


def _earlier(model: ReportModel) -> tuple[SectionView, ...]:
    t = model.words
    earlier = [
        o
        for o in model.inputs.objections
        if o.period
        and o.period != model.inputs.period.name
        and model.audience.sees_call(team=o.team, agent_id=o.agent_id, mystery=o.mystery)
    ]
    if not earlier:
        return ()
    table = TableBlock(
        id="earlier-objections",
        title=t("earlier_objections"),
        columns=(
            Column(key="period", label=t("col_objection_period")),
            Column(key="call", label=t("col_recording")),
            Column(key="title", label=t("col_criterion")),
            *outcome_columns(t),
        ),
        rows=tuple(_row(o, model) for o in earlier),
        about=tuple(o.recording_id for o in earlier),
    )
    said = t(
        "earlier_objections_sentence",
        n=len(earlier),
        upheld=sum(o.state in STANDS for o in earlier),
    )
    return (
        SectionView(
            id="earlier-objections",
            heading=t("earlier_objections"),
            level=3,
            blocks=(Sentence(text=said), table),
        ),
    )


def _row(objection: Appeal, model: ReportModel) -> tuple[Cell, ...]:
    t = model.words
    call = mask_identifier(objection.recording_id)
    if objection.agent and model.audience.names_agents:
        call = f"{call} {objection.agent}"
    return (
        objection.period,
        call,
        objection.title or objection.criterion_id or t("all_criteria"),
        *outcome(objection, model),
    )


def outcome_columns(t: Translator) -> tuple[Column, ...]:
    """The columns of what `outcome` tells."""
    return (
        Column(key="reason", label=t("col_reason")),
        Column(key="state", label=t("col_state")),
        Column(key="answer", label=t("col_answer")),
        Column(key="totals", label=t("col_before_after")),
    )


def outcome(objection: Appeal, model: ReportModel) -> tuple[Cell, ...]:
    """Why, how it stands, the answer, and both scores."""
    t = model.words
    before, after = objection.total_before, objection.total_after
    return (
        model.mask(objection.reason),
        t.or_raw("objection", objection.state),
        model.mask(objection.answer),
        f"{formats.points(before)} → {formats.points(after)}",
    )
