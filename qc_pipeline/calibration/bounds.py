"""Bounds learned from people: by tier and certainty, how many of the machine's findings stood.

What a person decided at first look of what the machine had deducted or held says how sure a finding
must be. Proposed is the lowest certainty from which on nine of ten stood, of thirty at least.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.sampling.estimation import wilson
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.earned import FOUND, stands
from qc_pipeline.scoring.evidence.finding import EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult

BANDS = (0.0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
"""Edges of the certainty bands; the last holds 1."""

GRID = tuple(round(0.4 + 0.05 * i, 2) for i in range(12))
LEAST_FINDINGS = 30
LEAST_STOOD = 0.9
QUANTILE = 1.959964

SAID, NOT_SAID, MEASURED = "said", "not_said", "measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLook:
    """What a person made of a finding: `of` said, not_said or measured, `tier` of its least exact
    words (None where it rests on none), `certainty` in [0, 1]; whether it was held, and stood.
    """

    of: str
    tier: int | None
    certainty: float
    held: bool
    stood: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow:
    """Findings of a kind in a certainty band [`least`, `below`): those deducted and held, how many
    of each stood, and the 95 % interval of the share that stood.
    """

    of: str
    tier: int | None
    least: float
    below: float
    deducted: int
    deducted_stood: int
    held: int
    held_stood: int
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`key` of `review_below` and the bound from which on findings stand; None: too few decisions,
    or none that stand often enough. `findings` at or above it, `stood` of them; `decided` in all.
    """

    key: str
    bound: float | None
    findings: int
    stood: int
    decided: int


def first_look(result: CriterionResult, decision: Decision) -> FirstLook | None:
    """A decision on a line of the card that the person had looked at; None where the machine had
    found nothing, or it could not be heard whether that is right.
    """
    if result.verdict not in FOUND or result.decided_by != "rule":
        return None
    stood = stands(decision)
    if stood is None:
        return None
    kinds = {e.kind for e in result.evidence}
    of = MEASURED
    if EvidenceKind.ABSENT in kinds:
        of = NOT_SAID
    elif EvidenceKind.SAID in kinds:
        of = SAID
    tiers = [e.tier for e in result.evidence if e.tier is not None]
    return FirstLook(
        of=of,
        tier=max(tiers) if tiers and of == SAID else None,
        certainty=result.certainty,
        held=result.verdict is Verdict.HELD,
        stood=stood,
    )


def bound_rows(looks: Iterable[FirstLook]) -> tuple[BoundRow, ...]:
    """The table: kinds in order, bands from the surest down; empty ones left out."""
    groups: dict[tuple[str, int | None, int], list[FirstLook]] = {}
    for look in looks:
        band = max(i for i, edge in enumerate(BANDS[:-1]) if look.certainty >= edge)
        groups.setdefault((look.of, look.tier, band), []).append(look)
    order = (SAID, NOT_SAID, MEASURED)
    rows: list[BoundRow] = []
    for of, tier, band in sorted(groups, key=lambda g: (order.index(g[0]), g[1] or 0, -g[2])):
        found = groups[of, tier, band]
        stood = sum(look.stood for look in found)
        low, high = wilson(stood / len(found), len(found), QUANTILE)
        held = [look for look in found if look.held]
        rows.append(
            BoundRow(
                of=of,
                tier=tier,
                least=BANDS[band],
                below=min(1.0, BANDS[band + 1]),
                deducted=len(found) - len(held),
                deducted_stood=stood - sum(look.stood for look in held),
                held=len(held),
                held_stood=sum(look.stood for look in held),
                low=low,
                high=high,
            )
        )
    return tuple(rows)


def proposals(looks: Sequence[FirstLook]) -> Mapping[str, Proposal]:
    """Proposed bounds of `review_below` by key."""
    return {key: _proposal(key, [x for x in looks if x.of == key]) for key in (SAID, NOT_SAID)}


def _proposal(key: str, looks: Sequence[FirstLook]) -> Proposal:
    for bound in GRID:
        above = [look for look in looks if look.certainty >= bound]
        stood = sum(look.stood for look in above)
        if len(above) >= LEAST_FINDINGS and stood >= LEAST_STOOD * len(above):
            return Proposal(
                key=key, bound=bound, findings=len(above), stood=stood, decided=len(looks)
            )
    return Proposal(key=key, bound=None, findings=0, stood=0, decided=len(looks))
