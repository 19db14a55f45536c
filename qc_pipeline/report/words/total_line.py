"""How a total follows from its points, as one line that a reader can work out again."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.followed_total import CappedSection, FollowedTotal, follow
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard


def total_line(card: Scorecard, t: Translator) -> str:
    """扣 4 分，计入 87 分：(87−4)÷87×100＝95.40。 – with what was capped, added and left out.

    "" for a card without a total, and for one that lost nothing of the full score.
    """
    steps = follow(card)
    if steps is None or steps.is_untouched:
        return ""
    parts = [_formula(steps, formats.score(card.total), t)]
    if not steps.red_lines:
        parts += [_capped(one, t) for one in steps.capped]
        if steps.left_out:
            left = formats.points(steps.points - steps.counted)
            listed = t.listed([_left_out(one, t) for one in steps.left_out])
            parts.append(t("total.left_out", n=left, items=listed))
    return t("total.joint").join(parts) + t("full_stop")


def basis_line(card: Scorecard, t: Translator) -> str:
    """How many points a card rests on, manual items apart; "" where the card does not say."""
    basis = card.basis
    if basis is None:
        return ""
    return t(
        "basis_line" if basis.manual_items else "basis_line_machine",
        stake=formats.points(basis.at_stake),
        judged=formats.points(basis.judged),
        manual=basis.manual_items,
        decided=basis.manual_decided,
    )


def _formula(steps: FollowedTotal, total: str, t: Translator) -> str:
    if steps.red_lines:
        return t("total.red_line")
    bonus = ""
    if steps.bonus:
        bonus = t("total.bonus", n=formats.points(steps.bonus))
        if steps.is_capped:
            total = t("total.capped", total=total)
    return t(
        "total.whole" if steps.counted == steps.points else "total.share",
        lost=formats.points(steps.lost),
        counted=formats.points(steps.counted),
        points=formats.points(steps.points),
        bonus=bonus,
        total=total,
    )


def _capped(section: CappedSection, t: Translator) -> str:
    return t(
        "total.section_zeroed" if section.zeroed else "total.section_capped",
        title=section.title,
        deducted=formats.points(section.deducted),
        lost=formats.points(section.lost),
    )


def _left_out(result: CriterionResult, t: Translator) -> str:
    if result.verdict is Verdict.NOT_APPLICABLE:
        why = t("total.na")
    else:
        why = t("total.manual" if result.manual else "total.unscorable")
    return t("total.item", title=result.title, n=formats.points(result.points), why=why)
