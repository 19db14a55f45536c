"""Whether a place that is like a phrase may count as the phrase: a likeness is earned by doubt.

What the recogniser was sure of is what was said: 没有接到 is no 没有查到, however near. Only where
it doubted a word may another one have been spoken there (docs/trust.md, "A likeness").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING

from qc_pipeline.text.gapped_wordings import WordedPart
from qc_pipeline.text.number_roles import is_hotline, threatens_with
from qc_pipeline.text.phrase_alignment import Difference, differences
from qc_pipeline.text.phrases import NEAR_TIER, PhraseHit

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.prepared_call import PreparedCall

SURE_SYLLABLES = 4
"""Against the agent, another tier than the first counts from this many syllables (words) on."""
SOUND_TIER = 3
"""The last tier that goes by sound alone; what is farther is near."""
HARDLY_HEARD = 0.6
"""Confidence under which a word of a red line's likeness was hardly heard: a person listens."""
GRAVE_SYLLABLES = 3
PAUSE_S = 0.3
"""A pause that a likeness, and whatever speaks against the agent, does not cross."""
LONGEST_PAUSE_S = 1.5
"""A pause inside the very words that speak for the agent: longer ones part two turns."""
_WORD = re.compile(r"\S+")
_SENTENCE_END = re.compile(r"[。!！?？;；…]|\.(?!\d)")
_COMMA = re.compile(r"[,，、:：]")


class Likeness(IntEnum):
    """NONE: not the phrase. UNSURE: it may be, a person decides. SURE: it is."""

    NONE = 0
    UNSURE = 1
    SURE = 2


def likeness(call: PreparedCall, place: PhraseHit, *, favour: bool, grave: bool) -> Likeness:
    """What a place found for a phrase is worth: for the agent (`favour`) or against them, in a
    criterion whose failure weighs much (`grave`: red lines and major items) or not.
    """
    parts = call.found.parts(place)
    if _crosses(call, place, parts, favour=favour):
        return Likeness.NONE
    if place.tier == 1:
        phrase = parts[0].text
        if favour or len(parts) > 1 or not is_hotline(phrase):
            return Likeness.SURE
        text = call.turns[place.turn].text
        dialled = threatens_with(phrase, text, place.start, place.end, call.own_numbers)
        return Likeness.SURE if dialled else Likeness.NONE
    size = call.lexicon.size(parts)
    differing = _differing(call, place, parts, favour=favour)
    heard = [call.least_confidence(place.turn, d.start, d.end) for d in differing]
    allowed = call.lexicon.last_tier(call.lexicon.wanted(place.phrase))
    found = Likeness.NONE
    if place.tier <= allowed or (place.tier > NEAR_TIER and allowed == NEAR_TIER):
        found = _earned(differing, heard, call.doubtful_below, size, favour=favour)
        if place.tier > SOUND_TIER or size < SURE_SYLLABLES:
            found = min(found, Likeness.UNSURE)
    if grave and not favour and size >= GRAVE_SYLLABLES and _hardly(heard):
        return Likeness.UNSURE
    return found


def _earned(
    differing: Sequence[Difference],
    heard: Sequence[float | None],
    doubtful_below: float,
    size: int,
    *,
    favour: bool,
) -> Likeness:
    """By the kinds of what differs and how surely it was heard (None: not known)."""
    doubts = [None if c is None else c < doubtful_below for c in heard]
    near = [d for d, one in zip(doubts, differing, strict=True) if one.kind == "near"]
    if not all(near):
        return Likeness.NONE
    classes = [d for d, one in zip(doubts, differing, strict=True) if one.kind == "class"]
    if favour:
        undoubted = sum(not d for d in classes)
        return Likeness.SURE if undoubted <= size // 4 else Likeness.NONE
    known = [d for d in doubts if d is not None]
    if not known and differing:
        # A recogniser that gives no confidences: a person decides.
        return Likeness.UNSURE
    if classes and not all(classes):
        return Likeness.NONE
    return Likeness.SURE if any(known) or not differing else Likeness.NONE


def hardly_heard(call: PreparedCall, place: PhraseHit) -> bool:
    """Whether a place that is too short to be held is like a phrase but for words that were hardly
    heard.
    """
    parts = call.found.parts(place)
    if place.tier == 1 or call.lexicon.size(parts) >= GRAVE_SYLLABLES:
        return False
    differing = _differing(call, place, parts, favour=False)
    heard = [call.least_confidence(place.turn, d.start, d.end) for d in differing]
    return _hardly(heard)


def doubted_words(call: PreparedCall, place: PhraseHit, *, favour: bool) -> str:
    """The words at a place that the finding hangs on and that were not heard surely, as written:
    of a likeness what differs from the phrase, of the phrase itself whatever was doubted.
    """
    turn = call.turns[place.turn].text
    if place.tier > 1:
        differing = _differing(call, place, call.found.parts(place), favour=favour)
        return "".join(dict.fromkeys(turn[d.start : d.end].strip() for d in differing))
    if call.language == "en":
        spans = [(place.start + m.start(), place.start + m.end())
                 for m in _WORD.finditer(turn[place.start : place.end])]  # fmt: skip
    else:
        spans = [(i, i + 1) for i in range(place.start, place.end)]
    join = " " if call.language == "en" else ""
    return join.join([turn[a:b] for a, b in spans if call.doubted(place.turn, a, b)])


def _crosses(
    call: PreparedCall, place: PhraseHit, parts: Sequence[WordedPart], *, favour: bool
) -> bool:
    """Whether the words found reach over what parts two sentences or moments."""
    lenient = favour and place.tier == 1
    text = call.turns[place.turn].text[place.start : place.end]
    if not lenient and not text.isalnum():
        wanted = "".join([part.text for part in parts])
        inside = text.strip()
        if _SENTENCE_END.search(inside) and not _SENTENCE_END.search(wanted):
            return True
        likeness_against = not favour and place.tier > 1
        if likeness_against and _COMMA.search(inside) and not _COMMA.search(wanted):
            return True
    longest_s = LONGEST_PAUSE_S if lenient else PAUSE_S
    return call.longest_pause_s(place.turn, place.start, place.end) > longest_s


def _differing(
    call: PreparedCall, place: PhraseHit, parts: Sequence[WordedPart], *, favour: bool
) -> list[Difference]:
    text = call.turns[place.turn].text
    confusions = call.lexicon.confusions
    found = []
    for part in parts:
        if part.tier > 1:
            heard = text[part.start : part.end]
            for one in differences(part.text, heard, call.language, confusions, polite_you=favour):
                start, end = part.start + one.start, part.start + one.end
                if one.outside:
                    start, end = _with_neighbour(call, place.turn, start, end, one.outside)
                found.append(Difference(one.kind, start, end))
    return found


def _with_neighbour(
    call: PreparedCall, turn: int, start: int, end: int, step: int
) -> tuple[int, int]:
    """Some characters with the spoken one before (behind) them, where no pause lies between."""
    text = call.turns[turn].text
    at = start - 1 if step < 0 else end
    while 0 <= at < len(text) and not text[at].isalnum():
        at += step
    if not 0 <= at < len(text):
        return start, end
    wider = min(start, at), max(end, at + 1)
    return wider if call.longest_pause_s(turn, *wider) <= PAUSE_S else (start, end)


def _hardly(heard: Sequence[float | None]) -> bool:
    """Whether there are words, and all of them were hardly heard."""
    return bool(heard) and all(c is not None and c < HARDLY_HEARD for c in heard)
