"""Messages: one wording each, which reads back as what it was made from."""

from __future__ import annotations

import re
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.message import (
    VERBATIM,
    WORDINGS,
    Message,
    Value,
    kinds_of,
    message_from_json,
    read_message,
    some,
)

CODES = sorted(WORDINGS.keys() - {VERBATIM})
PLAIN: dict[str, Value] = {
    "d": 3,
    "day": "2026-11-16",
    "party": "agent",
    "name": "start_time",
    "clock": "1:02:03",
    "": "x",
    "some": "A1",
}
AWKWARD = ("", " ", "a: b (c); d", "，。:", "\n", "\u2028", "12 s of 3 s are there", "等3个", "{x}")


def value_of(kind: str) -> Value:
    if kind == "message":
        return Message.of("audio.empty")
    return PLAIN.get(kind, 0.25)


def example(code: str, **changed: Value) -> Message:
    return Message.of(code, **({k: value_of(v) for k, v in kinds_of(code).items()} | changed))


def open_value(code: str) -> str | None:
    """The name of the value that may be any text."""
    return next((k for k, v in kinds_of(code).items() if v in ("", "some", "message")), None)


@pytest.mark.parametrize("code", CODES)
def test_a_wording_reads_back_as_the_same_code_and_values(code: str) -> None:
    assert re.fullmatch(r"[a-z]+\.[a-z-]+", code)
    plain = example(code)
    assert read_message(plain.text) == plain
    name = open_value(code)
    if name is None:
        return
    others = [example(c).text for c in CODES]
    for text in (*AWKWARD, *others, *(WORDINGS[c] for c in CODES)):
        made = example(code, **{name: text})
        assert read_message(made.text) == made, (code, text)


def ends(code: str) -> tuple[str, str]:
    """What stands before and after the open value; the whole wording twice where there is none."""
    name = open_value(code)
    if name is None:
        return example(code).text, example(code).text
    before, _, after = example(code, **{name: "\0"}).text.partition("\0")
    return before, after


@pytest.mark.parametrize("code", CODES)
def test_no_wording_can_say_what_another_says(code: str) -> None:
    """Else a value could be chosen so that one is taken for the other."""
    before, after = ends(code)
    for other in CODES:
        if other == code:
            continue
        first, last = ends(other)
        begins = before.startswith(first) or first.startswith(before)
        closes = after.endswith(last) or last.endswith(after)
        assert not (begins and closes), (code, other)


@pytest.mark.parametrize("code", CODES)
def test_a_wording_leaves_one_value_open_at_most(code: str) -> None:
    assert sum(kind in ("", "some", "message") for kind in kinds_of(code).values()) <= 1
    assert len(kinds_of(code)) == WORDINGS[code].count("{")


@given(st.sampled_from(CODES), st.integers(-(10**17), 10**17), st.floats(-1e9, 1e9), st.text())
def test_any_values_survive_the_way_through_the_record(
    code: str, number: int, figure: float, text: str
) -> None:
    given_values: dict[str, Value] = {}
    for name, kind in kinds_of(code).items():
        if kind == "d":
            given_values[name] = number
        elif kind.endswith("f"):
            given_values[name] = figure
        else:
            given_values[name] = text if kind in ("", "some", "message") else value_of(kind)
    made = Message.of(code, **given_values)
    assert read_message(made.text) == made
    assert message_from_json(made.as_json()) == made


@given(st.text())
def test_a_text_of_no_wording_comes_back_as_it_was(text: str) -> None:
    assert read_message(text).text == text


@pytest.mark.parametrize(
    "text",
    [
        "the recording is not there.",
        "the recording is cut short: 3 s of 9 s are there",
        "the recording is cut short: 03.0 s of 9.0 s are there ",
        "٣ turns corrected by hand",
        "007 turns corrected by hand",
        "the recogniser said: x",
    ],
)
def test_what_only_looks_like_a_wording_is_kept_as_it_stands(text: str) -> None:
    assert read_message(text) == Message.of(VERBATIM, text=text)


def test_figures_are_rounded_as_they_are_written() -> None:
    made = Message.of("audio.cut-short", read_s=3.04, whole_s=9.96)
    assert made.values == (("read_s", 3.0), ("whole_s", 10.0))
    assert made.text == "the recording is cut short: 3.0 s of 10.0 s are there"
    assert made["whole_s"] == 10.0


def test_a_message_within_another_stands_there_by_its_wording() -> None:
    why = Message.of("sound.silent", speaker="agent")
    made = Message.of("sound.not-taken", why=why)
    assert made["why"] == "where the agent speaks in the transcript, the recording is silent"
    assert read_message(str(made["why"])) == why
    shown = Message.of("job_failed", why=why)
    assert shown["why"] is why and message_from_json(shown.as_json()) == shown


def test_values_that_a_wording_does_not_have_are_a_bug() -> None:
    with pytest.raises(ValueError, match=r"audio.cut-short takes \['read_s', 'whole_s'\], not"):
        Message.of("audio.cut-short", read_s=3.0)
    with pytest.raises(KeyError):
        Message.of("only.shown", n=3).text  # noqa: B018
    with pytest.raises(FrozenInstanceError):
        Message.of("audio.empty").code = "x"  # type: ignore[misc]


def test_lists_of_names_are_cut_short() -> None:
    assert some(["A1", "A2"]) == "A1、A2"
    assert some([f"A{i}" for i in range(12)]).endswith("A8、A9 等12个")
