"""Questions that are asked at the terminal while somebody listens, each until it is answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qc_pipeline.call import Recording
from qc_pipeline.call_fields import is_transferred
from qc_pipeline.cli.review_ask import ask_line, place_of
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.decisions import Cause, Root

ITEM_CAUSES = tuple(Cause)[:5]
WHOLE_CAUSES = tuple(Cause)[5:]


class LeftError(Exception):
    """The person leaves; what was decided is kept."""


def ask_points(t: Translator, most: float, *, most_first: bool) -> float:
    """Points from 0 to `most`; all of them for an empty answer where `most_first`."""
    while True:
        text = ask_line(t("listen.points", most=f"{most:g}"))
        if not text and most_first:
            return most
        try:
            value = float(text)
        except ValueError:
            continue
        if 0 <= value <= most:
            return value


def ask_place(t: Translator) -> tuple[float, float]:
    """Start and end in seconds."""
    while True:
        try:
            return place_of(ask_line(t("listen.place")))
        except UsageError as error:
            print_fitted(str(error))


def ask_place_if_any(t: Translator) -> tuple[float, float] | None:
    """The same; None for what was not done and so is heard nowhere."""
    while True:
        text = ask_line(t("listen.place_if_any"))
        if not text:
            return None
        try:
            return place_of(text)
        except UsageError as error:
            print_fitted(str(error))


def ask_whose(t: Translator, call: Recording) -> str | None:
    """In whose stretch of a call something happened: None where in the agent's own, as is every
    call's that was not transferred.
    """
    if not is_transferred(call):
        return None
    answer = ask_line(t("listen.whose"))
    return None if answer in ("", call.agent_id) else answer


def ask_root(t: Translator) -> str:
    return _choice(t, "listen.root", {str(r): t(f"root.{r}") for r in Root})


def ask_cause(t: Translator, causes: Sequence[Cause]) -> str:
    return _choice(t, "listen.cause", {str(c): t(f"review.causes.{c}") for c in causes})


def _choice(t: Translator, key: str, named: Mapping[str, str]) -> str:
    codes = list(named)
    told = "  ".join(f"{i} {named[code]}" for i, code in enumerate(codes, start=1))
    while True:
        answer = ask_line(t(key, choices=told))
        if answer.isdigit() and 1 <= int(answer) <= len(codes):
            return codes[int(answer) - 1]
