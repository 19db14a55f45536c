"""The reasons on cards, which are in the rubric's language, in a report of either.

A reason is prose, and hashed with its card; a report in another language tells one from the
evidence. What the draw says of itself is told by its code.
"""

from __future__ import annotations

import re

from qc_pipeline.message import Message
from qc_pipeline.report import formats
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.quotes import heard_words, span
from qc_pipeline.report.words.measured import typeset
from qc_pipeline.scoring.evidence.finding import EvidenceKind, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult

SHOWN_EVIDENCE = 2
"""How many pieces of evidence a reason names; the engine's own name as many."""

_VERDICT = re.compile(r"^(不适用|无法判断|not applicable|cannot be judged)[:：]\s*")
_FOR_A_PERSON = re.compile("[,，]待人工确认|: a person decides")
_PATTERN_ZH = re.compile(r"符合/.+?/的话")
_PATTERN_EN = re.compile(r"what /.+?/ finds")


def note(model: ReportModel, message: Message) -> str:
    """A note of the draw."""
    text = model.words.told(message)
    return text if model.words.language == "en" else typeset(text)


def reason(model: ReportModel, call: Call, result: CriterionResult) -> str:
    """Why a criterion has its verdict: the engine's sentence where it is in the report's language,
    else one put together from the evidence; what a person wrote stays as they wrote it.

    The verdict stands beside it, so it is not said again; nor is a search pattern of the rubric.
    """
    if result.manual and result.verdict is Verdict.UNSCORABLE:
        return ""
    language = model.words.language
    if not model.speaks_own_language(call) and result.decided_by != "person":
        return _from_evidence(model, call, result)
    text = _VERDICT.sub("", model.mask(result.reason, call))
    if result.verdict is Verdict.HELD and call.settled:
        text = _FOR_A_PERSON.sub("", text)
    if language == "zh":
        return typeset(_PATTERN_ZH.sub("符合规定句式的话", text))
    return _PATTERN_EN.sub("what the rubric looks for", text)


def _from_evidence(model: ReportModel, call: Call, result: CriterionResult) -> str:
    t = model.words
    match result.verdict:
        case Verdict.NOT_APPLICABLE:
            return t("reason_not_applicable")
        case Verdict.UNSCORABLE:
            return t("reason_unscorable")
    told: list[str] = []
    for evidence in result.evidence[:SHOWN_EVIDENCE]:
        words = heard_words(model, call, evidence)
        who = t("speaker.any") if evidence.speaker is None else t(f"speaker.{evidence.speaker}")
        key = f"reason_{evidence.kind}"
        if evidence.kind is EvidenceKind.SAID:
            at = formats.clock(evidence.start_s)
        else:
            at = span(evidence)
        told.append(t(key, at=at, who=who, words=words))
    if result.hits > len(told):
        told.append(t("reason_hits", n=result.hits))
    text = t("sentence_joint").join(told)
    if result.verdict is Verdict.HELD:
        why = t("reason_unseen" if call.settled else "reason_held")
        return (text + " " if text else "") + why
    return text or t(f"reason_{result.verdict}")
