"""Stretches of speech without words in the text that a person corrects, and words put there. Pure.

Each stretch stands as a comment at its place; with words behind the colon it becomes a turn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from qc_pipeline.call import Span, Speaker, Transcript, Turn, Unheard, Word
from qc_pipeline.scoring.evidence.coverage import LEAST_UNHEARD_S, unheard_stretches
from qc_pipeline.scoring.evidence.timing import clip, subtract, union
from qc_pipeline.text.masked_words import word_places

STRETCH = re.compile(
    r"#?\s*[\[【]\s*[?\uff1f]\s*(\d+\.\d\d)-(\d+\.\d\d)(?:\s+[a-z-]+)?\s*[\]】]"
    r"\s*([^\s:\uff1a]+)\s*[:\uff1a][ \t]*(.*)"
)
"""A stretch with its speaker and what was heard there; its `#` may go or stay."""
_SAME_S = 0.006
"""Times in the text are rounded to a hundredth."""

UnheardOf = Mapping[Speaker, tuple[Unheard, ...]]


def stretch_lines(transcript: Transcript) -> Iterator[tuple[float, str]]:
    """When each stretch begins, and its line."""
    for speaker in Speaker:
        for parts in unheard_stretches(transcript, speaker):
            start_s, end_s = parts[0].start_s, parts[-1].end_s
            yield start_s, f"# [?{start_s:.2f}-{end_s:.2f} {parts[0].reason}] {speaker}: "


def find_stretch(
    transcript: Transcript, speaker: Speaker | None, start_s: float, end_s: float
) -> Turn | None:
    """The stretch of those times as a turn without text; of both parties' with the same times the
    speaker's own.
    """
    found = [
        Turn(speaker=whose, start_s=parts[0].start_s, end_s=parts[-1].end_s, text="")
        for whose in Speaker
        for parts in unheard_stretches(transcript, whose)
        if abs(parts[0].start_s - start_s) < _SAME_S and abs(parts[-1].end_s - end_s) < _SAME_S
    ]
    return min(found, key=lambda s: s.speaker is not speaker, default=None)


def cut_around(turn: Turn, filled: Turn) -> tuple[Turn, ...]:
    """What is left of a turn whose party said `filled` in the middle of it: its words before and
    its words after. A turn without word times, of the other party or of another time is left whole.
    """
    if (
        turn.speaker is not filled.speaker
        or not turn.words
        or turn.end_s <= filled.start_s
        or turn.start_s >= filled.end_s
    ):
        return (turn,)
    middle_s = (filled.start_s + filled.end_s) / 2
    first = next(
        (n for n, w in enumerate(turn.words) if (w.start_s + w.end_s) / 2 > middle_s),
        len(turn.words),
    )
    at = len(turn.text) if first == len(turn.words) else word_places(turn)[first][0]
    if at < 0:
        return (turn,)
    before = _piece(turn, turn.text[:at], turn.words[:first], (turn.start_s, filled.start_s))
    after = _piece(turn, turn.text[at:], turn.words[first:], (filled.end_s, turn.end_s))
    return tuple(piece for piece in (before, after) if piece is not None)


def _piece(turn: Turn, text: str, words: tuple[Word, ...], span: Span) -> Turn | None:
    """A part of a turn, its words inside its time; one that is all outside keeps a moment of it."""
    if not words:
        return None
    start_s, end_s = span[0], max(span)
    inside = tuple(
        replace(
            w, start_s=_within(w.start_s, start_s, end_s), end_s=_within(w.end_s, start_s, end_s)
        )
        for w in words
    )
    return replace(turn, start_s=start_s, end_s=end_s, text=text.strip(), words=inside)


def _within(at_s: float, start_s: float, end_s: float) -> float:
    return min(max(at_s, start_s), end_s)


def heard_now(
    unheard: UnheardOf | None, heard: Mapping[Speaker, Sequence[Span]]
) -> UnheardOf | None:
    """What is still unheard once a person heard those spans of each party; None stays None.

    What is left of a stretch beside them counts from LEAST_UNHEARD_S on, as everywhere.
    """
    if unheard is None:
        return None
    return {
        speaker: tuple(
            replace(one, start_s=a, end_s=b)
            for one in stretches
            for a, b in _left((one.start_s, one.end_s), union(heard.get(speaker, ())))
        )
        for speaker, stretches in unheard.items()
    }


def _left(span: Span, heard: Sequence[Span]) -> list[Span]:
    if not clip(heard, *span):
        return [span]
    return [(a, b) for a, b in subtract([span], heard) if b - a > LEAST_UNHEARD_S]


def moved(unheard: UnheardOf | None, former: Speaker, span: Span) -> UnheardOf | None:
    """With what was unheard of `former` in `span` given to the other party, as speech is that was
    found to be the other's.
    """
    if unheard is None or former not in unheard or former.other not in unheard:
        return unheard
    gone = [
        replace(one, start_s=max(one.start_s, span[0]), end_s=min(one.end_s, span[1]))
        for one in unheard[former]
        if one.start_s < span[1] and one.end_s > span[0]
    ]
    stays = [
        replace(one, start_s=a, end_s=b)
        for one in unheard[former]
        for a, b in subtract([(one.start_s, one.end_s)], [span])
    ]
    theirs = sorted((*unheard[former.other], *gone), key=lambda u: (u.start_s, u.end_s))
    return {**unheard, former: tuple(stays), former.other: tuple(theirs)}
