"""Promised time limits in English: within two days, by Friday, tomorrow afternoon.

Words or digits, with or without punctuation, as recognisers write them. Soon, shortly, in a moment,
in a minute and in a few days name none: they carry no number, no date and no day, or are a way of
speaking. Nor does a time that lies behind us or is no promise: two days ago, the last three days,
it took a week, ten dollars a month, Monday to Friday.
"""

from __future__ import annotations

import re
from datetime import date

from qc_pipeline.text.english import ONES
from qc_pipeline.text.time_limit import FoundLimit, Limit, Unit, next_date
from qc_pipeline.text.time_words_english import (
    OPEN_BEFORE,
    PRAISED,
    RANGE_AFTER,
    RANGE_BEFORE,
    hours_of_service,
    is_greeting,
    is_ordered,
    lies_behind,
    looks_ahead,
)

_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
# "A few" is none: nobody can be held to it.
_AMOUNTS: dict[str, float] = {
    "a couple of": 2, "a couple": 2, "couple of": 2, "couple": 2, "half an": 0.5, "half a": 0.5,
    "a half": 0.5, "half": 0.5, "a quarter of an": 0.25, "three quarters of an": 0.75, "a": 1,
    "an": 1, "a dozen": 12,
}  # fmt: skip
_WORDS: dict[str, float] = {**ONES, **_TENS, **_AMOUNTS}
_ONE_TO_NINE = "one|two|three|four|five|six|seven|eight|nine"
_FIGURES = rf"[0-9]{{1,6}}(?:\.[0-9]{{1,3}})?|(?:{'|'.join(_TENS)})[ -](?:{_ONE_TO_NINE})"
_COUNT = f"{_FIGURES}|{'|'.join(sorted({**ONES, **_TENS}, key=len, reverse=True))}"
_NUMBER = f"{_FIGURES}|{'|'.join(sorted(_WORDS, key=len, reverse=True))}"
EN_UNITS: dict[str, Unit] = {
    "second": "seconds", "sec": "seconds", "minute": "minutes", "min": "minutes", "hour": "hours",
    "hr": "hours", "day": "days", "week": "weeks", "month": "months",
    "business day": "working_days", "working day": "working_days", "work day": "working_days",
    "banking day": "working_days", "workday": "working_days", "weekday": "working_days",
    "calendar day": "days", "fortnight": "weeks", "business hour": "hours", "working hour": "hours",
}  # fmt: skip
_UNIT = rf"(?P<unit>{'|'.join(sorted(EN_UNITS, key=len, reverse=True))})"
_HOURS_OF_WORK = 8
EN_LIMIT = re.compile(rf"(?P<number>{_NUMBER}) {_UNIT}s?")
_DURATION = re.compile(
    rf"\b(?:[0-9.]{{1,6}} ?[-–] ?|(?:{_COUNT}) (?:to|or|through) )?(?P<number>{_NUMBER})"
    rf"(?P<more>(?: and a half| point five)?(?: more| full| additional| other| short)?)[ -]?"
    rf"{_UNIT}(?P<plural>s?)(?P<after>'? (?:and a half|or two|or three|or so))?\b"
)
# Within the hour, over the next week: one of the unit, with no number said.
_THE_UNIT = re.compile(
    r"\b(?:(?:within|inside) (?:the|a single) (?:next |coming |same )?"
    r"|(?:in|over|during) the (?:next|coming|following) )"
    r"(?P<unit>business day|working day|hour|day|week|month)\b"
)
_AFTER_AMOUNT = {" and a half": 0.5, " point five": 0.5}
_OR = {"or two": 2.0, "or three": 3.0}
_VAGUE_SECONDS = 5.0
"""Up to so many seconds are a way of speaking: one second, give me two seconds."""
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
]  # fmt: skip
_PART = r"(?: morning| noon| lunchtime| afternoon| evening| night)?"
_UNTIL = r"(?:no later than|not later than|at the latest by|by|before|until|till)"
_TOMORROW = re.compile(
    rf"\b(?:{_UNTIL} |first thing )?(?:(?:the )?(?P<after>day after) )?tomorrow{_PART}\b"
)
_TODAY_SURE = re.compile(
    r"\b(?:"
    r"(?:by |before )?(?:the )?(?:end|close) of (?:the |this |my |our )?"
    r"(?:business day|working day|work day|day|today|business|play|shift)"
    rf"|{_UNTIL} (?:today|tonight|noon|midday|midnight|lunch ?time|lunch|the end of today|we close"
    r"|closing(?: time)?|this (?:morning|afternoon|evening)|the (?:afternoon|evening))"
    r"|later (?:today|tonight|on today|this (?:morning|afternoon|evening))"
    r"|(?:by )?(?:eod|cob)|at (?:noon|midnight)|first thing(?: in the morning)?"
    r")\b"
)
_TODAY_MAYBE = re.compile(
    r"\b(?:today|tonight|overnight|this (?:morning|afternoon|evening)"
    r"|(?:the |that )?same[ -]day)\b(?!'s)"
)
_NEXT_DAY = re.compile(
    r"\b(?:(?:the |by the |your )?(?:next|following) (?P<work>business |working )?day)\b"
)
_WEEKDAY = re.compile(
    rf"\b(?P<last>last |every |each |past |since |previous )?"
    rf"(?P<next>next )?(?:this |coming )*(?P<weekday>{'|'.join(_DAYS)}){_PART}\b(?!s)"
)
_WEEK = re.compile(
    r"\b(?:(?P<limit>(?:(?:by|before|at) )?(?:the )?end of (?:the |this |next )?(?:week|month|year)"
    rf"|{_UNTIL} (?:the |this |next )?(?:weekend|week|month)|(?:later|sometime|some time|early)"
    r" (?:this|next) (?:week|month))|(?P<next>next (?:week|month))"
    r"|(?P<this>this (?:week|month|weekend)|over the weekend))\b"
)
_BILL = re.compile(r"(?:'s)? (?:bill|statement|invoice|payment|cycle|billing)\b")
_CLOCK = re.compile(
    rf"\b(?P<how>{_UNTIL}|at|around|about|between (?:[0-9]{{1,2}}|{_ONE_TO_NINE}|ten|eleven) and"
    rf"|from)? ?\b(?P<hour>[0-9]{{1,2}}(?::[0-9]{{2}})?"
    rf"|(?:half past |quarter past |quarter to )?(?:{_ONE_TO_NINE}|ten|eleven|twelve))"
    r"(?P<minutes> (?:oh five|fifteen|thirty|forty[ -]five))?"
    r"(?P<sign> ?(?:a\.?m\b\.?|p\.?m\b\.?|o'?clock)"
    r"| ?(?:noon|in the (?:morning|afternoon|evening)))?"
)
_CLOCK_BARE_AFTER = re.compile(
    r"(?: (?:today|tonight|tomorrow|at the latest|this|on \w+day))|[,.!?;]|$"
)
_FIRST_TO_TWENTIETH = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
    " thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth"
)
_ORDINALS = {w: i for i, w in enumerate(_FIRST_TO_TWENTIETH.split(), start=1)} | {"thirtieth": 30}
_ORDINAL = (
    r"[0-9]{1,2}(?:st|nd|rd|th)|(?:twenty|thirty)[ -](?:first|second|third|fourth|fifth|sixth"
    r"|seventh|eighth|ninth)|" + "|".join(sorted(_ORDINALS, key=len, reverse=True))
)
_MONTH = "|".join(_MONTHS)
_DATE = re.compile(
    rf"\b(?P<how>{_UNTIL}|on|around|after|scheduled for|due) (?:the )?(?:"
    rf"(?P<month>{_MONTH}) (?:the )?(?P<day>{_ORDINAL}|[0-9]{{1,2}})"
    rf"|(?P<day2>{_ORDINAL})(?: (?:of )?(?P<month2>{_MONTH}|this month|next month))?)\b"
)
# On the second page, on the first floor: no date, unless nothing or a small word follows.
_DATE_AFTER = re.compile(
    r"(?:'?[,.!?;]|$| (?:at|by|and|so|or|if|when|you|we|i|it|for|between|in|then|okay|after|before"
    r"|that|this|but|to|from|please|with|will|is|which|because|at the latest|latest)\b)"
)
_YEAR_AFTER = re.compile(r",? (?:19|20)[0-9]{2}\b|,? nineteen\b|,? two thousand\b")
_HOLIDAY = re.compile(
    rf"\b{_UNTIL} (?:the )?(?:christmas|thanksgiving|new year(?:'s)?|easter|holidays"
    r"|long weekend)\b"
)


