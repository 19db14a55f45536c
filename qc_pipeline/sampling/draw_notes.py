"""Sentences of a draw for the inspector: kept in Chinese, told in English where asked."""

from __future__ import annotations

import re
from collections.abc import Sequence

TEMPLATES: dict[str, tuple[str, str]] = {
    "merged": (
        "通话量过少的{cells}个单元合并为{strata}层",
        "{cells} cells with few calls were merged into {strata} strata",
    ),
    "moved": (
        "为满足坐席定额,各层抽取数偏离了分配数,总数不变",
        "to meet the agents' quotas the strata differ from their allocation; the total stands",
    ),
    "short": (
        "话务量不足定额的坐席全部抽取:{agents}",
        "agents with fewer calls than their quota, all of them drawn: {agents}",
    ),
    "fixed_short": (
        "不足固定数量{fixed}通、能抽尽抽的层:{strata}",
        "strata with fewer than the fixed {fixed} calls, all of them drawn: {strata}",
    ),
    "relisten_short": (
        "机检样本不足复听定额、全部复听的坐席:{agents}",
        "agents with fewer drawn calls than are to be re-listened, all of them heard: {agents}",
    ),
    "complaints_short": (
        "投诉录音不足:复听样本{total}通中最多能有{complaints}通投诉",
        "too few complaints: at most {complaints} of the {total} re-listened calls can be one",
    ),
    "nobody": (
        "{calls}通录音除本组组长外无人可听,未分配:{names}",
        "{calls} calls that only their own team lead could hear are not assigned: {names}",
    ),
}
SHOWN = 10


def note(key: str, **values: object) -> str:
    """The Chinese sentence."""
    return TEMPLATES[key][0].format(**values)


def some(names: Sequence[str]) -> str:
    """The first ten names, and that there are more."""
    return "、".join(names[:SHOWN]) + (f" 等{len(names)}个" if len(names) > SHOWN else "")


def in_english(text: str) -> str:
    """The English sentence of a note; any other text as it is."""
    for chinese, english in TEMPLATES.values():
        pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>.*)", re.escape(chinese))
        found = re.fullmatch(pattern, text)
        if found:
            values = {
                k: re.sub(r" 等(\d+)个$", r" … \1 in all", v).replace("、", ", ")
                for k, v in found.groupdict().items()
            }
            return english.format(**values)
    return text
