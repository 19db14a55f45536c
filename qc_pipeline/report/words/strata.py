"""Strata, bands and slots of the draw as people read them, in tables, charts and sentences alike.

The draw names them by signs and codes – "30-120s / meal + <30s / shift_start" – and so do files:
what `[sampling.fixed]` names, `--json`, sample.csv.
"""

from __future__ import annotations

import re
from typing import Protocol

_BAND = re.compile(r"(<|>=)?([\d.]+)(?:-([\d.]+))?s")
_MORE = re.compile(r" 等\d+个$")


class LabelWords(Protocol):
    """What of a `Translator` the labels are made with; the translator itself tells them too."""

    def __call__(self, key: str, **values: object) -> str: ...
    def or_raw(self, prefix: str, value: str) -> str: ...
    def listed(self, items: list[str]) -> str: ...


def stratum_label(t: LabelWords, name: str) -> str:
    """A stratum, a band or a slot; names of the user's own stay."""
    return " + ".join(
        t("stratum_joint").join(
            "+".join(_word(t, word) for word in piece.split("+")) for piece in part.split(" / ")
        )
        for part in name.split(" + ")
    )


def strata_labels(t: LabelWords, names: str) -> str:
    """Strata in a list as `message.some` makes it; what it says of how many there are stays."""
    more = _MORE.search(names)
    listed = names[: more.start()] if more else names
    tail = more[0] if more else ""
    return "、".join(stratum_label(t, name) for name in listed.split("、")) + tail


def band_label(t: LabelWords, name: str) -> str:
    """<30s → 30 秒以下, 30-120s → 30–120 秒; what is no such name stays."""
    found = _BAND.fullmatch(name)
    if found is None:
        return t.or_raw("band", name)
    sign, low, high = found.groups()
    if high is not None:
        return t("band_between", low=low, high=high)
    return t("band_below" if sign == "<" else "band_above", at=low)


def slot_label(t: LabelWords, name: str) -> str:
    """Names of merged slots are put together with "+"; each part has its word."""
    return t.listed([t.or_raw("slot", part) for part in name.split("+")])


def _word(t: LabelWords, word: str) -> str:
    band = band_label(t, word)
    return band if band != word else t.or_raw("slot", word)
