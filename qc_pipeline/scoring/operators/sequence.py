"""`sequence`: each condition has a hit that starts after the former's."""

from __future__ import annotations

from collections import abc
from math import inf
from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, State
from qc_pipeline.scoring.evidence.terms import TWO, SecondSpan, Words
from qc_pipeline.scoring.operators import combine
from qc_pipeline.scoring.operators.operator import Condition, Operator

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


class Sequence(Operator):
    name: ClassVar[str] = "sequence"
    whole: ClassVar[bool] = True

    conditions: Annotated[
        tuple[Condition, ...], TWO[0], Field(alias="sequence", json_schema_extra={"minItems": 2})
    ]
    within: SecondSpan | None = None

    def parts(self) -> tuple[Operator, ...]:
        return self.conditions

    def describe(self) -> Words:
        each = [part.describe() for part in self.conditions]
        zh, en = "→".join(w.zh for w in each), ", then ".join(w.en for w in each)
        if self.within is not None:
            zh, en = f"{self.within.seconds:g}秒内{zh}", f"{en} within {self.within.seconds:g} s"
        return Words(zh, en)

    def evaluate(self, ctx: Context) -> Outcome:
        parts = [ctx.in_full().outcome(part) for part in self.conditions]
        joined = combine.every(parts)
        if joined.state is not State.HOLDS:
            return joined
        steps = [p.arose for p in parts if p.state is State.HOLDS and p.arose]
        if len(steps) < 2:
            return joined
        chains = self._chains(steps)
        if chains:
            sure = self._chains([tuple(h for h in step if h.sure) for step in steps])
            hits = tuple([self._hit(chain) for chain in sure or chains])
            return Outcome(
                state=State.HOLDS,
                certainty=max([h.certainty for h in hits]),
                sure=bool(sure),
                hits=hits,
            )
        named = frozenset(party for part in self.conditions for party in part.speakers())
        by = next(iter(named)) if len(named) == 1 else "any"
        return ctx.absent(by, None, self.describe)

    def _chains(self, steps: abc.Sequence[tuple[Hit, ...]]) -> list[list[Hit]]:
        """Runs of hits in the order of the conditions, none of them sharing a hit."""
        limit = inf if self.within is None else self.within.seconds
        chains: list[list[Hit]] = []
        for first in steps[0]:
            if chains and first.start_s <= chains[-1][-1].start_s:
                continue
            chain = [first]
            for step in steps[1:]:
                later = [h for h in step if h.start_s > chain[-1].start_s]
                if not later:
                    return chains
                chain.append(min(later, key=lambda h: h.start_s))
            if chain[-1].start_s - first.start_s <= limit:
                chains.append(chain)
        return chains

    @staticmethod
    def _hit(chain: list[Hit]) -> Hit:
        return Hit(
            start_s=chain[0].start_s,
            end_s=max(h.end_s for h in chain),
            certainty=min(h.certainty for h in chain),
            sure=all(h.sure for h in chain),
            speaker=chain[-1].speaker,
            turn=chain[-1].turn,
            evidence=tuple(e for h in chain for e in h.evidence),
        )
