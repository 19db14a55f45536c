"""Home addresses in a text: the road or estate with what stands after it, or after a cue.

Province, city and district stay (they tell where a fault is, not who lives there); from the road
or estate on everything is hidden. In English the house number, the street and the flat.
"""

from __future__ import annotations

import re

CharSpan = tuple[int, int]

_HAN = "一-鿿"
_NUMBER = "[0-9０-９A-Za-z零〇一幺二两三四五六七八九十百千甲乙丙丁东西南北-]{1,6}"
_ROAD = "大街|大道|胡同|小区|花园|公寓|新村|大厦|家园|广场|路|街|巷|弄|村|庄|苑|屯|寨"
_UNIT = "号楼|号院|单元|号|弄|栋|幢|座|楼|层|室|房|门|组|队|户"
# 中山路12号3单元502室: a road with at least one numbered part; the last number may lack its word.
_PLACE = re.compile(
    f"(?P<name>[{_HAN}]{{1,7}}?)(?:{_ROAD})(?:[{_HAN}]{{0,6}}?(?:{_ROAD}))?[东西南北中]?[段侧]?"
    f"(?:\\s*{_NUMBER}\\s*(?:{_UNIT}))+(?:\\s*{_NUMBER}(?![年月日号点个次元块分度小天]))?"
)
_CUE = re.compile(
    "(?:我家在|家里在|家住在?|我住在?|住在|住址是?|家庭地址是?|收货地址是?|联系地址是?|地址是|地址在|"
    "寄到|寄往|送到|送货到|上门到)[\\s,，:：]?"
)
_AFTER_CUE = re.compile(
    f"(?P<name>[{_HAN}0-9０-９A-Za-z]{{1,18}}?)(?:{_ROAD})(?:(?:\\s*{_NUMBER}\\s*(?:{_UNIT}))*"
    f"(?:\\s*{_NUMBER})?)"
)
# Where the road's own name begins: after a district, or after a word that leads to a place.
_BORDER = re.compile(
    ".*(?:[省市区县镇乡州旗]|街道|开发区|住在|地址[是在]|家在|就在|[在是到住去从往送寄:：,，、。 ])"
)
_HINT = re.compile(f"(?:{_ROAD}).{{0,12}}(?:{_UNIT})|住|地址|寄|送")
_STREET = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|court|ct|square|sq|place|pl|"
    "terrace|way|close|crescent"
)
_ENGLISH = re.compile(
    rf"\b\d{{1,5}}[A-Za-z]?,?\s+(?:[A-Za-z'.-]+\s+){{1,3}}(?:{_STREET})\b\.?"
    r"(?:,?\s*(?:apartment|apt|flat|unit|suite|room|#)\.?\s*\w+)?",
    re.IGNORECASE,
)


def address_spans(text: str) -> tuple[CharSpan, ...]:
    """The characters of addresses that tell whose home it is."""
    spans: list[CharSpan] = []
    if _HINT.search(text):
        for found in _PLACE.finditer(text):
            spans.append((_begin(text, found.start("name"), found.end("name")), found.end()))
        for cue in _CUE.finditer(text):
            after = _AFTER_CUE.match(text, cue.end())
            if after is not None:
                spans.append((_begin(text, after.start("name"), after.end("name")), after.end()))
    spans += [m.span() for m in _ENGLISH.finditer(text)]
    return tuple(spans)


def _begin(text: str, start: int, end: int) -> int:
    border = _BORDER.match(text, start, end)
    if border is None or border.end() >= end:
        return start
    return border.end()
