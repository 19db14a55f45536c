"""异议处理情况: objections to this and to earlier periods, what became of them, both scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from qc_pipeline.report import formats
from qc_pipeline.report.appeal_facts import WaitingRequest
from qc_pipeline.report.blocks import Block, Cell, Column, SectionView, Sentence, TableBlock
from qc_pipeline.report.inputs import Appeal
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.text.masking.mask import mask_identifier

STANDS = ("upheld", "partly")
ANSWERED = (*STANDS, "rejected")
OPEN = ("open", "taken")
CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """How objections to points ended, and how many there are to what cost nothing (更正): those are
    in nothing else here. `requests` wait for the lead.
    """

    upheld: int = 0
    partly: int = 0
    rejected: int = 0
    withdrawn: int = 0
    open: int = 0
    corrections: int = 0
    corrections_upheld: int = 0
    requests: int = 0


def outcomes(found: Sequence[Appeal], waiting: Sequence[WaitingRequest]) -> Outcomes:
    """Count objections, each once."""
    scored = [o.state for o in found if not is_correction(o)]
    other = [o.state for o in found if is_correction(o)]
    return Outcomes(
        upheld=scored.count("upheld"),
        partly=scored.count("partly"),
        rejected=scored.count("rejected"),
        withdrawn=scored.count("withdrawn"),
        open=sum(state in OPEN for state in scored),
        corrections=len(other),
        corrections_upheld=other.count("upheld"),
        requests=len(waiting),
    )


def own_appeals(model: ReportModel) -> tuple[Appeal, ...]:
    """Objections to this period's calls that the audience may see: what waits for its answer in the
    order of its last day, then the others by the day on which they were raised.
    """
    places = model.by_id
    found = [
        o
        for o in model.inputs.objections
        if _is_own(model, o) and o.recording_id in places and places[o.recording_id].shown
    ]
    return tuple(sorted(found, key=_by_deadline))


def _by_deadline(objection: Appeal) -> tuple[bool, date, str, str]:
    waits = objection.state in OPEN and objection.due is not None
    day = objection.due if waits and objection.due is not None else objection.opened_on
    return not waits, day, objection.recording_id, objection.criterion_id or ""


def appeals_to(model: ReportModel, recording_id: str) -> tuple[Appeal, ...]:
    """Those to one of this period's calls, by day."""
    objections = model.inputs.objections
    found = [o for o in objections if o.recording_id == recording_id and _is_own(model, o)]
    return tuple(sorted(found, key=lambda o: (o.opened_on, o.criterion_id or "")))


def _is_own(model: ReportModel, objection: Appeal) -> bool:
    return objection.period in ("", model.inputs.period.name)


def earlier_appeals(model: ReportModel) -> tuple[Appeal, ...]:
    """Those to calls of earlier periods that the audience may see."""
    return tuple(
        o
        for o in model.inputs.objections
        if o.period
        and o.period != model.inputs.period.name
        and model.audience.sees_call(team=o.team, agent_id=o.agent_id, mystery=o.mystery)
    )


def waiting(model: ReportModel, *, own: bool) -> tuple[WaitingRequest, ...]:
    """Requests that wait for their lead, of this period's calls or of earlier ones."""
    return tuple(
        r
        for r in model.inputs.requests
        if (r.period in ("", model.inputs.period.name)) is own
        and model.audience.sees_call(team=r.team, agent_id=r.agent_id, mystery=r.mystery)
    )


def is_correction(objection: Appeal) -> bool:
    """Whether it is to what cost nothing (更正，不涉及分数)."""
    return objection.facts is not None and objection.facts.kind == CORRECTION


def told_kind(model: ReportModel, objection: Appeal) -> str:
    return model.words(
        "appeal_kind.correction" if is_correction(objection) else "appeal_kind.score"
    )


def outcome_word(model: ReportModel, objection: Appeal) -> str:
    """How it stands: 申诉通过, 部分通过, 驳回 …; of a correction 已更正 or 不予更正."""
    t, state = model.words, objection.state
    if is_correction(objection) and state in ("upheld", "rejected"):
        return t(f"correction_state.{state}")
    return t.or_raw("appeal_state", state)


def build(model: ReportModel) -> tuple[SectionView, ...]:
    """Nothing where nobody objected, or nothing that this audience may see."""
    return (*_own(model), *_earlier(model))


def _own(model: ReportModel) -> tuple[SectionView, ...]:
    """Objections to this period's calls, each with its call and its own page."""
    t, places = model.words, model.by_id
    found, asked = own_appeals(model), waiting(model, own=True)
    if not found and not asked:
        return ()
    blocks: list[Block] = []
    if found:
        answered = sum(o.answered_on is not None or o.state in ANSWERED for o in found)
        said = t(
            "objections_sentence",
            n=len(found),
            answered=answered,
            upheld=sum(o.state in STANDS for o in found),
        )
        blocks.append(Sentence(text=said))
        blocks.append(Sentence(text=_outcomes_told(model, outcomes(found, asked))))
    blocks += _waiting(model, asked, "waiting-requests")
    if found:
        table = TableBlock(
            id="own-objections",
            title=t("objections"),
            columns=(
                Column(key="call", label=t("col_call")),
                Column(key="team", label=t("col_team")),
                Column(key="agent", label=t("col_agent")),
                *opened_columns(t),
                *outcome_columns(t),
                *case_columns(t),
            ),
            rows=tuple(
                (
                    formats.moment(places[o.recording_id].recording.start_time),
                    places[o.recording_id].team,
                    model.agent(places[o.recording_id]),
                    *opened(o, model),
                    *outcome(o, model),
                    *case_cells(o, model),
                )
                for o in found
            ),
            links=tuple(places[o.recording_id].page for o in found),
            about=tuple(o.recording_id for o in found),
            cell_links=case_links(found),
        )
        blocks.append(table)
    return (SectionView(id="objections", heading=t("objections"), level=3, blocks=tuple(blocks)),)


