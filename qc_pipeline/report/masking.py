"""Telephone, identity-card and bank numbers and customers' names, hidden in whatever is written.

Masking keeps the length of a text: every hidden character becomes "*", so places in a text (of
words, of evidence) stay what they were. Numbers are found as digits and as spoken digits
(幺三八…), also where a party says them in pieces over several turns.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from qc_pipeline.text.numbers import digit_runs

CharSpan = tuple[int, int]

STAR = "*"
SPOKEN = "零〇一幺二两三四五六七八九"
_DIGIT = f"[0-9０-９{SPOKEN}]"
_GAP = r"[\s,，、.。·\-—–_/]{0,3}"
_RUN = re.compile(f"{_DIGIT}(?:{_GAP}{_DIGIT})*(?:{_GAP}[xXＸ](?![A-Za-z]))?")
_IS_DIGIT = re.compile(_DIGIT + "|[xXＸ]")
_ONE = re.compile(_DIGIT)
_THREE = re.compile(f"{_DIGIT}(?:{_GAP}{_DIGIT}){{2}}")
_HEX = re.compile(r"[0-9a-f]{12,}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")

LEAST_DIGITS = 7
"""From here on a run of digits is taken for somebody's number (a local telephone number)."""

PIECE_GAP = 4
"""Hidden characters nearer than this are one stretch of sound."""

