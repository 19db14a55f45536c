"""A call's words with what must not be seen taken out, and where that was in seconds."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.call import Span, Transcript, Turn
from qc_pipeline.report import masking

SILENCE_MARGIN_S = 0.15


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """`texts[i]` is turn i's masked text; `silenced` are the seconds of what was masked."""

    texts: tuple[str, ...]
    silenced: tuple[Span, ...]


def masked(transcript: Transcript, names: masking.Names) -> Heard:
    """Mask a transcript; masked characters are silenced from the first to the last of a turn's
    number, with a margin; a turn without word times is silenced whole."""
    spans = masking.turn_spans(
        [(str(t.speaker), t.text) for t in transcript.turns], names, transcript.language
    )
    texts = tuple(
        masking.hide(t.text, s) if s else t.text
        for t, s in zip(transcript.turns, spans, strict=True)
    )
    silenced: list[Span] = []
    for turn, hidden in zip(transcript.turns, spans, strict=True):
        silenced += _seconds(turn, hidden)
    return Heard(texts=texts, silenced=tuple(silenced))


def word_places(turn: Turn) -> tuple[tuple[int, int], ...]:
    """(start, end) of each word in the turn's text; words not found there are left out as (-1, -1).

    Words follow one another in the text; punctuation and spaces may stand between them.
    """
    places: list[tuple[int, int]] = []
    cursor = 0
    for word in turn.words:
        text = word.text.strip()
        at = turn.text.find(text, cursor) if text else -1
        if at < 0 or at > cursor + 12:
            places.append((-1, -1))
            continue
        places.append((at, at + len(text)))
        cursor = at + len(text)
    return tuple(places)


def _seconds(turn: Turn, hidden: tuple[masking.CharSpan, ...]) -> list[Span]:
    if not hidden:
        return []
    groups = _groups(hidden)
    places = word_places(turn)
    if not any(a >= 0 for a, _ in places):
        return [(turn.start_s, turn.end_s)]
    found: list[Span] = []
    for start, end in groups:
        inside = [
            w
            for w, (a, b) in zip(turn.words, places, strict=True)
            if a >= 0 and a < end and b > start
        ]
        if inside:
            found.append(
                (
                    round(max(0.0, inside[0].start_s - SILENCE_MARGIN_S), 2),
                    round(inside[-1].end_s + SILENCE_MARGIN_S, 2),
                )
            )
        else:
            found.append((turn.start_s, turn.end_s))
    return found


def _groups(hidden: tuple[masking.CharSpan, ...]) -> list[tuple[int, int]]:
    """Masked characters that stand within four of one another are one stretch of sound."""
    groups: list[tuple[int, int]] = []
    for start, end in sorted(hidden):
        if groups and start - groups[-1][1] <= masking.PIECE_GAP:
            groups[-1] = (groups[-1][0], max(end, groups[-1][1]))
        else:
            groups.append((start, end))
    return groups
