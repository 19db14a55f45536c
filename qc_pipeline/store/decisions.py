"""Decisions of people as they are kept: in order, each with the card before and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from qc_pipeline.call import Failure
from qc_pipeline.errors import UsageError
from qc_pipeline.scoring.decisions import Decision, in_force
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store import contents, tables
from qc_pipeline.store.outcomes import (
    OutcomeRow,
    keep_outcome,
    kept_cards,
    kept_where_any,
    last_outcome,
    outcome_rows,
)
from qc_pipeline.store.publications import published, refuse_final
from qc_pipeline.store.rescorings import adopted_in
from qc_pipeline.store.transaction import Reads, Transaction

MakeCard = Callable[[Scorecard, Sequence[Decision]], Scorecard]
"""The card in force and all decisions on its call, in order → the card that follows from them."""

LOOKED, BLIND, ALIKE = "review", "blind", "alike"
LOOKS = frozenset({LOOKED, BLIND})
"""Of the sources of a decision those that are a look of its own at the call: with what the machine
found before one's eyes, or blind. `ALIKE` took what was decided on the same wording in another."""
OF_INSPECTORS = LOOKS | {ALIKE}
"""The sources of the decisions that inspectors answer for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """`source`: review, blind, alike, publish, objection or rule; the cards are named by hash."""

    seq: int
    period: str
    recording_id: str
    decision: Decision
    source: str
    objection: int | None
    card_before: str
    card_after: str
    on_behalf_of: str | None = None

    @property
    def people(self) -> frozenset[str]:
        """Everybody whose decision it is: who took it, and on whose behalf."""
        return frozenset({self.decision.person, self.on_behalf_of or self.decision.person})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDecision:
    """A decision to be kept. `seen` is the card that the person looked at, `token` a name that
    makes taking the same decision in twice harmless.
    """

    recording_id: str
    decision: Decision
    source: str = LOOKED
    seen: str | None = None
    token: str | None = None
    objection: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """What became of the decisions on one call. `known` were there already; `meanwhile` are those
    of others since the card the person had looked at.
    """

    recording_id: str
    before: Scorecard
    after: Scorecard
    kept: tuple[Decision, ...]
    known: tuple[Decision, ...]
    meanwhile: tuple[KeptDecision, ...]


def add_decisions(
    tx: Transaction,
    *,
    period: str,
    sample_seq: int,
    new: Sequence[NewDecision],
    make: MakeCard,
) -> tuple[Decided, ...]:
    """Keep decisions and the cards that follow, all of them or none.

    Raises UsageError where a call has no scorecard, and where the period is final.
    """
    tx.alone()
    refuse_final(tx, period)
    groups: dict[str, list[NewDecision]] = {}
    for item in new:
        groups.setdefault(item.recording_id, []).append(item)
    return tuple(_decide(tx, period, sample_seq, group, make) for group in groups.values())


def decisions_of(
    reads: Reads, period: str, recording_id: str | None = None
) -> Mapping[str, tuple[KeptDecision, ...]]:
    """The decisions of a period by recording, in the order in which they were taken."""
    with reads.reading() as connection:
        table = tables.decisions
        query = sa.select(table).where(table.c.period == period).order_by(table.c.seq)
        if recording_id is not None:
            query = query.where(table.c.recording_id == recording_id)
        rows = connection.execute(query).all()
        bodies = contents.left_of(connection, (row.decision_sha256 for row in rows))
        found: dict[str, list[KeptDecision]] = {}
        for row in rows:
            found.setdefault(row.recording_id, []).append(_kept(row, bodies))
        return {k: tuple(v) for k, v in sorted(found.items())}


class Looked(NamedTuple):
    """How many decisions in review there are, and the number of the last of them (0: none)."""

    decided: int
    last: int


def looked_so_far(reads: Reads) -> Looked:
    """What changes with every decision that is a look of its own."""
    table = tables.decisions
    query = sa.select(sa.func.count(), sa.func.max(table.c.seq)).where(table.c.source.in_(LOOKS))
    with reads.reading() as connection:
        count, last = connection.execute(query).one()
    return Looked(count, last or 0)


def keep_scored(
    tx: Transaction,
    period: str,
    sample_seq: int,
    results: Iterable[Scorecard | Failure],
    *,
    standing: Mapping[str, OutcomeRow],
    decided: Mapping[str, tuple[KeptDecision, ...]],
    adopted: Mapping[str, str],
) -> int | None:
    """Keep how recordings ended, all at once; returns how many differ from what stood.

    Nothing is kept, and None comes back, where people corrected words, decided, chose another
    rubric or published since `standing` (the rows by which the recordings stand), `decided` and
    `adopted` (the rubrics chosen, by hash) were read: their word is never under ours.
    """
    tx.alone()
    now = outcome_rows(tx, sample_seq), decisions_of(tx, period), adopted_in(tx, period)
    if now != (standing, decided, adopted) or published(tx, period) is not None:
        return None
    return sum(keep_outcome(tx, sample_seq, result) for result in results)


def cards_by_hash(reads: Reads, hashes: Sequence[str]) -> Mapping[str, Scorecard]:
    """Scorecards by their hash, whether in force or not. Raises KeyError for one not kept."""
    with reads.reading() as connection:
        return kept_cards(connection, hashes)


def cards_by_rules(reads: Reads, cards: Mapping[str, Scorecard]) -> Mapping[str, Scorecard]:
    """The card that the rules alone had given each call, before anybody decided or corrected
    anything: found back along the parents. Left out where it judges as the card does, and where
    it was purged.
    """
    first = dict(cards)
    stopped: set[str] = set()
    with reads.reading() as connection:
        while waiting := {
            k: c.parent for k, c in first.items() if c.parent is not None and k not in stopped
        }:
            parents = kept_where_any(connection, waiting.values())
            stopped |= {k for k, parent in waiting.items() if parent not in parents}
            first |= {k: parents[p] for k, p in waiting.items() if p in parents}
    return {k: first[k] for k in sorted(cards) if _judged(first[k]) != _judged(cards[k])}


def former_cards(reads: Reads, card: Scorecard) -> Iterator[Scorecard]:
    """The cards that a card replaced, one after the other, the last first; up to one that was
    purged.
    """
    with reads.reading() as connection:
        while card.parent is not None:
            found = kept_where_any(connection, (card.parent,)).get(card.parent)
            if found is None or found.purged is not None:
                return
            card = found
            yield card


def _judged(card: Scorecard) -> tuple[Any, ...]:
    return card.total, tuple((c.id, c.verdict, c.lost) for c in card.criteria())


def cards_of(reads: Reads, recording_id: str) -> tuple[tuple[str, Scorecard], ...]:
    """Every outcome that was a card of a recording, with its period, in the order of keeping."""
    outcomes, samples = tables.outcomes, tables.samples
    with reads.reading() as connection:
        rows = connection.execute(
            sa.select(outcomes.c.scorecard_sha256, samples.c.period)
            .join(samples, samples.c.seq == outcomes.c.sample_seq)
            .where(
                outcomes.c.recording_id == recording_id, outcomes.c.scorecard_sha256.is_not(None)
            )
            .order_by(outcomes.c.seq)
        ).all()
        cards = kept_cards(connection, (r.scorecard_sha256 for r in rows))
        return tuple((r.period, cards[r.scorecard_sha256]) for r in rows)


def _kept(row: Any, bodies: Mapping[str, contents.Left]) -> KeptDecision:
    return KeptDecision(
        seq=row.seq,
        period=row.period,
        recording_id=row.recording_id,
        decision=Decision.model_validate(bodies[row.decision_sha256].body),
        source=row.source,
        objection=row.objection_seq,
        card_before=row.card_before,
        card_after=row.card_after,
        on_behalf_of=row.on_behalf_of,
    )


def _decide(
    tx: Transaction,
    period: str,
    sample_seq: int,
    group: Sequence[NewDecision],
    make: MakeCard,
) -> Decided:
    recording_id = group[0].recording_id
    before = last_outcome(tx, sample_seq, recording_id)
    if not isinstance(before, Scorecard):
        raise UsageError(f"{recording_id} has no scorecard in {period}: nothing to decide on")
    former = decisions_of(tx, period, recording_id).get(recording_id, ())
    standing = in_force(k.decision for k in former)
    fresh: list[NewDecision] = []
    known: list[Decision] = []
    for item in group:
        if _is_known(tx.connection, item, standing):
            known.append(item.decision)
        else:
            fresh.append(item)
            standing = {**standing, item.decision.criterion: item.decision}
    after = before
    if fresh:
        after = make(before, [*(k.decision for k in former), *(n.decision for n in fresh)])
        keep_outcome(tx, sample_seq, after)
        for item in fresh:
            _insert(tx, period, item, before.sha256(), after.sha256())
            tx.note(
                f"decision.{item.source}",
                _audit(period, item, after),
                why=item.decision.reason or str(item.decision.cause or ""),
            )
    return Decided(
        recording_id=recording_id,
        before=before,
        after=after,
        kept=tuple(n.decision for n in fresh),
        known=tuple(known),
        meanwhile=_meanwhile(former, fresh, before),
    )


def _insert(
    tx: Transaction, period: str, item: NewDecision, card_before: str, card_after: str
) -> None:
    decision = item.decision
    tx.insert(
        tables.decisions,
        period=period,
        recording_id=item.recording_id,
        criterion=decision.criterion,
        verdict=str(decision.verdict),
        person=decision.person,
        on_behalf_of=tx.on_behalf_of,
        at=decision.at,
        source=item.source,
        objection_seq=item.objection,
        decision_sha256=contents.put_json(tx.connection, "decision", decision.as_json()),
        card_before=card_before,
        card_after=card_after,
        token=item.token,
    )


def _is_known(
    connection: sa.Connection, item: NewDecision, standing: Mapping[str | None, Decision]
) -> bool:
    """Whether this very decision is in force, or was taken in before under the same token."""
    if item.token is not None:
        table = tables.decisions
        found = connection.execute(sa.select(table.c.seq).where(table.c.token == item.token))
        if found.first() is not None:
            return True
    same = standing.get(item.decision.criterion)
    return same is not None and same.model_copy(update={"at": item.decision.at}) == item.decision


def _meanwhile(
    former: Sequence[KeptDecision], fresh: Sequence[NewDecision], before: Scorecard
) -> tuple[KeptDecision, ...]:
    """Decisions of others that the people deciding now had not seen, and those they replace."""
    touched = {n.decision.criterion for n in fresh}
    seen = {n.seen for n in fresh if n.seen is not None}
    current = before.sha256()
    people = {n.decision.person for n in fresh}
    unseen: set[int] = set()
    for card in seen - {current}:
        last = max((k.seq for k in former if k.card_after == card), default=0)
        unseen |= {k.seq for k in former if k.seq > last and k.decision.person not in people}
    unseen |= {k.seq for k in _last_on(former, touched) if k.decision.person not in people}
    return tuple(k for k in former if k.seq in unseen)


def _last_on(former: Sequence[KeptDecision], criteria: set[str | None]) -> tuple[KeptDecision, ...]:
    last = {k.decision.criterion: k for k in former if k.decision.criterion in criteria}
    return tuple(last.values())


def _audit(period: str, item: NewDecision, after: Scorecard) -> Mapping[str, Any]:
    what: dict[str, Any] = {
        "period": period,
        "recording": item.recording_id,
        "criterion": item.decision.criterion,
        "verdict": str(item.decision.verdict),
        "person": item.decision.person,
        "card": after.sha256(),
    }
    return what if item.objection is None else what | {"objection": item.objection}
