"""What a number in somebody's mouth is: a hotline that is threatened with, or something else.

A list of authorities has numbers in it (12315, 12345). The same digits may be an account, an
amount, somebody's telephone, a piece of a longer number, or the line that the call came in by. Only
a hotline that is, was or will be dialled to complain counts against the agent (docs/trust.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from functools import lru_cache

from qc_pipeline.text.normalise import normalise

_DIGITS = re.compile(r"[0-9０-９零一幺二两三四五六七八九]{3}")
_CLAUSE = re.compile(r"[,，。!！?？;；:：、…\n]")
_BEFORE = 14
"""Characters of the clause before a number that say what it is."""
# What the number is, said before it or behind it.
_NAMED = re.compile(
    r"(账号|帐号|账户|帐户|户号|户头|卡号|单号|订单|工单|编号|合同|客户号|会员号|尾号|证号|身份证|密码|"
    r"验证码|房号|门牌|邮编|车牌|型号|批号|流水|余额|金额|价格|原价|单价|积分|度数|读数|表底|地址|"
    r"(电话|手机|号码|座机|分机)号?码?(是|为|就是|叫)?|(我|您|你|他|她|家|公司|单位)的?(号|电话|手机)|"
    r"(联系|回拨|回电|回访|打回|打给)(我|您|你|他|她)?的?(电话|号码)?(是|打)?|尾数|最后[几四五六]位|后[四五六]位)"
    r"[^，。]{0,4}$"
)
_MEASURED = re.compile(
    r"^[多余来几]?(元|块|毛|角|分(?!别)|圆|美金|美元|刀|万|亿|个(?!投诉)|件|单(?!位)|份|台|套|斤|公斤|千克|克|吨|米|公里|度|"
    r"立方|平|人(?!工)|次|天|小时|字|页|号(?!线|热线)|积分|分钟|秒|流量|兆|[GgMmKk][Bb]?\b|年|月|日|多|开头|结尾)"
)
_COMPLAINS = re.compile(
    r"投诉|举报|举告|告(你|您|他|她|它|们|了|到|状|发)|去告|反映|反应|申诉|维权|曝光|检举|说理|评理|找.{0,4}(领导|政府|部门)"
)
# The number brought the caller here, or was only passed on, asked for or asked about.
_LED_HERE = re.compile(
    r"(从|由|通过|经)[^，。]{0,3}$|(你们|您们|这里|这边|这是|这个|你这|您这|咱们?)[^，。]{0,4}$|"
    r"(我|刚才|刚刚|刚|是|就是)?(打|拨|呼)(的(就|也)?是|通(了)?|进(来)?(的)?(是)?)[^，。]{0,3}$|"
    r"(转到|接到|转接|让我打|叫我打|让打|给我的|给的(是)?)[^，。]{0,4}$"
)
_LED_HERE_BEHIND = re.compile(
    r"^(那边|那儿|那里|这边|这里|热线|平台|电话)?(他们|人家|的人|客服)?"
    r"((给我|帮我|让我|叫我|把我)?(转|接)(过来|过去|到|给|接)?|(说|讲|告诉我?)?(让|叫)我|告诉我)|"
    r"^(那边|热线|平台)?(打进来|打过来|打通|是你们|是不是|吗|对吧|是吧)"
)
_OWN = re.compile(
    r"(这里是|这边是|我们是|我是|欢迎致电|欢迎拨打|感谢(您)?(致电|拨打)|您好)[^，。]{0,6}$"
)
_OWN_BEHIND = re.compile(
    r"^(政务|政府|市民|便民|服务|客服|消费者|投诉|公共|热线|平台|坐席|话务员|接线员|[0-9]{1,5}号)*(热线|平台|为您服务|很高兴|客服|您好|号)"
)


@lru_cache(maxsize=4096)
def is_hotline(phrase: str) -> bool:
    """Whether a phrase of a rubric is a service number: three to six digits and nothing else."""
    form = normalise(phrase).text
    return form.isascii() and form.isdigit() and 3 <= len(form) <= 6


def threatens_with(
    phrase: str, text: str, start: int, end: int, own_numbers: Collection[str] = ()
) -> bool:
    """Whether a hotline (`is_hotline`) found at `start:end` of a turn is dialled, or will be, to
    complain. `own_numbers`: digits of the lines that the call may have come in by.
    """
    if normalise(phrase).text in own_numbers:
        return False
    before, behind = _clause(text, start, end)
    if _NAMED.search(before) or _MEASURED.search(behind):
        return False
    if _COMPLAINS.search(before) or _COMPLAINS.search(behind):
        return True
    return not (_LED_HERE.search(before) or _LED_HERE_BEHIND.search(behind))


def named_as_own(texts: Iterable[str], numbers: Iterable[str]) -> frozenset[str]:
    """Of some service numbers those that an agent's turns name as the line one has called."""
    wanted = sorted({normalise(n).text for n in numbers if is_hotline(n)})
    found: set[str] = set()
    for text in texts if wanted else ():
        if _DIGITS.search(text) is None:
            continue
        form = normalise(text)
        for digits in wanted:
            at = form.text.find(digits)
            while at >= 0:
                start, end = form.span(at, at + len(digits))
                before, behind = _clause(text, start, end)
                if _OWN.search(before) or _OWN_BEHIND.search(behind):
                    found.add(digits)
                at = form.text.find(digits, at + 1)
    return frozenset(found)


def _clause(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and behind a number in its clause."""
    head = text[max(0, start - 2 * _BEFORE) : start]
    tail = text[end : end + 2 * _BEFORE]
    before = _CLAUSE.split(head)[-1]
    behind = _CLAUSE.split(tail)[0]
    return before[-_BEFORE:].strip(), behind.strip()
