"""Evidence → words and times as a reader sees them, masked."""

from __future__ import annotations

from dataclasses import replace

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Deduction, Quote
from qc_pipeline.report.material import Call, Material
from qc_pipeline.scoring.scorecard import CriterionResult, Evidence, EvidenceKind, Verdict
from qc_pipeline.text.heard import masked_quote

QUOTE_CHARS = 120


def quote(material: Material, call: Call, evidence: Evidence, *, from_call_page: bool) -> Quote:
    """One piece of evidence. The link leads to its second on the call's page."""
    t = material.words
    anchor = f"#t={max(0.0, evidence.start_s):.2f}"
    words = shorten(heard_words(material, call, evidence))
    source = t(f"evidence.{evidence.kind}")
    if evidence.kind is EvidenceKind.SAID and evidence.phrase and evidence.phrase != evidence.quote:
        source = t("evidence.said_as", phrase=material.mask(evidence.phrase))
    if evidence.kind is EvidenceKind.ABSENT and not words:
        words = t("nothing_said")
    return Quote(
        words=words,
        speaker="" if evidence.speaker is None else t(f"speaker.{evidence.speaker}"),
        at=span(evidence),
        href=anchor if from_call_page else (call.page + anchor if call.shown else None),
        source=source,
    )


def heard_words(material: Material, call: Call, evidence: Evidence) -> str:
    """The quotation, masked as its turn is: of a number in pieces a piece alone shows nothing."""
    words = material.heard(call)
    shown = None
    if call.transcript is not None and words is not None:
        shown = masked_quote(call.transcript, words, evidence.turn, evidence.quote)
    return material.mask(evidence.quote, call) if shown is None else shown


def span(evidence: Evidence) -> str:
    start, end = formats.clock(evidence.start_s), formats.clock(evidence.end_s)
    return start if start == end else f"{start}–{end}"


def shorten(text: str) -> str:
    """Long quotations keep their beginning and end."""
    if len(text) <= QUOTE_CHARS:
        return text
    half = QUOTE_CHARS // 2
    return f"{text[:half]} … {text[-half:]}"


def deduction(
    material: Material, call: Call, result: CriterionResult, *, from_call_page: bool
) -> Deduction:
    """A criterion's result with its evidence and what the rubric says about it."""
    t = material.words
    facts = material.criteria.get(result.id)
    mark, tone, cost = standing(material, result)
    if result.verdict is Verdict.UNSCORABLE and facts is not None:
        # Left to a person: what it is and why it is looked at, without the rest of the rubric.
        facts = replace(facts, ref="", say="")
    return Deduction(
        criterion=result.id,
        title=result.title or material.title(result.id),
        mark=mark,
        tone=tone,
        cost=cost,
        reason=material.mask(result.reason, call),
        why="" if facts is None else facts.why,
        ref="" if facts is None else facts.ref,
        say="" if facts is None else facts.say,
        quotes=tuple(
            quote(material, call, e, from_call_page=from_call_page) for e in result.evidence
        ),
        decided_by=t("decided_by_person") if result.decided_by == "person" else "",
    )


def standing(material: Material, result: CriterionResult) -> tuple[str, str, str]:
    """(mark, tone, cost in words) of a result: 红线, 重大差错, 扣分, 待复核 …"""
    t = material.words
    lost = t("minus_points", n=formats.points(result.lost))
    stake = t("stake_points", n=formats.points(result.stake))
    match result.verdict:
        case Verdict.HELD:
            return t("mark.held"), "held", stake if result.stake else ""
        case Verdict.UNSCORABLE:
            mark = "mark.manual" if result.manual else "mark.unscorable"
            return t(mark), "none", ""
        case Verdict.NOT_APPLICABLE:
            return t("mark.not_applicable"), "none", ""
        case Verdict.PASS:
            return t("mark.pass"), "pass", ""
        case Verdict.FAIL:
            if result.trial:
                return t("mark.trial"), "none", t("costs_nothing")
            if result.covered_by is not None:
                other = material.title(result.covered_by)
                return t("mark.covered"), "none", t("covered_by", title=other)
            kind = {"fatal": "mark.fatal", "major": "mark.major"}.get(result.severity, "mark.fail")
            tone = "fatal" if result.severity == "fatal" else "fail"
            cost = t("fatal_cost") if result.severity == "fatal" else lost
            if result.proposed:
                cost = t("proposed_cost", cost=cost)
            return t(kind), tone, cost
