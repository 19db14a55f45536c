"""One fact, one deduction (一事不二扣): the same words cost only the larger deduction.

Two failed criteria of a section, or of one `same_fact` name across sections, are one fact where at
least half of the time of the smaller one's words is in the larger one's. Under a common name what
was looked for in vain counts as well: its author says that both stand for one fact.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Span
from qc_pipeline.scoring.evidence.timing import clip, length_s
from qc_pipeline.scoring.rubric.model import UNTIED

SAME_SHARE = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDeduction:
    """A deduction that counts so far; `points` is infinite for a fatal one."""

    id: str
    section: str
    same_fact: str | None
    points: float
    facts: tuple[Span, ...]
    spans: tuple[Span, ...]


def covered(deductions: Sequence[CountedDeduction]) -> Mapping[str, str]:
    """Criterion id → id of the criterion that already deducted for the same words."""
    out: dict[str, str] = {}
    kept: list[CountedDeduction] = []
    order = {d.id: i for i, d in enumerate(deductions)}
    for smaller in sorted(deductions, key=lambda d: (-d.points, order[d.id])):
        for larger in kept:
            if _one_fact(smaller, larger):
                out[smaller.id] = larger.id
                break
        else:
            kept.append(smaller)
    return out


def _one_fact(smaller: CountedDeduction, larger: CountedDeduction) -> bool:
    if UNTIED in (smaller.same_fact, larger.same_fact):
        return False
    if smaller.same_fact is not None and smaller.same_fact == larger.same_fact:
        return _within(smaller.spans, larger.spans)
    return smaller.section == larger.section and _within(smaller.facts, larger.facts)


def _within(mine: Sequence[Span], theirs: Sequence[Span]) -> bool:
    """Whether at least half of the time of `mine` is in `theirs`; moments count as moments."""
    total = length_s(mine)
    if total <= 0:
        return bool(mine) and all(any(a <= start <= b for a, b in theirs) for start, _ in mine)
    shared = sum(length_s(clip(theirs, start, end)) for start, end in mine)
    return shared >= SAME_SHARE * total - 1e-9
