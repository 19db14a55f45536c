"""Words in windows → words in the recording → turns.

The voice detector knows to a few hundredths of a second when somebody began to speak; a
recogniser's word times are guesses from attention. So words are placed into the detector's regions,
and a turn starts where its region starts.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace

from qc_pipeline.asr.simplified_chinese import simplified_words
from qc_pipeline.asr.whisper import DecodedWindow
from qc_pipeline.asr.windows import AudioWindow
from qc_pipeline.call import Span, Speaker, Turn, Word

TURN_PAUSE_S = 0.6
"""A pause longer than this inside one party's speech begins a new turn."""
_LATE = 0.75
"""Where in a token's time it is looked for. On 55 turns of four real calls, the first character of
seven hung on the turn before by the middle of each character, of none by this; no last character
moved on to the next turn, nor on 488 turns of sample calls."""
_STRAY_S = 0.6  # a word this far outside every stretch was heard where nobody speaks


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A word in its region. `region` counts within the speaker's regions."""

    word: Word
    region: int


def place(
    window: AudioWindow, heard: DecodedWindow, first_region: int, language: str
) -> tuple[Placed, ...]:
    """The window's words with times in the recording, in order, each inside a region.

    `first_region` is the number of the window's first region among the speaker's.
    """
    placed: list[Placed] = []
    previous = 0
    for token in _split_words(heard, language):
        # A token takes in the pause before it rather than the one after it, so its late part says
        # where it was spoken. Its characters stay together: 好的 is no 好 of the turn before.
        late_s = token[0].start_s + _LATE * (token[-1].end_s - token[0].start_s)
        number = max(_nearest(window.regions, window.to_recording(late_s)), previous)
        previous = number
        region = window.regions[number]
        for word in token:
            start_s = min(max(window.to_recording(word.start_s), region[0]), region[1])
            end_s = min(max(window.to_recording(word.end_s), start_s), region[1])
            placed.append(
                Placed(
                    word=replace(word, start_s=start_s, end_s=end_s), region=first_region + number
                )
            )
    return tuple(placed)


def outside_speech(window: AudioWindow, heard: DecodedWindow) -> bool:
    """Whether most of the window's words lie past its sound, in the silence it is filled with."""
    late = [w for w in heard.words if w.start_s > window.length_s + _STRAY_S]
    return len(late) * 2 > len(heard.words)


def turns_of(
    speaker: Speaker, regions: Sequence[Span], placed: Sequence[Placed], language: str
) -> tuple[Turn, ...]:
    """Turns of one speaker, split where a pause between regions is longer than TURN_PAUSE_S."""
    turns: list[Turn] = []
    group: list[Placed] = []
    for item in placed:
        if group and item.region != group[-1].region:
            pause_s = regions[item.region][0] - regions[item.region - 1][1]
            skipped = item.region - group[-1].region > 1
            if pause_s > TURN_PAUSE_S or skipped:
                turns.append(_turn(speaker, regions, group, language))
                group = []
        group.append(item)
    if group:
        turns.append(_turn(speaker, regions, group, language))
    return tuple(turns)


def _turn(
    speaker: Speaker, regions: Sequence[Span], group: Sequence[Placed], language: str
) -> Turn:
    words = tuple(item.word for item in group)
    return Turn(
        speaker=speaker,
        start_s=regions[group[0].region][0],
        end_s=max(regions[group[-1].region][1], words[-1].end_s),
        text=join_words([w.text for w in words], language),
        confidence=geometric_mean([w.confidence for w in words if w.confidence is not None]),
        words=words,
    )


def geometric_mean(confidences: Sequence[float]) -> float | None:
    """The geometric mean, as RUBRIC asks of words; None for none. A zero counts as 0.001."""
    if not confidences:
        return None
    return math.exp(sum(math.log(max(c, 0.001)) for c in confidences) / len(confidences))


def join_words(words: Sequence[str], language: str) -> str:
    """Text of words: spaces between words in English, and in Chinese between two Latin ones."""
    text = ""
    for word in words:
        if text and (language != "zh" or (_latin(text[-1]) and _latin(word[:1]))):
            text += " "
        text += word
    return text


def _latin(character: str) -> bool:
    return character.isascii() and character.isalnum()


def _split_words(heard: DecodedWindow, language: str) -> list[list[Word]]:
    """The recogniser's tokens as words; in Chinese one for each character, a run of letters or
    digits whole.

    Punctuation stays with the word before it. A token of several characters gives each an equal
    share of its time.
    """
    tokens: list[list[Word]] = []
    # A token that breaks a character in two is decoded as the replacement character.
    texts = [given.text.replace("\ufffd", "").strip() for given in heard.words]
    if language == "zh":
        texts = simplified_words(texts)
    for given, text in zip(heard.words, texts, strict=True):
        if not text:
            continue
        pieces = _characters(text) if language == "zh" else [text]
        step = (given.end_s - given.start_s) / len(pieces)
        words: list[Word] = []
        for number, piece in enumerate(pieces):
            last = words or (tokens[-1] if tokens else words)
            if last and _only_marks(piece):
                last[-1] = replace(last[-1], text=last[-1].text + piece)
                continue
            words.append(
                Word(
                    text=piece,
                    start_s=given.start_s + number * step,
                    end_s=given.start_s + (number + 1) * step,
                    confidence=min(max(given.probability, 0.0), 1.0),
                )
            )
        if words:
            tokens.append(words)
    return tokens


def _characters(text: str) -> list[str]:
    pieces: list[str] = []
    for character in text:
        if character.isspace():
            continue
        joins = pieces and (
            _only_marks(character) or (_latin(character) and _latin(pieces[-1][-1]))
        )
        if joins:
            pieces[-1] += character
        else:
            pieces.append(character)
    return pieces or [text]


def _only_marks(text: str) -> bool:
    return all(unicodedata.category(c)[0] in "PZSC" for c in text)


def _nearest(regions: Sequence[Span], time_s: float) -> int:
    def distance(number: int) -> float:
        start, end = regions[number]
        return max(start - time_s, time_s - end, 0.0)

    return min(range(len(regions)), key=distance)
