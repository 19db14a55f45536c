"""Follow-ups of part 1.2: the period's own, and what is open or was done of earlier ones."""

from __future__ import annotations

from datetime import date

from qc_pipeline.report import formats, stats
from qc_pipeline.report.blocks import Block, Cell, Column, Sentence, TableBlock
from qc_pipeline.report.inputs import FollowUp
from qc_pipeline.report.model import ReportModel
from qc_pipeline.text.masking.mask import mask_identifier

LATE = "overdue"


def own(model: ReportModel) -> list[FollowUp]:
    """Those of the period's own calls that the audience may see, overdue ones first."""
    period = model.inputs.period.name
    found = [
        f
        for f in model.inputs.follow_ups
        if f.period in ("", period)
        and (call := model.by_id.get(f.recording_id)) is not None
        and call.shown
    ]
    return _in_order(model, found)


def former(model: ReportModel) -> list[FollowUp]:
    """Those of earlier periods' calls that the audience may see, overdue ones first."""
    period = model.inputs.period.name
    found = [
        f
        for f in model.inputs.follow_ups
        if f.period not in ("", period)
        and model.audience.sees_call(team=f.team, agent_id=f.agent_id, mystery=f.mystery)
    ]
    return _in_order(model, found)


def _in_order(model: ReportModel, found: list[FollowUp]) -> list[FollowUp]:
    last = model.inputs.deadlines.follow_ups
    return sorted(found, key=lambda f: (f.state != LATE, f.due or last, f.recording_id, f.number))


def what(model: ReportModel, item: FollowUp) -> str:
    """The problem and what is required."""
    said = model.mask(item.what)
    if not item.required:
        return said
    return model.words("follow_up_what", what=said, required=model.mask(item.required))


def who(model: ReportModel, item: FollowUp) -> str:
    """The handler and their lead; no names for the shift meeting."""
    if not model.audience.names_agents:
        return ""
    if not item.lead or item.lead == item.who:
        return item.who
    return model.words("follow_up_who", who=item.who, lead=item.lead)


def standing(model: ReportModel) -> list[Block]:
    """How many are overdue, and the on-time rate, of all that are told here; nothing where none
    was due yet."""
    t = model.words
    seen = own(model) + former(model)
    said: list[str] = []
    late = sum(f.state == LATE for f in seen)
    if late:
        said.append(t("tracking_late", n=late))
    due = [f.in_time for f in seen if f.in_time is not None]
    if due:
        share = formats.percent(stats.share(sum(due), len(due)))
        said.append(t("tracking_rate", share=share, part=sum(due), whole=len(due)))
    text = t.gap.join(said)
    return [Sentence(text=text, tone="warn" if late else "plain")] if said else []


def earlier(model: ReportModel) -> list[Block]:
    """Nothing where no earlier period left any, or none that this audience may see."""
    t = model.words
    found = former(model)
    if not found:
        return []
    table = TableBlock(
        id="earlier-tracking",
        title=t("earlier_tracking_title"),
        columns=(
            Column(key="period", label=t("col_period")),
            Column(key="team", label=t("col_team")),
            Column(key="call", label=t("col_recording")),
            *columns(model),
        ),
        rows=tuple(
            (
                f.period,
                f.team,
                _call(model, f),
                *cells(model, f, f.due),
            )
            for f in found
        ),
        open_rows=20,
        about=tuple(f.recording_id for f in found),
    )
    return [Sentence(text=t("earlier_tracking_sentence", n=len(found))), table]


def columns(model: ReportModel) -> tuple[Column, ...]:
    """The columns that `cells` fills, the same for this period and earlier ones."""
    t = model.words
    return (
        Column(key="what", label=t("col_what_follow")),
        Column(key="who", label=t("col_who")),
        Column(key="due", label=t("col_due"), kind="date"),
        Column(key="callback_number", label=t("col_callback")),
        Column(key="state", label=t("col_state")),
        Column(key="feedback", label=t("col_feedback")),
        Column(key="check", label=t("col_check")),
    )


def cells(model: ReportModel, item: FollowUp, due: date | None) -> tuple[Cell, ...]:
    """What is to be done, by whom and when, and how it stands."""
    return (
        what(model, item),
        who(model, item),
        "" if due is None else due.isoformat(),
        mask_identifier(item.callback_number),
        model.words.or_raw("follow_up", item.state),
        model.mask(item.feedback),
        model.mask(item.check),
    )


def _call(model: ReportModel, item: FollowUp) -> str:
    named = mask_identifier(item.recording_id)
    if item.agent and model.audience.names_agents:
        return f"{named} {item.agent}"
    return named
