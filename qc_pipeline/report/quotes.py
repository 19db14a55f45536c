"""Evidence → words and times as a reader sees them, masked."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Quote
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.report.words.measured import measured, typeset
from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind
from qc_pipeline.text.masked_words import masked_quote

QUOTE_CHARS = 120


def quote(model: ReportModel, call: Call, evidence: Evidence, *, from_call_page: bool) -> Quote:
    """One piece of evidence. The link leads to its second on the call's page."""
    t = model.words
    anchor = f"#t={max(0.0, evidence.start_s):.2f}"
    words = shorten(heard_words(model, call, evidence))
    source = t(f"evidence.{evidence.kind}")
    if evidence.kind is EvidenceKind.SAID and evidence.phrase and evidence.phrase != evidence.quote:
        source = t("evidence.said_as", phrase=model.mask(evidence.phrase))
    if evidence.kind is EvidenceKind.ABSENT and not words:
        words = t("nothing_said")
    return Quote(
        words=words,
        speaker="" if evidence.speaker is None else t(f"speaker.{evidence.speaker}"),
        at=span(evidence),
        href=anchor if from_call_page else (call.page + anchor if call.shown else None),
        source=source,
    )


def heard_words(model: ReportModel, call: Call, evidence: Evidence) -> str:
    """The quotation, masked as its turn is: of a number in pieces a piece alone shows nothing.

    A measured figure is told in the report's language.
    """
    if evidence.kind is EvidenceKind.MEASURE:
        text = model.mask(evidence.quote, call)
        if not model.speaks_own_language(call):
            text = measured(text, model.words.language)
        return typeset(text) if model.words.language == "zh" else text
    words = model.heard(call)
    shown = None
    if call.transcript is not None and words is not None:
        shown = masked_quote(call.transcript, words, evidence.turn, evidence.quote)
    return model.mask(evidence.quote, call) if shown is None else shown


def span(evidence: Evidence) -> str:
    start, end = formats.clock(evidence.start_s), formats.clock(evidence.end_s)
    return start if start == end else f"{start}–{end}"


def shorten(text: str) -> str:
    """Long quotations keep their beginning and end."""
    if len(text) <= QUOTE_CHARS:
        return text
    half = QUOTE_CHARS // 2
    return f"{text[:half]} … {text[-half:]}"
