"""How a card's total follows from its points, so that anybody can work it out again.

points × (counted − lost) ÷ counted, and the bonus; a section costs no more than it has, a failed
red line makes the whole 0 (RUBRIC.md, "Verdicts and the total"). Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.points import SectionSum, exact_sum
from qc_pipeline.scoring.points import total as total_of
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard, SectionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class CappedSection:
    """A section whose criteria `deducted` more, in points, than the `lost` that it has; of a
    section with a red line (`zeroed`) all is lost, whatever they deducted.
    """

    title: str
    deducted: float
    lost: float
    zeroed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowedTotal:
    """The steps of a total, in points. `counted` is what the sections count together, `lost` what
    they lost of it, `bonus` what is added to the rubric's `points` × share, at most to `points`.

    `red_lines` are the titles of those that make the whole 0, `left_out` the criteria that are
    worth something and count nothing in this call (empty where all points are counted).
    """

    points: float
    counted: float
    lost: float
    bonus: float
    capped: tuple[CappedSection, ...]
    red_lines: tuple[str, ...]
    left_out: tuple[CriterionResult, ...]

    @property
    def total(self) -> float | None:
        """What these steps come to; None where nothing counted."""
        if self.red_lines:
            return 0.0
        kept = exact_sum((self.counted, -self.lost))
        return total_of(self.points, (SectionSum(worth=self.counted, kept=kept),), self.bonus)

    @property
    def is_untouched(self) -> bool:
        """Whether there is nothing to follow: all points count and none is lost or added."""
        is_plain = not self.red_lines and not self.capped and not self.bonus
        return is_plain and self.counted == self.points and self.lost == 0

    @property
    def is_capped(self) -> bool:
        """Whether the bonus would lead beyond the full score."""
        return self.counted > 0 and self.bonus > self.points * self.lost / self.counted + 1e-9


def follow(card: Scorecard) -> FollowedTotal | None:
    """The steps of a card's total; None where it has none."""
    if card.total is None:
        return None
    results = card.criteria()
    whole = [c for c in results if c.id in card.fatal and not _zeroes_section(card, c)]
    counted = exact_sum(s.points for s in card.sections)
    is_left = counted < card.points
    return FollowedTotal(
        points=card.points,
        counted=counted,
        lost=exact_sum(s.lost for s in card.sections),
        bonus=exact_sum(c.bonus or 0.0 for c in results),
        capped=tuple(one for s in card.sections if (one := _capped(card, s)) is not None),
        red_lines=tuple(c.title for c in whole),
        left_out=tuple(c for c in results if is_left and _is_left_out(card, c)),
    )


def _zeroes_section(card: Scorecard, result: CriterionResult) -> bool:
    """Cards of former engines do not say what a red line zeroes: with a total above 0, not all."""
    if card.basis is None:
        return bool(card.total)
    return result.zeroes == "section"


def _capped(card: Scorecard, section: SectionResult) -> CappedSection | None:
    deducted = exact_sum(c.lost for c in section.criteria)
    zeroed = any(c.id in card.fatal and _zeroes_section(card, c) for c in section.criteria)
    if not zeroed and deducted <= section.lost:
        return None
    return CappedSection(title=section.title, deducted=deducted, lost=section.lost, zeroed=zeroed)


def _is_left_out(card: Scorecard, result: CriterionResult) -> bool:
    if result.trial or result.points <= 0:
        return False
    if result.verdict is Verdict.NOT_APPLICABLE:
        return card.basis is not None and not card.basis.awarded
    return result.verdict is Verdict.UNSCORABLE
