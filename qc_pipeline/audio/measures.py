"""How it was said: the measures of a call, from its sound, its speech regions and its words.

What needs no sound comes from `scoring.conversation`; here level, clipping and pitch are added,
each taken from the party's own speech (its regions, or its turns where no regions were measured)
at 8 kHz, the telephone's band, a piece at a time. docs/measures.md defines every figure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from qc_pipeline.audio.active_level import MARGIN_DB, LevelMeter
from qc_pipeline.audio.pitch import STEP_S, log_pitch, without_octave_errors
from qc_pipeline.audio.telephone_band import TELEPHONE_HZ as RATE_HZ
from qc_pipeline.audio.telephone_band import at_8k
from qc_pipeline.audio.tones_and_music import SIGNALS_VERSION, Signal
from qc_pipeline.call import Event, FieldValue, Measures, Span, Speaker, Transcript
from qc_pipeline.scoring.evidence import timing
from qc_pipeline.scoring.evidence.conversation_measures import conversation
from qc_pipeline.scoring.evidence.usual_level import usual_level

MEASURES_VERSION = f"2/{SIGNALS_VERSION}"
"""Names the definitions of all measures. Raised with any of them, so that stored ones are taken
again."""

Int16 = npt.NDArray[np.int16]
Float32 = npt.NDArray[np.float32]

_PIECE_S = 20
_TOGETHER_S = 60  # of speech whose pitch is tracked at once
_CLIPPED = 32_000  # -0.2 dB: the top code of µ-law is 32124, of A-law 32256
_LEAST_VOICED = 100  # frames: one second of voice, less says nothing about a range
_LEAST_VOICED_TURN = 50
_SEMITONE = float(np.log(2) / 12)
_MONOTONE_ST = 1.0


def measure(
    channels: Mapping[Speaker, Int16],
    sample_rate_hz: int,
    transcript: Transcript,
    signals: Mapping[Speaker, Sequence[Signal]] | None = None,
) -> Measures:
    """Measures of one call.

    `channels` holds each party's sound, shape (n,), int16 (full scale = 32768), at
    `sample_rate_hz`; in a mono recording both are the same channel, and the party's own regions in
    `transcript.speech` tell which part is whose; a party without a channel gets what needs no
    sound. `signals` are each channel's tones and music. What could not be taken is absent.
    """
    talked = conversation(transcript, MEASURES_VERSION)
    speakers = {s: dict(m) for s, m in talked.speakers.items()}
    turns = [dict(t) for t in talked.turns]
    for speaker in [s for s in speakers if s in channels]:
        sound = _Sound(channels[speaker], sample_rate_hz)
        party = _party(sound, _spans(transcript, speaker))
        speakers[speaker] |= party.figures
        own = [i for i, t in enumerate(transcript.turns) if t.speaker is speaker]
        for i in own:
            turn = transcript.turns[i]
            turns[i] |= _turn(sound, party, (turn.start_s, turn.end_s))
        _add_raised(turns, own)
        speakers[speaker] |= _over_turns([turns[i] for i in own])
        for i in own:
            turns[i].pop("voiced_frames", None)
    call = dict(talked.call)
    levels = [speakers.get(s, {}).get("level_db") for s in Speaker]
    if levels[0] is not None and levels[1] is not None:
        call["level_difference_db"] = levels[0] - levels[1]
    events = dict(talked.events)
    if signals is not None:
        call |= _signal_figures(signals, transcript)
        found = _signal_events(signals, transcript)
        if found:
            events["signals"] = found
    return replace(talked, speakers=speakers, call=call, turns=tuple(turns), events=events)


def measure_without_sound(transcript: Transcript) -> Measures:
    """The measures of a transcript whose sound is not there; those of the sound are absent."""
    return conversation(transcript, MEASURES_VERSION)


class _Sound:
    """A channel, read in pieces of at most 20 s."""

    def __init__(self, samples: Int16, rate_hz: int) -> None:
        self._samples = samples
        self._rate_hz = rate_hz
        self._read, self._length = at_8k(samples, rate_hz)

    def pieces(self, span: Span) -> Iterator[tuple[int, Float32]]:
        """Pieces of a span at 8 kHz with the number of their first sample."""
        first = min(max(round(span[0] * RATE_HZ), 0), self._length)
        last = min(max(round(span[1] * RATE_HZ), first), self._length)
        step = _PIECE_S * RATE_HZ
        for start in range(first, last, step):
            yield start, self._read(start, min(start + step, last))

    def clipped(self, span: Span) -> tuple[int, int]:
        """Samples of a span that stand at full scale, and all of them."""
        first, last = (max(round(t * self._rate_hz), 0) for t in span)
        count = 0
        for start in range(first, last, _PIECE_S * self._rate_hz):
            part = self._samples[start : min(start + _PIECE_S * self._rate_hz, last)]
            count += int(np.count_nonzero((part >= _CLIPPED) | (part <= -_CLIPPED)))
        return count, max(min(last, self._samples.size) - first, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Party:
    """One party's figures, and its pitch (nan: no voice) in frames of 10 ms with their numbers."""

    figures: Mapping[str, float]
    spans: Sequence[Span]
    frames: npt.NDArray[np.int32]
    pitch: Float32


