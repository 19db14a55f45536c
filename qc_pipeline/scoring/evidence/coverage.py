"""Which speech has words and which has none.

The voice detector says when a party spoke, the words say what was understood. A stretch of speech
that no word covers is *unheard*: nothing that a rubric asks can be found or missed there. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import inf

from qc_pipeline.call import (
    Dropped,
    Span,
    Speaker,
    Transcript,
    Turn,
    Unheard,
    UnheardReason,
    Word,
)
from qc_pipeline.scoring.evidence.timing import length_s, subtract, union

LEAST_UNHEARD_S = 1.0
"""Speech without words up to this long is the edge of a word or a breath (docs/trust.md)."""
BRIDGE_S = 0.5
"""A gap between two words up to this long belongs to them (docs/trust.md)."""
_LONGEST_WORD_S = 1.0
"""How much a word covers at most: a recogniser that stopped early stretches its last words over
what it left out. Nobody draws out a character longer; 0.5 s is slow."""
_LONGEST_LATIN_WORD_S = 1.5
_LEAST_PART_S = 0.1
"""A part of a stretch up to this long is the edge of a word beside it."""
_PAUSE_S = 1.0
"""Stretches without words that lie closer together than this are one, however the voice detector
divides them."""


def covered_by_words(words: Iterable[Word]) -> list[Span]:
    """When words were said, gaps of up to BRIDGE_S closed; disjoint spans in time."""
    spans = [(w.start_s, w.end_s, w.text) for w in words]
    spans.sort()
    joined: list[Span] = []
    first_s, last_s = 0.0, -inf
    for start_s, until_s, text in spans:
        end_s = until_s
        if until_s - start_s > _LONGEST_WORD_S:
            end_s = min(until_s, start_s + _longest_s(text))
        if start_s - last_s <= BRIDGE_S:
            last_s = max(last_s, end_s)
            continue
        if last_s > -inf:
            joined.append((first_s, last_s))
        first_s, last_s = start_s, max(start_s, end_s)
    if last_s > -inf:
        joined.append((first_s, last_s))
    return joined


def words_of(turns: Iterable[Turn], speaker: Speaker) -> list[Word]:
    """The words of a party; a turn without word times counts as said evenly over its length."""
    found: list[Word] = []
    for turn in turns:
        if turn.speaker is speaker and turn.text.strip():
            found += turn.words or _spread(turn)
    return found


def uncovered(speech: Sequence[Span], words: Iterable[Word]) -> list[Span]:
    """Stretches of speech (disjoint, in time) that no word covers, in time.

    Stretches are taken together across pauses of up to a second with no word between, and told
    from LEAST_UNHEARD_S of speech on.
    """
    covered = covered_by_words(words)
    groups: list[list[Span]] = []
    for start_s, end_s in subtract(union(speech), covered):
        if groups and _follows(groups[-1][-1][1], start_s, covered):
            groups[-1].append((start_s, end_s))
        else:
            groups.append([(start_s, end_s)])
    return [span for group in groups if length_s(group) > LEAST_UNHEARD_S for span in group]


def with_missing(unheard: Sequence[Unheard], missing: Iterable[Span]) -> tuple[Unheard, ...]:
    """What a party was not heard in, with the parts of the recording that nobody could read."""
    not_read = [
        Unheard(start_s=start_s, end_s=end_s, reason=UnheardReason.NOT_READ)
        for start_s, end_s in missing
    ]
    return tuple(sorted((*unheard, *not_read), key=lambda u: (u.start_s, u.end_s, u.reason)))


def unheard_of(
    speech: Sequence[Span],
    words: Sequence[Word],
    dropped: Sequence[Dropped],
    foreign_regions: Sequence[Span] = (),
) -> tuple[Unheard, ...]:
    """The speech of a party that has no words, and why: what was taken out there, if anything.

    `foreign_regions` are in another language, and nobody listened to them in it.
    """
    found: list[Unheard] = []
    for start_s, end_s in uncovered(speech, words):
        if end_s - start_s <= _LEAST_PART_S:
            continue
        if any(a < end_s and b > start_s for a, b in foreign_regions):
            found.append(Unheard(start_s=start_s, end_s=end_s, reason=UnheardReason.LANGUAGE))
            continue
        taken_out = max(
            (d for d in dropped if d.start_s < end_s and d.end_s > start_s),
            key=lambda d: min(d.end_s, end_s) - max(d.start_s, start_s),
            default=None,
        )
        reason = UnheardReason.NO_WORDS if taken_out is None else _reason(taken_out)
        found.append(Unheard(start_s=start_s, end_s=end_s, reason=reason))
    return tuple(found)


def unheard_stretches(transcript: Transcript, speaker: Speaker) -> list[tuple[Unheard, ...]]:
    """What was not heard of a party as people see it: parts of one reason with a pause of up to a
    second and no word between are one stretch. In time; none where it is not known.
    """
    covered = covered_by_words(words_of(transcript.turns, speaker))
    found: list[list[Unheard]] = []
    for one in sorted((transcript.unheard or {}).get(speaker, ()), key=lambda u: u.start_s):
        former = found[-1][-1] if found else None
        if (
            former is not None
            and former.reason is one.reason
            and _follows(former.end_s, one.start_s, covered)
        ):
            found[-1].append(one)
        else:
            found.append([one])
    return [tuple(parts) for parts in found]


def _reason(dropped: Dropped) -> UnheardReason:
    """Why words were taken out; a transcript from elsewhere may have a reason of its own."""
    try:
        return UnheardReason(dropped.reason.code.removeprefix("dropped."))
    except ValueError:
        return UnheardReason.NO_WORDS


def _follows(before_s: float, start_s: float, covered: Sequence[Span]) -> bool:
    """Whether a stretch goes on with the one that ended at `before_s`: soon, and no word between"""
    if start_s - before_s > _PAUSE_S:
        return False
    return not any(a < start_s and b > before_s for a, b in covered)


@lru_cache(maxsize=16384)
def _longest_s(text: str) -> float:
    letters = sum(1 for c in text if c.isalnum())
    if text[:1].isascii():
        return max(_LONGEST_LATIN_WORD_S, 0.3 * letters)
    return _LONGEST_WORD_S * max(letters, 1)


def _spread(turn: Turn) -> list[Word]:
    count = max(sum(1 for c in turn.text if c.isalnum()), 1)
    step = (turn.end_s - turn.start_s) / count
    return [
        Word(text="x", start_s=turn.start_s + n * step, end_s=turn.start_s + (n + 1) * step)
        for n in range(count)
    ]
