"""Find a call's faults again from what is said and when alone, to check the labels against.

Plain patterns on the truth's turns, written apart from the code that puts the faults in, and
apart from the product: a label stands only where both agree.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

_POLITE = ("请问", "请您", "麻烦您", "谢谢", "对不起", "抱歉", "稍等", "久等了", "感谢", "不好意思")
_HOLD = "稍等|稍候|等候|等一下|等片刻|等我|等等|别挂"
_REQUEST = "请|麻烦|吗？|多少|提供|报一下"
_LIMIT = (
    "小时|工作日|[一两三四五六七八九十]天|周[一二三四五六末]|星期|月.{1,3}号|今天|明天|后天"
    "|下个?[周月]"
)
_PROMISE = (
    "联系您|跟您联系|给您(回|答|处理结果|打)|回电话|有人联系|通知您|会告诉您|跟进|尽快|等通知"
    "|有结果"
)
_ANGRY = (
    "态度|过分|生气|骗人|破公司|气死|不负责任|失望|太差|敷衍|耍我|官腔|管不管|还没有解决|好意思吗"
    "|跟我说这个|再也不用|权力乱收费|没用的|就问你"
)
_COMFORT = "理解|抱歉|对不起|不好意思|着急|消消气|别生气|歉|添麻烦|困扰|心情|疏忽|谁都会生气"
_NAME = "贵姓|称呼|您的姓名|名字"
_ESCALATE = "升级|上报|主管会|经理会|转接主管|专员|主任|值班|加急|专人"
_SUPERVISOR = "领导|主管|经理|负责人|做主的人"
_THREAT = (
    "幺二三|媒体|起诉|法院|法庭|律师|消费者协会|记者|电视台|工信部|监管局|管理局|银监会|告你们"
    "|信访局|报社|市长热线"
)
_PUSH_AWAY = (
    "不归我们|部门负责的|你去找|找快递公司|电话问吧|打别的电话|不关我们|我们不管|跟我们没关系|别的不管"
    "|你问别人|你去营业厅|谁给你办|重新打一个|自己去联系"
)
_DIGIT = "零幺二三四五六七八九一"
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardTurn:
    """A turn as the truth file gives it; times in seconds."""

    speaker: Literal["agent", "customer"]
    start_s: float
    end_s: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardCall:
    """A call as the truth file and the call list give it, turns by start."""

    turns: tuple[HeardTurn, ...]
    duration_s: float
    contact: str
    business: str
    hangup_by: str

    def by(self, speaker: str) -> tuple[HeardTurn, ...]:
        return tuple(t for t in self.turns if t.speaker == speaker)

    def said(self, speaker: str, pattern: str) -> bool:
        return any(re.search(pattern, t.text) for t in self.by(speaker))

    def agent_after(self, turn: HeardTurn, count: int) -> tuple[HeardTurn, ...]:
        """The next turns of the agent that are more than feedback."""
        later = [t for t in self.by("agent") if t.start_s > turn.start_s and len(t.text) > 4]
        return tuple(later[:count])


def found_faults(call: HeardCall) -> frozenset[str]:
    """Return the criteria that the call fails, by plain patterns and times."""
    return frozenset(name for name, fails in _CHECKS.items() if fails(call))


def heard_call(truth: Mapping[str, object], row: Mapping[str, str]) -> HeardCall:
    """Return the call of a truth file's content and its row in the call list."""
    raw = truth["turns"]
    assert isinstance(raw, Sequence)  # noqa: S101  (a truth file is ours)
    turns = [
        HeardTurn(speaker=t["speaker"], start_s=t["start_s"], end_s=t["end_s"], text=t["text"])
        for t in raw
    ]
    return HeardCall(
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        duration_s=float(str(truth["duration_s"])),
        contact=row["contact"],
        business=row["business"],
        hangup_by=row["hangup_by"],
    )


def _answered(call: HeardCall, trigger: str, answer: str, turns: int) -> bool | None:
    """Whether each customer line like `trigger` gets `answer`; None where there is no such line."""
    hits = [t for t in call.by("customer") if re.search(trigger, t.text)]
    if not hits:
        return None
    return all(any(re.search(answer, a.text) for a in call.agent_after(h, turns)) for h in hits)


def _greeting(call: HeardCall) -> bool:
    return not any(
        re.search("您好|你好|[早上中下午晚]好|很高兴|为您服务", t.text)
        for t in call.by("agent")[:2]
    )


def _ask_name(call: HeardCall) -> bool:
    return (
        call.contact == "first"
        and call.duration_s > 60
        and not call.said("agent", _NAME)
        and not call.said("customer", "我姓|我叫")
    )


