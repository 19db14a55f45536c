"""Text that nobody said: found by rule, taken out, and kept with its reason.

A recogniser given noise writes what it has read most often. Each guard here looks at one turn (a
party's words between two pauses) and says why it cannot have been said; nothing is dropped without
a line in `Transcript.dropped`. What is merely doubtful stays, with its low confidence: the score
holds findings on it for a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from qc_pipeline.asr.loops import looping_run
from qc_pipeline.asr.second_pass import too_fast
from qc_pipeline.asr.simplified_chinese import simplified
from qc_pipeline.call import Dropped, Turn
from qc_pipeline.message import Message

LEAST_CONFIDENCE = 0.12
"""Turns whose words have a geometric mean below this are guesses (1 in 8)."""
HOTWORD_CONFIDENCE = 0.5
_LOOP_SHARE = 0.8
_SHORTEST_TELLING = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """Turns that stand, and what was taken out."""

    turns: tuple[Turn, ...]
    dropped: tuple[Dropped, ...]


def guard(turns: Sequence[Turn], *, language: str, hotwords: Sequence[str]) -> Guarded:
    """Take out what cannot have been said."""
    kept: list[Turn] = []
    dropped: list[Dropped] = []
    for turn in turns:
        reason = invented(turn, language=language, hotwords=hotwords)
        if reason is None:
            kept.append(turn)
        else:
            dropped.append(_dropped(turn, reason))
    return Guarded(turns=tuple(kept), dropped=tuple(dropped))


def with_loops(guarded: Guarded, looped: Sequence[Turn]) -> Guarded:
    """What stands, with text that loops across turns among what was taken out."""
    dropped = [_dropped(turn, Message.of("dropped.loop")) for turn in looped]
    return replace(guarded, dropped=(*guarded.dropped, *dropped))


def _dropped(turn: Turn, reason: Message) -> Dropped:
    return Dropped(
        speaker=turn.speaker,
        start_s=turn.start_s,
        end_s=turn.end_s,
        text=turn.text,
        reason=reason,
    )


def invented(turn: Turn, *, language: str, hotwords: Sequence[str]) -> Message | None:
    """Why a turn's text cannot have been said; None when it can."""
    text = plain(turn.text)
    if not text:
        return Message.of("dropped.no-words")
    phantom = phantom_in(text)
    if phantom is not None:
        return Message.of("dropped.phantom", sentence=phantom)
    if loops(text):
        return Message.of("dropped.loop")
    if too_fast(turn.text, turn.end_s - turn.start_s, language):
        return Message.of("dropped.too-fast")
    if foreign(turn.text, language):
        return Message.of("dropped.foreign")
    if leaked_hotwords(turn, hotwords):
        return Message.of("dropped.hotwords")
    if turn.confidence is not None and turn.confidence < LEAST_CONFIDENCE:
        return Message.of("dropped.guessed")
    return None


def plain(text: str) -> str:
    """Letters and digits only, simplified, lower case."""
    return "".join(c for c in simplified(text).lower() if c.isalnum())


@cache
def _phantoms() -> tuple[tuple[bool, str, str], ...]:
    """(anywhere, plain text, as written) from data/phantoms.txt."""
    source = (files("qc_pipeline.asr") / "data" / "phantoms.txt").read_text(encoding="utf-8")
    rows = []
    for line in source.splitlines():
        if line[:1] in "~=" and line[1:].strip():
            written = line[1:].strip()
            rows.append((line[0] == "~", plain(written), written))
    return tuple(rows)


def phantom_in(text: str) -> str | None:
    """The phantom sentence that `text` (plain) is or holds."""
    for anywhere, phantom, written in _phantoms():
        if text == phantom or (anywhere and phantom in text):
            return written
    return None


def loops(text: str) -> bool:
    """Whether most of `text` (plain) is one piece said five times or more in a row."""
    run = looping_run(text)
    return run is not None and run[1] - run[0] >= _LOOP_SHARE * len(text)


def foreign(text: str, language: str) -> bool:
    """Whether a turn is written in a script that the call's language does not use.

    Latin letters and digits are at home in Chinese calls (OK, APP, WiFi), whole English sentences
    are not; kana, hangul, Cyrillic and the like are in neither.
    """
    letters = [c for c in text if c.isalpha()]
    if len(letters) < _SHORTEST_TELLING:
        return False
    han = sum(1 for c in letters if "\u4e00" <= c <= "\u9fff" or "\u3400" <= c <= "\u4dbf")
    latin = sum(1 for c in letters if c.isascii())
    if language == "zh":
        other = len(letters) - han - latin
        return other * 2 > len(letters) or (han == 0 and latin > 15)
    if language == "en":
        return latin * 2 < len(letters)
    return False


def leaked_hotwords(turn: Turn, hotwords: Sequence[str]) -> bool:
    """Whether a turn is the prompt coming back: hotwords in the prompt's order and nothing else.

    One hotword alone is a sensible thing to say, unless it was hardly heard.
    """
    if not hotwords:
        return False
    text = plain(turn.text)
    prompt = [plain(w) for w in hotwords]
    unsure = turn.confidence is not None and turn.confidence < HOTWORD_CONFIDENCE
    if text in prompt:
        return unsure
    for first in range(len(prompt)):
        joined = ""
        for word in prompt[first:]:
            joined += word
            if joined == text:
                return True
    rest = text
    for word in sorted(prompt, key=len, reverse=True):
        rest = rest.replace(word, "")
    return unsure and not rest
