"""Who may object to what, until when, and who may decide it: the checks behind `appeals`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from qc_pipeline.cases.engine import CaseKind, in_state, need_somebody_else
from qc_pipeline.errors import UsageError, did_you_mean
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.appeals import (
    CORRECTION,
    DECIDED,
    OPEN,
    SCORE,
    TAKEN,
    KeptAppeal,
    appeals_of,
)
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import OF_INSPECTORS, KeptDecision, cards_by_hash, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.publications import Publication, publications_of, refuse_final
from qc_pipeline.store.rescorings import ADOPTED, rescorings_of
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.deadlines import calendar_of, window_end
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

LONGEST_DAYS = 7
"""Working days after publication, at most, to whose end nights and leave may put a window off."""


def closing_day(
    record: Reads,
    settings: Settings,
    public: Sequence[Publication],
    recording_id: str,
    criterion: str,
    former: Sequence[KeptAppeal],
    next_shift: date | None = None,
) -> date:
    """The last day for an objection: of the report's window, its extension, a correction notice
    that costs more on this criterion, or a first decision that was not final. With `next_shift` (of
    an agent whom nights or leave kept away) the window is counted from that day as well, up to
    `LONGEST_DAYS` working days after publication.
    """
    days = [p.objections_due for p in public if p.kind in ("published", "extension")]
    for notice in public:
        if notice.kind == "notice" and notice.recording_id == recording_id:
            hashes = [str(notice.body["before"]), str(notice.body["after"])]
            cards = cards_by_hash(record, hashes)
            lost = [{c.id: c.lost for c in cards[h].criteria()} for h in hashes]
            if lost[1].get(criterion, 0.0) > lost[0].get(criterion, 0.0):
                days.append(notice.objections_due)
    for objection in former:
        decided = objection.decided
        if decided is not None and not decided.final:
            days.append(window_end(settings, decided.day)[0])
    if next_shift is not None:
        longest, _ = calendar_of(settings).add(public[0].day, LONGEST_DAYS)
        days.append(min(window_end(settings, next_shift)[0], longest))
    return max(days)


def judges_of(record: Reads, settings: Settings, objection: KeptAppeal) -> frozenset[str]:
    """Who judged the call: who decided on it in review, whose share it was, and who had corrected
    its words or judged it by another rubric before the objection came.
    """
    period, recording_id = objection.period, objection.recording_id
    decided = decisions_of(record, period, recording_id)
    people: set[str | None] = {
        person
        for k in decided.get(recording_id, ())
        if k.source in OF_INSPECTORS
        for person in k.people
    }
    for c in corrections_of(record, recording_id):
        if _moment(str(c["at"])) < _moment(objection.at):
            people |= {c["person"], c["for"]}
    for r in rescorings_of(record, recording_id):
        chosen = r.kind == ADOPTED and r.period == period
        if chosen and _moment(r.at) < _moment(objection.at):
            people |= {r.person, r.on_behalf_of}
    kept = kept_sample(record, period)
    shares = () if kept is None else kept.sample.picks
    for inspector in (p.inspector for p in shares if p.recording_id == recording_id):
        if inspector:
            known = settings.people.get(inspector)
            people.add(inspector if known is None else known.name)
    return frozenset(person for person in people if person)


def _moment(at: str) -> datetime:
    """Times come from this machine and from reviewers' browsers, each with a zone of its own."""
    return datetime.fromisoformat(at)


def inspector_of(objection: KeptAppeal, decided: Sequence[KeptDecision]) -> str | None:
    """Who had decided on the criterion when the objection came; None: the machine alone."""
    people = [
        k.decision.person
        for k in decided
        if k.source in OF_INSPECTORS
        and k.decision.criterion == objection.criterion
        and _moment(k.decision.at) <= _moment(objection.at)
    ]
    return people[-1] if people else None


def public_parts(record: Reads, period: str) -> tuple[Publication, ...]:
    """What was made public of a period, the publication first. Raises UsageError for a draft, and
    for a period that is final: no objection changes it any more.
    """
    refuse_final(record, period)
    found = publications_of(record, period)
    public = [p for p in found if p.kind == "published"]
    if not public:
        raise UsageError(f"{period} is a draft: objections are raised after `qc publish {period}`")
    return (*public, *(p for p in found if p.kind != "published"))


def need_deduction(card: Scorecard, criterion: str) -> CriterionResult:
    """The deduction objected to. Raises UsageError where there is none."""
    results = {c.id: c for c in card.criteria()}
    if criterion not in results:
        hint = did_you_mean(criterion, list(results))
        raise UsageError(
            f"the rubric of {card.recording_id} has no criterion {criterion!r}"
            + (f" – {hint}" if hint else "")
        )
    result = results[criterion]
    if result.verdict is not Verdict.FAIL:
        raise UsageError(
            f"{criterion} cost {card.recording_id} nothing ({result.verdict}): there is nothing to "
            "object to"
        )
    return result


