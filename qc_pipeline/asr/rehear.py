"""The ladder: windows whose text is doubtful, or leaves speech without words, are heard again.

Whisper without time stamps often stops after the first regions of a packed window; nothing looks
wrong then, and likelihood and confidence are high. Who repeats himself for ever is as sure of
himself (a loop's confidence is 0.97). So what was heard is held against what was spoken:

1. the window again by the sequential path with time stamps (`WhisperEngine.hear_carefully`);
2. of what still has no words, the regions around it in smaller windows;
3. each region by itself.

What is heard on a lower rung stands where it covers more and does not loop. What stays without
words at the end is told as unheard (`qc_pipeline.scoring.evidence.coverage`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from qc_pipeline.asr.loops import looping_run
from qc_pipeline.asr.second_pass import LOG_PROBABILITY_LIMIT, doubtful, too_fast
from qc_pipeline.asr.turns import place
from qc_pipeline.asr.whisper import DecodedWindow, HeardWord
from qc_pipeline.asr.windows import AudioWindow, Float32, pack
from qc_pipeline.call import Span
from qc_pipeline.scoring.evidence.coverage import uncovered
from qc_pipeline.scoring.evidence.timing import length_s

SMALLER_S = 10.0
"""Windows of the second rung, seconds: a sentence or two, with context."""
_MORE_S = 0.5
"""What is heard again covers more from this much speech on; word times are no exacter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A window of a voice, the voice's speech probabilities (one a hop), and the call's length."""

    window: AudioWindow
    probabilities: Float32
    duration_s: float


Listen = Callable[[Sequence[tuple[int, AudioWindow]]], list[DecodedWindow]]
"""Hears windows carefully; each is named with the number of the window that it is part of."""


def hear_again(
    spoken: Sequence[Spoken], heard: Sequence[DecodedWindow], language: str, listen: Listen
) -> list[DecodedWindow]:
    """What stands of each window after the ladder; `heard` is what the batches gave."""
    results = list(heard)
    doubts = [n for n, s in enumerate(spoken) if _doubt(s.window, results[n], language)]
    again = listen([(n, spoken[n].window) for n in doubts])
    for n, second in zip(doubts, again, strict=True):
        results[n] = _settle(spoken[n].window, results[n], second, language)
    for parts_of in (_smaller, _regions):
        wanted = [(n, part) for n in doubts for part in parts_of(spoken[n], results[n], language)]
        found = listen(wanted)
        for (n, part), second in zip(wanted, found, strict=True):
            results[n] = _filled_in(spoken[n].window, results[n], part, second, language)
    for n in doubts:
        results[n] = _without_loop(spoken[n].window, results[n], language)
    return results


def unheard_in(window: AudioWindow, heard: DecodedWindow, language: str) -> list[Span]:
    """The window's speech that has no words, in the recording's seconds."""
    words = [item.word for item in place(window, heard, 0, language)]
    return uncovered(window.regions, words)


def _doubt(window: AudioWindow, heard: DecodedWindow, language: str) -> bool:
    return (
        doubtful(window, heard, language) is not None
        or looping_run(heard.text) is not None
        or bool(unheard_in(window, heard, language))
    )


def _settle(
    window: AudioWindow, first: DecodedWindow, again: DecodedWindow, language: str
) -> DecodedWindow:
    """The better of two hearings: one without a doubt, else what covers more, else the likelier."""
    if not again.words:
        return first
    if not first.words or not _doubt(window, again, language):
        return again
    bare_s = [length_s(unheard_in(window, h, language)) for h in (first, again)]
    loops = [doubtful(window, h, language) == "loop" or _loops(h) for h in (first, again)]
    if loops[0] != loops[1]:
        return first if loops[1] else again
    if abs(bare_s[0] - bare_s[1]) > _MORE_S:
        return first if bare_s[0] < bare_s[1] else again
    return max(first, again, key=lambda h: h.log_probability)


def _loops(heard: DecodedWindow) -> bool:
    return looping_run(heard.text) is not None


def _wanting(spoken: Spoken, heard: DecodedWindow, language: str) -> list[int]:
    """The numbers of the window's regions in which words are missing or loop."""
    window = spoken.window
    bare = unheard_in(window, heard, language)
    wanting = {n for n, (a, b) in enumerate(window.regions) for c, d in bare if c < b and d > a}
    run = looping_run(heard.text)
    if run is not None:
        for item in _looping(window, heard, language):
            wanting.add(item)
    return sorted(wanting)


