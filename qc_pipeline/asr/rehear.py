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
from qc_pipeline.call import Span, Word
from qc_pipeline.scoring.evidence.coverage import covered_by_words, uncovered
from qc_pipeline.scoring.evidence.timing import length_s, subtract

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
    loops = {n: _loop_words(results[n]) for n in doubts}
    for parts_of in (_smaller, _alone):
        wanted = [
            (n, part)
            for n in doubts
            for part in parts_of(
                spoken[n], _wanting(spoken[n].window, results[n], loops[n], language)
            )
        ]
        for (n, part), second in zip(wanted, listen(wanted), strict=True):
            results[n] = _filled_in(spoken[n].window, results[n], part, second, loops[n], language)
    for n in doubts:
        results[n] = _without(results[n], loops[n])
    return results


def unheard_in(window: AudioWindow, heard: DecodedWindow, language: str) -> list[Span]:
    """The window's speech that has no words, in the recording's seconds."""
    words = [item.word for item in place(window, heard, 0, language)]
    return uncovered(window.regions, words)


def _doubt(window: AudioWindow, heard: DecodedWindow, language: str) -> bool:
    return doubtful(window, heard, language) is not None or bool(
        unheard_in(window, heard, language)
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
    loops = [doubtful(window, h, language) == "loop" for h in (first, again)]
    if loops[0] != loops[1]:
        return first if loops[1] else again
    if abs(bare_s[0] - bare_s[1]) > _MORE_S:
        return first if bare_s[0] < bare_s[1] else again
    return max(first, again, key=lambda h: h.log_probability)


def _loops(heard: DecodedWindow) -> bool:
    return looping_run(heard.text) is not None


def _loop_words(heard: DecodedWindow) -> tuple[HeardWord, ...]:
    """The words that a loop is made of; none where nothing loops."""
    text = "".join(word.text for word in heard.words)
    run = looping_run(text)
    if run is None:
        return ()
    found = []
    at = 0
    for word in heard.words:
        if at < run[1] and at + len(word.text) > run[0]:
            found.append(word)
        at += len(word.text)
    return tuple(found)


def _wanting(
    window: AudioWindow, heard: DecodedWindow, loop: Sequence[HeardWord], language: str
) -> list[int]:
    """The numbers of the window's regions in which words are missing or loop."""
    bare = unheard_in(window, heard, language)
    looping = _only(heard.words, loop)
    placed = place(window, replace(heard, words=looping), 0, language)
    wanting = {item.region for item in placed}
    wanting |= {n for n, (a, b) in enumerate(window.regions) for c, d in bare if c < b and d > a}
    return sorted(wanting)


def _smaller(spoken: Spoken, wanting: Sequence[int]) -> list[AudioWindow]:
    """Smaller windows around what has no words: the regions themselves and one on either side."""
    last = len(spoken.window.regions) - 1
    if not wanting or not last:
        return []
    around = {m for n in wanting for m in (n - 1, n, n + 1) if 0 <= m <= last}
    regions = [spoken.window.regions[n] for n in sorted(around)]
    return list(pack(regions, spoken.probabilities, spoken.duration_s, SMALLER_S))


def _alone(spoken: Spoken, wanting: Sequence[int]) -> list[AudioWindow]:
    """A window for each region in which words are missing or loop."""
    return [
        window
        for n in wanting
        for window in pack(
            [spoken.window.regions[n]], spoken.probabilities, spoken.duration_s, SMALLER_S
        )
    ]


def _filled_in(
    window: AudioWindow,
    before: DecodedWindow,
    part: AudioWindow,
    found: DecodedWindow,
    loop: Sequence[HeardWord],
    language: str,
) -> DecodedWindow:
    """The window with the words of a part of it, in every region where they cover more."""
    if not found.words or _loops(found) or found.log_probability < LOG_PROBABILITY_LIMIT:
        return before
    if too_fast(found.text, part.speech_s, language):
        return before
    words = list(before.words)
    taken = 0
    for region in part.regions:
        old = [w for w in words if _within(_middle_s(window, w), region)]
        new = [w for w in found.words if _within(_middle_s(part, w), region)]
        looped = bool(_only(old, loop))
        more_s = _bare_s(window, old, region) - _bare_s(part, new, region)
        if not new or not (looped or more_s > _MORE_S):
            continue
        gone = {id(word) for word in old}
        words = [w for w in words if id(w) not in gone] + [_moved(w, part, window) for w in new]
        taken += len(new)
    if not taken:
        return before
    kept = len(words) - taken
    return replace(
        before,
        words=tuple(sorted(words, key=lambda w: (w.start_s, w.end_s))),
        log_probability=(before.log_probability * kept + found.log_probability * taken)
        / len(words),
        careful=True,
    )


def _bare_s(window: AudioWindow, words: Sequence[HeardWord], region: Span) -> float:
    """How much of a region of the window some of its words leave uncovered, seconds."""
    spans = [
        replace(w, start_s=window.to_recording(w.start_s), end_s=window.to_recording(w.end_s))
        for w in words
    ]
    covered = covered_by_words(
        Word(text=w.text.strip(), start_s=w.start_s, end_s=w.end_s) for w in spans
    )
    return length_s(subtract([region], covered))


def _moved(word: HeardWord, part: AudioWindow, window: AudioWindow) -> HeardWord:
    """A word of a part, in the window's seconds."""
    start_s, end_s = (
        window.from_recording(part.to_recording(time_s)) for time_s in (word.start_s, word.end_s)
    )
    return replace(word, start_s=start_s, end_s=end_s)


def _without(heard: DecodedWindow, loop: Sequence[HeardWord]) -> DecodedWindow:
    """The window without words that loop to the end; they are kept apart in `looped`."""
    looping = _only(heard.words, loop)
    if not looping:
        return heard
    gone = {id(word) for word in looping}
    return replace(heard, words=tuple(w for w in heard.words if id(w) not in gone), looped=looping)


def _only(words: Sequence[HeardWord], some: Sequence[HeardWord]) -> tuple[HeardWord, ...]:
    """Those of `words` that are among `some`, the very ones: a loop has many alike."""
    wanted = {id(word) for word in some}
    return tuple(word for word in words if id(word) in wanted)


def _middle_s(window: AudioWindow, word: HeardWord) -> float:
    return window.to_recording((word.start_s + word.end_s) / 2)


def _within(time_s: float, span: Span) -> bool:
    return span[0] <= time_s <= span[1]
