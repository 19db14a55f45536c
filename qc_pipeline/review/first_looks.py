"""First looks: what people decided, as the first, of what the machine had found."""

from __future__ import annotations

from collections.abc import Iterable

from qc_pipeline.calibration.bounds import FirstLook, first_look
from qc_pipeline.store.decisions import LOOKS, cards_by_hash, decisions_of
from qc_pipeline.store.transaction import Reads


def first_looks_of(record: Reads, periods: Iterable[str]) -> tuple[FirstLook, ...]:
    """The first decision in review on each finding of these periods; what appeals, publishing and
    rules decided is none.
    """
    firsts = []
    for period in periods:
        for kept in decisions_of(record, period).values():
            seen: set[str | None] = set()
            for one in kept:
                criterion = one.decision.criterion
                if criterion not in seen and one.source in LOOKS and criterion is not None:
                    firsts.append(one)
                seen.add(criterion)
    cards = cards_by_hash(record, sorted({one.card_before for one in firsts}))
    found: list[FirstLook] = []
    for one in firsts:
        card = cards[one.card_before]
        line = next((c for c in card.criteria() if c.id == one.decision.criterion), None)
        look = None if line is None else first_look(line, one.decision)
        if look is not None:
            found.append(look)
    return tuple(found)
