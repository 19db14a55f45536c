"""What waits for a person – proposed, held and manual items – and taking their decisions in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Recording
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict, is_near
from qc_pipeline.scoring.evidence.opportunity import Talk
from qc_pipeline.scoring.scorecard import CriterionResult, NotJudgedParty, Scorecard
from qc_pipeline.store.decisions import (
    KeptDecision,
    decisions_of,
)
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.settings import TargetSettings

BEFORE_S = 5.0
AFTER_S = 5.0
DECIDE_S = 15.0
"""Seconds that a decision takes beside the listening: an allowance, not a measurement."""

MANUAL_S = 180.0
"""Seconds taken for a manual criterion of a call whose length nobody knows."""

COMPLAINT_RISKS = TargetSettings().follow_up_criteria
"""Criteria of which a finding is a complaint that was not registered or not escalated."""

WHOLE_CALL = ("manual", "unheard")
"""Kinds of items for which the whole call is heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One open question. `kind`: proposed, held, manual or, of a call that is not judged, unheard;
    of a call that is listened to besides deducted (by the machine alone), unscorable (for want of a
    fact) and automatic (deducted by a criterion that has earned it). `stake`: the points that hang
    on it.

    `start_s` and `end_s` are what to hear: the evidence with 5 s before and after, the whole call
    for a manual criterion and for what was not heard. `card` is the hash of the card that asks;
    `not_judged` says of whom too little was heard, where the call is not judged, `too_short` how
    little was said, where that is too little for a total.
    """

    recording_id: str
    criterion: str
    title: str
    kind: str
    severity: str
    points: float
    stake: float
    reason: str
    card: str
    start_s: float
    end_s: float | None
    result: CriterionResult
    not_judged: tuple[NotJudgedParty, ...] = ()
    too_short: Talk | None = None

    @property
    def near(self) -> Evidence | None:
        """The sentence that may be what was asked for, in other words: it was held for being worded
        nearly like the `phrase` that it names. None of any other item.
        """
        if self.kind != "held":
            return None
        return next((e for e in self.result.evidence if is_near(e)), None)

    @property
    def listen_s(self) -> float:
        return MANUAL_S if self.end_s is None else self.end_s - self.start_s

    @property
    def blocks(self) -> bool:
        """Whether a period cannot be published while this is open: a fatal or major proposal."""
        return self.kind == "proposed" and self.severity in ("fatal", "major")


def open_items(
    cards: Iterable[Scorecard],
    decided: Mapping[str, Sequence[KeptDecision]],
    calls: Mapping[str, Recording],
    *,
    complaint_risks: Collection[str] = COMPLAINT_RISKS,
) -> tuple[Item, ...]:
    """The queue: red lines, complaint risks, calls that are not judged, the rest; within these what
    is at stake most first, then by recording and the rubric's order. All that is open in a call
    that is not judged stays together, for whoever listens to it.
    """
    found: list[tuple[int, float, str, int, Item]] = []
    for card in cards:
        ruled = {k.decision.criterion for k in decided.get(card.recording_id, ())}
        if None in ruled or card.purged is not None:
            continue
        sha256 = card.sha256()
        call = calls.get(card.recording_id)
        length = None if call is None else call.duration_s
        for number, result in enumerate(card.criteria()):
            kind = None if result.id in ruled else kind_of(card, result)
            if kind is not None:
                item = item_of(card, sha256, result, kind, length)
                rank = _rank(item, complaint_risks)
                stake = 0.0 if rank == _NOT_JUDGED else -item.stake
                found.append((rank, stake, card.recording_id, number, item))
    return tuple(row[4] for row in sorted(found, key=lambda row: row[:4]))


_RED_LINE, _COMPLAINT, _NOT_JUDGED, _REST = range(4)


def _rank(item: Item, complaint_risks: Collection[str]) -> int:
    """Which part of the queue an item stands in; what was not heard is no finding."""
    if item.kind != "unheard" and item.severity == "fatal":
        return _RED_LINE
    if item.kind != "unheard" and item.criterion in complaint_risks:
        return _COMPLAINT
    return _NOT_JUDGED if item.not_judged else _REST


def found_alike(cards: Mapping[str, Scorecard], recording: str, criterion: str) -> tuple[str, ...]:
    """The other calls in which the same wordings of a rubric gave the same finding of a criterion,
    and nobody has decided on it: 同类.
    """
    own = _wordings(cards, recording, criterion)
    if not own:
        return ()
    return tuple(
        k for k in sorted(cards) if k != recording and _wordings(cards, k, criterion) == own
    )


def _wordings(cards: Mapping[str, Scorecard], recording: str, criterion: str) -> frozenset[str]:
    """The wordings of the rubric that an undecided finding rests on."""
    card = cards.get(recording)
    if card is None:
        return frozenset()
    found = next((c for c in card.criteria() if c.id == criterion), None)
    if found is None or found.decided_by != "rule" or kind_of(card, found) is None:
        return frozenset()
    return frozenset(e.phrase for e in found.evidence if e.phrase)


def is_undecided(card: Scorecard) -> bool:
    """Whether a card still has open questions, purged or not."""
    return any(kind_of(card, result) is not None for result in card.criteria())


def minutes_of(items: Sequence[Item]) -> float:
    """How long the queue takes: every piece heard once, and the deciding."""
    pieces = {(i.recording_id, i.start_s, i.end_s): i.listen_s for i in items}
    return (sum(pieces.values()) + DECIDE_S * len(items)) / 60


def queue_of(
    record: Reads, kept: KeptSample, *, complaint_risks: Collection[str] = COMPLAINT_RISKS
) -> tuple[Item, ...]:
    """The open items of a period."""
    from qc_pipeline.store.card_sources import calls_by_hash

    cards = [o for o in outcomes_of(record, kept.seq).values() if isinstance(o, Scorecard)]
    return open_items(
        cards,
        decisions_of(record, kept.sample.period),
        calls_by_hash(record, cards),
        complaint_risks=complaint_risks,
    )


def kind_of(card: Scorecard, result: CriterionResult) -> str | None:
    """What asks for a decision on a line of a card (`Item.kind`), None where nothing does."""
    if result.trial or result.decided_by != "rule":
        return None
    if result.proposed:
        return "proposed"
    if result.verdict is Verdict.HELD or (result.verdict is Verdict.FAIL and result.stake > 0):
        return "held"
    if card.lacks_talk:
        # What there was no time for is nobody's to decide: no total hangs on it.
        return None
    if result.manual and result.verdict is Verdict.UNSCORABLE:
        return "manual"
    if card.unjudged and result.verdict is Verdict.UNSCORABLE:
        return "unheard"
    return None


def item_of(
    card: Scorecard, sha256: str, result: CriterionResult, kind: str, length_s: float | None
) -> Item:
    """The open question of a line of a card, whose hash is `sha256`, of a call of `length_s`."""
    start_s: float = 0.0
    end_s = length_s
    if kind not in WHOLE_CALL and result.evidence:
        start_s = max(0.0, min(e.start_s for e in result.evidence) - BEFORE_S)
        end_s = max(e.end_s for e in result.evidence) + AFTER_S
        if length_s is not None:
            end_s = max(start_s, min(end_s, length_s))
    return Item(
        recording_id=card.recording_id,
        criterion=result.id,
        title=result.title,
        kind=kind,
        severity=result.severity,
        points=result.points,
        stake=card.points if result.severity == "fatal" else result.stake,
        reason=result.reason,
        card=sha256,
        start_s=round(start_s, 2),
        end_s=None if end_s is None else round(end_s, 2),
        result=result,
        not_judged=card.parties_not_judged if card.unjudged else (),
        too_short=card.too_short if card.lacks_talk else None,
    )
