"""One call's page: verdict, evidence to the second, what should have been said, transcript."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.call import Measures
from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Block, Cell, Column, DeductionBlock, TableBlock
from qc_pipeline.report.deduction_marks import deduction, standing
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.pages.call_words import TurnView, timeline_of, turn_views
from qc_pipeline.report.pages.sound_profile import sound_tables
from qc_pipeline.report.pages.timeline import Timeline
from qc_pipeline.report.sections.appeals import (
    appeals_to,
    case_cells,
    case_columns,
    case_links,
    opened,
    opened_columns,
    outcome,
    outcome_columns,
)
from qc_pipeline.report.weighting import is_raised_for_risk
from qc_pipeline.report.words import reasons
from qc_pipeline.report.words.heard import hearing_told
from qc_pipeline.report.words.not_judged import (
    judged_share_line,
    not_judged_line,
    too_short_line,
    why_no_total,
)
from qc_pipeline.report.words.recording_notes import recording_notes
from qc_pipeline.report.words.total_line import basis_line, total_line
from qc_pipeline.report.write.clips import ClipPlan, planned_clips
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.text.masking.mask import mask_identifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    title: str
    meta: tuple[str, ...]
    flags: tuple[Tag, ...]
    total: str
    total_note: str
    followed: str
    no_total_why: str
    not_judged: str
    too_short: str
    deductions: tuple[DeductionBlock, ...]
    held: tuple[DeductionBlock, ...]
    held_title: str
    tables: tuple[Block, ...]
    sound: tuple[TableBlock, ...]
    turns: tuple[TurnView, ...]
    heard: str
    facts: tuple[tuple[str, str], ...]
    timeline: Timeline | None
    plan: tuple[ClipPlan, ...]
    clip_notice: str


def call_page(
    model: ReportModel, call: Call, *, with_clips: bool, spoken: Measures | None = None
) -> CallPage:
    """The page of a scored call. `with_clips`: clips are planned (problem and disputed calls);
    `spoken`: see `sound.talked`.
    """
    t, card = model.words, call.card
    if card is None:
        raise ValueError(f"no scorecard: {call.key}")
    words = model.heard(call)
    failed = [r for r in call.results if r.verdict is Verdict.FAIL]
    weight = {"fatal": 0, "major": 1}
    failed.sort(key=lambda r: (r.trial, weight.get(r.severity, 2), -r.lost))

    def is_asked(result: CriterionResult) -> bool:
        return card.unjudged or (result.manual and not card.lacks_talk)

    open_items = [
        r
        for r in call.results
        if not r.trial
        and (r.verdict is Verdict.HELD or (r.verdict is Verdict.UNSCORABLE and is_asked(r)))
    ]
    plan = planned_clips(model, call) if with_clips else ()
    return CallPage(
        title=t("call_title", time=call.recording.start_time.strftime("%Y-%m-%d %H:%M")),
        meta=tuple(m for m in (call.team, model.agent(call), call.business, _length(call)) if m),
        flags=_flags(model, call),
        total=_total(model, card),
        total_note=" ".join(
            x for x in (card.band, t("of_points", points=formats.points(card.points))) if x
        ),
        followed=model.mask(total_line(card, t), call),
        no_total_why=judged_share_line(card, t),
        not_judged=not_judged_line(card, t),
        too_short=too_short_line(card, t),
        deductions=tuple(deduction(model, call, r, from_call_page=True) for r in failed),
        held=tuple(deduction(model, call, r, from_call_page=True) for r in open_items),
        held_title=t("closed_items" if call.settled else "held_items"),
        tables=_tables(model, call),
        sound=sound_tables(model, call, spoken),
        turns=turn_views(model, call, words),
        heard="" if call.transcript is None else hearing_told(call.transcript, t),
        facts=_facts(model, call),
        timeline=timeline_of(model, call),
        plan=plan,
        clip_notice=clip_notice(model),
    )


def _length(call: Call) -> str:
    if call.transcript is not None:
        return formats.clock(call.transcript.length_s)
    duration = call.recording.duration_s
    return "" if duration is None else formats.clock(duration)


def _flags(model: ReportModel, call: Call) -> tuple[Tag, ...]:
    t, card = model.words, call.card
    flags: list[Tag] = []
    if card is not None and card.fatal:
        flags.append(Tag(text=t("mark.fatal"), tone="fatal"))
    if call.recording.mystery:
        flags.append(Tag(text=t("mystery_calls")))
    if card is not None and card.total is not None:
        flags.append(Tag(text=t("listened_tag" if call.listened else "not_listened_tag")))
    if card is not None and card.provisional:
        flags.append(Tag(text=t("provisional"), tone="held"))
    if card is not None and card.purged is not None:
        flags.append(Tag(text=t("purged", day=card.purged.day)))
    doubts = () if call.transcript is None else call.transcript.doubts
    told = {(str(d.reason), t(f"speaker.{d.speaker}")) for d in doubts}
    flags += [Tag(text=t(f"doubt.{why}", who=who), tone="held") for why, who in sorted(told)]
    return tuple(dict.fromkeys(flags))


def _facts(model: ReportModel, call: Call) -> tuple[tuple[str, str], ...]:
    t, row, card = model.words, call.recording, call.card
    origin = "risk" if is_raised_for_risk(call.pick) else call.pick.origin
    rubric = "" if card is None else f"{card.rubric_id} {card.rubric_version}"
    pairs = [
        (t("fact_recording"), model.identifier(call)),
        (t("fact_page_key"), call.key),
        (t("fact_time"), row.start_time.strftime("%Y-%m-%d %H:%M:%S")),
        (t("fact_contact"), t.or_raw("contact", row.text("contact") or "")),
        (t("fact_satisfaction"), row.text("satisfaction") or ""),
        (t("fact_origin"), t.or_raw("origin", origin)),
        (t("fact_part"), t.or_raw("part", call.pick.relisten_part)),
        (t("fact_rubric"), f"{rubric} ({card.rubric_sha256[:12]})" if card else ""),
        (t("fact_basis"), "" if card is None else basis_line(card, t)),
        (t("fact_by_rules"), _by_rules(model, call)),
        (t("fact_notes"), "; ".join(t.told(n) for n in recording_notes(call.transcript))),
    ]
    return tuple((a, b) for a, b in pairs if b)


def _by_rules(model: ReportModel, call: Call) -> str:
    """The total that the rules alone gave, and the one after people's decisions."""
    draft, card = model.inputs.drafts.get(call.recording_id), call.card
    if draft is None or card is None:
        return ""
    return " → ".join(_total(model, c) for c in (draft, card))


