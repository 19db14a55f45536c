"""Characters of merged turns: when they were said, and how surely they were heard."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from qc_pipeline.call import Span, Transcript, Turn, Word
from qc_pipeline.scoring.evidence.timing import MergedTurn, merge_turns
from qc_pipeline.text.certainty import geometric_mean

_TEXT = attrgetter("text")
_CONFIDENCE = attrgetter("confidence")


class SpokenPlace(NamedTuple):
    """Where characters of a merged turn were said; `turn` indexes `Transcript.turns`."""

    start_s: float
    end_s: float
    turn: int
    confidence: float
    quote: str


class SpokenCharacter(NamedTuple):
    """The word that a character belongs to; `confidence` None where the recogniser gave none."""

    start_s: float
    end_s: float
    confidence: float | None


class SpokenPlaces:
    """The words of a transcript, merged by turns.

    `assumed_confidence` stands for words whose recogniser gave none.
    """

    def __init__(self, transcript: Transcript, assumed_confidence: float) -> None:
        self.transcript = transcript
        self.assumed_confidence = assumed_confidence
        self.turns = merge_turns(transcript.turns)
        self._offsets: dict[int, tuple[Sequence[int], bool]] = {}
        self._characters: dict[int, Sequence[SpokenCharacter | None]] = {}
        self._turn_confidence = [
            t.confidence if t.confidence is not None else self._mean(t.words)
            for t in transcript.turns
        ]
        # By merged turn: its words, where it is one turn with a word a character, the common case
        # of Chinese.
        raw = transcript.turns
        self._by_character = [
            raw[t.parts[0]].words
            if len(t.parts) == 1 and _word_a_character(raw[t.parts[0]])
            else ()
            for t in self.turns
        ]

    def confidence(self, turn: int) -> float:
        """How sure the recogniser was of a turn of the transcript."""
        return self._turn_confidence[turn]

    def confidences(self, turn: int) -> list[float | None] | None:
        """How surely each character of a merged turn was heard, as the recogniser has it; None
        where its words are no characters.
        """
        words = self._by_character[turn]
        return list(map(_CONFIDENCE, words)) if words else None

    def characters(
        self, turn: int, start: int, end: int
    ) -> Sequence[Word | SpokenCharacter | None]:
        """Characters `start` to `end` of a merged turn, each with when and how surely it was heard;
        None for those that belong to no word.
        """
        words = self._by_character[turn]
        return words[start:end] if words else self._all_characters(turn)[start:end]

    def _all_characters(self, turn: int) -> Sequence[SpokenCharacter | None]:
        known = self._characters.get(turn)
        if known is None:
            known = self._characters[turn] = self._spoken_characters(turn)
        return known

    def _spoken_characters(self, turn: int) -> Sequence[SpokenCharacter | None]:
        merged = self.turns[turn]
        out: list[SpokenCharacter | None] = [None] * len(merged.text)
        for at, raw in zip(merged.offsets, merged.parts, strict=True):
            part = self.transcript.turns[raw]
            offsets, aligned = self._offsets_of(raw)
            if not aligned:
                # When in the turn is not known, so nothing is known of pauses in it.
                whole = SpokenCharacter(part.start_s, part.end_s, part.confidence)
                out[at : at + len(part.text)] = [whole] * len(part.text)
                continue
            for offset, word in zip(offsets, part.words, strict=True):
                said = SpokenCharacter(word.start_s, word.end_s, word.confidence)
                length = len(word.text.strip())
                out[at + offset : at + offset + length] = [said] * length
        return out

    def place(self, turn: int, start: int, end: int) -> SpokenPlace:
        """Characters `start` to `end` of merged turn `turn`: when, how surely, and the words."""
        merged = self.turns[turn]
        words = self._by_character[turn]
        if 0 <= start < end <= len(words):
            words = words[start:end]
            known = [w.confidence for w in words]
            if None in known:
                known = [self.assumed_confidence if c is None else c for c in known]
            first_s, last_s = words[0].start_s, words[-1].end_s
            return SpokenPlace(
                first_s,
                last_s if last_s > first_s else first_s,
                merged.parts[0],
                geometric_mean(known),  # type: ignore[arg-type]
                merged.text[start:end].strip(),
            )
        first = self._part(merged, start)
        last = self._part(merged, max(start, end - 1))
        quote = merged.text[start:end].strip()
        confidences: list[float] = []
        times: list[Span] = []
        for part in range(first, last + 1):
            at = merged.offsets[part]
            raw = merged.parts[part]
            length = len(self.transcript.turns[raw].text)
            times.append(self._span(raw, max(0, start - at), min(length, end - at), confidences))
        return SpokenPlace(
            start_s=times[0][0],
            end_s=max(times[0][0], times[-1][1]),
            turn=merged.parts[first],
            confidence=geometric_mean(confidences),
            quote=quote,
        )

    def start_of(self, turn: int, start: int) -> float:
        """When a character of a merged turn was said."""
        words = self._by_character[turn]
        if 0 <= start < len(words):
            return words[start].start_s
        merged = self.turns[turn]
        part = self._part(merged, start)
        return self._span(merged.parts[part], start - merged.offsets[part], 0, None)[0]

    def starts_in(self, turn: int, start: int, span: Span) -> bool:
        """Whether a character of a merged turn was said in a span."""
        merged = self.turns[turn]
        if merged.end_s < span[0] or merged.start_s > span[1]:
            return False
        if merged.start_s >= span[0] and merged.end_s <= span[1]:
            return True
        return span[0] <= self.start_of(turn, start) <= span[1]

    def _mean(self, words: Sequence[Word]) -> float:
        total = weighted = 0.0
        for word in words:
            length = max(word.end_s - word.start_s, 0.01)
            confidence = word.confidence
            total += length
            weighted += length * (self.assumed_confidence if confidence is None else confidence)
        return weighted / total if total > 0 else self.assumed_confidence

    @staticmethod
    def _part(merged: MergedTurn, at: int) -> int:
        return 0 if len(merged.offsets) == 1 else bisect_right(merged.offsets, at) - 1

    def _span(self, raw: int, start: int, end: int, confidences: list[float] | None) -> Span:
        """The time of characters of one turn; adds the confidences of their words to a list."""
        turn = self.transcript.turns[raw]
        offsets, aligned = self._offsets_of(raw)
        if aligned:
            a = max(0, bisect_right(offsets, start) - 1)
            b = max(a, bisect_right(offsets, max(start, end - 1)) - 1)
            words = turn.words[a : b + 1]
            if confidences is not None:
                confidences.extend(
                    self.assumed_confidence if w.confidence is None else w.confidence for w in words
                )
            return words[0].start_s, words[-1].end_s
        if confidences is not None:
            confidences.append(self._turn_confidence[raw])
        length = max(1, len(turn.text))
        spoken = max(0.0, turn.end_s - turn.start_s)
        return turn.start_s + spoken * start / length, turn.start_s + spoken * end / length

    def _offsets_of(self, raw: int) -> tuple[Sequence[int], bool]:
        """Where each word of a turn begins in its text; False where words and text differ."""
        known = self._offsets.get(raw)
        if known is None:
            known = self._offsets[raw] = _offsets(self.transcript.turns[raw])
        return known


def _word_a_character(turn: Turn) -> bool:
    words, text = turn.words, turn.text
    return len(words) == len(text) and list(map(_TEXT, words)) == list(text)


def _offsets(turn: Turn) -> tuple[Sequence[int], bool]:
    if _word_a_character(turn):
        return range(len(turn.text)), bool(turn.text)
    at, offsets = 0, []
    for word in turn.words:
        found = turn.text.find(word.text.strip(), at)
        if found < 0:
            break
        offsets.append(found)
        at = found + len(word.text.strip())
    return offsets, bool(offsets) and len(offsets) == len(turn.words)
