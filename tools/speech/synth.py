"""Mandarin speech by espeak-ng: a sentence in, 8 kHz samples and the time of every character out.

The library is called directly (20 ms a sentence) with numbered pinyin, one syllable a word:
espeak-ng's own character dictionary reads most characters as English letters. Its word events
then give the begin of each syllable.
"""

from __future__ import annotations

import ctypes
import functools
import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from pypinyin import Style, lazy_pinyin, load_phrases_dict
from scipy.signal import resample_poly

from tools.speech.lines import CLAUSE_MARK, bare
from tools.speech.voices import Manner, Voice

SAMPLE_RATE_HZ = 8000
PEAK = 0.5
_SILENT = 0.004
_MARGIN_S = 0.04
_AUDIO_OUTPUT_SYNCHRONOUS = 2
_RATE, _PITCH, _WORD_GAP = 1, 3, 7
_EVENT_END, _EVENT_WORD = 0, 1
_READINGS = {"嗯": "en4", "哦": "o2", "噢": "o1", "幺": "yao1", "啥": "sha2"}

load_phrases_dict({"还款": [["huán"], ["kuǎn"]], "还款日": [["huán"], ["kuǎn"], ["rì"]]})


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Utterance:
    """A spoken sentence: float32 mono samples at 8 kHz, and when each character begins.

    `begins_s` has one time a character of `bare(text)`; the last character ends at `end_s`.
    """

    text: str
    samples: npt.NDArray[np.float32]
    begins_s: tuple[float, ...]
    end_s: float


def syllables(text: str) -> tuple[str, ...]:
    """Return one numbered pinyin syllable a character, neutral tone as 5 (您好 → nin2, hao3)."""
    plain = bare(text)
    readings = lazy_pinyin(plain, style=Style.TONE3, neutral_tone_with_five=True)
    if len(readings) != len(plain):
        raise ValueError(f"characters without a reading: {text!r} (allowed: Chinese characters)")
    return tuple(_READINGS.get(c, r) for c, r in zip(plain, readings, strict=True))


def _pinyin_text(text: str) -> str:
    readings = iter(syllables(text))
    clauses = [[next(readings) for _ in bare(clause)] for clause in text.split(CLAUSE_MARK)]
    return ", ".join(" ".join(clause) for clause in clauses if clause)


class _Engine:
    """The espeak-ng library, once a process (it keeps its state in globals)."""

    def __init__(self) -> None:
        self._library = ctypes.CDLL("libespeak-ng.so.1")
        rate = self._library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, None, 0)
        if rate <= 0:
            raise OSError("espeak-ng did not start: install the package espeak-ng with its data")
        self.sample_rate_hz = int(rate)
        self._chunks: list[npt.NDArray[np.int16]] = []
        self._begins_ms: dict[int, int] = {}
        self._callback = _Callback(self._receive)
        self._library.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count > 0:
            self._chunks.append(np.ctypeslib.as_array(samples, (count,)).copy())
        index = 0
        while events[index].type != _EVENT_END:
            if events[index].type == _EVENT_WORD:
                event = events[index]
                self._begins_ms.setdefault(event.text_position, event.audio_position_ms)
            index += 1
        return 0

    def say(
        self, pinyin: str, voice: Voice, manner: Manner
    ) -> tuple[npt.NDArray[np.int16], list[int]]:
        """Return samples at the engine's rate and the begin of each word in milliseconds."""
        self._chunks, self._begins_ms = [], {}
        if self._library.espeak_SetVoiceByName(voice.espeak_name.encode()) != 0:
            raise ValueError(f"espeak-ng has no voice {voice.espeak_name}")
        for parameter, value in (
            (_RATE, manner.speed_wpm),
            (_PITCH, manner.pitch),
            (_WORD_GAP, manner.gap),
        ):
            self._library.espeak_SetParameter(parameter, value, 0)
        data = pinyin.encode()
        utf8 = 1
        self._library.espeak_Synth(data, len(data) + 1, 0, 1, 0, utf8, None, None)
        self._library.espeak_Synchronize()
        # Its word events come with a few of its own at clause ends: keep those at a syllable.
        places = [match.start() + 1 for match in re.finditer(r"[a-z]+[1-5]", pinyin)]
        if not all(place in self._begins_ms for place in places):
            raise ValueError(f"espeak-ng skipped syllables of {pinyin!r}")
        return np.concatenate(self._chunks), [self._begins_ms[place] for place in places]


@functools.cache
def _engine() -> _Engine:
    return _Engine()


def utter(text: str, voice: Voice, manner: Manner) -> Utterance:
    """Speak a sentence, trimmed to 40 ms around the sound, peak at 0.5.

    Raises ValueError for text that is not Chinese characters and commas, or an unknown voice.
    """
    engine = _engine()
    raw, begins_ms = engine.say(_pinyin_text(text), voice, manner)
    if len(begins_ms) != len(bare(text)):
        raise ValueError(f"espeak-ng spoke {len(begins_ms)} syllables of {text!r}")
    samples = resample_poly(raw.astype(np.float32) / 32768, 160, 441).astype(np.float32)
    loud = np.flatnonzero(np.abs(samples) > _SILENT)
    if not loud.size:
        raise ValueError(f"espeak-ng gave silence for {text!r}")
    margin = int(_MARGIN_S * SAMPLE_RATE_HZ)
    first, last = max(0, int(loud[0]) - margin), min(len(samples), int(loud[-1]) + margin)
    cut = samples[first:last] * (PEAK / float(np.abs(samples).max()))
    begins = tuple(max(0.0, ms / 1000 - first / SAMPLE_RATE_HZ) for ms in begins_ms)
    end_s = (int(loud[-1]) - first) / SAMPLE_RATE_HZ
    return Utterance(text=text, samples=cut, begins_s=begins, end_s=end_s)


def speak(
    text: str, voice: Voice, speed_wpm: int = 180, pitch: int = 50, gap: int = 0
) -> npt.NDArray[np.float32]:
    """Speak a sentence and return only its samples: float32 mono at 8 kHz, peak 0.5."""
    return utter(text, voice, Manner(speed_wpm=speed_wpm, pitch=pitch, gap=gap)).samples