def _total(model: ReportModel, card: Scorecard) -> str:
    if card.total is None:
        return why_no_total(card, model.words)
    return formats.points(card.total)


def _tables(model: ReportModel, call: Call) -> tuple[Block, ...]:
    t = model.words
    sections = () if call.card is None else call.card.sections
    rows: list[tuple[Cell, ...]] = []
    for section in sections:
        for r in section.criteria:
            mark, _, cost = standing(model, call, r)
            rows.append(
                (
                    r.title,
                    section.title,
                    mark,
                    r.points,
                    r.lost if r.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.HELD) else "–",
                    cost
                    if r.verdict is Verdict.FAIL and not r.lost
                    else reasons.reason(model, call, r),
                )
            )
    blocks: list[Block] = [
        TableBlock(
            id="criteria",
            title=t("all_criteria"),
            columns=(
                Column(key="title", label=t("col_criterion")),
                Column(key="section", label=t("col_section")),
                Column(key="verdict", label=t("col_verdict")),
                Column(key="points", label=t("col_points"), kind="points"),
                Column(key="lost", label=t("col_lost"), kind="points"),
                Column(key="reason", label=t("col_reason")),
            ),
            rows=tuple(rows),
            filters=("verdict",),
        )
    ]
    objections = appeals_to(model, call.recording_id)
    if objections:
        blocks.append(
            TableBlock(
                id="objections",
                title=t("objections"),
                columns=(*opened_columns(t), *outcome_columns(t), *case_columns(t)),
                rows=tuple(
                    (*opened(o, model), *outcome(o, model), *case_cells(o, model))
                    for o in objections
                ),
                cell_links=case_links(objections),
            )
        )
    follow_ups = [f for f in model.inputs.follow_ups if f.recording_id == call.recording_id]
    if follow_ups:
        blocks.append(
            TableBlock(
                id="follow-ups",
                title=t("follow_ups"),
                columns=(
                    Column(key="what", label=t("col_what_follow")),
                    Column(key="due", label=t("col_due"), kind="date"),
                    Column(key="callback", label=t("col_callback")),
                    Column(key="state", label=t("col_state")),
                    Column(key="feedback", label=t("col_feedback")),
                    Column(key="check", label=t("col_check")),
                ),
                rows=tuple(
                    (
                        model.mask(f.what),
                        (f.due or model.inputs.deadlines.follow_ups).isoformat(),
                        mask_identifier(f.callback_number),
                        t.or_raw("follow_up", f.state),
                        model.mask(f.feedback),
                        model.mask(f.check),
                    )
                    for f in follow_ups
                ),
            )
        )
    return tuple(blocks)


def clip_notice(model: ReportModel) -> str:
    """What stands below the sound: what is muted in it, and till when it may be kept."""
    t, day = model.words, model.inputs.options.delete_clips_after
    if day is None:
        return t("clip_notice_plain")
    return t("clip_notice", day=formats.full_day(day, t.language))
