"""Forty calls whose sounds were placed on a time line: measured figures against the placed ones."""

from __future__ import annotations

import ctypes.util
from pathlib import Path

import pytest
import soundfile

from qc_pipeline.audio.decode import decode
from qc_pipeline.audio.measures import measure
from qc_pipeline.audio.speakers import find_voices
from qc_pipeline.call import AsrIdentity, Measures, Speaker, Transcript, Turn
from qc_pipeline.scoring.evidence import timing
from tests.audio.placed_calls import PlacedCall, held_call, hull, int16, spoken_call, sung_call
from tests.audio.speechlike import RATE_HZ

PARTIES = tuple(Speaker)  # channel 0 is the agent's
QUICK = 2


def some(seeds: range) -> list[object]:
    """The first ones with every run of the quick tests, the others with the slow ones."""
    return [pytest.param(s, marks=() if s - seeds[0] < QUICK else pytest.mark.slow) for s in seeds]


def transcript(call: PlacedCall, turns: list[Turn], **more: object) -> Transcript:
    return Transcript(
        recording_id="placed",
        language="zh",
        duration_s=call.sound.shape[1] / RATE_HZ,
        asr=AsrIdentity(backend="placed", model="by hand"),
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        **more,  # type: ignore[arg-type]
    )


def listened_to(call: PlacedCall, folder: Path) -> tuple[Transcript, Measures]:
    """What the job makes of a call's sound, its words laid where the detector heard them."""
    path = folder / "call.wav"
    soundfile.write(path, int16(call.sound).T, RATE_HZ)
    voices = find_voices(decode(path), "left")
    turns = []
    for one in call.said:
        found = hull(voices.pair[one.channel].regions, one)
        assert found is not None, f"not heard: {one}"
        turns.append(
            Turn(speaker=PARTIES[one.channel], start_s=found[0], end_s=found[1], text=one.text)
        )
    heard = transcript(
        call,
        turns,
        speech={s: voices.pair[i].regions for i, s in enumerate(PARTIES)},
        channels={s: voices.pair[i].state for i, s in enumerate(PARTIES)},
    )
    channels = {s: voices.decoded.samples[i] for i, s in enumerate(PARTIES)}
    signals = {s: voices.pair[i].signals for i, s in enumerate(PARTIES)}
    return heard, measure(channels, voices.decoded.sample_rate_hz, heard, signals)


@pytest.mark.parametrize("seed", some(range(28)))
def test_figures_of_a_spoken_call_are_the_placed_ones(seed: int, tmp_path: Path) -> None:
    if ctypes.util.find_library("espeak-ng") is None:
        pytest.skip("no espeak-ng: measures NOT checked on speech placed on a time line")
    call = spoken_call(seed)
    heard, got = listened_to(call, tmp_path)
    for channel, speaker in enumerate(PARTIES):
        own = got.speakers[speaker]
        said = [s for s in call.said if s.channel == channel]
        assert own["talk_s"] == pytest.approx(call.talk_s(channel), abs=0.1)
        turns = [
            m["talk_s"] for t, m in zip(heard.turns, got.turns, strict=True) if t.speaker is speaker
        ]
        assert turns == pytest.approx([s.end_s - s.start_s for s in said], abs=0.1)
        assert own["turns"] == len(said)
        assert own["speech_rate"] == pytest.approx(call.rate(channel), rel=0.05)
        waits = [
            m["response_s"]
            for t, m in zip(heard.turns, got.turns, strict=True)
            if t.speaker is speaker and "response_s" in m
        ]
        assert waits == pytest.approx(call.waits(channel), abs=0.1)
        assert sum(waits) == pytest.approx(sum(call.waits(channel)), abs=0.1)
        assert own["response_longest_s"] == pytest.approx(max(call.waits(channel)), abs=0.1)
        assert own["response_first_s"] == pytest.approx(call.waits(channel)[0], abs=0.1)
    silences = [(a, b, PARTIES[last]) for a, b, last in call.silences()]
    found = [(s.start_s, s.end_s, s.after) for s in timing.silences(heard)]
    assert [s[2] for s in found] == [s[2] for s in silences]
    for one, truth in zip(found, silences, strict=True):
        assert one[1] - one[0] == pytest.approx(truth[1] - truth[0], abs=0.1)
    for speaker in PARTIES:
        after = [b - a for a, b, last in silences if last is speaker]
        own = got.speakers[speaker]
        assert own["silence_after_s"] == pytest.approx(sum(after), abs=0.1)
        assert own["silence_after_longest_s"] == pytest.approx(max(after), abs=0.1)
    lengths = [b - a for a, b, _ in silences]
    assert got.call["silence_longest_s"] == pytest.approx(max(lengths), abs=0.1)
    assert got.call["silence_s"] == pytest.approx(sum(lengths), abs=0.1)
    (cut,) = call.overlaps()
    assert got.call["overlap_s"] == pytest.approx(cut[1] - cut[0], abs=0.1)
    assert got.call["level_difference_db"] == pytest.approx(call.level_difference_db, abs=0.5)
    (told,) = got.events["interruptions"]
    assert told["speaker"] == PARTIES[cut[2]]
    assert told["start_s"] == pytest.approx(cut[0], abs=0.1)
    signals = [
        (e["channel"], e["kind"], e["start_s"], e["end_s"]) for e in got.events.get("signals", ())
    ]
    assert [s[:2] for s in signals] == [(PARTIES[c], kind) for c, kind, _, _ in call.signals]
    for (_, _, start, end), (_, _, found_start, found_end) in zip(
        call.signals, signals, strict=True
    ):
        assert (found_start, found_end) == (
            pytest.approx(start, abs=0.05),
            pytest.approx(end, abs=0.05),
        )


