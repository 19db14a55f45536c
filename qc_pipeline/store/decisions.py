"""Decisions of people as they are kept: in order, each with the card before and after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from qc_pipeline.call import Failure
from qc_pipeline.errors import UsageError
from qc_pipeline.scoring.decisions import Decision, in_force
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store import contents, tables
from qc_pipeline.store.database import Door
from qc_pipeline.store.outcomes import keep_outcome, kept_card, last_outcome, standing_seqs
from qc_pipeline.store.publications import published_in
from qc_pipeline.store.rescorings import adopted_in

MakeCard = Callable[[Scorecard, Sequence[Decision]], Scorecard]
"""The card in force and all decisions on its call, in order → the card that follows from them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDecision:
    """`source`: review, publish, objection or rule; the cards are named by hash."""

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
    source: str = "review"
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


def keep_decisions(
    door: Door, *, period: str, sample_seq: int, new: Sequence[NewDecision], make: MakeCard
) -> tuple[Decided, ...]:
    """Keep decisions and the cards that follow, all of them or none.

    Raises UsageError where a call has no scorecard.
    """
    with door.writing() as connection:
        return add_decisions(
            connection, door, period=period, sample_seq=sample_seq, new=new, make=make
        )


def add_decisions(
    connection: sa.Connection,
    door: Door,
    *,
    period: str,
    sample_seq: int,
    new: Sequence[NewDecision],
    make: MakeCard,
) -> tuple[Decided, ...]:
    """`keep_decisions` inside a transaction that does more."""
    door.alone(connection)
    groups: dict[str, list[NewDecision]] = {}
    for item in new:
        groups.setdefault(item.recording_id, []).append(item)
    return tuple(
        _decide(connection, door, period, sample_seq, group, make) for group in groups.values()
    )


def decisions_of(
    door: Door, period: str, recording_id: str | None = None
) -> Mapping[str, tuple[KeptDecision, ...]]:
    """The decisions of a period by recording, in the order in which they were taken."""
    with door.reading() as connection:
        return read_decisions(connection, period, recording_id)


def read_decisions(
    connection: sa.Connection, period: str, recording_id: str | None = None
) -> Mapping[str, tuple[KeptDecision, ...]]:
    table = tables.decisions
    query = sa.select(table).where(table.c.period == period).order_by(table.c.seq)
    if recording_id is not None:
        query = query.where(table.c.recording_id == recording_id)
    found: dict[str, list[KeptDecision]] = {}
    for row in connection.execute(query).all():
        found.setdefault(row.recording_id, []).append(_kept(connection, row))
    return {k: tuple(v) for k, v in sorted(found.items())}


def keep_scored(
    door: Door,
    period: str,
    sample_seq: int,
    results: Iterable[Scorecard | Failure],
    *,
    standing: Mapping[str, int],
    decided: Mapping[str, tuple[KeptDecision, ...]],
    adopted: Mapping[str, str],
) -> int | None:
    """Keep how recordings ended, all at once; returns how many differ from what stood.

    Nothing is kept, and None comes back, where people corrected words, decided, chose another
    rubric or published since `standing` (the rows by which the recordings stand), `decided` and
    `adopted` (the rubrics chosen, by hash) were read: their word is never under ours.
    """
    with door.writing() as connection:
        door.alone(connection)
        now = (
            standing_seqs(connection, sample_seq),
            read_decisions(connection, period),
            adopted_in(connection, period),
        )
        if now != (standing, decided, adopted) or published_in(connection, period) is not None:
            return None
        return sum(keep_outcome(connection, sample_seq, result) for result in results)


def cards_by_hash(door: Door, hashes: Sequence[str]) -> Mapping[str, Scorecard]:
    """Scorecards by their hash, whether in force or not. Raises KeyError for one not kept."""
    with door.reading() as connection:
        return {h: kept_card(connection, h) for h in hashes}


