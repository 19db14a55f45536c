"""Help is taken only where it loses nothing."""

from __future__ import annotations

import pytest

from qc_pipeline.asr.helps import Change, changed, helped
from qc_pipeline.asr.whisper import DecodedWindow
from tests.asr.test_rehear import REGIONS, TEXTS, said, windowed

WINDOW = windowed(*REGIONS)
WITHOUT = said(WINDOW, TEXTS, log_probability=-0.3)
BETTER = {**TEXTS, REGIONS[1]: "定单号报给我"}


def test_what_is_as_likely_and_covers_as_much_stands_and_is_told() -> None:
    with_help = said(WINDOW, BETTER, log_probability=-0.3)
    assert helped(WINDOW, WITHOUT, with_help, "zh") == (
        with_help,
        (Change(before="订", after="定"),),
    )


@pytest.mark.parametrize(
    "with_help",
    [
        said(WINDOW, BETTER, log_probability=-0.31),
        said(WINDOW, {r: BETTER[r] for r in REGIONS[:3]}, log_probability=-0.1),
        # 27 of 25 characters are fine; 21 of 25 have left something out, though time is covered.
        said(WINDOW, {**BETTER, REGIONS[2]: "没有发货"}, log_probability=-0.1),
        said(WINDOW, {r: "工单工单工单工单工单" for r in REGIONS}, log_probability=-0.01),
        # Another sound, and a digit after every sentence.
        said(WINDOW, {**TEXTS, REGIONS[1]: "工单号报给我"}, log_probability=-0.1),
        said(WINDOW, {r: f"{t}4" for r, t in TEXTS.items()}, log_probability=-0.01),
        said(WINDOW, {}, log_probability=0.0),
    ],
    ids=["unlikely", "speech lost", "words lost", "a loop", "another", "more", "nothing"],
)
def test_help_that_hurts_is_not_taken(with_help: DecodedWindow) -> None:
    assert helped(WINDOW, WITHOUT, with_help, "zh") == (WITHOUT, ())


def test_the_same_words_in_another_script_are_no_change() -> None:
    other = said(WINDOW, {**TEXTS, REGIONS[0]: "您好請問什麼事"}, log_probability=-0.1)
    assert helped(WINDOW, WITHOUT, other, "zh") == (WITHOUT, ())


def test_changes_are_told_without_marks() -> None:
    assert changed("新圆宽待，您好。", "星源宽带，您好") == (
        Change(before="新圆", after="星源"),
        Change(before="待", after="带"),
    )
    assert str(Change(before="待", after="带")) == "待→带"