@pytest.mark.parametrize(("seed", "gap_s"), [(0, 0.1), (6, 0.3), (3, 1.0)])
def test_hold_music_in_a_silence_takes_nothing_of_the_speech_around_it(
    seed: int, gap_s: float, tmp_path: Path
) -> None:
    if ctypes.util.find_library("espeak-ng") is None:
        pytest.skip("no espeak-ng: hold music NOT checked between speech placed on a time line")
    call = held_call(seed, gap_s)
    _, got = listened_to(call, tmp_path)
    ((_, kind, start_s, end_s),) = call.signals
    (told,) = got.events["signals"]
    assert (told["channel"], told["kind"]) == (PARTIES[0], kind)
    assert (told["start_s"], told["end_s"]) == (
        pytest.approx(start_s, abs=0.1),
        pytest.approx(end_s, abs=0.1),
    )
    assert got.call["music_s"] == pytest.approx(end_s - start_s, abs=0.1)
    lengths = [b - a for a, b, _ in call.silences()]
    assert got.call["silence_longest_s"] == pytest.approx(max(lengths), abs=0.1)
    assert got.call["silence_s"] == pytest.approx(sum(lengths), abs=0.1)
    for channel, speaker in enumerate(PARTIES):
        assert got.speakers[speaker]["talk_s"] == pytest.approx(call.talk_s(channel), abs=0.1)


def test_every_figure_of_a_call_is_defined_in_the_docs(tmp_path: Path) -> None:
    if ctypes.util.find_library("espeak-ng") is None:
        pytest.skip("no espeak-ng: the names of measures NOT compared with docs/measures.md")
    _, got = listened_to(held_call(0, 0.3), tmp_path)
    body = got.as_json()
    lists = [k for k, v in body.items() if isinstance(v, list)]
    names = {name for part in body.values() if isinstance(part, dict) for name in part}
    names |= {name for turn in body["turns"] for name in turn}
    assert names >= {"talk_share", "speech_rate_change", "level_difference_db", "monotony"}
    assert set(lists) == {"turns", "silences", "interruptions", "signals"}
    page = (Path(__file__).parents[2] / "docs" / "measures.md").read_text(encoding="utf-8")
    known = {n for n in names if f"`{n}`" in page or f"`call.{n}`" in page}
    assert sorted(names - known) == []
    assert [name for name in lists if f'"{name}": [' not in page] == []


@pytest.mark.parametrize("seed", [0, 3, 9])
def test_in_mono_silence_is_timed_and_talking_at_once_is_not_known(
    seed: int, tmp_path: Path
) -> None:
    if ctypes.util.find_library("espeak-ng") is None:
        pytest.skip("no espeak-ng: measures NOT checked on a mono call placed on a time line")
    call = spoken_call(seed)
    soundfile.write(tmp_path / "mono.wav", int16(call.sound.sum(axis=0)), RATE_HZ)
    voices = find_voices(decode(tmp_path / "mono.wav"), "mono")
    speech = {s: voices.pair[i].regions for i, s in enumerate(PARTIES)}
    turns = [Turn(speaker=s, start_s=a, end_s=b, text="字") for s in PARTIES for a, b in speech[s]]
    states = {s: voices.pair[i].state for i, s in enumerate(PARTIES)}
    heard = transcript(call, turns, speech=speech, channels=states)
    channels = {s: voices.decoded.samples[0] for s in PARTIES}
    got = measure(channels, voices.decoded.sample_rate_hz, heard)
    lengths = [b - a for a, b, _ in call.silences()]
    assert got.call["silence_longest_s"] == pytest.approx(max(lengths), abs=0.1)
    assert got.call["silence_s"] == pytest.approx(sum(lengths), abs=0.2)
    both = sum(b - a for a, b, _ in call.overlaps())
    talk = call.talk_s(0) + call.talk_s(1) - both
    assert sum(got.speakers[s]["talk_s"] for s in PARTIES) == pytest.approx(talk, abs=0.2)
    assert "overlap_s" not in got.call
    assert all("interruptions" not in got.speakers[s] for s in PARTIES)


@pytest.mark.parametrize("seed", some(range(28, 40)))
def test_the_pitch_range_of_a_known_melody_is_its_own(seed: int, tmp_path: Path) -> None:
    """Speech whose pitch was replaced, in the telephone's band, heard as the job hears it."""
    if ctypes.util.find_library("espeak-ng") is None:
        pytest.skip("no espeak-ng: pitch range NOT checked on speech with a known melody")
    call = sung_call(seed)
    heard, got = listened_to(call, tmp_path)
    for channel, speaker in enumerate(PARTIES):
        own = got.speakers[speaker]
        assert own["pitch_range_st"] == pytest.approx(call.range_st[channel], abs=1.0)
        assert own["response_longest_s"] == pytest.approx(max(call.waits(channel)), abs=0.1)
        assert own["speech_rate"] == pytest.approx(call.rate(channel), rel=0.05)
    turns = [m["talk_s"] for m in got.turns]
    assert turns == pytest.approx([s.end_s - s.start_s for s in call.said], abs=0.1)
    silences = [s.duration_s for s in timing.silences(heard)]
    assert silences == pytest.approx([b - a for a, b, _ in call.silences()], abs=0.1)
    assert got.call["level_difference_db"] == pytest.approx(call.level_difference_db, abs=0.5)
    assert "signals" not in got.events
