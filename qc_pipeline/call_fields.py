"""The fields of a call list that the product knows: their kinds, units and allowed values.

Any other column is kept as text under its own name. `label_zh` is also accepted as a header.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from qc_pipeline.call import Recording

Kind = Literal["text", "number", "boolean", "choice", "date", "rating"]

TRUE_WORDS = frozenset({"true", "yes", "y", "t", "1", "是", "真", "有"})
DISSATISFIED = frozenset({"不满意", "非常不满意", "很不满意", "dissatisfied", "very dissatisfied"})
"""Ratings of a customer who was not content, in lower case; figures are mapped to words in the
list's settings, since 1 is the best in one centre and the worst in another."""
LONGEST_CALL_S = 86_400.0
"""A day. Longer ones are no calls but another unit (milliseconds) or a column mistaken."""
FALSE_WORDS = frozenset({"false", "no", "n", "f", "0", "否", "假", "无"})


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownField:
    """One known column.

    `unit` is "s" for numbers that may also be written H:MM:SS. `choices` are the values kept,
    `words` other spellings of them. `personal` fields name or lead to a customer: they are kept
    apart in the store and never shown in reports. A "rating" is a number where it is written as
    one and text otherwise. A number is 0 to `most`.
    """

    name: str
    label_zh: str
    kind: Kind = "text"
    unit: str = ""
    choices: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    required: bool = False
    personal: bool = False
    most: float = math.inf

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words for an error message."""
        match self.kind:
            case "number":
                if self.most < math.inf:
                    whole = f"{self.most:g} s ({self.most / 3600:g} h)"
                    return f"seconds from 0 to {whole}, or H:MM:SS"
                return "a number ≥ 0" + (" or H:MM:SS" if self.unit == "s" else "")
            case "boolean":
                return "true, false (also yes/no, 1/0, 是/否)"
            case "choice":
                return ", ".join(self.choices)
            case "date":
                return "a date such as 2026-11-16"
            case _:
                return "text"


def _choice(name: str, label_zh: str, choices: tuple[str, ...], **words: str) -> KnownField:
    return KnownField(name=name, label_zh=label_zh, kind="choice", choices=choices, words=words)


def _seconds(name: str, label_zh: str, *, most: float = math.inf) -> KnownField:
    return KnownField(name=name, label_zh=label_zh, kind="number", unit="s", most=most)


CALL_FIELDS: tuple[KnownField, ...] = (
    KnownField(name="recording_id", label_zh="录音编号", required=True),
    KnownField(name="path", label_zh="录音文件", required=True),
    KnownField(name="start_time", label_zh="开始时间", required=True),
    KnownField(name="agent_id", label_zh="坐席工号", required=True),
    _seconds("duration_s", "通话时长", most=LONGEST_CALL_S),
    KnownField(name="agent_name", label_zh="坐席姓名"),
    KnownField(name="team", label_zh="班组"),
    KnownField(name="business", label_zh="业务类型"),
    _choice("direction", "呼叫方向", ("in", "out"), 呼入="in", 呼出="out"),
    _choice("contact", "来电次数", ("first", "repeat"), 首次="first", 二次="repeat", 重复="repeat"),
    KnownField(name="customer_id", label_zh="客户编号", personal=True),
    _choice(
        "agent_channel",
        "坐席声道",
        ("left", "right", "mono", "auto"),
        左="left",
        右="right",
        左声道="left",
        右声道="right",
        单声道="mono",
        自动="auto",
    ),
    KnownField(name="satisfaction", label_zh="满意度", kind="rating"),
    KnownField(name="resolved", label_zh="一次解决", kind="boolean"),
    KnownField(name="answered", label_zh="接通", kind="boolean"),
    _seconds("queue_s", "排队时长"),
    _seconds("hold_s", "保持时长"),
    _seconds("acw_s", "话后处理时长"),
    KnownField(name="transferred_to", label_zh="转接至"),
    KnownField(name="callback_number", label_zh="回呼号码", personal=True),
    KnownField(name="work_order", label_zh="工单号"),
    KnownField(name="mystery", label_zh="神秘顾客", kind="boolean"),
    KnownField(name="language", label_zh="语言"),
    _choice("hangup_by", "挂机方", ("agent", "customer"), 坐席="agent", 客户="customer"),
    _seconds("answer_offset_s", "应答偏移"),
    KnownField(name="caller_number", label_zh="主叫号码", personal=True),
    KnownField(name="transferred_from", label_zh="转自"),
    KnownField(name="hire_date", label_zh="入职日期", kind="date"),
    KnownField(name="shift", label_zh="班次"),
    KnownField(name="system_greeting", label_zh="系统问候", kind="boolean"),
    KnownField(name="ticket_error", label_zh="工单差错"),
)

BY_NAME: Mapping[str, KnownField] = {f.name: f for f in CALL_FIELDS}
BY_LABEL: Mapping[str, str] = {f.label_zh: f.name for f in CALL_FIELDS}
REQUIRED = tuple(f.name for f in CALL_FIELDS if f.required)
PERSONAL = tuple(f.name for f in CALL_FIELDS if f.personal)
NAME_FIELDS = ("customer_name", "contact_name", "客户姓名", "姓名", "联系人")
"""Columns of a call list that hold a customer's name, where it has any."""


def customer_names(recording: Recording) -> frozenset[str]:
    """The names of a call's customer in the call list, for hiding them word for word."""
    found = (recording.text(name) for name in NAME_FIELDS)
    return frozenset(value for value in found if value and len(value) > 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`part` of `whole`; the share is None where there is nothing to divide by."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return None if self.whole == 0 else self.part / self.whole


def is_transferred(call: Recording) -> bool:
    """Whether a call's row says that another agent or queue had a part in it."""
    return bool(call.text("transferred_to") or call.text("transferred_from"))
