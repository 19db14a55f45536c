"""What stands over parts that are the machine reference, and instead of it where it is withheld."""

from __future__ import annotations

from qc_pipeline.report import formats
from qc_pipeline.report.blocks import Sentence
from qc_pipeline.report.health import LEAST_LISTENED
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.two_figures import LEAST_DONE, Uncorrected, listening_progress
from qc_pipeline.report.words.light import withheld_why


def weighted_note(model: ReportModel) -> tuple[Sentence, ...]:
    """Over parts that count items: that their shares are weighted; nothing where they are not."""
    if not model.weighted:
        return ()
    return (Sentence(text=model.words("shares_weighted"), tone="small"),)


def machine_note(model: ReportModel, *, as_cards_stand: bool = True) -> Sentence:
    """That a part is the machine reference and no listened score; or why it is not given.

    `as_cards_stand`: its figures are of the cards in force, which listening does not correct.
    """
    t = model.words
    if model.health.shown:
        text = t("machine_here_weighted" if model.weighted else "machine_here")
        is_other = any(c.machine_total != c.total for c in model.counted)
        if as_cards_stand and is_other:
            text += t.gap + t("machine_here_as_cards")
        return Sentence(text=text, tone="small")
    return Sentence(text=t("machine_withheld_here", why=withheld_why(model.health, t)), tone="warn")


def uncorrected_why(model: ReportModel, why: Uncorrected | None) -> str:
    """Why the machine reference is not corrected; "" where it is."""
    t = model.words
    if why is None:
        return ""
    progress = listening_progress(model.calls)
    return t(
        f"uncorrected_{why}",
        n=len(model.listened_drawn),
        least=LEAST_LISTENED,
        done=progress.done,
        chosen=progress.chosen,
        share=formats.percent(LEAST_DONE, 0),
    )