def kind_of(card: Scorecard, result: CriterionResult) -> str:
    """`SCORE`, or `CORRECTION` (更正，不涉及分数) where a finding costs nothing: on trial, covered
    by another, in a call without a total.
    """
    free = result.trial or result.covered_by is not None or card.total is None
    return CORRECTION if free else SCORE


def need_lead(record: Reads, actor: Actor, card: Scorecard) -> None:
    """Raises UsageError for somebody who neither leads the agent's team nor stands in for it."""
    team = team_of(record, card)
    if not actor.leads(team):
        raise UsageError(
            f"{actor.name} does not lead {team or 'the team'} of {card.recording_id}: objections "
            "come through the agent's team lead"
        )


def decided_before(record: Reads, objection: KeptAppeal) -> tuple[KeptAppeal, ...]:
    """The decided objections to the same criterion that were raised before this one."""
    same = (objection.recording_id, objection.criterion)
    return tuple(
        o
        for o in appeals_of(record, objection.period)
        if (o.recording_id, o.criterion) == same
        and o.number < objection.number
        and o.decided is not None
    )


def instance_of(record: Reads, objection: KeptAppeal) -> int:
    """1, or 2 for a second objection (二次申诉) to the same criterion of a call."""
    return 1 + len(decided_before(record, objection))


def refuse_second(former: Sequence[KeptAppeal]) -> None:
    """Raises UsageError where an objection to the same is undecided, or decided for good."""
    for objection in former:
        decided = objection.decided
        where = f"{objection.recording_id} {objection.criterion}"
        if objection.state in (OPEN, TAKEN):
            raise UsageError(f"objection {objection.number} to {where} is not decided yet")
        if decided is not None and decided.final:
            raise UsageError(
                f"objection {objection.number} to {where} was decided ({decided.state}) on "
                f"{decided.day} by {decided.person}: that is final"
            )


def by_deadline(objections: Iterable[KeptAppeal]) -> tuple[KeptAppeal, ...]:
    """What waits for an answer in the order of its last day, then what was answered, by number."""
    return tuple(
        sorted(
            objections,
            key=lambda o: (
                (0, o.due, o.number) if o.state in (OPEN, TAKEN) else (1, date.max, o.number)
            ),
        )
    )


APPEALS = CaseKind(noun="objection", listed_by="qc appeal list", read=appeals_of)


def undecided(reads: Reads, number: int) -> KeptAppeal:
    """The objection of that number. Raises UsageError where there is none, it is closed, or its
    period is final.
    """
    found = in_state(APPEALS, reads, number, (OPEN, TAKEN))
    refuse_final(reads, found.period)
    return found


def need_independent(
    record: Reads, settings: Settings, actor: Actor, objection: KeptAppeal
) -> None:
    """Raises UsageError for who judged the call, leads the agent, or raised the objection; of a
    second objection for who decided the first, and for who is no manager.
    """
    first = decided_before(record, objection)
    deciders = {
        person
        for o in first
        for e in o.events
        for person in (e.person, e.on_behalf_of)
        if e.state in DECIDED
    }
    if first and actor.known and "manager" not in actor.roles:
        raise UsageError(
            f"objection {objection.number} is a second one (二次申诉): a manager decides it, who "
            "did not decide the first"
        )
    need_somebody_else(
        actor,
        [
            (
                judges_of(record, settings, objection),
                f"judged {objection.recording_id}: somebody else decides the objection",
            ),
            (
                deciders,
                f"decided objection {first[-1].number if first else ''} to the same: somebody else "
                "decides the second",
            ),
            (
                (objection.person, objection.on_behalf_of),
                "raised the objection: somebody else decides it",
            ),
        ],
        team=team_of(record, cards_by_hash(record, [objection.card])[objection.card]),
        leads="somebody else decides the objection",
    )


def team_of(record: Reads, card: Scorecard) -> str | None:
    """The agent's team by the call row that the card was made from; None where it was purged."""
    call = calls_by_hash(record, [card]).get(card.recording_id)
    return None if call is None else call.text("team")


def standing_card(record: Reads, objection: KeptAppeal) -> str:
    """The call's card as it stands, by hash: its words may have been corrected on the way."""
    kept = kept_sample(record, objection.period)
    found = None if kept is None else outcomes_of(record, kept.seq).get(objection.recording_id)
    return found.sha256() if isinstance(found, Scorecard) else objection.card
