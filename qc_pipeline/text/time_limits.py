"""Promised time limits: 24小时内, 三个工作日内, 明天下午之前, 周五之前, within two days, by Friday.

稍后 尽快 马上 一会儿 过几天 name none: they carry no number, no date and no day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from qc_pipeline.text.hanzi import printed_form
from qc_pipeline.text.numerals import DIGIT_WORDS, number_form
from qc_pipeline.text.time_limit import FoundLimit, Limit, TimeLimit, Unit, next_date
from qc_pipeline.text.time_limits_english import (
    EN_LIMIT,
    english_length,
    english_limits,
    english_number,
)

_NUMBER = r"(?:[0-9]{1,6}(?:\.[0-9]{1,3})?|[零一二两三四五六七八九十百千]{1,9}|半)"
_UNITS_ZH: dict[str, Unit] = {
    "秒钟": "seconds", "秒": "seconds", "分钟": "minutes", "刻钟": "minutes", "小时": "hours",
    "h": "hours", "钟头": "hours", "工作日": "working_days", "自然日": "days", "日历日": "days",
    "天": "days", "日": "days", "星期": "weeks", "礼拜": "weeks", "周": "weeks", "月": "months",
}  # fmt: skip
_DURATION = re.compile(
    rf"(?:{_NUMBER}个?[-~到至—]+)?(?P<high>{_NUMBER})(?P<half>个半)?个?"
    r"(?P<unit>h(?=内|以内|之内|后)|刻钟|工作日|自然日|日历日|分钟|小时|钟头|秒钟|星期|礼拜|(?<=个)月|秒|周|天|日)"
    r"(?P<plus>半)?(?P<after>之内|以内|内|之后|以后|后|左右)?"
)
# What makes a length of time no promise: it lies behind us, is an order, a rank, a service name.
_NOT_BEFORE = re.compile(
    r"(?:前|最近|过去|近|已经|等了|用了|花了|打了|说了|过了|上|第|几|每|满|好几|多少|月|年|[:点])$"
)
_NOT_AFTER = re.compile(
    r"(?:之前|以前|前|了|过|来|多来|的时候|热线|客服|服务|人工|在线|值班|营业|电话|无理由|有效|期"
    r"|保修|质保|一次|都|没|不|以来|[一二两三四五六七八九0-9][次回趟]|[一两二三]头)"
)
# 拖了我三天, 等待您两个小时: what a length of time follows when it is told of the past.
_TOLD_BEFORE = re.compile(
    r"(?:[^除为罢]了|[已经刚共]等待|耽误|耽搁|拖|停机|停电|停网|停水|断网|断电|(?<!最)晚|(?<!最)迟|迟到|延误|延迟|推迟|通话|时长|连续|持续|头"
    r"|有效期|保质期|保修期?|质保|免费|试用|用时|历时|长达|整整|足足|美好的|愉快的)"
    r"(?:时间|时长)?(?:了|是|为)?"
    r"(?:您|你|我|他|她|它|我们|你们|咱们|大家|人家)?"
    r"(?:大概|大约|差不多|将近|快|有|起码|至少|都|整整|足足|得有|好)*$"
)
# 今天上午打来的, 周三您来过电话: a time at which something was done.
_TOLD_AFTER = re.compile(
    r"(?:(?![会给将能就再要请帮内前,。!?;]|可以).){0,8}?"
    r"(?:过(?![来去期后程])|了(?![解结])|来电|打来|打过来|[来打办扣买下装退寄交换改查报说充](?:扣|交|订|单|款)?的"
    r"|(?:反映|投诉|申请|提交|办理|收到|发生|产生|咨询|登记|预约)的|扣费|没收到|没来)"
)
_WISHED = re.compile(r"(?:愉快|快乐|好|不|休|放假|也|无|没|顺利)")
_BEFORE_TODAY = re.compile(r"(?:昨[天日晚]?|前[天日晚]|那[天日]|去年|上个?月|上周.|上星期.)的?$")
# A second, one minute: a way of asking to wait a little.
_VAGUE_SECONDS = 5
# Where nothing says 内 or 后: 这两天 names no number, 三个月话费 promises nothing.
_VAGUE_BEFORE = re.compile(r"[这那]$")
_MONTHS_END = re.compile(r"(?:就|会|给|可以|能|到账|答复|回复|处理|[,。!?.]|$)")
_LONG_PART = r"(?:凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里)"
_PART = rf"(?:{_LONG_PART}|早|晚)"
_CLOCK = rf"(?:{_NUMBER}(?:点钟?|时|:[0-9]{{2}})(?:半|整|一刻|{_NUMBER}分)?)"
_UNTIL = r"(?:下班之?前|之前|以前|前|之内|以内|内|左右|结束前)"
_DAY_OFFSETS = {
    "今天": 0, "今日": 0, "今早": 0, "今晚": 0, "当天": 0, "当日": 0, "明天": 1, "明日": 1,
    "明早": 1, "明晚": 1, "次日": 1, "隔天": 1, "隔日": 1, "第二天": 1, "后天": 2, "大后天": 3,
}  # fmt: skip
_DAY = re.compile(
    rf"(?P<day>大后天|今天|今日|今早|今晚|当天|当日|明天|明日|明早|明晚|次日|隔天|隔日|第二天|后天)"
    rf"(?P<part>{_PART})?(?P<clock>{_CLOCK})?(?P<until>{_UNTIL})?"
)
_PROMISED = re.compile(
    r"(?:就|会|给|可以|能|帮|回|之|一定|再|处理|答复|回复|联系|到账|完成|解决|发货|送|上门|退)"
)
_WEEKDAY = re.compile(
    rf"(?P<week>下下个?|下个?|本|这个?|上个?|每个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天末1-6])?"
    rf"(?P<part>{_PART})?(?P<clock>{_CLOCK})?(?P<until>{_UNTIL})?"
)
_DATE = re.compile(
    rf"(?:(?P<month>{_NUMBER})月(?:份)?)?(?P<day>{_NUMBER})[号日](?P<part>{_PART})?"
    rf"(?P<clock>{_CLOCK})?(?P<until>{_UNTIL})?"
)
_MONTH_END = re.compile(
    r"(?P<which>本月|这个?月|下个?月|月|年)(?P<at>底|末|中旬|初)(?P<until>前|之前|以前)?"
)
_HOLIDAY = re.compile(
    r"(?:元旦|春节|过年|除夕|元宵|清明|五一|劳动节|端午|中秋|国庆|十一|节|年)节?(?:之前|以前|前)(?!天|几|些|面|台|后)"
)
_CLOCK_ALONE = re.compile(
    rf"(?P<part>{_LONG_PART})(?P<clock>{_CLOCK})?(?P<until>{_UNTIL})|(?P<part2>{_PART})(?P<clock2>{_CLOCK})"
    rf"|(?P<clock3>{_CLOCK})(?P<until3>之前|以前|前)|(?P<bare>{_LONG_PART})"
)
# 早上九点到晚上九点, 周一到周五: hours of service.
_RANGE_AFTER = re.compile(
    r"[至~-]|到(?=周|星期|礼拜|[0-9零一二两三四五六七八九十日天]|早|上午|中午|下|晚|凌晨|夜)"
)
_RANGE_BEFORE = re.compile(
    r"(?:周[一二三四五六日天]|星期[一二三四五六日天]|[点半时])(?:到|至|~|-)$"
)
# What stands in every limit of one of these kinds: a cheap look first.
_SOME = re.compile(
    r"[0-9零一二两三四五六七八九十百千半]个?半?个?"
    r"(?:h|刻钟|工作日|自然日|日历日|分钟|小时|钟头|秒|月|天|[号日点时:])"
    r"|今[天日早晚]|当[天日]|明[天日早晚]|次日|隔[天日]|第二天|后天|周|星期|礼拜"
    r"|[月年](?:底|末|中旬|初)|[旦节年夕宵明一午秋庆]节?(?:之前|以前|前)"
    rf"|{_LONG_PART}"
)
_NUMERALS = frozenset("0123456789零一二两三四五六七八九十百千几半")


_BROKEN = re.compile(
    r"[零一二两三四五六七八九十百半0-9０-９][^，。！？,.!?\s]{1,2}个?(?:小时|钟头|分钟|工作日|天|星期|礼拜|周|月)"
    r"(?:内|之内|以内|之前|前|左右)"
)


class BrokenLimit(NamedTuple):
    """Characters `start` to `end` of a text: no number, with a unit and 内 behind it."""

    start: int
    end: int


def broken_limits(text: str) -> tuple[BrokenLimit, ...]:
    """Where a limit seems to be named whose number a recogniser broke (二十次小时内). What lies
    behind us (三天前) and vague numbers (几天内) are no numbers to break.
    """
    return tuple(BrokenLimit(*m.span()) for m in _BROKEN.finditer(text))


def parse_limit(text: str) -> Limit | None:
    """`at_most` as people write it: "3 working days", "24 hours", "3个工作日"; None if neither."""
    english = EN_LIMIT.fullmatch(" ".join(text.lower().replace("-", " ").split()))
    if english:
        amount = english_number(english["number"])
        return None if amount is None else english_length(amount, english["unit"])
    compact = "".join(printed_form(c) for c in text).replace(" ", "")
    chinese = _DURATION.fullmatch(compact)
    if chinese is None:
        return None
    return _duration(chinese)


def find_time_limits(
    text: str, language: str = "zh", call_start: datetime | None = None
) -> tuple[TimeLimit, ...]:
    """The time limits named in a text, in order; `call_start` dates weekdays and dates."""
    forms = [printed_form(c) for c in text]
    joined = "".join(forms)
    if language != "en" and _SOME.search(joined.replace(" ", "")) is None:
        return ()
    origin: Sequence[int] = range(len(text))
    if len(joined) != len(text) or "" in forms or (language != "en" and " " in joined):
        skipped = "" if language == "en" else " "
        joined = "".join([form for form in forms if form != skipped])
        origin = [i for i, form in enumerate(forms) if form != skipped for _ in form]
    today = call_start.date() if call_start is not None else None
    found = english_limits(joined, today) if language == "en" else _chinese(joined, today)
    out: list[TimeLimit] = []
    for start, end, limit, hours in sorted(found, key=lambda f: (f[0], -f[1])):
        if out and origin[start] < out[-1].end:
            continue
        first, last = origin[start], origin[end - 1] + 1
        out.append(
            TimeLimit(start=first, end=last, text=text[first:last], limit=limit, within_hours=hours)
        )
    return tuple(out)


# Of each kind of limit, characters one of which stands in all of them: a cheap look first.
_IN_DURATION = frozenset("h刻工自日分小钟秒星礼月周天")
_IN_DAY = frozenset("今当明次隔第后")
_IN_WEEKDAY = frozenset("周星礼")
_IN_DATE = frozenset("号日")
_IN_MONTH_END = frozenset("底末旬初")
_IN_HOLIDAY = frozenset("节旦夕宵明五午秋庆十年")
_IN_CLOCK = frozenset("早晨上午晚里点时:")


def _chinese(text: str, today: date | None) -> list[FoundLimit]:
    out: list[FoundLimit] = []
    there = frozenset(text)

    def places(kind: re.Pattern[str], needed: frozenset[str]) -> Iterable[re.Match[str]]:
        return () if there.isdisjoint(needed) else kind.finditer(text)

    for m in places(_DURATION, _IN_DURATION):
        limit = _duration(m)
        if limit is None or _NOT_BEFORE.search(text, 0, m.start()):
            continue
        if m["after"] is None and _says_nothing(m, limit, text):
            continue
        out.append((m.start(), m.end(), limit, limit.longest_hours))
    for m in places(_DAY, _IN_DAY):
        if text.startswith("好", m.end()):  # a greeting
            continue
        if m["day"][0] in "今当" and not m["until"] and _TOLD_AFTER.match(text, m.end()):
            continue
        bare = not (m["part"] or m["clock"] or m["until"])
        if m["day"] in ("今天", "今日", "当天") and bare and not _PROMISED.match(text, m.end()):
            continue
        out.append((m.start(), m.end(), None, 24.0 * (_DAY_OFFSETS[m["day"]] + 1)))
    for m in places(_WEEKDAY, _IN_WEEKDAY):
        if _RANGE_AFTER.match(text, m.end()) or _RANGE_BEFORE.search(text, 0, m.start()):
            continue
        if not m["until"] and _is_told(m, text):
            continue
        hours = _weekday_hours(m, today)
        if hours is not None:
            out.append((m.start(), m.end(), None, hours))
    for m in places(_DATE, _IN_DATE):
        out.extend(_date_found(m, text, today))
    for m in places(_MONTH_END, _IN_MONTH_END):
        if m.start() and text[m.start() - 1] in "上几个每":
            continue
        days = {"年": 366, "下个月": 62, "下月": 62}.get(m["which"], 31)
        out.append((m.start(), m.end(), None, 24.0 * days))
    out.extend(
        (m.start(), m.end(), None, None)
        for m in places(_HOLIDAY, _IN_HOLIDAY)
        if not (m[0].startswith("年") and m.start() and text[m.start() - 1] in _NUMERALS)
    )
    for m in places(_CLOCK_ALONE, _IN_CLOCK):
        if _RANGE_AFTER.match(text, m.end()) or _RANGE_BEFORE.search(text, 0, m.start()):
            continue
        if _is_told(m, text):
            continue
        if not m["bare"] or _PROMISED.match(text, m.end()):
            out.append((m.start(), m.end(), None, 24.0))
    return out


def _is_told(m: re.Match[str], text: str) -> bool:
    """Whether a day or an hour is told of the past, or a day off is wished or named."""
    if _BEFORE_TODAY.search(text, 0, m.start()) or _TOLD_AFTER.match(text, m.end()):
        return True
    return m[0].endswith("末") and _WISHED.match(text, m.end()) is not None


def _says_nothing(m: re.Match[str], limit: Limit, text: str) -> bool:
    """Whether a bare number of units is no promise, by the words around it."""
    if _NOT_AFTER.match(text, m.end()) or _VAGUE_BEFORE.search(text, 0, m.start()):
        return True
    if _TOLD_BEFORE.search(text, 0, m.start()) or _TOLD_AFTER.match(text, m.end()):
        return True
    if m[0] == "一天" and text.endswith("有", 0, m.start()):  # one day, as tales begin
        return True
    if limit.unit == "seconds" and limit.amount <= _VAGUE_SECONDS:
        return True
    if m["unit"] == "分钟" and m[0] in ("1分钟", "一分钟"):
        return True
    return limit.unit == "months" and _MONTHS_END.match(text, m.end()) is None


def _duration(m: re.Match[str]) -> Limit | None:
    amount = _amount(m["high"])
    if amount is None:
        return None
    if m["unit"] == "刻钟":
        amount *= 15
    unit = _UNITS_ZH[m["unit"]]
    if m["half"] or (m["plus"] and unit in ("days", "weeks", "minutes")):
        amount += 0.5
    if amount <= 0:
        return None
    return Limit(amount=amount, unit=unit)


# 两三天, 三五天: about so many; the promise is the larger.
_ABOUT = re.compile("([一两二三四五六七八])([两二三四五六七八九])")


def _amount(words: str) -> float | None:
    if words == "半":
        return 0.5
    about = _ABOUT.fullmatch(words)
    if about and int(DIGIT_WORDS[about[1]]) < int(DIGIT_WORDS[about[2]]):
        return float(DIGIT_WORDS[about[2]])
    digits = words if "." in words else number_form(words)
    try:
        return float(digits)
    except ValueError:
        return None


def _weekday_hours(m: re.Match[str], today: date | None) -> float | None:
    week, day = m["week"] or "", m["day"]
    if week.startswith(("上", "每")):
        return None
    if day is None:
        # "本周" and "下周" alone name a time only as a limit: 本周内, 下周之前; 下周 is one.
        if not week or (not m["until"] and not week.startswith("下")):
            return None
        day = "日"
    number = {"末": 6, "日": 6, "天": 6}.get(day)
    if number is None:
        number = int(DIGIT_WORDS.get(day, day)) - 1
    weeks = week.count("下")
    if today is None:
        return 24.0 * 7 * (weeks + 1)
    ahead = number - today.weekday() + 7 * weeks
    if not week and ahead < 0:
        ahead += 7
    return 24.0 * (ahead + 1) if ahead >= 0 else None


def _date_found(m: re.Match[str], text: str, today: date | None) -> list[FoundLimit]:
    month, day = m["month"], _amount(m["day"])
    named = bool(m["until"] or m["part"]) or _PROMISED.match(text, m.end()) is not None
    if day is None or not 1 <= day <= 31 or (month is None and not named):
        return []
    if month is None and text[m.end() - 1] == "内":
        return []
    if not m["until"] and _is_told(m, text):
        return []
    number = _amount(month) if month else None
    if month and (number is None or not 1 <= number <= 12):
        return []
    if today is None:
        return [(m.start(), m.end(), None, None)]
    due = next_date(today, int(number) if number else None, int(day))
    if due is None:
        return []
    return [(m.start(), m.end(), None, 24.0 * ((due - today).days + 1))]


__all__ = ["Limit", "TimeLimit", "Unit", "find_time_limits", "parse_limit"]
