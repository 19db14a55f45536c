"""What stands over parts that are the machine reference, and instead of it where it is withheld."""

from __future__ import annotations

from qc_pipeline.report.blocks import Sentence
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.words.light import withheld_why


def weighted_note(model: ReportModel) -> tuple[Sentence, ...]:
    """Over parts that count items: that their shares are weighted; nothing where they are not."""
    if not model.weighted:
        return ()
    return (Sentence(text=model.words("shares_weighted"), tone="small"),)


def machine_note(model: ReportModel) -> Sentence:
    """That a part is the machine reference and no listened score; or why it is not given."""
    t = model.words
    if model.health.shown:
        key = "machine_here_weighted" if model.weighted else "machine_here"
        return Sentence(text=t(key), tone="small")
    return Sentence(text=t("machine_withheld_here", why=withheld_why(model.health, t)), tone="warn")