def _spans(transcript: Transcript, speaker: Speaker) -> list[Span]:
    if speaker in transcript.speech:
        return timing.union(transcript.speech[speaker])
    return timing.turn_spans(transcript.turns, speaker)


def _party(sound: _Sound, spans: Sequence[Span]) -> _Party:
    meter = LevelMeter(RATE_HZ)
    clipped = samples = 0
    for span in spans:
        for _, piece in sound.pieces(span):
            meter.add(piece)
        found, of = sound.clipped(span)
        clipped, samples = clipped + found, samples + of
    level = meter.level()
    nothing = _Party(
        figures={},
        spans=spans,
        frames=np.zeros(0, dtype=np.int32),
        pitch=np.zeros(0, dtype=np.float32),
    )
    if level is None:
        return nothing
    figures = {"level_db": level.level_db, "clipped_share": clipped / max(samples, 1)}
    quietest = 10 ** ((level.level_db - MARGIN_DB) / 10)
    frames, pitch = _pitch(sound, spans, quietest)
    if pitch.size:
        figures["voiced_share"] = float(np.mean(~np.isnan(pitch)))
    pitch = without_octave_errors(pitch)
    figures |= _pitch_figures(pitch[~np.isnan(pitch)], _LEAST_VOICED)
    return replace(nothing, figures=figures, frames=frames, pitch=pitch)


def _pitch(
    sound: _Sound, spans: Sequence[Span], quietest: float
) -> tuple[npt.NDArray[np.int32], Float32]:
    """Numbers of the frames in the spans, and the pitch in each; both of shape (frames,)."""
    numbers: list[npt.NDArray[np.int32]] = []
    pitches: list[Float32] = []
    waiting: list[tuple[int, Float32]] = []

    def work() -> None:
        found = log_pitch([piece for _, piece in waiting], quietest=quietest)
        for (start, _), pitch in zip(waiting, found, strict=True):
            first = round(start / RATE_HZ / STEP_S)
            numbers.append(np.arange(first, first + pitch.size, dtype=np.int32))
            pitches.append(pitch)
        waiting.clear()

    for span in spans:
        for start, piece in sound.pieces(span):
            waiting.append((start, piece))
            if sum(p.size for _, p in waiting) >= _TOGETHER_S * RATE_HZ:
                work()
    work()
    return np.concatenate(numbers), np.concatenate(pitches)


def _pitch_figures(voiced: Float32, least: int) -> dict[str, float]:
    """Median, range and spread; nothing from less than `least` voiced frames."""
    if voiced.size < least:
        return {}
    low, middle, high = np.percentile(voiced, [10, 50, 90])
    return {
        "pitch_hz": float(np.exp(middle)),
        "pitch_range_st": float(high - low) / _SEMITONE,
        "pitch_sd_st": float(np.std(voiced)) / _SEMITONE,
    }


