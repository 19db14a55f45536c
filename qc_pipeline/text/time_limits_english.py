"""Promised time limits in English: within two days, by Friday, tomorrow afternoon."""

from __future__ import annotations

import re
from datetime import date

from qc_pipeline.text.english import ONES
from qc_pipeline.text.time_limit import FoundLimit, Limit, Unit

_EN_WORDS = (
    ONES
    | {"twenty": 20}
    | {"a": 1, "an": 1, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "half an": 0.5}
)
_EN_TENS = "twenty|thirty|forty|fifty|sixty|seventy"
_EN_NUMBER = (
    rf"[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?"
    rf"|(?:{_EN_TENS})[ -](?:one|two|three|four|five|six|seven|eight|nine)"
    rf"|seventy|{'|'.join(sorted(_EN_WORDS, key=len, reverse=True))}"
)
EN_UNITS: dict[str, Unit] = {
    "second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "weeks",
    "month": "months", "business day": "working_days", "working day": "working_days",
    "calendar day": "days",
}  # fmt: skip
_EN_UNIT = r"(?P<unit>business day|working day|calendar day|second|minute|hour|day|week|month)s?"
EN_LIMIT = re.compile(rf"(?P<number>{_EN_NUMBER}) {_EN_UNIT}")
_EN_DURATION = re.compile(
    rf"\b(?:(?:{_EN_NUMBER}) ?(?:to|or|-) ?)?(?P<number>{_EN_NUMBER})[ -]{_EN_UNIT}\b"
)
_EN_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_EN_PART = r"(?: morning| noon| afternoon| evening| night)?"
_EN_DAY = re.compile(
    r"\b(?:(?:by |before |until )?(?P<tomorrow>(?:the day after )?tomorrow)"
    + _EN_PART
    + r"|(?P<today>(?:by |before )?(?:the )?end of (?:the |today|business)(?:day)?|tonight"
    r"|this (?:morning|afternoon|evening)|(?:by |before |later )today|end of day)"
    r"|(?P<last>last |every )?(?P<next>next )?(?P<weekday>"
    + "|".join(_EN_DAYS)
    + ")"
    + _EN_PART
    + r"|by (?:the )?[0-9]{1,2}(?:st|nd|rd|th)"
    r"|(?:by|before|at) [0-9]{1,2}(?::[0-9]{2})? ?(?:am|pm|o'clock)"
    r"|(?P<week>by the end of (?:the|this) week|next week))\b"
)
_EN_NOT_AFTER = re.compile(r" (?:ago|old|late|line|hotline|service|of waiting)\b")
_EN_NOT_BEFORE = re.compile(r"(?:last|past|for|every|waited|waiting|than a|been) (?:the )?$")


def english_number(text: str) -> float | None:
    text = text.replace("-", " ")
    if text in _EN_WORDS:
        return float(_EN_WORDS[text])
    parts = text.split()
    try:
        if len(parts) == 2:
            tens = _EN_TENS.split("|").index(parts[0]) * 10 + 20
            return float(tens + _EN_WORDS[parts[1]])
        if text == "seventy":
            return 70.0
        return float(text)
    except (ValueError, KeyError):
        return None


def english_limits(text: str, today: date | None) -> list[FoundLimit]:
    out: list[FoundLimit] = []
    low = text.casefold() if len(text.casefold()) == len(text) else text
    for m in _EN_DURATION.finditer(low):
        amount = english_number(m["number"])
        if not amount or _EN_NOT_AFTER.match(low, m.end()):
            continue
        if _EN_NOT_BEFORE.search(low, 0, m.start()):
            continue
        limit = Limit(amount=amount, unit=EN_UNITS[m["unit"]])
        out.append((m.start(), m.end(), limit, limit.longest_hours))
    for m in _EN_DAY.finditer(low):
        if m["last"]:
            continue
        hours: float | None = None
        if m["today"]:
            hours = 24.0
        elif m["tomorrow"]:
            hours = 72.0 if "after" in m["tomorrow"] else 48.0
        elif m["week"]:
            hours = 24.0 * (14 if "next" in m["week"] else 7)
        elif m["weekday"]:
            hours = _english_weekday(m, today)
        out.append((m.start(), m.end(), None, hours))
    return out


def _english_weekday(m: re.Match[str], today: date | None) -> float:
    if today is None:
        return 24.0 * (14 if m["next"] else 7)
    ahead = (_EN_DAYS.index(m["weekday"]) - today.weekday()) % 7
    return 24.0 * (ahead + 1 + (7 if m["next"] and ahead == 0 else 0))
