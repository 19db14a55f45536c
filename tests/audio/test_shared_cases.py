"""Recordings as people really met them (`shared/cases`), each with what is right of it.

Expected lengths and spans are those of the control, the first 11.5 s (or 16.3 s) of a sample call
whose agent is on the left: 0.8 to 4.7 s and 9.1 to 11.1 s, its customer on the right: 5.2 to 8.4 s.
"""

from __future__ import annotations

import pytest

from qc_pipeline.audio.decode import Decoded, decode, probe
from qc_pipeline.audio.missing_sound import against_list
from qc_pipeline.audio.speakers import Voices, find_voices
from qc_pipeline.call import Span
from qc_pipeline.errors import RecordingError
from tests.shared_data import shared_case

AGENT = [(0.75, 4.74), (9.05, 11.14)]
CUSTOMER = [(5.15, 8.39)]


def codes(decoded: Decoded) -> list[str]:
    return [n.code for n in decoded.notes]


def spoken(voices: Voices) -> list[list[Span]]:
    return [list(v.regions) for v in voices.pair]


def assert_spans(found: list[Span], expected: list[Span]) -> None:
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        assert got == pytest.approx(wanted, abs=0.15)


@pytest.mark.parametrize(
    ("name", "seconds", "notes"),
    [
        ("wav-header-names-less.wav", 11.5, ["audio.header-less"]),
        ("wav-sox-pipe-7ffff000.wav", 11.5, []),
        ("opus-chained.ogg", 16.0, ["audio.links"]),
        ("opus-chained-second-longer.ogg", 28.0, ["audio.links"]),
        ("mp3-vbr-low-first.mp3", 16.3, []),
        ("mp3-mono-then-stereo.mp3", 16.4, ["audio.mixed-layout"]),
        ("two-tracks.mp4", 11.6, ["audio.tracks"]),
    ],
)
def test_all_of_it_is_read_and_its_length_is_known_before(
    name: str, seconds: float, notes: list[str]
) -> None:
    path = shared_case(name)
    got = decode(path)
    assert got.duration_s == pytest.approx(seconds, abs=0.1)
    assert probe(path).duration_s == pytest.approx(seconds, abs=0.1)
    assert (got.missing, codes(got)) == ((), notes)


@pytest.mark.parametrize(
    "name",
    [
        "wav-header-names-less.wav",
        "wav-sox-pipe-7ffff000.wav",
        "two-tracks.mp4",
        "four-channels-speech-on-3-and-4.flac",
        "same-mix-then-two-channels.flac",
        "both-voices-on-the-right.flac",
        "silence-3min-after-call.flac",
    ],
)
def test_each_voice_is_in_one_mouth(name: str) -> None:
    voices = find_voices(decode(shared_case(name)), "left")
    first, second = sorted(spoken(voices))
    assert_spans(first, AGENT)
    assert_spans(second, CUSTOMER)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("four-channels-speech-on-3-and-4.flac", "voices.used"),
        ("same-mix-then-two-channels.flac", "voices.shared"),
        ("both-voices-on-the-right.flac", "voices.both-right"),
        ("8khz-sound-16khz-header.flac", "voices.too-fast"),
    ],
)
def test_what_is_unusual_is_said(name: str, note: str) -> None:
    assert [n.code for n in find_voices(decode(shared_case(name)), "left").notes] == [note]


def test_an_m4a_whose_recorder_died_says_so() -> None:
    with pytest.raises(RecordingError) as caught:
        decode(shared_case("m4a-no-moov.m4a"))
    assert caught.value.reason.code == "audio.no-index"


def test_a_list_that_says_more_than_the_file_has_makes_its_end_missing() -> None:
    got = decode(shared_case("mp3-33s-list-says-46s.mp3"))
    found = against_list(got.missing, read_s=got.duration_s, talk_s=got.talk_s, listed_s=46.1)
    assert [n.code for n in found.notes] == ["audio.list-longer"]
    (lost,) = found.missing
    assert lost.span == pytest.approx((33.2, 46.1), abs=0.1)


@pytest.mark.parametrize(
    ("name", "pause", "talk_s"),
    [
        ("pause-18s-digital-zero.flac", (10.5, 28.5), 30.7),
        ("silence-3min-after-call.flac", (11.5, 191.5), 11.5),
    ],
)
def test_what_the_recorder_left_blank_is_known(name: str, pause: Span, talk_s: float) -> None:
    got = decode(shared_case(name))
    assert got.pauses == (pytest.approx(pause, abs=0.05),)
    assert got.talk_s == pytest.approx(talk_s, abs=0.05)
    # What may have been said in a pause is missing; behind the call there is nothing to miss.
    inside = [pause] if pause[1] < got.duration_s else []
    assert [m.span for m in got.missing] == [pytest.approx(p, abs=0.05) for p in inside]
    assert codes(got) == ["audio.paused" if inside else "audio.blank-end"]
