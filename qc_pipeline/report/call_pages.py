"""One call's page: verdict, evidence to the second, what should have been said, transcript."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qc_pipeline.call import Measures, Span, Speaker, Transcript
from qc_pipeline.report import formats, said
from qc_pipeline.report.blocks import Block, Cell, Column, Deduction, Table
from qc_pipeline.report.clips import ClipPlan, planned_clips
from qc_pipeline.report.faults import deduction, standing
from qc_pipeline.report.material import Call, Material, is_risk
from qc_pipeline.report.sound import sound_tables
from qc_pipeline.report.timeline import Mark, Timeline
from qc_pipeline.scoring.scorecard import CriterionResult, EvidenceKind, Verdict
from qc_pipeline.text import heard
from qc_pipeline.text.masking import mask_identifier

SILENCE_SHOWN_S = 5.0
OVERLAP_SHOWN_S = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnView:
    """`words` is "offset@seconds …" for the script; `pieces` are (text, tone) with the evidence."""

    index: int
    speaker: str
    label: str
    start: str
    end: str
    at: str
    words: str
    pieces: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    title: str
    meta: tuple[str, ...]
    flags: tuple[Tag, ...]
    total: str
    total_note: str
    no_total_why: str
    deductions: tuple[Deduction, ...]
    held: tuple[Deduction, ...]
    tables: tuple[Block, ...]
    sound: tuple[Table, ...]
    turns: tuple[TurnView, ...]
    facts: tuple[tuple[str, str], ...]
    timeline: Timeline | None
    plan: tuple[ClipPlan, ...]
    clip_notice: str


def call_page(
    material: Material, call: Call, *, with_clips: bool, spoken: Measures | None = None
) -> CallPage:
    """The page of a scored call. `with_clips`: clips are planned (problem and disputed calls);
    `spoken`: see `sound.talked`.
    """
    t, card = material.words, call.card
    if card is None:
        raise ValueError(f"no scorecard: {call.key}")
    words = material.heard(call)
    failed = [r for r in call.results if r.verdict is Verdict.FAIL]
    weight = {"fatal": 0, "major": 1}
    failed.sort(key=lambda r: (r.trial, weight.get(r.severity, 2), -r.lost))
    open_items = [
        r
        for r in call.results
        if r.verdict is Verdict.HELD or (r.verdict is Verdict.UNSCORABLE and r.manual)
    ]
    plan = planned_clips(material, call) if with_clips else ()
    return CallPage(
        title=t("call_title", time=call.recording.start_time.strftime("%Y-%m-%d %H:%M")),
        meta=tuple(m for m in (call.team, material.agent(call), call.business, _length(call)) if m),
        flags=_flags(material, call),
        total=t("no_total") if card.total is None else formats.points(card.total),
        total_note=" ".join(
            x for x in (card.band, t("of_points", points=formats.points(card.points))) if x
        ),
        no_total_why=""
        if card.total is not None
        else t("no_total_why", share=formats.percent(card.scorable_share, 0)),
        deductions=tuple(deduction(material, call, r, from_call_page=True) for r in failed),
        held=tuple(deduction(material, call, r, from_call_page=True) for r in open_items),
        tables=_tables(material, call),
        sound=sound_tables(material, call, spoken),
        turns=_turns(material, call.transcript, words, call.results),
        facts=_facts(material, call),
        timeline=_timeline(material, call),
        plan=plan,
        clip_notice=_notice(material),
    )


def _length(call: Call) -> str:
    if call.transcript is not None:
        return formats.clock(call.transcript.duration_s)
    duration = call.recording.duration_s
    return "" if duration is None else formats.clock(duration)


def _flags(material: Material, call: Call) -> tuple[Tag, ...]:
    t, card = material.words, call.card
    flags: list[Tag] = []
    if card is not None and card.fatal:
        flags.append(Tag(text=t("mark.fatal"), tone="fatal"))
    if call.recording.mystery:
        flags.append(Tag(text=t("mystery_calls")))
    if card is not None and card.provisional:
        flags.append(Tag(text=t("provisional"), tone="held"))
    if card is not None and card.purged is not None:
        flags.append(Tag(text=t("purged", day=card.purged.day)))
    doubts = () if call.transcript is None else call.transcript.doubts
    told = {(str(d.reason), t(f"speaker.{d.speaker}")) for d in doubts}
    flags += [Tag(text=t(f"doubt.{why}", who=who), tone="held") for why, who in sorted(told)]
    return tuple(dict.fromkeys(flags))


def _facts(material: Material, call: Call) -> tuple[tuple[str, str], ...]:
    t, row, card = material.words, call.recording, call.card
    origin = "risk" if is_risk(material.inputs, call.pick) else call.pick.origin
    rubric = "" if card is None else f"{card.rubric_id} {card.rubric_version}"
    pairs = [
        (t("fact_recording"), material.identifier(call)),
        (t("fact_page_key"), call.key),
        (t("fact_time"), row.start_time.strftime("%Y-%m-%d %H:%M:%S")),
        (t("fact_contact"), t.or_raw("contact", row.text("contact") or "")),
        (t("fact_satisfaction"), row.text("satisfaction") or ""),
        (t("fact_origin"), t.or_raw("origin", origin)),
        (t("fact_rubric"), f"{rubric} ({card.rubric_sha256[:12]})" if card else ""),
        (t("fact_by_rules"), _by_rules(material, call)),
    ]
    return tuple((a, b) for a, b in pairs if b)


def _by_rules(material: Material, call: Call) -> str:
    """The total that the rules alone gave, and the one after people's decisions."""
    draft, card = material.inputs.drafts.get(call.recording_id), call.card
    if draft is None or card is None:
        return ""
    totals = (
        material.words("no_total") if c.total is None else formats.points(c.total)
        for c in (draft, card)
    )
    return " → ".join(totals)


