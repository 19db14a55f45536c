"""Numbers that are spoken digit by digit: telephone numbers, card numbers, order numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import repeat
from typing import Any, NamedTuple

from qc_pipeline.text.english import spoken_pieces
from qc_pipeline.text.hanzi import COMPACT, compact_form, origin_of_compact
from qc_pipeline.text.masking.check_digits import (
    CHECKS,
    Kind,
    is_bank_card,
    is_id_card,
    is_mobile,
    luhn,
)
from qc_pipeline.text.numerals import DIGIT_WORDS
from qc_pipeline.text.time_limit import TimeLimit
from qc_pipeline.text.time_limits import find_time_limits, parse_limit

# Words that stand between the groups of a number without ending it.
FEEDBACK = [
    "嗯",
    "呃",
    "额",
    "哦",
    "噢",
    "啊",
    "诶",
    "哎",
    "对",
    "对的",
    "对吧",
    "对吗",
    "是",
    "是的",
    "是吧",
    "是吗",
    "好",
    "好的",
    "然后",
    "那",
    "吧",
    "吗",
    "呢",
    "没错",
    "uh",
    "um",
    "yes",
    "yeah",
    "right",
    "okay",
    "correct",
    "then",
    "and",
    "mm",
    "hmm",
    "mhm",
    "mhmm",
    "huh",
    "yep",
    "yup",
    "great",
    "perfect",
    "all",
    "dash",
    "hyphen",
]
_ZH_FEEDBACK = re.compile(
    "|".join(sorted((w for w in FEEDBACK if not w.isascii()), key=len, reverse=True))
)
_EN_FEEDBACK = frozenset(w for w in FEEDBACK if w.isascii())
_OH = ("oh", "o")
_TIMES = {"double": 2, "triple": 3}
_REPEATED = dict(zip("两二三四五六七八九", (2, 2, 3, 4, 5, 6, 7, 8, 9), strict=True))
_DIGIT = "0-9零一幺二两三四五六七八九"
# 二十四 is an amount, which nobody reads digit by digit; 三个八 is 888.
_TOKEN = re.compile(
    # Digits that nothing behind them makes an amount or a count: by far the most.
    rf"(?P<digits>(?:[{_DIGIT}](?![0-9]{{0,8}}[十百千万亿]|个))+)"
    rf"|(?P<amount>(?:[0-9]{{1,9}}|[{_DIGIT}])?[十百千万亿][{_DIGIT}十百千万亿]*)"
    rf"|(?P<times>(?P<count>[两二三四五六七八九])个[{_DIGIT}](?![十百千万亿]))"
    rf"|(?P<digit>[{_DIGIT}])|(?P<x>[x叉])"
)
_VALUES = str.maketrans(DIGIT_WORDS)
_ENDS = re.compile(rf"[的对吧吗呢啊嗯哦是{_DIGIT}]|$")


class Digit(NamedTuple):
    """One digit ("0" to "9", or "X" as a check character) in text number `turn`."""

    value: str
    turn: int
    start: int
    end: int


# As `Digit._make`, without the cost of a call of ours.
_MADE: Callable[[Iterable[Any]], Digit] = partial(tuple.__new__, Digit)


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitRun:
    """Digits that follow each other with only signs and feedback words between."""

    digits: tuple[Digit, ...]

    @property
    def text(self) -> str:
        return "".join(d.value for d in self.digits)

    @property
    def start(self) -> int:
        return self.digits[0].start

    @property
    def end(self) -> int:
        return self.digits[-1].end


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFound:
    """A number in the texts: from `start` in text `first_turn` to `end` in `last_turn`."""

    digits: str
    first_turn: int
    start: int
    last_turn: int
    end: int
    kind: Kind | None = None


def digit_runs(texts: Sequence[str] | str, language: str = "zh") -> tuple[DigitRun, ...]:
    """The runs of digits of one text, or of the turns of one speaker in order.

    Arabic digits of any width, 零 to 九, 幺 as 1, 两 as 2; 三个八 as 888. An amount
    (二十四) ends a run: it is not read digit by digit. In English words and digits, oh as
    0, double and triple.
    """
    if isinstance(texts, str):
        texts = (texts,)
    runs: list[DigitRun] = []
    current: list[Digit] = []
    for turn, text in enumerate(texts):
        tokens = _english(text, turn) if language == "en" else _chinese(text, turn)
        for token in tokens:
            if token is None:
                if current:
                    runs.append(DigitRun(digits=tuple(current)))
                current = []
            else:
                current.append(token)
    if current:
        runs.append(DigitRun(digits=tuple(current)))
    return tuple(runs)


def _chinese(text: str, turn: int) -> list[Digit | None]:
    """Digits in order; None where something else than signs and feedback words stands."""
    plain = text.translate(COMPACT).replace("\n", "")
    origin = origin_of_compact(text)
    out: list[Digit | None] = []
    # Where the words since the last digit begin; feedback words among them end no number.
    words = 0
    for token in _TOKEN.finditer(plain):
        start, end = token.span()
        kind = token.lastgroup
        if kind == "times" and not (out and words == start) and not _ENDS.match(plain, end):
            kind = None  # 两个一起 is no number
            end = start
        if kind == "x" and not (words == start and _four(out)):
            continue
        if kind is None:
            continue
        if out and start > words and _ZH_FEEDBACK.sub("", plain[words:start]):
            out.append(None)
        words = end
        if kind == "digits":
            values = plain[start:end].translate(_VALUES)
            places = origin[start:end]
            after = [place + 1 for place in places]
            out += map(_MADE, zip(values, repeat(turn), places, after, strict=False))
            continue
        if kind == "amount":
            out.append(None)
            continue
        count = _REPEATED[token["count"]] if kind == "times" else 1
        value = "X" if kind == "x" else DIGIT_WORDS.get(plain[end - 1], plain[end - 1])
        place = Digit(value, turn, origin[start], origin[end - 1] + 1)
        out.extend([place] * count)
    if out and _ZH_FEEDBACK.sub("", plain[words:]):
        out.append(None)
    return out


def _four(out: Sequence[Digit | None]) -> bool:
    """Whether an X may be the check character: at least four digits stand right before it."""
    return len(out) >= 4 and all(d is not None for d in out[-4:])


def _english(text: str, turn: int) -> list[Digit | None]:
    out: list[Digit | None] = []
    times = 1
    words = spoken_pieces(text)
    for number, (word, start, end) in enumerate(words):
        if word in _TIMES:
            times = _TIMES[word]
            continue
        digits = word
        if word in _OH:
            # Beside another digit, or the last of a number; else it is a word of surprise.
            after = words[number + 1][0] if number + 1 < len(words) else None
            if after is None:
                digits = "0" if out and out[-1] is not None else word
            elif after.isdigit() or after in _TIMES or after in _OH:
                digits = "0"
        if digits.isascii() and digits.isdigit():
            repeated = digits[0] * (times - 1) + digits
            out.extend(Digit(value=d, turn=turn, start=start, end=end) for d in repeated)
        elif digits == "x" and _four(out):
            out.append(Digit(value="X", turn=turn, start=start, end=end))
        elif word not in _EN_FEEDBACK and word not in _OH:
            out.append(None)
        times = 1
    return out


def digits_only(value: str) -> str:
    """The digits of a field of the call list: "138-0013 8000" → "13800138000"."""
    forms = "".join(compact_form(c) for c in value)
    return "".join(DIGIT_WORDS.get(c, c) for c in forms if c in DIGIT_WORDS or c.isdigit())


def find_number(
    number: str, texts: Sequence[str], language: str = "zh", last: int | None = None
) -> NumberFound | None:
    """The first place where `number` (or its `last` digits) is spoken digit by digit, in order.

    `texts` are turns of one speaker that follow each other. None for a number without digits.
    """
    wanted = digits_only(number)
    if last is not None:
        wanted = wanted[-last:]
    if not wanted:
        return None
    for run in digit_runs(texts, language):
        at = run.text.find(wanted)
        if at >= 0:
            return _found(run.digits[at : at + len(wanted)], None)
    return None


def find_disclosed(
    texts: Sequence[str] | str,
    what: Collection[Kind] = ("id_card", "bank_card", "phone"),
    language: str = "zh",
) -> tuple[NumberFound, ...]:
    """Numbers with valid check digits that are spoken out, of one speaker's turns in order.

    An identity card is found inside a longer run of digits as well (its check is strong); a bank
    card, whose check one number in ten passes, and a telephone only where they are the whole run.
    """
    return disclosed_in(digit_runs(texts, language), what)


def disclosed_in(runs: Iterable[DigitRun], what: Collection[Kind]) -> tuple[NumberFound, ...]:
    """As `find_disclosed`, in runs of digits."""
    out: list[NumberFound] = []
    for run in runs:
        text = run.text
        cards = [i for i in range(len(text) - 17) if is_id_card(text[i : i + 18])]
        if cards:
            if "id_card" in what:
                out.extend(_found(run.digits[i : i + 18], "id_card") for i in cards)
            continue
        for kind in ("bank_card", "phone"):
            if kind in what and CHECKS[kind](text):
                out.append(_found(run.digits, kind))
    return tuple(out)


def _found(digits: Sequence[Digit], kind: Kind | None) -> NumberFound:
    return NumberFound(
        digits="".join(d.value for d in digits),
        first_turn=digits[0].turn,
        start=digits[0].start,
        last_turn=digits[-1].turn,
        end=digits[-1].end,
        kind=kind,
    )


__all__ = [
    "FEEDBACK",
    "Digit",
    "DigitRun",
    "NumberFound",
    "TimeLimit",
    "digit_runs",
    "digits_only",
    "find_disclosed",
    "find_number",
    "find_time_limits",
    "is_bank_card",
    "is_id_card",
    "is_mobile",
    "luhn",
    "parse_limit",
]