def english_number(text: str) -> float | None:
    """The amount that number words or digits name; None where they name none."""
    text = text.replace("-", " ")
    if text in _WORDS:
        return float(_WORDS[text])
    parts = text.split()
    try:
        if len(parts) == 2:
            return float(_TENS[parts[0]] + ONES[parts[1]])
        return float(text)
    except (ValueError, KeyError):
        return None


def english_limits(text: str, today: date | None) -> list[FoundLimit]:
    """(start, end, length, hours to the latest moment) of each limit, in no order; they may
    overlap. `today` is the date of the call.
    """
    low = text.casefold() if len(text.casefold()) == len(text) else text
    low = low.translate({ord("’"): "'"})
    out = [*_durations(low), *_days(low, today), *_clocks(low), *_dates(low, today)]
    out += [(m.start(), m.end(), None, None) for m in _HOLIDAY.finditer(low)]
    return out


def _durations(low: str) -> list[FoundLimit]:
    out: list[FoundLimit] = []
    for m in _DURATION.finditer(low):
        limit = _length(m)
        if limit is None or not is_ordered(low, m.start(), m.end(), **_shape(m, limit)):
            continue
        out.append((m.start(), m.end(), limit, limit.longest_hours))
    for m in _THE_UNIT.finditer(low):
        limit = Limit(amount=1, unit=EN_UNITS[m["unit"]])
        out.append((m.start(), m.end(), limit, limit.longest_hours))
    return out


