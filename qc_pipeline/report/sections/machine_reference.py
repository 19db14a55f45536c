"""What stands over parts that are the machine reference, and instead of it where it is withheld."""

from __future__ import annotations

from qc_pipeline.report.blocks import Sentence
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.light import withheld_why


def machine_note(model: ReportModel) -> Sentence:
    """That a part is the machine reference and no listened score; or why it is not given."""
    t = model.words
    if model.health.shown:
        return Sentence(text=t("machine_here"), tone="small")
    return Sentence(text=t("machine_withheld_here", why=withheld_why(model.health, t)), tone="warn")
