"""A criterion's result as it is told: mark, cost, reason, and what should have been said."""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import DeductionBlock
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.quotes import quote
from qc_pipeline.report.words import reasons
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.scorecard import CriterionResult


def deduction(
    model: ReportModel, call: Call, result: CriterionResult, *, from_call_page: bool
) -> DeductionBlock:
    """A criterion's result with its evidence and what the rubric says about it."""
    t = model.words
    facts = model.criteria.get(result.id)
    mark, tone, cost = standing(model, call, result)
    if result.verdict is Verdict.UNSCORABLE and facts is not None:
        # Left to a person: what it is and why it is looked at, without the rest of the rubric.
        facts = replace(facts, ref="", say="")
    return DeductionBlock(
        criterion=result.id,
        title=result.title or model.title(result.id),
        mark=mark,
        tone=tone,
        cost=cost,
        reason=reasons.reason(model, call, result),
        why="" if facts is None else facts.why,
        ref="" if facts is None else facts.ref,
        say="" if facts is None else facts.say,
        quotes=tuple(quote(model, call, e, from_call_page=from_call_page) for e in result.evidence),
        decided_by=t("decided_by_person") if result.decided_by == "person" else "",
    )


def standing(model: ReportModel, call: Call, result: CriterionResult) -> tuple[str, str, str]:
    """(mark, tone, cost in words) of a result: 红线, 重大差错, 扣分, 待复核 …"""
    t = model.words
    lost = t("minus_points", n=formats.points(result.lost))
    stake = t("stake_points", n=formats.points(result.stake))
    match result.verdict:
        case Verdict.HELD if result.trial:
            return t("mark.trial"), "none", t("costs_nothing")
        case Verdict.HELD if not call.waits(result):
            return t("mark.unseen"), "none", t("costs_nothing")
        case Verdict.HELD:
            return t("mark.held"), "held", stake if result.stake else ""
        case Verdict.UNSCORABLE:
            mark = "mark.manual" if result.manual else "mark.unscorable"
            if call.lacks_talk:
                mark = "too_short_calls"
            elif result.manual and call.settled:
                mark = "mark.unjudged"
            return t(mark), "none", ""
        case Verdict.NOT_APPLICABLE:
            return t("mark.not_applicable"), "none", ""
        case Verdict.PASS:
            return t("mark.pass"), "pass", ""
        case Verdict.FAIL:
            if result.trial:
                return t("mark.trial"), "none", t("costs_nothing")
            if result.covered_by is not None:
                other = model.title(result.covered_by)
                if call.card is not None and call.card.fell_with_cover(result):
                    return t("mark.fell_with"), "none", t("fell_with", title=other)
                return t("mark.covered"), "none", t("covered_by", title=other)
            kind = {"fatal": "mark.fatal", "major": "mark.major"}.get(result.severity, "mark.fail")
            tone = "fatal" if result.severity == "fatal" else "fail"
            cost = t("fatal_cost") if result.severity == "fatal" else lost
            if result.proposed:
                cost = t("proposed_cost", cost=cost)
            return t(kind), tone, cost