def _address_name(call: HeardCall) -> bool:
    early = call.by("agent")[:4]
    return call.contact == "repeat" and not any(re.search("先生|女士", t.text) for t in early)


def _courtesy(call: HeardCall) -> bool:
    said = "".join(t.text for t in call.by("agent"))
    return sum(word in said for word in _POLITE) < 2


def _silences(call: HeardCall) -> list[tuple[HeardTurn, float]]:
    """Each silence between turns: the turn that ended last before it, and its length in seconds."""
    out: list[tuple[HeardTurn, float]] = []
    last = call.turns[0]
    for turn in call.turns[1:]:
        if turn.start_s > last.end_s:
            out.append((last, turn.start_s - last.end_s))
        if turn.end_s > last.end_s:
            last = turn
    return out


def _hold_words_before(call: HeardCall, turn: HeardTurn) -> bool:
    before = [t for t in call.turns if t.start_s <= turn.start_s and len(t.text) > 1]
    last_of_each = {t.speaker: t for t in before}
    return any(re.search(_HOLD, t.text) for t in last_of_each.values())


def _hold_notice(call: HeardCall) -> bool:
    return any(
        length > 15
        and turn.speaker == "agent"
        and not re.search(_REQUEST, turn.text)
        and not _hold_words_before(call, turn)
        for turn, length in _silences(call)
    )


def _hold_return(call: HeardCall) -> bool:
    for turn, length in _silences(call):
        asked = _hold_words_before(call, turn)
        after = call.agent_after(turn, 2)
        if (
            length > 20
            and asked
            and not any(re.search("谢|抱歉|对不起|不好意思|久等", t.text) for t in after)
        ):
            return True
    return False


def _dead_air(call: HeardCall) -> bool:
    hits = [
        1
        for turn, length in _silences(call)
        if length > 10 and turn.speaker == "customer" and not _hold_words_before(call, turn)
    ]
    return len(hits) > 1


def _interrupt(call: HeardCall) -> bool:
    hits = 0
    for turn in call.by("agent"):
        for other in call.by("customer"):
            overlap = other.end_s - turn.start_s
            inside = other.start_s < turn.start_s and turn.end_s > other.end_s
            hits += inside and overlap >= 1.5 and len(turn.text) >= 6
    return hits > 1


def _anything_else(call: HeardCall) -> bool:
    if call.hangup_by != "agent" or call.said("customer", "没有了|没事了|没了|没别的|没有其他"):
        return False
    asks = "还有(什么|其他|别的)|其他(问题|需要|帮助|业务|疑问)|还需要|还有什么|别的(需要|问题)"
    later = [t for t in call.by("agent") if t.start_s > call.duration_s / 2]
    return not any(re.search(asks, t.text) for t in later)


def _closing(call: HeardCall) -> bool:
    last = "".join(t.text for t in call.by("agent")[-2:])
    complete = re.search("谢", last) and re.search("再见|拜拜", last)
    return call.hangup_by == "agent" and not complete


def _confirm_need(call: HeardCall) -> bool:
    confirms = "对吗|是吗|是这样吗|对吧|对不对|希望"
    return call.duration_s > 120 and not any(
        re.search(
            "您是想|您反映的是|我理解您的意思|您是说|也就是说|您的诉求|您的要求|复述一下|跟您确认一下",
            t.text,
        )
        and re.search(confirms, t.text)
        for t in call.by("agent")
    )


def _verify_identity(call: HeardCall) -> bool:
    return call.business in ("业务办理", "账单") and not call.said("agent", "(后|最后)四位")


def _number_said(text: str, length: int) -> list[str]:
    plain = re.sub("[，。？]", "", text)
    return [m.replace("一", "幺") for m in re.findall(f"[{_DIGIT}]{{{length},}}", plain)]


def _read_back(call: HeardCall) -> bool:
    for turn in call.by("customer"):
        if not re.search("订单|户号|运单", turn.text):
            for number in _number_said(turn.text, 11):
                back = "".join(
                    x for t in call.agent_after(turn, 3) for x in _number_said(t.text, 4)
                )
                if len(number) == 11 and number[-4:] not in back:
                    return True
    return False


def _first_asked(call: HeardCall) -> bool:
    helps = "帮您|登记|转接|记录|工单|为您转"
    return _unanswered(call, _PUSH_AWAY, helps, 2)


def _unanswered(call: HeardCall, agent_says: str, then: str, turns: int) -> bool:
    """Whether an agent's line stays without `then` in itself and the agent's next turns."""
    return any(
        re.search(agent_says, t.text)
        and not any(re.search(then, x.text) for x in (t, *call.agent_after(t, turns)))
        for t in call.by("agent")
    )


