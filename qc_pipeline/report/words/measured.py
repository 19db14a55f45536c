"""Measured evidence in the language of the report, and Chinese as it is typeset.

The engine names a figure and its bound in the rubric's language ("静音11.9秒（界限10秒）"). Its
wordings are few and fixed, so a report in the other language says them again; what somebody said in
the call, and values of the call list, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from qc_pipeline.call_fields import BY_LABEL, BY_NAME

TEMPLATES: tuple[tuple[str, str], ...] = (
    ("每分钟{n}字（{bound}）", "{n} characters a minute ({bound})"),
    ("每分钟{n}词（{bound}）", "{n} words a minute ({bound})"),
    ("静音{n}秒（界限{limit}秒）", "silence of {n} s (bound {limit} s)"),
    ("重叠{n}秒，对方停下：{words}", "both talk for {n} s, the other gave way: {words}"),
    ("重叠{n}秒：{words}", "both talk for {n} s: {words}"),
    ("等待{n}秒才应答（{bound}）", "waited {n} s for the answer ({bound})"),
    ("音高变化{n}个半音（{bound}）", "pitch range of {n} semitones ({bound})"),
    ("说话时间占{n}（{bound}）", "{n} of talk time ({bound})"),
    (
        "音量比对方高{n}分贝（界限{limit}分贝）",
        "{n} dB louder than the other (bound {limit} dB)",
    ),
    (
        "音量比自己平时高{n}分贝（界限{limit}分贝）",
        "{n} dB above the own median (bound {limit} dB)",
    ),
    (
        "对方说完{n}秒后{who}挂断（界限{limit}秒）",
        "{who} hung up {n} s after the other's last word (bound {limit} s)",
    ),
    ("{who}挂断", "{who} hung up"),
)
"""What the operators that measure say, in Chinese and in English."""

PARTIES = {"坐席": "the agent", "客户": "the customer", "任一方": "either party"}
VALUES = {"空": "∅", "是": "true", "否": "false"}
_FIGURE = r"[\d.e+%−-]+"
_PARTS = {
    "n": _FIGURE,
    "limit": _FIGURE,
    "bound": "[^()（）]*",
    "who": "|".join((*PARTIES, *PARTIES.values())),
    "words": ".*",
}

_HAN = "\u3000-\u9fff\u201c\u201d\uff00-\uffef"
_MARKS = {",": "，", ";": "；", ":": "：", "?": "？", "!": "！"}
_BESIDE_HAN = re.compile(f"(?<=[{_HAN}])[,;:?!]|[,;:?!](?=[{_HAN}])")


_EITHER = {
    m: f"[{half}{full}]" for half, full in zip("(),:", "（），：", strict=True) for m in half + full
}


def _pattern(template: str) -> re.Pattern[str]:
    # Cards made by earlier versions have half-width marks.
    text = re.sub(r"\\?([(),:（），：])", lambda m: _EITHER[m[1]], re.escape(template))
    return re.compile(re.sub(r"\\{(\w+)\\}", lambda m: f"(?P<{m[1]}>{_PARTS[m[1]]})", text), re.S)


_PATTERNS = tuple((_pattern(zh), _pattern(en)) for zh, en in TEMPLATES)


def measured(text: str, language: str) -> str:
    """A measured figure in `language` (zh, en); a text of no known wording as it is."""
    to = 1 if language == "en" else 0
    for pair, templates in zip(_PATTERNS, TEMPLATES, strict=True):
        found = pair[1 - to].fullmatch(text)
        if found is not None:
            return templates[to].format(**_parts(found.groupdict(), to))
    return _fields(text, to)


def _parts(parts: Mapping[str, str], to: int) -> dict[str, str]:
    told = dict(parts)
    if "bound" in told:
        told["bound"] = _bound(told["bound"], to)
    if "who" in told:
        names = PARTIES if to else {en: zh for zh, en in PARTIES.items()}
        told["who"] = names.get(told["who"], told["who"])
    return told


def _bound(text: str, to: int) -> str:
    """高于180且低于240 ↔ above 180 and below 240."""
    for zh, en in (("高于", "above "), ("低于", "below "), ("且", " and ")):
        text = text.replace(zh, en) if to else text.replace(en, zh)
    return text


def _fields(text: str, to: int) -> str:
    """Fields of the call list: 来电次数：首次, 一次解决：否 ↔ contact = first, resolved = false."""
    between, sign = ("：", " = ") if to else (" = ", "：")
    told = []
    for part in re.split(", |，", text):
        name, found, value = part.partition(between)
        known = BY_NAME.get(BY_LABEL.get(name, "") if to else name)
        if not found or known is None:
            return text
        told.append(f"{known.name if to else known.label_zh}{sign}{_value(known.words, value, to)}")
    return (", " if to else "，").join(told)


def _value(words: Mapping[str, object], value: str, to: int) -> str:
    """A value's own word where the call list has one, else the value."""
    known = {**VALUES, **{zh: str(kept) for zh, kept in words.items()}}
    if not to:
        known = {kept: zh for zh, kept in reversed(known.items())}
    return known.get(value, value)


def typeset(text: str) -> str:
    """Chinese with its own punctuation: marks beside Chinese characters are full width."""

    def bracket(found: re.Match[str]) -> str:
        return f"（{found[1]}）" if re.search(f"[{_HAN}]", found[0]) else found[0]

    text = re.sub(f"(?<=[{_HAN}])\\(([^()]*)\\)", r"（\1）", text)
    text = re.sub(r"\(([^()]*)\)", bracket, text)
    return _BESIDE_HAN.sub(lambda found: _MARKS[found[0]], text)
