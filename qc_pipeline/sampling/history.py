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
    """Empty for a first period. `agent_means` are the agents' mean totals of the period before,
    `heard` their randomly drawn calls that were listened to, or still wait for it, earlier in the
    period's month. `machine_s_an_hour`: seconds that the recogniser was measured to need for an
    hour of sound, None where nobody measured it.
    """

    scores: tuple[EarlierScore, ...] = ()
    agent_means: Mapping[str, float] = field(default_factory=dict)
    heard: Mapping[str, float] = field(default_factory=dict)
    machine_s_an_hour: float | None = None

    def as_json(
        self, *, scores: bool, agent_means: bool, heard: bool = False, machine: bool = False
    ) -> dict[str, Any]:
        """The parts that a draw rests on, kept with it so that it can be repeated later."""
        body: dict[str, Any] = {}
        if scores:
            body["scores"] = [[s.stratum, s.total, list(s.cells)] for s in self.scores]
        if agent_means:
            body["agent_means"] = {a: self.agent_means[a] for a in sorted(self.agent_means)}
        if heard:
            body["heard"] = {a: self.heard[a] for a in sorted(self.heard)}
        if machine and self.machine_s_an_hour is not None:
            body["machine_s_an_hour"] = self.machine_s_an_hour
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
            heard=dict(body.get("heard", {})),
            machine_s_an_hour=body.get("machine_s_an_hour"),
        )