def _overpromise(call: HeardCall) -> bool:
    return any(
        re.search("我.*保证|百分之百|打包票|肯定(能|没)|绝对", t.text)
        and not re.search("不能|不敢|没有办法", t.text)
        for t in call.by("agent")
    )


def _valid_id(number: str) -> bool:
    digits = [_value(c) for c in number]
    check = "10X98765432"[sum(d * w for d, w in zip(digits, _ID_WEIGHTS, strict=False)) % 11]
    return check == str(digits[17])


def _valid_card(number: str) -> bool:
    total = 0
    for place, character in enumerate(reversed(number)):
        doubled = _value(character) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _value(character: str) -> int:
    return "零幺二三四五六七八九".index(character)


def _privacy(call: HeardCall) -> bool:
    numbers = [n for t in call.by("agent") for n in _number_said(t.text, 16)]
    return any(
        (len(n) == 18 and _valid_id(n)) or (len(n) in (16, 19) and _valid_card(n)) for n in numbers
    )


def _complaint_record(call: HeardCall) -> bool:
    phone = "联系电话|手机号|电话是|联系方式|号码是|来电号码|联系您的电话"
    matter = "登记|做了记录|反映给|反馈给|工单|如实上报|记录下来"
    parts = (call.said("agent", _NAME), call.said("agent", phone), call.said("agent", matter))
    return call.business == "投诉" and not all(parts)


def _supervisor(call: HeardCall) -> bool:
    asks = [t for t in call.by("customer") if re.search(_SUPERVISOR, t.text)]
    asks = [t for t in asks if not re.search("不找|不用", t.text)]
    if len(asks) < 2 or call.said("customer", "算了|不用"):
        return False
    return not any(
        re.search(_ESCALATE, t.text) and asks[1].start_s < t.start_s <= asks[1].end_s + 120
        for t in call.by("agent")
    )


def _authority(call: HeardCall) -> bool:
    threats = [t for t in call.by("customer") if re.search(_THREAT, t.text)]
    return any(
        not any(
            re.search(_ESCALATE, a.text) and t.start_s < a.start_s <= t.end_s + 180
            for a in call.by("agent")
        )
        for t in threats
    )


def _who_when(call: HeardCall) -> bool:
    who = "主管|经理|专员|主任|领导|部|组|中心|厅|网点"
    for turn in call.by("agent"):
        if re.search("升级|上报", turn.text) and not re.search("如实上报", turn.text):
            near = "".join(t.text for t in (turn, *call.agent_after(turn, 2)))
            if not (re.search(who, near) and re.search("小时|工作日", near)):
                return True
    return False


_CHECKS: dict[str, Callable[[HeardCall], bool]] = {
    "greeting": _greeting,
    "ask-name": _ask_name,
    "address-name": _address_name,
    "courtesy": _courtesy,
    "hold-notice": _hold_notice,
    "hold-return": _hold_return,
    "dead-air": _dead_air,
    "interrupt": _interrupt,
    "taboo": lambda c: c.said(
        "agent", "多少遍|听不懂|爱办不办|爱信不信|有完没完|烦不烦|你急什么|不会看吗|爱找谁"
    ),
    "anything-else": _anything_else,
    "closing": _closing,
    "abuse": lambda c: c.said("agent", "滚|神经病|傻|白痴|蠢|混蛋|有病|脑子有问题|无赖|穷鬼"),
    "confirm-need": _confirm_need,
    "verify-identity": _verify_identity,
    "read-back": _read_back,
    "first-asked": _first_asked,
    "tell-once": lambda c: c.said(
        "customer", "一次说清|上次没说|没告诉我|一次性告诉|之前怎么不讲|上次说只要"
    ),
    "time-limit": lambda c: _unanswered(c, _PROMISE, _LIMIT, 2),
    "no-overpromise": _overpromise,
    "privacy": _privacy,
    "empathy": lambda c: _answered(c, _ANGRY, _COMFORT, 3) is False,
    "complaint-record": _complaint_record,
    "supervisor-request": _supervisor,
    "authority-threat": _authority,
    "escalate-who-when": _who_when,
    "unknown-escalate": lambda c: _unanswered(
        c,
        "不太清楚|没有查到|不确定|查不到|不太了解|暂时回答不了|原因我不清楚|没有看到",
        "登记|记录|工单|升级|转接|反馈|核实一下",
        2,
    ),
    "block-complaint": lambda c: c.said(
        "agent", "也?没用|我就是(领导|这里)|一样的结果|不会接|也不管用|没有投诉这一说"
    ),
}