def _turn(sound: _Sound, party: _Party, span: Span) -> dict[str, float]:
    """Level and pitch of one turn, from its speech alone."""
    found: dict[str, float] = {}
    meter = LevelMeter(RATE_HZ)
    for part in timing.clip(party.spans, *span) or [span]:
        for _, piece in sound.pieces(part):
            meter.add(piece)
    level = meter.level()
    if level is None:
        return found
    found["level_db"] = level.level_db
    first, last = np.searchsorted(party.frames, [round(t / STEP_S) for t in span])
    pitch = party.pitch[first:last]
    voiced = pitch[~np.isnan(pitch)]
    figures = _pitch_figures(voiced, _LEAST_VOICED_TURN)
    if figures:
        found |= {k: figures[k] for k in ("pitch_hz", "pitch_range_st")}
        away = np.abs(voiced - np.log(figures["pitch_hz"]))
        found["monotony"] = float(np.mean(away <= _MONOTONE_ST * _SEMITONE))
        found["voiced_frames"] = voiced.size
    return found


def _add_raised(turns: Sequence[dict[str, float]], own: Sequence[int]) -> None:
    known = [i for i in own if "level_db" in turns[i]]
    usual = usual_level([(turns[i]["level_db"], turns[i].get("talk_s", 0.0)) for i in known])
    for i in known:
        if usual is not None:
            turns[i]["raised_db"] = turns[i]["level_db"] - usual


def _over_turns(turns: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Figures of a speaker that follow from those of the turns."""
    found: dict[str, float] = {}
    raised = [t["raised_db"] for t in turns if "raised_db" in t]
    if raised:
        found["raised_most_db"] = max(raised)
    flat = [(t["monotony"], t["voiced_frames"]) for t in turns if "monotony" in t]
    if flat:
        found["monotony"] = sum(m * n for m, n in flat) / sum(n for _, n in flat)
    return found


def _signal_figures(
    signals: Mapping[Speaker, Sequence[Signal]], transcript: Transcript
) -> dict[str, float]:
    """Seconds of music, ringing and other tones; how many keys were pressed."""
    every = [s for _, s in _each_signal(signals, transcript)]

    def seconds(*kinds: str) -> float:
        spans = timing.union((s.start_s, s.end_s) for s in every if s.kind in kinds)
        return timing.length_s(spans)

    return {
        "music_s": seconds("music"),
        "ringing_s": seconds("ringing", "busy"),
        "tone_s": seconds("tone"),
        "keys": sum(s.kind == "dtmf" for s in every),
    }


def _signal_events(
    signals: Mapping[Speaker, Sequence[Signal]], transcript: Transcript
) -> tuple[Event, ...]:
    """Which keys were pressed is not kept: they are card numbers and secret codes."""
    out: list[Event] = []
    for speaker, signal in _each_signal(signals, transcript):
        event: dict[str, FieldValue] = {
            "kind": signal.kind,
            "start_s": signal.start_s,
            "end_s": signal.end_s,
        }
        if speaker is not None:
            event["channel"] = str(speaker)
        out.append(event)
    return tuple(out)


def _each_signal(
    signals: Mapping[Speaker, Sequence[Signal]], transcript: Transcript
) -> list[tuple[Speaker | None, Signal]]:
    """Signals in time with whose channel they are on; None where there is one for both."""
    if "mono" in transcript.channels.values():
        own: list[tuple[Speaker | None, Signal]] = [
            (None, s) for s in signals.get(Speaker.AGENT, ())
        ]
    else:
        own = [(speaker, s) for speaker in Speaker for s in signals.get(speaker, ())]
    return sorted(own, key=lambda pair: (pair[1].start_s, pair[0] or "", pair[1].kind))
