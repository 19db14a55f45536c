"""Numbers spoken digit by digit, over several turns while only feedback stands between."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.timing import MergedTurn, is_feedback
from qc_pipeline.text.numbers import Digit, digit_runs

# Fewer digits than these are no number that somebody reads out; a run may be its last three.
SHORTEST = 4
SHORTEST_RUN = 3
_DIGIT = re.compile(r"[0-90-9零〇○一幺二两三四五六七八九]")
_SEARCH = _DIGIT.search
# Three digits with no words but feedback between them, or 三个八: a cheap look before the whole is
# read.
_BETWEEN = r"[\W_嗯呃额額哦噢啊诶誒哎对對的吧吗嗎是好然后後那呢没沒错錯个個]"
_SEVERAL = re.compile(
    rf"(?:{_DIGIT.pattern}{_BETWEEN}{{0,8}}){{3}}|{_DIGIT.pattern}[个個]{_DIGIT.pattern}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenRun:
    """Digits one after the other; `turns` are the merged turns that `Digit.turn` counts."""

    text: str
    digits: tuple[Digit, ...]
    turns: tuple[int, ...]

    @property
    def first_turn(self) -> int:
        return self.turns[self.digits[0].turn]


def spoken_runs(
    turns: Sequence[MergedTurn], feedback: Callable[[int], bool], language: str
) -> Mapping[Speaker, tuple[SpokenRun, ...]]:
    """The runs of at least three digits that each speaker said; `feedback` tells of a turn by its
    number whether it holds nothing but feedback words.

    A run goes on over turns while between its digits the speaker says nothing but feedback words,
    and the other nothing but feedback words and digits.
    """
    texts = [t.text for t in turns]
    english = language == "en"
    digits = [True] * len(turns) if english else [m is not None for m in map(_SEARCH, texts)]
    out: dict[Speaker, tuple[SpokenRun, ...]] = {}
    for speaker in Speaker:
        runs = []
        for stretch in _stretches(turns, speaker, digits, feedback, language):
            said = [texts[i] for i in stretch]
            if english or _may_hold_number(said):
                runs += [
                    SpokenRun(text=run.text, digits=run.digits, turns=stretch)
                    for run in digit_runs(said, language)
                    if len(run.digits) >= SHORTEST_RUN
                ]
        out[speaker] = tuple(runs)
    return out


def _stretches(
    turns: Sequence[MergedTurn],
    speaker: Speaker,
    digits: Sequence[bool],
    feedback: Callable[[int], bool],
    language: str,
) -> list[tuple[int, ...]]:
    """The speaker's turns between which a run may go on, from one with a digit on."""
    out: list[tuple[int, ...]] = []
    current: list[int] = []
    for i, turn in enumerate(turns):
        if turn.speaker is speaker:
            if digits[i] or (current and feedback(i)):
                current.append(i)
                continue
        elif not current or feedback(i) or (digits[i] and _only_digits(turn.text, language)):
            continue
        if current:
            out.append(tuple(current))
            current = []
    if current:
        out.append(tuple(current))
    return out


def _may_hold_number(texts: Sequence[str]) -> bool:
    return _SEVERAL.search(" ".join(texts)) is not None


def _only_digits(text: str, language: str) -> bool:
    if language != "en":
        return is_feedback(_DIGIT.sub("", text), language)
    runs = digit_runs(text, language)
    if len(runs) != 1:
        return False
    run = runs[0]
    return is_feedback(text[: run.start], language) and is_feedback(text[run.end :], language)


def masked(digits: str) -> str:
    """A number that no card shows whole: the first three and the last two, of a short one two."""
    if len(digits) < 8:
        return f"{'*' * max(0, len(digits) - 2)}{digits[-2:]}"
    return f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"