SURNAMES = frozenset(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾"
    "丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤"
    "尹黎易常武乔贺赖龚文庞樊兰殷施陶洪翟安颜倪严牛温芦季俞章鲁葛伍韦申尤毕聂丛焦向柳邢骆岳齐梅"
    "莫庄辛管祝左涂谷祁时舒耿卜路詹关苗凌费纪靳盛童欧甄项曲成游阳裴席卫查屈鲍位覃霍翁隋植甘景薄"
)
_DOUBTFUL = frozenset("于时安方成常向高文关路和从同对应项位席查游管")
_DOUBLE = ("欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "令狐")
_HAN = "一-鿿"
_NOT_NAME = "的了吗吧呢啊呀嘛是在有没和跟电身住手号证打想要就这那我你您他她对嗯请"
_AFTER_NAME = ("先生", "女士", "小姐", "工号", "先", "女的")
_FAMILY = f"(?:{'|'.join(_DOUBLE)}|[{''.join(sorted(SURNAMES))}])"
_CUE = (
    "(?:我叫|我名字叫|名字是|名字叫|姓名是|姓名叫|姓名|户主是|户主叫|户名是|机主是|联系人是|联系人叫|"
    "持卡人是|本人叫|称呼是)"
)
_INTRODUCED = re.compile(f"{_CUE}[\\s,，:：]?({_FAMILY})([{_HAN}]{{1,2}})")
_ADDRESSED = re.compile(
    f"({_FAMILY})((?:(?![{_NOT_NAME}]|先生|女士|小姐)[{_HAN}]){{1,2}})(?=先生|女士|小姐)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names and numbers to be hidden word for word, with the lengths they have."""

    words: frozenset[str] = frozenset()
    lengths: tuple[int, ...] = ()


NO_NAMES = Names()


def number_spans(text: str) -> tuple[CharSpan, ...]:
    """The characters to hide of every run of seven digits or more, and of mail addresses."""
    spans: list[CharSpan] = []
    if _THREE.search(text):
        hexes = [m.span() for m in _HEX.finditer(text) if not m.group().isdigit()]
        for run in _RUN.finditer(text):
            if any(a <= run.start() and run.end() <= b for a, b in hexes):
                continue
            places = _digit_places(text, run.span())
            if len(places) >= LEAST_DIGITS:
                spans += _hidden(places)
    spans += [m.span() for m in _EMAIL.finditer(text)] if "@" in text else []
    return tuple(spans)


def name_spans(text: str) -> tuple[CharSpan, ...]:
    """The given names after words that introduce one (我叫张伟) or before a title (张伟先生)."""
    spans: list[CharSpan] = []
    for found in _INTRODUCED.finditer(text):
        start, end = found.span(2)
        for i in range(start, end):
            if text[i] in _NOT_NAME or text.startswith(_AFTER_NAME, i):
                end = i
                break
        if end > start:
            spans.append((start, end))
    if "先生" in text or "女士" in text or "小姐" in text:
        for found in _ADDRESSED.finditer(text):
            given = found.group(2)
            if found.group(1) in _DOUBTFUL and given[0] in SURNAMES:
                continue
            spans.append(found.span(2))
    return tuple(spans)


def turn_spans(
    turns: Sequence[tuple[str, str]], names: Names = NO_NAMES, language: str = "zh"
) -> tuple[tuple[CharSpan, ...], ...]:
    """What to hide in each turn of a call, given (speaker, text); numbers in pieces included.

    A number in pieces: digits of one party that follow one another with nothing but feedback
    words between, over however many turns (`qc_pipeline.text.numbers.digit_runs`).
    """
    hidden: list[list[CharSpan]] = [
        [*number_spans(text), *name_spans(text), *exact_spans(text, names)] for _, text in turns
    ]
    for speaker in dict.fromkeys(s for s, _ in turns):
        own = [i for i, (who, _) in enumerate(turns) if who == speaker]
        if language == "zh" and sum(len(_ONE.findall(turns[i][1])) for i in own) < LEAST_DIGITS:
            continue
        for run in digit_runs([turns[i][1] for i in own], language):
            if len(run.text) < LEAST_DIGITS:
                continue
            for place in _hidden_places(len(run.digits)):
                digit = run.digits[place]
                hidden[own[digit.turn]].append((digit.start, digit.end))
    return tuple(tuple(sorted(set(spans))) for spans in hidden)


def names_of(words: Iterable[str]) -> Names:
    kept = frozenset(w for w in words if w)
    return Names(words=kept, lengths=tuple(sorted({len(w) for w in kept}, reverse=True)))


def exact_spans(text: str, names: Names) -> list[CharSpan]:
    """Where given names or numbers stand word for word."""
    return [
        (i, i + length)
        for length in names.lengths
        for i in range(len(text) - length + 1)
        if text[i : i + length] in names.words
    ]


def hide(text: str, spans: Iterable[CharSpan]) -> str:
    """`text` with the characters of `spans` replaced by stars; its length is kept."""
    letters: list[str] | None = None
    for start, end in spans:
        letters = list(text) if letters is None else letters
        for i in range(start, min(end, len(text))):
            if not text[i].isspace():
                letters[i] = STAR
    return text if letters is None else "".join(letters)


def mask(text: str, names: Names = NO_NAMES) -> str:
    """`text` without numbers of seven digits or more, customers' given names, and `names`."""
    return hide(text, [*number_spans(text), *name_spans(text), *exact_spans(text, names)])


_MOBILE = re.compile(r"1[3-9]\d{9}")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
_CARD = re.compile(r"(?<!\d)\d{15,19}[xX]?(?!\d)")


def mask_identifier(text: str) -> str:
    """A recording id, file name or path with the numbers in it hidden that can be somebody's.

    Ids are made of dates and counters, so only what looks like a mobile or land-line number, an
    identity card or a bank card is hidden, a mobile number also inside a longer run of digits.
    """
    spans: list[CharSpan] = [m.span() for m in _CARD.finditer(text) if not _stamp(m.group())]
    spans += [(m.start() + 3, m.end() - 4) for m in _MOBILE.finditer(text)]
    spans += [(m.start(), m.end() - 4) for m in _LANDLINE.finditer(text)]
    return hide(text, spans)


def _stamp(digits: str) -> bool:
    """Whether a run of digits reads as a time to the second or finer (20261116093012345)."""
    return (
        re.match(r"20\d\d(0[1-9]|1[0-2])([0-2]\d|3[01])([01]\d|2[0-3])[0-5]\d", digits) is not None
    )


def _digit_places(text: str, span: CharSpan) -> list[int]:
    return [i for i in range(*span) if _IS_DIGIT.match(text[i])]


def _hidden(places: Sequence[int]) -> list[CharSpan]:
    return [(places[i], places[i] + 1) for i in _hidden_places(len(places))]


def _hidden_places(count: int) -> range:
    """Of eleven digits (a mobile) the middle four, of more all but four, of less all but two."""
    if count == 11:
        return range(3, 7)
    return range(count - 4) if count > 11 else range(count - 2)
