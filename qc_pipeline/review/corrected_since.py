"""What became another between publication and 定稿, criterion by criterion, and through what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from qc_pipeline.report.inputs import CORRECTED_BY
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.decisions import (
    ALIKE,
    BLIND,
    LOOKED,
    KeptDecision,
    cards_of,
    decisions_of,
)
from qc_pipeline.store.rescorings import ADOPTED, Rescoring, rescorings_of
from qc_pipeline.store.transaction import Reads

APPEALS, DECISIONS, RULES, WORDS, RUBRIC, OTHERS = CORRECTED_BY
_SOURCES = {
    "objection": APPEALS,
    LOOKED: DECISIONS,
    BLIND: DECISIONS,
    ALIKE: DECISIONS,
    "rule": RULES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedSince:
    """`places` counts the criteria that stand otherwise than published, by kind (only those there
    are); `calls` are the calls they are in.
    """

    places: Mapping[str, int]
    calls: int


def corrected_since(
    reads: Reads, period: str, published: Mapping[str, Scorecard], now: Mapping[str, Scorecard]
) -> CorrectedSince:
    """How the cards in force differ from the published ones: where verdict or cost is another, and
    which step made it so last. What was changed and then changed back is no correction.
    """
    places: Counter[str] = Counter()
    calls = 0
    for recording_id in sorted(published.keys() & now.keys()):
        if now[recording_id].sha256() == published[recording_id].sha256():
            continue
        found = list(_changed(reads, period, published[recording_id], now[recording_id]))
        places.update(found)
        calls += bool(found)
    return CorrectedSince(places={k: places[k] for k in CORRECTED_BY if places[k]}, calls=calls)


def _changed(reads: Reads, period: str, published: Scorecard, now: Scorecard) -> Iterator[str]:
    """The kind of each criterion that differs."""
    steps = _steps(reads, period, published)
    before, after = _lines(published), _lines(now)
    for criterion in sorted(before.keys() | after.keys()):
        if before.get(criterion) == after.get(criterion):
            continue
        kind, stood = OTHERS, before.get(criterion)
        for through, card in steps:
            stands = _lines(card).get(criterion)
            if stands != stood:
                kind = through.get(criterion, through.get(None, OTHERS))
            stood = stands
        yield kind


@dataclass(frozen=True, slots=True, kw_only=True)
class StepSince:
    """A card that came into force after publication, and what made it: decisions, corrected words
    (as `corrections_of` has them) or another rubric; nothing of them where nobody did it.
    """

    card: Scorecard
    decisions: tuple[KeptDecision, ...] = ()
    words: Mapping[str, Any] | None = None
    rubric: Rescoring | None = None


def steps_since(reads: Reads, period: str, published: Scorecard) -> tuple[StepSince, ...]:
    """The cards in force since publication, in order."""
    recording_id = published.recording_id
    cards = [card for name, card in cards_of(reads, recording_id) if name == period]
    hashes = [card.sha256() for card in cards]
    first = max((i for i, h in enumerate(hashes) if h == published.sha256()), default=-1)
    decided: dict[str, list[KeptDecision]] = {}
    for kept in decisions_of(reads, period, recording_id).get(recording_id, ()):
        decided.setdefault(kept.card_after, []).append(kept)
    adopted = {
        r.card_after: r
        for r in rescorings_of(reads, recording_id)
        if r.kind == ADOPTED and r.period == period
    }
    corrected = {str(c["transcript"]): c for c in corrections_of(reads, recording_id)}
    steps: list[StepSince] = []
    words = published.transcript_sha256
    for sha256, card in list(zip(hashes, cards, strict=True))[first + 1 :]:
        reworded = card.transcript_sha256 != words
        words = card.transcript_sha256
        steps.append(
            StepSince(
                card=card,
                decisions=tuple(decided.get(sha256, ())),
                words=corrected.get(words, {}) if reworded else None,
                rubric=adopted.get(sha256),
            )
        )
    return tuple(steps)


def _steps(
    reads: Reads, period: str, published: Scorecard
) -> list[tuple[Mapping[str | None, str], Scorecard]]:
    """The steps since publication, each with the kind of what made it so, by the criterion that was
    meant, None for all of the call.
    """
    found: list[tuple[Mapping[str | None, str], Scorecard]] = []
    for step in steps_since(reads, period, published):
        through: Mapping[str | None, str] = {
            kept.decision.criterion: _SOURCES.get(kept.source, OTHERS) for kept in step.decisions
        }
        if step.words is not None:
            through = {None: WORDS}
        elif step.rubric is not None:
            through = {None: RUBRIC}
        found.append((through, step.card))
    return found


def _lines(card: Scorecard) -> dict[str, tuple[str, float]]:
    return {c.id: (str(c.verdict), c.lost) for c in card.criteria() if not c.trial}