def _tables(material: Material, call: Call) -> tuple[Block, ...]:
    t = material.words
    sections = () if call.card is None else call.card.sections
    rows: list[tuple[Cell, ...]] = []
    for section in sections:
        for r in section.criteria:
            mark, _, cost = standing(material, r)
            rows.append(
                (
                    r.title,
                    section.title,
                    mark,
                    r.points,
                    r.lost if r.verdict in (Verdict.PASS, Verdict.FAIL, Verdict.HELD) else "–",
                    cost
                    if r.verdict is Verdict.FAIL and not r.lost
                    else said.reason(material, call, r),
                )
            )
    blocks: list[Block] = [
        Table(
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
    objections = [o for o in material.inputs.objections if o.recording_id == call.recording_id]
    if objections:
        blocks.append(
            Table(
                id="objections",
                title=t("objections"),
                columns=(
                    Column(key="title", label=t("col_criterion")),
                    Column(key="opened", label=t("col_opened"), kind="date"),
                    Column(key="reason", label=t("col_reason")),
                    Column(key="state", label=t("col_state")),
                    Column(key="answer", label=t("col_answer")),
                    Column(key="totals", label=t("col_before_after")),
                ),
                rows=tuple(
                    (
                        t("all_criteria")
                        if o.criterion_id is None
                        else material.title(o.criterion_id),
                        o.opened_on.isoformat(),
                        material.mask(o.reason),
                        t.or_raw("objection", o.state),
                        material.mask(o.answer),
                        f"{formats.points(o.total_before)} → {formats.points(o.total_after)}",
                    )
                    for o in sorted(objections, key=lambda o: (o.opened_on, o.criterion_id or ""))
                ),
            )
        )
    follow_ups = [f for f in material.inputs.follow_ups if f.recording_id == call.recording_id]
    if follow_ups:
        blocks.append(
            Table(
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
                        material.mask(f.what),
                        (f.due or material.inputs.deadlines.follow_ups).isoformat(),
                        mask_identifier(f.callback_number),
                        t.or_raw("follow_up", f.state),
                        material.mask(f.feedback),
                        material.mask(f.check),
                    )
                    for f in follow_ups
                ),
            )
        )
    return tuple(blocks)


def _turns(
    material: Material,
    transcript: Transcript | None,
    words: heard.Heard | None,
    results: Sequence[CriterionResult],
) -> tuple[TurnView, ...]:
    if transcript is None or words is None:
        return ()
    found = _marked(transcript, results)
    views: list[TurnView] = []
    for i, turn in enumerate(transcript.turns):
        text = words.texts[i]
        places = heard.word_places(turn) if turn.words else ()
        views.append(
            TurnView(
                index=i,
                speaker=str(turn.speaker),
                label=material.words(f"speaker.{turn.speaker}"),
                start=f"{turn.start_s:.2f}",
                end=f"{turn.end_s:.2f}",
                at=formats.clock(turn.start_s),
                words=" ".join(
                    f"{a}@{w.start_s:.2f}"
                    for w, (a, _) in zip(turn.words, places, strict=False)
                    if a >= 0
                ),
                pieces=_pieces(text, found.get(i, ())),
            )
        )
    return tuple(views)


