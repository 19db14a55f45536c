"""Calls made ready in, what was heard of each of their voices out.

Windows of several calls are decoded together, those that are doubtful heard again (`rehear`), helps
taken where they lose nothing (`helps`), and stretches in another language heard in it where the
settings name it (`language`). What is heard in a window depends on its sound and the options alone.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from qc_pipeline.asr.dither import dithered, leaves_holes
from qc_pipeline.asr.helps import Change, helped
from qc_pipeline.asr.language import OtherLanguage, other_languages
from qc_pipeline.asr.load import Recogniser
from qc_pipeline.asr.rehear import Spoken, hear_again
from qc_pipeline.asr.voice_levels import one_level
from qc_pipeline.asr.whisper import DecodedWindow, quiet_library
from qc_pipeline.asr.windows import AudioWindow, evenly, pack, window_samples
from qc_pipeline.audio.resample import Float32
from qc_pipeline.audio.speakers import Voices
from qc_pipeline.call import Span

HELD = 32
"""Windows whose sound is in memory together (2 MB each), or as many as keep the engine busy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyCall:
    """A recording ready for the recogniser; `windows[v]` belong to voice v (mono: 0 has all)."""

    recording_id: str
    language: str
    voices: Voices
    windows: tuple[tuple[AudioWindow, ...], tuple[AudioWindow, ...]]

    @property
    def count(self) -> int:
        return sum(len(windows) for windows in self.windows)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardWindow:
    """A window, what was heard in it, and in which language it was listened to."""

    window: AudioWindow
    heard: DecodedWindow
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardVoice:
    """What was heard of one voice. `windows` are in time and share no region.

    `foreign` are stretches in another language that were not heard in it: nothing stands there;
    `also` those that were; `changes` what helps changed.
    """

    windows: tuple[HeardWindow, ...]
    foreign: tuple[OtherLanguage, ...] = ()
    also: tuple[OtherLanguage, ...] = ()
    changes: tuple[Change, ...] = ()


