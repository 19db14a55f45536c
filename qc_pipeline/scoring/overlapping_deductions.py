"""One fact, one deduction (一事不二扣): the same words cost only the larger deduction.

Two failed criteria of a section, or of one `same_fact` name across sections, are one fact where at
least half of the time of the smaller one's words is in the larger one's. Under a common name what
was looked for in vain counts as well: its author says that both stand for one fact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Span, Speaker
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind
from qc_pipeline.scoring.evidence.timing import clip, length_s, union
from qc_pipeline.scoring.rubric.model import UNTIED

SAME_SHARE = 0.5
_ROUNDED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedDeduction:
    """A deduction that counts so far; `points` is infinite for a fatal one."""

    id: str
    section: str
    same_fact: str | None
    points: float
    facts: tuple[Span, ...]
    spans: tuple[Span, ...]


def covered(
    deductions: Sequence[CountedDeduction], may: Callable[[str, str], bool] | None = None
) -> Mapping[str, str]:
    """Criterion id → id of the criterion that already deducted for the same words.

    `may` (None: always) says of two criteria, the smaller deduction first, whether the one may be
    covered by the other at all.
    """
    out: dict[str, str] = {}
    kept: list[CountedDeduction] = []
    order = {d.id: i for i, d in enumerate(deductions)}
    for smaller in sorted(deductions, key=lambda d: (-d.points, order[d.id])):
        for larger in kept:
            if (may is None or may(smaller.id, larger.id)) and _one_fact(smaller, larger):
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


def facts_told(evidence: Sequence[Evidence]) -> tuple[Span, ...]:
    """The seconds that a deduction is for, as a card's evidence tells them: what was said or
    measured; beside something that was looked for in vain, what the agent said.
    """
    vain = any(e.kind is EvidenceKind.ABSENT for e in evidence)
    return _rounded(
        (e.start_s, e.end_s)
        for e in evidence
        if e.kind is not EvidenceKind.ABSENT and (e.speaker is Speaker.AGENT or not vain)
    )


def told_apart(facts: Sequence[Span], evidence: Sequence[Evidence]) -> tuple[Span, ...] | None:
    """The seconds that a deduction is for; None where its evidence tells them."""
    told = _rounded(facts)
    return None if told == facts_told(evidence) else told


def _rounded(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(union((round(a, _ROUNDED), round(b, _ROUNDED)) for a, b in spans))
