"""Strata, bands and slots of the draw as the reader of a report says them.

The draw names them by signs and codes: "30-120s / meal + <30s / shift_start".
"""

from __future__ import annotations

import re

from qc_pipeline.report.words.translate import Translator

_BAND = re.compile(r"<(?P<below>.*)s|>=(?P<above>.*)s|(?P<low>[\d.]+)-(?P<high>[\d.]+)s")


def stratum_label(t: Translator, name: str) -> str:
    """A stratum, a band or a slot; names of the user's own stay."""
    return " + ".join(
        t("stratum_joint").join(
            "+".join(_word(t, word) for word in piece.split("+")) for piece in part.split(" / ")
        )
        for part in name.split(" + ")
    )


def _word(t: Translator, word: str) -> str:
    band = _BAND.fullmatch(word)
    if band is None or not any(c.isdigit() for c in word):
        return t.or_raw("stratum", word)
    if band["below"] is not None:
        return t("stratum_below", at=band["below"])
    if band["above"] is not None:
        return t("stratum_above", at=band["above"])
    return t("stratum_between", low=band["low"], high=band["high"])
