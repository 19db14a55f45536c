"""What earlier periods tell a draw: scores for Neyman's allocation, agents' last means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierScore:
    """A total (points) of an earlier period, with the stratum its call was drawn from."""

    stratum: str
    total: float


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """Empty for a first period. `agent_means` are the agents' mean totals of the period before."""

    scores: tuple[EarlierScore, ...] = ()
    agent_means: Mapping[str, float] = field(default_factory=dict)
