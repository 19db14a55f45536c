"""What earlier periods tell a draw: scores for Neyman's allocation, agents' last means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierScore:
    """A total (points) of an earlier period, with the stratum its call was drawn from.

    `cells` are those that stratum was put together from, if there were several.
    """

    stratum: str
    total: float
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Empty for a first period. `agent_means` are the agents' mean totals of the period before."""

    scores: tuple[EarlierScore, ...] = ()
    agent_means: Mapping[str, float] = field(default_factory=dict)

    def as_json(self, *, scores: bool, agent_means: bool) -> dict[str, Any]:
        """The parts that a draw rests on, kept with it so that it can be repeated later."""
        body: dict[str, Any] = {}
        if scores:
            body["scores"] = [[s.stratum, s.total, list(s.cells)] for s in self.scores]
        if agent_means:
            body["agent_means"] = {a: self.agent_means[a] for a in sorted(self.agent_means)}
        return body

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> History:
        """The inverse of `as_json`."""
        return cls(
            scores=tuple(
                EarlierScore(stratum=s, total=t, cells=tuple(c))
                for s, t, c in body.get("scores", ())
            ),
            agent_means=dict(body.get("agent_means", {})),
        )