HeardVoices = tuple[HeardVoice, HeardVoice]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A window of a voice of a call of the group."""

    call: ReadyCall
    number: int
    voice: int
    window: AudioWindow


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    place: _Place
    heard: DecodedWindow
    language: str
    changes: tuple[Change, ...] = ()


def hear_calls(
    group: Sequence[tuple[int, ReadyCall]], language: str, recogniser: Recogniser
) -> dict[int, HeardVoices]:
    """What was heard in each call of the group, by its number; all are in `language`."""
    places = [
        _Place(call=call, number=number, voice=voice, window=window)
        for number, call in group
        for voice in (0, 1)
        for window in call.windows[voice]
    ]
    with quiet_library():
        results = _hear(places, language, recogniser)
        results, others = _by_language(results, language, recogniser)
    return {
        number: (
            _voice(number, 0, results, others, recogniser),
            _voice(number, 1, results, others, recogniser),
        )
        for number, _ in group
    }


def window_sound(
    call: ReadyCall, voice: int, window: AudioWindow, recogniser: Recogniser
) -> Float32:
    """What the recogniser gets of a window (16 kHz, ±1)."""
    decoded = call.voices.decoded
    sound = window_samples(window, decoded, call.voices.pair[voice].channel)
    if call.voices.divided is not None:
        sound = one_level(sound, window, call.voices.divided)
    if recogniser.dither_db is not None and leaves_holes(decoded.facts):
        sound = dithered(sound, recogniser.dither_db)
    return sound if recogniser.change is None else recogniser.change.apply(sound)


def _hear(places: Sequence[_Place], language: str, recogniser: Recogniser) -> list[_Result]:
    parts = math.ceil(len(places) / max(HELD, recogniser.engine.at_once))
    return [
        result
        for part in evenly(places, parts)
        for result in _hear_part(part, language, recogniser)
    ]


def _hear_part(part: Sequence[_Place], language: str, recogniser: Recogniser) -> list[_Result]:
    """Windows that are in memory together: decoded, heard again, and helped."""
    engine, options = recogniser.engine, recogniser.options
    samples = [window_sound(p.call, p.voice, p.window, recogniser) for p in part]
    spoken = [
        Spoken(
            window=p.window,
            probabilities=p.call.voices.pair[p.voice].probabilities,
            duration_s=p.call.voices.decoded.duration_s,
        )
        for p in part
    ]
    first = engine.hear(samples, language, None)
    careful = partial(_carefully, part, language, recogniser)
    results = hear_again(spoken, first, language, careful)
    changes: list[tuple[Change, ...]] = [()] * len(part)
    if options.hotwords or options.initial_prompt:
        hotwords = "，".join(options.hotwords) or None
        again = engine.hear(samples, language, hotwords, options.initial_prompt or None)
        for n, with_help in enumerate(again):
            results[n], changes[n] = helped(part[n].window, results[n], with_help, language)
    return [
        _Result(place=p, heard=heard, language=language, changes=changed)
        for p, heard, changed in zip(part, results, changes, strict=True)
    ]


def _carefully(
    part: Sequence[_Place],
    language: str,
    recogniser: Recogniser,
    wanted: Sequence[tuple[int, AudioWindow]],
) -> list[DecodedWindow]:
    """Windows heard by the careful path; each belongs to the voice of a window of `part`."""
    samples = [
        window_sound(part[n].call, part[n].voice, window, recogniser) for n, window in wanted
    ]
    return recogniser.engine.hear_carefully(samples, language, None)


def _by_language(
    results: Sequence[_Result], language: str, recogniser: Recogniser
) -> tuple[list[_Result], list[tuple[_Place, OtherLanguage]]]:
    """The results with no window in two languages, and the stretches in another than the call's.

    A window with such a stretch is made anew: of what is left of it, heard in the call's language,
    and of the stretch, heard in its own where `[asr] languages` names it.
    """
    if not recogniser.engine.multilingual:
        return list(results), []
    stand: list[_Result] = []
    others: list[tuple[_Place, OtherLanguage]] = []
    anew: dict[str, list[_Place]] = {}
    for result in results:
        place = result.place
        found = other_languages(
            place.window, result.heard, language, partial(_ask, place, recogniser)
        )
        if not found:
            stand.append(result)
            continue
        others += [(place, other) for other in found]
        gone = {region for other in found for region in other.regions}
        rest = [region for region in place.window.regions if region not in gone]
        anew.setdefault(language, []).extend(_packed(place, rest, recogniser))
        for other in found:
            if other.language in recogniser.options.languages:
                made = _packed(place, other.regions, recogniser)
                anew.setdefault(other.language, []).extend(made)
    for spoken in sorted(anew):
        stand += _hear(anew[spoken], spoken, recogniser)
    return stand, others


def _packed(place: _Place, regions: Sequence[Span], recogniser: Recogniser) -> list[_Place]:
    if not regions:
        return []
    voices = place.call.voices
    windows = pack(
        regions,
        voices.pair[place.voice].probabilities,
        voices.decoded.duration_s,
        recogniser.window_s,
    )
    return [
        _Place(call=place.call, number=place.number, voice=place.voice, window=window)
        for window in windows
    ]


def _ask(place: _Place, recogniser: Recogniser, regions: Sequence[Span]) -> Mapping[str, float]:
    (first, *_) = _packed(place, regions, recogniser)
    sound = window_sound(place.call, place.voice, first.window, recogniser)
    return recogniser.engine.language_probabilities(sound)


def _voice(
    number: int,
    voice: int,
    results: Sequence[_Result],
    others: Sequence[tuple[_Place, OtherLanguage]],
    recogniser: Recogniser,
) -> HeardVoice:
    own = [r for r in results if (r.place.number, r.place.voice) == (number, voice)]
    own.sort(key=lambda r: r.place.window.regions[0])
    found = [o for place, o in others if (place.number, place.voice) == (number, voice)]
    named = recogniser.options.languages
    return HeardVoice(
        windows=tuple(
            HeardWindow(window=r.place.window, heard=r.heard, language=r.language) for r in own
        ),
        foreign=tuple(o for o in found if o.language not in named),
        also=tuple(o for o in found if o.language in named),
        changes=tuple(change for r in own for change in r.changes),
    )
