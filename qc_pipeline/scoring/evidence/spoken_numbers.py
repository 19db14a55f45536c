"""Numbers spoken digit by digit, over several turns while only feedback stands between."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.timing import MergedTurn, is_feedback
from qc_pipeline.text.numbers import Digit, digit_runs

# Fewer digits than these are no number that somebody reads out; a run may be its last three.
SHORTEST = 4
SHORTEST_RUN = 3
_DIGITS = frozenset("0123456789０１２３４５６７８９零〇○一幺二两三四五六七八九")
_DIGIT = re.compile(f"[{''.join(sorted(_DIGITS))}]")
# Three digits with no words but feedback between them, or 三个八: a cheap look before the whole is
# read.
_BETWEEN = r"[\W_嗯呃额額哦噢啊诶誒哎对對的吧吗嗎是好然后後那呢没沒错錯个個]"
_SEVERAL = re.compile(
    rf"(?:{_DIGIT.pattern}{_BETWEEN}{{0,8}}){{3}}|{_DIGIT.pattern}[个個]{_DIGIT.pattern}"
)


# What the other says in English while somebody reads a number out, besides feedback words.
_GO_ON_WORDS = (
    "correct perfect mhmm exactly gotcha go on ahead next thats that's that is and then please"
    " continue ready"
)
_GO_ON = frozenset(_GO_ON_WORDS.split())
_WORD = re.compile(r"[a-z0-9']+")


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
    digits = [True] * len(turns) if english else [not _DIGITS.isdisjoint(text) for text in texts]
    between = (lambda i: feedback(i) or _goes_on(texts[i])) if english else feedback
    out: dict[Speaker, tuple[SpokenRun, ...]] = {}
    for speaker in Speaker:
        own = [i for i, turn in enumerate(turns) if digits[i] and turn.speaker is speaker]
        runs = []
        for stretch in _stretches(
            turns, own if english else _worth_it(own, texts), digits, between, language
        ):
            said = [texts[i] for i in stretch]
            if english or _may_hold_number(said):
                runs += [
                    SpokenRun(text=run.text, digits=run.digits, turns=stretch)
                    for run in digit_runs(said, language)
                    if len(run.digits) >= SHORTEST_RUN
                ]
        out[speaker] = tuple(runs)
    return out


def _worth_it(own: Sequence[int], texts: Sequence[str]) -> list[int]:
    """Of a party's turns with a digit those that may have part in a number, whatever stands
    between them.
    """
    joined = " ".join([texts[i] for i in own])
    found = [m.span() for m in _SEVERAL.finditer(joined)]
    if not found:
        return []
    starts = list(accumulate([len(texts[i]) + 1 for i in own], initial=0))
    touched: set[int] = set()
    for start, end in found:
        first, last = bisect_right(starts, start) - 1, bisect_right(starts, end - 1)
        touched.update(own[first:last])
    return sorted(touched)


def _stretches(
    turns: Sequence[MergedTurn],
    wanted: Sequence[int],
    digits: Sequence[bool],
    feedback: Callable[[int], bool],
    language: str,
) -> list[tuple[int, ...]]:
    """The turns of a party around each of those wanted between which a run may go on, each
    stretch from one with a digit on.
    """
    out: list[tuple[int, ...]] = []
    passed = -1
    for number in wanted:
        if number <= passed:
            continue
        speaker = turns[number].speaker

        def goes_on(i: int, speaker: Speaker = speaker) -> bool:
            if feedback(i):
                return True
            own = turns[i].speaker is speaker
            return digits[i] and (own or _only_digits(turns[i].text, language))

        first = last = number
        while first and goes_on(first - 1):
            first -= 1
        while last + 1 < len(turns) and goes_on(last + 1):
            last += 1
        passed = last
        stretch = [i for i in range(first, last + 1) if turns[i].speaker is speaker]
        while not digits[stretch[0]]:
            del stretch[0]
        out.append(tuple(stretch))
    return out


def _may_hold_number(texts: Sequence[str]) -> bool:
    return _SEVERAL.search(" ".join(texts)) is not None


def _goes_on(text: str) -> bool:
    """Whether an English turn only asks to go on with a number."""
    return is_feedback(" ".join(w for w in _WORD.findall(text.lower()) if w not in _GO_ON), "en")


def _only_digits(text: str, language: str) -> bool:
    if language != "en":
        return is_feedback(_DIGIT.sub("", text), language)
    runs = digit_runs(text, language)
    if len(runs) != 1:
        return False
    run = runs[0]
    return _goes_on(text[: run.start]) and _goes_on(text[run.end :])


def masked(digits: str) -> str:
    """A number that no card shows whole: the first three and the last two, of a short one two."""
    if len(digits) < 8:
        return f"{'*' * max(0, len(digits) - 2)}{digits[-2:]}"
    return f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"