def _shape(m: re.Match[str], limit: Limit) -> dict[str, bool]:
    """What kind of wording it is, for the words around it to be judged by."""
    article = m["number"] in ("a", "an") and m["after"] is None
    said = (limit.unit == "seconds" and limit.amount <= _VAGUE_SECONDS) or (
        limit.unit == "minutes" and limit.amount == 1
    )
    # A 30 day trial, our 24 hour hotline: a count before a singular is an adjective.
    plural = bool(m["plural"]) or limit.amount <= 1 or m["after"] is not None
    adjective = not plural and m["number"] not in ("half", "a half", "half a", "half an")
    return {"article": article, "way_of_speaking": said, "adjective": adjective}


def _length(m: re.Match[str]) -> Limit | None:
    amount = english_number(m["number"])
    if amount is None:
        return None
    for words, more in _AFTER_AMOUNT.items():
        amount += more if m["more"].startswith(words) else 0
    after = (m["after"] or "").strip("' ")
    amount = _OR.get(after, amount)
    if after == "and a half":
        amount += 0.5
    if not amount:
        return None
    return english_length(amount, m["unit"])


def english_length(amount: float, unit: str) -> Limit:
    """So many of a unit; of an hour of work so many working days begun, a fortnight two weeks."""
    if unit.endswith(" hour"):
        return Limit(amount=float(-(-amount // _HOURS_OF_WORK)), unit="working_days")
    return Limit(amount=amount * 2 if unit == "fortnight" else amount, unit=EN_UNITS[unit])


def _days(low: str, today: date | None) -> list[FoundLimit]:
    out: list[FoundLimit] = []

    def add(m: re.Match[str], hours: float, limit: Limit | None = None) -> None:
        out.append((m.start(), m.end(), limit, hours))

    for m in _TOMORROW.finditer(low):
        add(m, 72.0 if m["after"] else 48.0)
    for m in _TODAY_SURE.finditer(low):
        if not lies_behind(low, m.start(), m.end()) and not is_greeting(low, m.start(), m.end()):
            add(m, 24.0)
    for m in _TODAY_MAYBE.finditer(low):
        if is_greeting(low, m.start(), m.end()) or lies_behind(low, m.start(), m.end()):
            continue
        if looks_ahead(low, m.start(), m.end()):
            add(m, 24.0)
    for m in _NEXT_DAY.finditer(low):
        if lies_behind(low, m.start(), m.end()) or not looks_ahead(low, m.start(), m.end()):
            continue
        limit = Limit(amount=1, unit="working_days") if m["work"] else None
        add(m, limit.longest_hours if limit else 48.0, limit)
    for m in _WEEKDAY.finditer(low):
        if m["last"] or PRAISED.search(low, 0, m.start()) or lies_behind(low, m.start(), m.end()):
            continue
        if (
            OPEN_BEFORE.search(low, 0, m.start())
            or RANGE_AFTER.match(low, m.end())
            or RANGE_BEFORE.search(low, 0, m.start("weekday"))
        ):
            continue
        add(m, _weekday_hours(m, today))
    for m in _WEEK.finditer(low):
        if _BILL.match(low, m.end()) or is_greeting(low, m.start(), m.end()):
            continue
        if lies_behind(low, m.start(), m.end()):
            continue
        if m["this"] and not looks_ahead(low, m.start(), m.end()):
            continue
        month = 31 if "month" in m[0] else 366 if "year" in m[0] else 7
        add(m, 24.0 * month * (2 if "next" in m[0] else 1))
    return out


def _weekday_hours(m: re.Match[str], today: date | None) -> float:
    if today is None:
        return 24.0 * (14 if m["next"] else 7)
    ahead = (_DAYS.index(m["weekday"]) - today.weekday()) % 7
    return 24.0 * (ahead + 1 + (7 if m["next"] and ahead == 0 else 0))


def _clocks(low: str) -> list[FoundLimit]:
    out: list[FoundLimit] = []
    for m in _CLOCK.finditer(low):
        how = m["how"] or ""
        if m["sign"] is None and ":" not in m["hour"]:
            until = how in ("by", "before", "no later than")
            if not until or not _CLOCK_BARE_AFTER.match(low, m.end()) or not _is_hour(m["hour"]):
                continue
        elif how == "from" or not how:
            continue
        if hours_of_service(low, m.start(), m.end()) or lies_behind(low, m.start(), m.end()):
            continue
        out.append((m.start(), m.end(), None, 24.0))
    return out


def _is_hour(words: str) -> bool:
    return not words.isdigit() or 1 <= int(words) <= 12


def _dates(low: str, today: date | None) -> list[FoundLimit]:
    out: list[FoundLimit] = []
    for m in _DATE.finditer(low):
        month = m["month"] or m["month2"]
        if month is None and not _DATE_AFTER.match(low, m.end()):
            continue
        if _YEAR_AFTER.match(low, m.end()) or lies_behind(low, m.start(), m.end()):
            continue
        day = _day_of_month(m["day"] or m["day2"])
        if day is None:
            continue
        hours: float | None = None
        if today is not None:
            due = next_date(today, _month(month, today), day)
            if due is None:
                continue
            hours = 24.0 * ((due - today).days + 1)
        out.append((m.start(), m.end(), None, hours))
    return out


def _month(words: str | None, today: date) -> int | None:
    if words is None:
        return None
    if words in _MONTHS:
        return _MONTHS.index(words) + 1
    return today.month if words == "this month" else today.month % 12 + 1


def _day_of_month(words: str) -> int | None:
    digits = re.match("[0-9]+", words)
    if digits:
        day = int(digits[0])
    elif words in _ORDINALS:
        day = _ORDINALS[words]
    else:
        tens, one = re.split("[ -]", words)
        day = _TENS[tens] + _ORDINALS[one]
    return day if 1 <= day <= 31 else None