def _outcomes_told(model: ReportModel, counts: Outcomes) -> str:
    """通过, 部分通过, 驳回 and 更正, each by itself."""
    t = model.words
    text = t(
        "objection_outcomes",
        upheld=counts.upheld,
        partly=counts.partly,
        rejected=counts.rejected,
        withdrawn=counts.withdrawn,
        open=counts.open,
    )
    return (
        text
        + t.gap
        + t("objection_corrections", n=counts.corrections, upheld=counts.corrections_upheld)
    )


def _waiting(
    model: ReportModel, found: Sequence[WaitingRequest], table_id: str
) -> tuple[Block, ...]:
    """What agents asked for and their lead has not forwarded yet, in the order of the last days."""
    if not found:
        return ()
    t = model.words
    ordered = sorted(found, key=lambda r: (r.due, r.number))
    pages = [
        model.by_id[r.recording_id].page
        if r.period in ("", model.inputs.period.name) and r.recording_id in model.by_id
        else None
        for r in ordered
    ]
    table = TableBlock(
        id=table_id,
        title=t("waiting_requests"),
        columns=(
            Column(key="call", label=t("col_recording")),
            Column(key="team", label=t("col_team")),
            Column(key="agent", label=t("col_agent")),
            Column(key="title", label=t("col_criterion")),
            Column(key="requested", label=t("case.asked"), kind="date"),
            Column(key="due", label=t("col_forward_by"), kind="date"),
            Column(key="reason", label=t("col_reason")),
        ),
        rows=tuple(
            (
                mask_identifier(r.recording_id),
                r.team,
                r.agent if model.audience.names_agents else "",
                r.title or model.title(r.criterion_id),
                r.requested_at.strftime("%Y-%m-%d %H:%M"),
                r.due.isoformat(),
                model.mask(r.reason),
            )
            for r in ordered
        ),
        links=tuple(pages),
        about=tuple(r.recording_id for r in ordered),
    )
    return Sentence(text=t("waiting_requests_sentence", n=len(found))), table


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
    found, asked = earlier_appeals(model), waiting(model, own=False)
    if not found and not asked:
        return ()
    blocks: list[Block] = []
    if found:
        said = t(
            "earlier_objections_sentence",
            n=len(found),
            upheld=sum(o.state in STANDS for o in found),
        )
        blocks.append(Sentence(text=said))
        blocks.append(Sentence(text=_outcomes_told(model, outcomes(found, asked))))
    blocks += _waiting(model, asked, "earlier-waiting-requests")
    if found:
        table = TableBlock(
            id="earlier-objections",
            title=t("earlier_objections"),
            columns=(
                Column(key="period", label=t("col_objection_period")),
                Column(key="call", label=t("col_recording")),
                Column(key="title", label=t("col_criterion")),
                *outcome_columns(t),
                *case_columns(t),
            ),
            rows=tuple(_row(o, model) for o in found),
            about=tuple(o.recording_id for o in found),
            cell_links=case_links(found),
        )
        blocks.append(table)
    return (
        SectionView(
            id="earlier-objections",
            heading=t("earlier_objections"),
            level=3,
            blocks=tuple(blocks),
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
        *case_cells(objection, model),
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
    totals = formats.points(objection.total_before)
    if objection.state not in OPEN:
        totals = f"{totals} → {formats.points(objection.total_after)}"
    return (
        model.mask(objection.reason),
        outcome_word(model, objection),
        model.mask(objection.answer),
        totals,
    )


def case_columns(t: Translator) -> tuple[Column, ...]:
    """The columns of what `case_cells` tells."""
    return (
        Column(key="due", label=t("col_answer_by"), kind="date"),
        Column(key="kind", label=t("col_kind")),
        Column(key="case", label=t("col_case")),
    )


def case_cells(objection: Appeal, model: ReportModel) -> tuple[Cell, ...]:
    """Till when it is to be answered, what kind it is, and its page."""
    t, facts = model.words, objection.facts
    told = [told_kind(model, objection)]
    if facts is not None and facts.second:
        told.append(t("case.second"))
    if facts is not None and facts.late:
        told.append(t("appeal_late"))
    return (
        "" if objection.due is None else objection.due.isoformat(),
        t.listed(told),
        t("case_link", n=facts.number) if facts is not None and has_page(objection) else "",
    )


def has_page(objection: Appeal) -> bool:
    """Whether it has a page: not where words of an earlier period's call were purged."""
    facts = objection.facts
    return facts is not None and (facts.recording is not None or not facts.earlier)


def case_links(found: Sequence[Appeal]) -> Mapping[str, tuple[str | None, ...]]:
    """Where the cells with the objections' pages lead."""
    return {
        "case": tuple(o.facts.page if o.facts is not None and has_page(o) else None for o in found)
    }
