"""What a recording lacks, by its own bytes and by the call list."""

from __future__ import annotations

import pytest

from qc_pipeline.audio.missing_sound import (
    AgainstList,
    Missing,
    against_list,
    bounded_s,
    is_less,
    lengths_differ,
    too_little,
)
from qc_pipeline.message import Message

CUT = Message.of("audio.cut-ogg")
LONGER = Message.of("audio.list-longer", listed_s=46.0, read_s=33.0)


def found(
    missing: tuple[Missing, ...], listed_s: float | None, talk_s: float = 33.0
) -> AgainstList:
    return against_list(missing, read_s=33.0, talk_s=talk_s, listed_s=listed_s)


@pytest.mark.parametrize(
    ("seconds", "believed"),
    [(1152921504606847.0, None), (0.0, None), (-3.0, None), (float("nan"), None), (12.5, 12.5)],
)
def test_no_length_of_centuries(seconds: float, believed: float | None) -> None:
    assert bounded_s(seconds) == believed


def test_a_lost_end_is_more_than_codecs_round() -> None:
    assert is_less(45.0, 46.0)
    assert not is_less(45.6, 46.0)  # half a second
    assert not is_less(995.0, 1_000.0)  # one in a hundred


def test_without_a_list_everything_stays() -> None:
    lost = (Missing(start_s=33.0, end_s=None, reason=CUT),)
    assert found(lost, None).missing == lost
    assert lost[0].span == (33.0, 43.0)


def test_a_longer_list_says_how_much_is_missing() -> None:
    got = found((Missing(start_s=33.0, end_s=None, reason=CUT),), 46.0)
    assert [(m.span, m.reason) for m in got.missing] == [((33.0, 46.0), CUT)]
    assert got.notes == (LONGER,)
    got = found((), 46.0)
    assert [(m.span, m.reason) for m in got.missing] == [((33.0, 46.0), LONGER)]


def test_a_list_that_agrees_says_that_nothing_is_missing() -> None:
    got = found((Missing(start_s=33.0, end_s=None, reason=CUT),), 33.4)
    assert (got.missing, got.notes) == ((), ())


def test_what_is_missing_inside_stays_whatever_the_list_says() -> None:
    inside = Missing(start_s=5.0, end_s=None, reason=Message.of("audio.lost-inside", at="0:05"))
    assert found((inside,), 33.0).missing == (inside,)


def test_a_shorter_list_is_told_and_nothing_is_missing() -> None:
    got = found((), 20.0)
    assert got.missing == ()
    assert got.notes == (Message.of("audio.list-shorter", listed_s=20.0, read_s=33.0),)
    # The recorder ran on: the talk is as long as the list says.
    assert found((), 20.0, talk_s=21.0).notes == ()


@pytest.mark.parametrize("listed_s", [30.5, 35.9])
def test_a_list_counts_from_another_moment(listed_s: float) -> None:
    assert lengths_differ(read_s=33.0, talk_s=33.0, listed_s=listed_s) is None


def test_a_recording_of_which_a_third_is_damaged_is_not_worth_listening_to() -> None:
    cut = Missing(start_s=20.0, end_s=46.0, reason=CUT)
    assert too_little((cut,), 20.0) == CUT
    assert too_little((cut,), 60.0) is None
    # The list alone may be wrong.
    assert too_little((Missing(start_s=20.0, end_s=46.0, reason=LONGER),), 20.0) is None
    # Nobody knows how much.
    assert too_little((Missing(start_s=20.0, end_s=None, reason=CUT),), 20.0) is None