def _marked(
    transcript: Transcript, results: Sequence[CriterionResult]
) -> dict[int, list[tuple[int, int, str]]]:
    """Where the words of deductions and of held items stand: turn → (start, end, tone)."""
    found: dict[int, list[tuple[int, int, str]]] = {}
    for result in results:
        if result.verdict not in (Verdict.FAIL, Verdict.HELD) or result.trial:
            continue
        tone = "held" if result.verdict is Verdict.HELD else "fail"
        for evidence in result.evidence:
            turn = evidence.turn
            if evidence.kind is not EvidenceKind.SAID or turn is None or not evidence.quote:
                continue
            if turn >= len(transcript.turns):
                continue
            at = transcript.turns[turn].text.find(evidence.quote)
            if at >= 0:
                found.setdefault(turn, []).append((at, at + len(evidence.quote), tone))
    return found


def _pieces(text: str, marks: Sequence[tuple[int, int, str]]) -> tuple[tuple[str, str], ...]:
    if not marks:
        return ((text, ""),)
    pieces: list[tuple[str, str]] = []
    cursor = 0
    for start, end, tone in sorted(marks):
        start = max(start, cursor)
        if end <= start:
            continue
        if start > cursor:
            pieces.append((text[cursor:start], ""))
        pieces.append((text[start:end], tone))
        cursor = end
    if cursor < len(text):
        pieces.append((text[cursor:], ""))
    return tuple(pieces)


def _timeline(material: Material, call: Call) -> Timeline | None:
    t, transcript = material.words, call.transcript
    if transcript is None:
        return None
    speech = {
        s: transcript.speech.get(s)
        or tuple((u.start_s, u.end_s) for u in transcript.turns if u.speaker is s)
        for s in Speaker
    }
    silences = _silences(speech[Speaker.AGENT], speech[Speaker.CUSTOMER])
    marks = [
        Mark(start_s=a, end_s=b, tone="silence", title=t("silence_mark", n=formats.seconds(b - a)))
        for a, b in silences
    ]
    overlaps = _overlaps(speech[Speaker.AGENT], speech[Speaker.CUSTOMER])
    marks += [
        Mark(start_s=a, end_s=b, tone="overlap", title=t("overlap_mark", n=formats.seconds(b - a)))
        for a, b in overlaps
    ]
    for result in call.results:
        if result.trial or result.verdict not in (Verdict.FAIL, Verdict.HELD):
            continue
        tone = "held" if result.verdict is Verdict.HELD else "fail"
        for evidence in result.evidence[:3]:
            marks.append(
                Mark(
                    start_s=evidence.start_s,
                    end_s=evidence.end_s,
                    tone=tone,
                    title=f"{formats.clock(evidence.start_s)} {result.title}",
                )
            )
    envelope = material.inputs.envelopes.get(call.recording_id)
    return Timeline(
        duration_s=transcript.duration_s,
        text=t(
            "timeline_text", n=len(silences), s=formats.points(SILENCE_SHOWN_S), both=len(overlaps)
        ),
        agent_label=t("speaker.agent"),
        customer_label=t("speaker.customer"),
        agent_speech=tuple(speech[Speaker.AGENT]),
        customer_speech=tuple(speech[Speaker.CUSTOMER]),
        agent_levels=() if envelope is None else envelope.agent,
        customer_levels=() if envelope is None else envelope.customer,
        marks=tuple(marks),
    )


def _silences(agent: Sequence[Span], customer: Sequence[Span]) -> list[Span]:
    """Gaps of five seconds and more between the speech of both."""
    found: list[Span] = []
    end: float | None = None
    for start, stop in sorted([*agent, *customer]):
        if end is not None and start - end >= SILENCE_SHOWN_S:
            found.append((end, start))
        end = stop if end is None else max(end, stop)
    return found


def _overlaps(agent: Sequence[Span], customer: Sequence[Span]) -> list[Span]:
    """Stretches of a third of a second and more in which both speak; shorter ones are echo and
    the edges of the speech detector."""
    found = [
        (max(a, c), min(b, d))
        for a, b in agent
        for c, d in customer
        if min(b, d) - max(a, c) >= OVERLAP_SHOWN_S
    ]
    return sorted(found)


def _notice(material: Material) -> str:
    t, day = material.words, material.inputs.options.delete_clips_after
    if day is None:
        return t("clip_notice_plain")
    return t("clip_notice", day=formats.full_day(day, t.language))
