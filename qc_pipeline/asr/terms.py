"""The centre's own terms, put right after hearing: by syllable, and only where it was doubtful.

A recogniser writes what it has read: 新圆宽带 for 星源宽带. Unlike a prompt, a list of terms that
is held against the text afterwards can lose no speech and invent none: a term takes the place of as
many characters that sound the same, and every character that it changes must have been heard with
doubt. The words keep their low confidence, so what rests on them is still for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from qc_pipeline.asr.helps import Change
from qc_pipeline.call import Turn, Word
from qc_pipeline.scoring.evidence.hearing import DOUBTFUL_BELOW
from qc_pipeline.text.syllables import sound_alike, usual_readings

_WHOLE_LENGTH = 3
"""Terms from so many syllables on may differ in one by its class (n/l, z/zh, in/ing); two
syllables are too little for that."""


def put_right(
    turns: Sequence[Turn], terms: Sequence[str], doubtful_below: float = DOUBTFUL_BELOW
) -> tuple[tuple[Turn, ...], tuple[Change, ...]]:
    """Turns with the terms in them, and each change. Longer terms go first."""
    known = sorted((t for t in terms if len(t) > 1), key=lambda t: (-len(t), t))
    made: list[Turn] = []
    changes: list[Change] = []
    for turn in turns:
        for term in known:
            turn, found = _in_turn(turn, term, doubtful_below)
            changes += found
        made.append(turn)
    return tuple(made), tuple(changes)


def _in_turn(turn: Turn, term: str, doubtful_below: float) -> tuple[Turn, list[Change]]:
    words = list(turn.words)
    letters = [_letter(w) for w in words]
    text = turn.text
    changes: list[Change] = []
    at = 0
    while at + len(term) <= len(words):
        span = range(at, at + len(term))
        heard = "".join(letters[n] for n in span)
        here = words[at : at + len(term)]
        if len(heard) != len(term) or not _is_term(heard, term, here, doubtful_below):
            at += 1
            continue
        before = "".join(words[n].text for n in span)
        for n, character in zip(span, term, strict=True):
            words[n] = replace(words[n], text=words[n].text.replace(letters[n], character, 1))
            letters[n] = character
        text = text.replace(before, "".join(words[n].text for n in span), 1)
        changes.append(Change(before=heard, after=term))
        at += len(term)
    if not changes:
        return turn, []
    return replace(turn, words=tuple(words), text=text), changes


def _letter(word: Word) -> str:
    """The one letter of a word; a mark of no use where it has several or none."""
    letters = [c for c in word.text if c.isalnum()]
    return letters[0] if len(letters) == 1 else "\0" * 2


def _is_term(heard: str, term: str, words: Sequence[Word], doubtful_below: float) -> bool:
    differing = [n for n, (a, b) in enumerate(zip(heard, term, strict=True)) if a != b]
    if not differing:
        return False
    if not all(_doubtful(words[n], doubtful_below) for n in differing):
        return False
    other = [n for n in differing if not _same(heard[n], term[n])]
    if not other:
        return True
    return (
        len(term) >= _WHOLE_LENGTH
        and len(other) == 1
        and sound_alike(heard[other[0]], term[other[0]])
    )


def _doubtful(word: Word, doubtful_below: float) -> bool:
    return word.confidence is not None and word.confidence < doubtful_below


def _same(one: str, other: str) -> bool:
    return bool(set(usual_readings(one)) & set(usual_readings(other)))
