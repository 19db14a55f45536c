"""One objection's page: claim, evidence with its sound, answer, both scores, what was done when."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from qc_pipeline.report import formats
from qc_pipeline.report.appeal_facts import AppealFacts, AppealStep
from qc_pipeline.report.blocks import Cell, Column, DeductionBlock, TableBlock, without
from qc_pipeline.report.deduction_marks import deduction
from qc_pipeline.report.inputs import Appeal
from qc_pipeline.report.model import KEY_CHARS, Call, ReportModel
from qc_pipeline.report.pages.call import Tag, clip_notice
from qc_pipeline.report.sections.appeals import ANSWERED, is_correction, outcome_word, told_kind
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.scoring.scorecard import CriterionResult

UNDECIDED = ("open", "taken")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppealCase:
    """An objection that has a page, with its call; `own` is whether the call is of this period, and
    so has a page itself.
    """

    objection: Appeal
    facts: AppealFacts
    call: Call
    own: bool

    @property
    def page(self) -> str:
        return self.facts.page


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """`back` is the section it stands in; `call_page` the page of the call, "" where this report
    has none, and then `no_sound` says where it may be heard.
    """

    title: str
    meta: tuple[str, ...]
    flags: tuple[Tag, ...]
    total: str
    total_note: str
    back: str
    call_page: str
    claim: tuple[tuple[str, str], ...]
    answer: tuple[tuple[str, str], ...]
    deadline: str
    deadline_missed: bool
    evidence: DeductionBlock | None
    scores: TableBlock
    scores_note: str
    history: TableBlock
    facts: tuple[tuple[str, str], ...]
    clip_notice: str
    no_sound: str


def cases(model: ReportModel) -> tuple[AppealCase, ...]:
    """The objections of which this audience gets a page, by number: whose call they may see."""
    found = []
    for objection in model.inputs.objections:
        facts = objection.facts
        if facts is None:
            continue
        if objection.period in ("", model.inputs.period.name):
            call = model.by_id.get(objection.recording_id)
            if call is not None and call.shown and call.card is not None:
                found.append(AppealCase(objection=objection, facts=facts, call=call, own=True))
        elif model.audience.sees_call(
            team=objection.team, agent_id=objection.agent_id, mystery=objection.mystery
        ):
            call = _earlier_call(objection, facts)
            if call is not None:
                found.append(AppealCase(objection=objection, facts=facts, call=call, own=False))
    return tuple(sorted(found, key=lambda c: c.facts.number))


def _earlier_call(objection: Appeal, facts: AppealFacts) -> Call | None:
    """A call of another period, as far as its objection needs it; None where its words are purged:
    the line in the table is all that is left.
    """
    recording = facts.recording
    if recording is None:
        return None
    name = f"{objection.period} {objection.recording_id}"
    return Call(
        key=hashlib.sha256(name.encode()).hexdigest()[:KEY_CHARS],
        recording=recording,
        pick=Pick(recording_id=objection.recording_id, stratum=""),
        card=facts.before,
        failure=None,
        transcript=facts.transcript,
        team=objection.team,
        business=recording.text("business") or "",
        agent_id=objection.agent_id,
        day=recording.start_time.date(),
        counted=False,
        weight=0.0,
        listened_weight=0.0,
        shown=False,
        results=facts.before.criteria(),
        machine_total=None,
    )


def case_page(model: ReportModel, case: AppealCase, *, with_sound: bool) -> CasePage:
    """The page of an objection. `with_sound`: the call's clips are played on it, and the places of
    the evidence lead there; else they lead to the call's page.
    """
    t, objection, facts = model.words, case.objection, case.facts
    result = facts.objected(objection.criterion_id)
    whole = t("all_criteria") if objection.criterion_id is None else objection.criterion_id
    title = objection.title or (whole if result is None else result.title) or whole
    note, missed = _deadline(model, objection)
    decided = objection.state in ANSWERED
    total = formats.points(objection.total_before)
    band = facts.before.band or ""
    if decided and objection.total_after != objection.total_before:
        total = f"{total} → {formats.points(objection.total_after)}"
    if decided and facts.after.band != facts.before.band:
        band = f"{band or '–'} → {facts.after.band or '–'}"
    return CasePage(
        title=t("case.title", n=facts.number, title=title),
        meta=tuple(
            m
            for m in (
                case.call.recording.start_time.strftime("%Y-%m-%d %H:%M"),
                case.call.team,
                model.agent(case.call),
            )
            if m
        ),
        flags=_flags(model, objection, facts),
        total=total,
        total_note=band,
        back="objections" if case.own else "earlier-objections",
        call_page=case.call.page if case.own else "",
        claim=_claim(model, case),
        answer=_answer(model, case) if objection.answered_on is not None else (),
        deadline=note,
        deadline_missed=missed,
        evidence=None if result is None else _evidence(model, case, result, with_sound),
        scores=_scores(model, case, result),
        scores_note=t("case.no_points") if is_correction(objection) else "",
        history=_history(model, case),
        facts=_facts(model, case),
        clip_notice=clip_notice(model),
        no_sound="" if case.own else t("case.sound_elsewhere", period=objection.period),
    )


def _flags(model: ReportModel, objection: Appeal, facts: AppealFacts) -> tuple[Tag, ...]:
    t = model.words
    flags = [
        Tag(text=told_kind(model, objection)),
        Tag(
            text=outcome_word(model, objection),
            tone="held" if objection.state in UNDECIDED else "",
        ),
    ]
    if facts.second:
        flags.insert(1, Tag(text=t("case.second")))
    if facts.late:
        flags.append(Tag(text=t("appeal_late"), tone="held"))
    return tuple(flags)


def _deadline(model: ReportModel, objection: Appeal) -> tuple[str, bool]:
    """Till when it is to be answered; of an answered one whether it was, and that it was not."""
    t = model.words
    if objection.due is None or objection.state == "withdrawn":
        return "", False
    due = formats.full_day(objection.due, t.language)
    if objection.answered_on is None:
        return t("case.answer_by", due=due), False
    late = objection.answered_on > objection.due
    return t("case.too_late" if late else "case.in_time", due=due), late


def _person(model: ReportModel, person: str, on_behalf_of: str | None = None) -> str:
    """Who did it; nobody by name where the audience is told no names."""
    if not model.audience.names_agents or not person:
        return ""
    if on_behalf_of is None:
        return person
    return model.words("case.on_behalf", person=person, other=on_behalf_of)


def _moment(step: AppealStep) -> str:
    return step.at.strftime("%Y-%m-%d %H:%M")


def _claim(model: ReportModel, case: AppealCase) -> tuple[tuple[str, str], ...]:
    t, facts = model.words, case.facts
    asked = "" if facts.requested_at is None else facts.requested_at.strftime("%Y-%m-%d %H:%M")
    pairs = (
        (t("case.agent"), model.agent(case.call)),
        (t("case.asked"), asked),
        (t("case.raised_by"), _person(model, facts.raised_by, facts.raised_for)),
        (t("case.raised_at"), facts.raised_at.strftime("%Y-%m-%d %H:%M")),
        (t("case.claimed"), model.mask(case.objection.reason, case.call)),
    )
    return tuple((name, value) for name, value in pairs if value)


def _answer(model: ReportModel, case: AppealCase) -> tuple[tuple[str, str], ...]:
    t, objection = model.words, case.objection
    day = objection.answered_on
    pairs = (
        (t("case.outcome"), outcome_word(model, objection)),
        (t("case.answered_by"), _person(model, case.facts.decided_by)),
        (t("case.answered_on"), "" if day is None else day.isoformat()),
        (t("case.answer_reason"), model.mask(objection.answer, case.call)),
    )
    return tuple((name, value) for name, value in pairs if value)


def _evidence(
    model: ReportModel, case: AppealCase, result: CriterionResult, with_sound: bool
) -> DeductionBlock:
    return deduction(model, case.call, result, from_call_page=case.own and with_sound)


def _scores(model: ReportModel, case: AppealCase, result: CriterionResult | None) -> TableBlock:
    """What the finding cost and costs, what else became another with it, total and band."""
    t, facts = model.words, case.facts
    decided = case.objection.state in ANSWERED
    later = {c.id: c for c in facts.after.criteria()}
    pairs = list(facts.changes()) if decided else []
    if result is not None and all(was.id != result.id for was, _ in pairs):
        pairs.insert(0, (result, later.get(result.id, result)))
    rows: list[tuple[Cell, ...]] = [
        (was.title, _cost(model, was), _cost(model, now)) for was, now in pairs
    ]
    before, after = facts.before, facts.after
    rows.append((t("case.total"), _figure(before.total), _figure(after.total)))
    rows.append((t("col_band"), before.band or "–", after.band or "–"))
    table = TableBlock(
        id="scores",
        title=t("case.scores"),
        columns=(
            Column(key="what", label=t("col_what")),
            Column(key="before", label=t("col_before"), kind="right"),
            Column(key="after", label=t("col_after"), kind="right"),
        ),
        rows=tuple(rows),
    )
    return table if decided else without(table, {"after"})


def _figure(total: float | None) -> str:
    return "–" if total is None else formats.points(total)


def _cost(model: ReportModel, result: CriterionResult) -> str:
    t = model.words
    if result.lost:
        return t("minus_points", n=formats.points(result.lost))
    return t(f"blind.machine.{result.verdict}")


def _history(model: ReportModel, case: AppealCase) -> TableBlock:
    t = model.words
    several = len({s.number for s in case.facts.steps}) > 1
    rows: list[tuple[Cell, ...]] = []
    links: list[str | None] = []
    for step in case.facts.steps:
        other = step.number != case.facts.number
        what = t.or_raw("case_step", step.kind)
        named = t("case_link", n=step.number) if several else ""
        rows.append(
            (
                _moment(step),
                named,
                what,
                _person(model, step.person, step.on_behalf_of),
                model.mask(step.reason, case.call),
            )
        )
        links.append(f"appeals/{step.number}.html" if other and several else None)
    table = TableBlock(
        id="history",
        title=t("case.history"),
        columns=(
            Column(key="at", label=t("case.at"), kind="date"),
            Column(key="case", label=t("objections")),
            Column(key="what", label=t("case.what")),
            Column(key="by", label=t("case.by")),
            Column(key="said", label=t("case.said")),
        ),
        rows=tuple(rows),
        cell_links={"case": tuple(links)},
    )
    empty = {"by"} if not model.audience.names_agents else set()
    return without(table, empty if several else {*empty, "case"})


def _facts(model: ReportModel, case: AppealCase) -> tuple[tuple[str, str], ...]:
    t, card = model.words, case.facts.before
    return (
        (t("fact_recording"), model.identifier(case.call)),
        *(((t("fact_page_key"), case.call.key),) if case.own else ()),
        (t("col_objection_period"), case.objection.period or model.inputs.period.name),
        (t("fact_rubric"), f"{card.rubric_id} {card.rubric_version}"),
    )