def cards_by_rules(door: Door, cards: Mapping[str, Scorecard]) -> Mapping[str, Scorecard]:
    """The card that the rules alone had given each call, before anybody decided or corrected
    anything: found back along the parents. Left out where it judges as the card does, and where
    it was purged.
    """
    found: dict[str, Scorecard] = {}
    with door.reading() as connection:
        for recording_id, card in sorted(cards.items()):
            first = card
            with suppress(UsageError, KeyError):
                while first.parent is not None:
                    first = kept_card(connection, first.parent)
            if _judged(first) != _judged(card):
                found[recording_id] = first
    return found


def _judged(card: Scorecard) -> tuple[Any, ...]:
    return card.total, tuple((c.id, c.verdict, c.lost) for c in card.criteria())


def cards_of(door: Door, recording_id: str) -> tuple[tuple[str, Scorecard], ...]:
    """Every outcome that was a card of a recording, with its period, in the order of keeping."""
    outcomes, samples = tables.outcomes, tables.samples
    with door.reading() as connection:
        rows = connection.execute(
            sa.select(outcomes.c.scorecard_sha256, samples.c.period)
            .join(samples, samples.c.seq == outcomes.c.sample_seq)
            .where(
                outcomes.c.recording_id == recording_id, outcomes.c.scorecard_sha256.is_not(None)
            )
            .order_by(outcomes.c.seq)
        ).all()
        return tuple((r.period, kept_card(connection, r.scorecard_sha256)) for r in rows)


def _kept(connection: sa.Connection, row: Any) -> KeptDecision:
    return KeptDecision(
        seq=row.seq,
        period=row.period,
        recording_id=row.recording_id,
        decision=Decision.model_validate(
            contents.get_what_is_left(connection, row.decision_sha256)[0]
        ),
        source=row.source,
        objection=row.objection_seq,
        card_before=row.card_before,
        card_after=row.card_after,
        on_behalf_of=row.on_behalf_of,
    )


def _decide(
    connection: sa.Connection,
    door: Door,
    period: str,
    sample_seq: int,
    group: Sequence[NewDecision],
    make: MakeCard,
) -> Decided:
    recording_id = group[0].recording_id
    before = last_outcome(connection, sample_seq, recording_id)
    if not isinstance(before, Scorecard):
        raise UsageError(f"{recording_id} has no scorecard in {period}: nothing to decide on")
    former = read_decisions(connection, period, recording_id).get(recording_id, ())
    standing = in_force(k.decision for k in former)
    fresh: list[NewDecision] = []
    known: list[Decision] = []
    for item in group:
        if _is_known(connection, item, standing):
            known.append(item.decision)
        else:
            fresh.append(item)
            standing = {**standing, item.decision.criterion: item.decision}
    after = before
    if fresh:
        after = make(before, [*(k.decision for k in former), *(n.decision for n in fresh)])
        keep_outcome(connection, sample_seq, after)
        _insert(connection, door, period, fresh, before.sha256(), after.sha256())
        for item in fresh:
            door.note(
                connection,
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
    connection: sa.Connection,
    door: Door,
    period: str,
    fresh: Sequence[NewDecision],
    card_before: str,
    card_after: str,
) -> None:
    for item in fresh:
        decision = item.decision
        connection.execute(
            tables.decisions.insert().values(
                period=period,
                recording_id=item.recording_id,
                criterion=decision.criterion,
                verdict=str(decision.verdict),
                person=decision.person,
                on_behalf_of=door.on_behalf_of,
                at=decision.at,
                source=item.source,
                objection_seq=item.objection,
                decision_sha256=contents.put_json(connection, "decision", decision.as_json()),
                card_before=card_before,
                card_after=card_after,
                token=item.token,
            )
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
    """Decisions that the people deciding now had not seen, and those they replace."""
    touched = {n.decision.criterion for n in fresh}
    seen = {n.seen for n in fresh if n.seen is not None}
    current = before.sha256()
    unseen: set[int] = set()
    for card in seen - {current}:
        last = max((k.seq for k in former if k.card_after == card), default=0)
        unseen |= {k.seq for k in former if k.seq > last}
    people = {n.decision.person for n in fresh}
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