def _looping(window: AudioWindow, heard: DecodedWindow, language: str) -> list[int]:
    """The regions of the words that loop."""
    words = _loop_words(heard)
    placed = place(window, replace(heard, words=words), 0, language)
    return sorted({item.region for item in placed})


def _loop_words(heard: DecodedWindow) -> tuple[HeardWord, ...]:
    """The words that a loop is made of; none where nothing loops."""
    run = looping_run(heard.text)
    if run is None:
        return ()
    at = 0
    found = []
    text = "".join(word.text for word in heard.words)
    at -= len(text) - len(text.lstrip())
    for word in heard.words:
        if at < run[1] and at + len(word.text) > run[0]:
            found.append(word)
        at += len(word.text)
    return tuple(found)


def _smaller(spoken: Spoken, heard: DecodedWindow, language: str) -> list[AudioWindow]:
    """Smaller windows around what has no words: the regions themselves and one on either side."""
    numbers = _wanting(spoken, heard, language)
    if not numbers or len(spoken.window.regions) == 1:
        return []
    last = len(spoken.window.regions) - 1
    around = {m for n in numbers for m in (n - 1, n, n + 1) if 0 <= m <= last}
    regions = [spoken.window.regions[n] for n in sorted(around)]
    return list(pack(regions, spoken.probabilities, spoken.duration_s, SMALLER_S))


def _regions(spoken: Spoken, heard: DecodedWindow, language: str) -> list[AudioWindow]:
    """Windows of one region each, for every region in which words are missing or loop."""
    return [
        window
        for n in _wanting(spoken, heard, language)
        for window in pack(
            [spoken.window.regions[n]], spoken.probabilities, spoken.duration_s, SMALLER_S
        )
    ]


def _filled_in(
    window: AudioWindow,
    before: DecodedWindow,
    part: AudioWindow,
    found: DecodedWindow,
    language: str,
) -> DecodedWindow:
    """The window's words with those of a part of it in their place, where that is the better."""
    inside = [w for w in before.words if _within(_middle_s(window, w), part.regions)]
    looped = bool(set(inside) & set(_loop_words(before)))
    if not found.words or _loops(found) or found.log_probability < LOG_PROBABILITY_LIMIT:
        return before
    if too_fast(found.text, part.speech_s, language):
        return before
    placed = [i.word for i in place(window, replace(before, words=tuple(inside)), 0, language)]
    bare_s = length_s(uncovered(part.regions, placed))
    again_s = length_s(unheard_in(part, found, language))
    if not looped and bare_s - again_s <= _MORE_S:
        return before
    taken = {id(word) for word in inside}
    kept = [word for word in before.words if id(word) not in taken]
    moved = [
        replace(
            word,
            start_s=window.from_recording(part.to_recording(word.start_s)),
            end_s=window.from_recording(part.to_recording(word.end_s)),
        )
        for word in found.words
    ]
    words = tuple(sorted([*kept, *moved], key=lambda w: (w.start_s, w.end_s)))
    likely = [
        (before.log_probability, len(kept)),
        (found.log_probability, len(moved)),
    ]
    return replace(
        before,
        words=words,
        log_probability=sum(p * n for p, n in likely) / max(sum(n for _, n in likely), 1),
        compression_ratio=found.compression_ratio if looped else before.compression_ratio,
        careful=True,
    )


def _without_loop(window: AudioWindow, heard: DecodedWindow, language: str) -> DecodedWindow:
    """The window without words that loop to the end; they are kept apart in `looped`."""
    words = _loop_words(heard)
    if not words:
        return heard
    gone = {id(word) for word in words}
    return replace(
        heard,
        words=tuple(w for w in heard.words if id(w) not in gone),
        looped=(*heard.looped, *words),
    )


def _middle_s(window: AudioWindow, word: HeardWord) -> float:
    return window.to_recording((word.start_s + word.end_s) / 2)


def _within(time_s: float, spans: Sequence[Span]) -> bool:
    return any(a <= time_s <= b for a, b in spans)
