"""What may happen in the middle of a call, done well or done wrong, with the wrong ones marked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from tools.samples.scenarios import CallKind
from tools.samples.script import Script
from tools.samples.wording import Pick, pick

ANGRY = "态度|过分|生气|骗人|破公司|气死|负责任|失望|太差|敷衍|耍我|官腔|管不管|还没有解决"
COMFORT = "理解|抱歉|对不起|不好意思|着急|消消气|生气|歉|添麻烦|困扰|心情|疏忽"
_THANKS = "谢|抱歉|对不起|不好意思|久等|歉|等"
_HELP = "帮|登记|转|记录|升级|反馈|为您|接|工单|跟进|核实|提交|上报|联系|试一下"
_LIMIT = "小时|工作日|天|周|星期|月|号|上午|下午|晚上|早上|中午|年|点"
_ESCALATE = "升级|主管|经理|上报|领导|专员|主任|转|提交|加急|核实"
_ADDED = "回复|答复|联系|回电|通知|跟进|尽快|结果"
_TABOO = "多少遍|听不懂|爱办不办|爱信不信|有完没完|烦不烦"
_ABUSE = "滚|神经病|傻|白痴|蠢|混蛋|有病|脑子有问题"
_THREAT = "幺二三|媒体|起诉|法院|律师|消费者协会|记者|工信部|市场监管"


class Matter(Protocol):
    """What the call is about: the agent can explain it, the customer has details of it."""

    detail: Pick

    def explain(self, count: int = 1, pause_s: float | None = None, overlap_s: float = 0.0) -> int:
        """The agent explains; returns the line's index."""


Event = Callable[[Script, Matter], None]


def events(kind: CallKind) -> tuple[Event, ...]:
    """Return what happens in the middle of a call of this kind, in a fixed order."""
    wrong, features = kind.faults, kind.features
    often = 4 if "interrupt-often" in features else 2
    table: tuple[tuple[bool, Event], ...] = (
        ("hold-notice" in wrong, lambda s, m: _unannounced(s, m, kind)),
        ("dead-air" in wrong, lambda s, m: _dead_air(s, m, 2)),
        ("one-dead-air" in features, lambda s, m: _dead_air(s, m, 1)),
        ("interrupt" in wrong, lambda s, m: _interrupt(s, m, often)),
        ("one-interrupt" in features, lambda s, m: _interrupt(s, m, 1)),
        ("customer-interrupts" in features, _customer_interrupts),
        ("tell-once" in wrong, lambda s, m: _tell_once(s)),
        ("unknown-escalate" in wrong, lambda s, m: _unknown(s, good=False)),
        ("unknown" in features, lambda s, m: _unknown(s, good=True)),
        ("no-overpromise" in wrong, lambda s, m: _overpromise(s)),
        ("no-guarantee" in features, lambda s, m: _no_guarantee(s)),
        ("privacy" in wrong, lambda s, m: _privacy(s, "privacy-card" in features)),
        ("taboo" in wrong, lambda s, m: _rude(s, "taboo", _TABOO, "使用服务禁语")),
        ("abuse" in wrong, lambda s, m: _rude(s, "abuse", _ABUSE, "辱骂客户")),
        ("block-complaint" in wrong, lambda s, m: _block(s)),
        ("supervisor-once" in features, lambda s, m: _asked_once(s, kind)),
        ("supervisor-withdrawn" in features, lambda s, m: _withdrawn(s)),
        ("supervisor" in features, lambda s, m: _supervisor(s, kind)),
        ("threat" in features, lambda s, m: _threat(s, kind)),
        ("push-recovered" in features, lambda s, m: _push_away(s, good=True)),
        ("first-asked" in wrong, lambda s, m: _push_away(s, good=False)),
    )
    return tuple(event for wanted, event in table if wanted)


def hold(s: Script, matter: Matter, kind: CallKind) -> None:
    """The agent asks to wait, comes back and thanks; `hold-return` among the faults: does not."""
    long = "hold-long" in kind.features
    asked = s.agent(pick("hold-notice", "稍等|稍候|等候", avoid="分钟"))
    if s.rng.random() < 0.4:
        s.customer(pick("agree", "好|行|可以", avoid="本人|吧|试"))
    silence_s = round(s.rng.uniform(21.5, 27.0) if long else s.rng.uniform(6.0, 11.0), 1)
    if "hold-return" in kind.faults:
        s.ban(_THANKS, 2)
        back = matter.explain(pause_s=silence_s)
        s.mark("hold-return", asked, back, "长时间等待后未致谢或致歉")
        s.customer(pick("backchannel", "哦|嗯", avoid="吗"))
        matter.explain()
        return
    back = s.agent(pick("hold-return", "久等|谢谢|感谢", avoid="在线"), pause_s=silence_s)
    if "hold-music" in kind.features:
        s.music_before(back)
    s.customer(pick("backchannel", "嗯|哦", avoid="吗"))
    matter.explain(2 if kind.seconds > 55 else 1)


def look_up(s: Script, *, search: bool) -> None:
    """The customer looks for a number: the silence is theirs, and no fault of the agent."""
    s.agent(pick("ask-account", "请|麻烦"))
    if search:
        s.customer(pick("give-account"), pause_s=round(s.rng.uniform(16.5, 18.5), 1))
        return
    s.customer(pick("ask-wait", "等", avoid="分钟"))
    s.agent(pick("wait-customer", "等|不挂"))
    s.customer(pick("give-account"), pause_s=round(s.rng.uniform(11.5, 13.5), 1))


def take_number(s: Script, kind: CallKind) -> None:
    """Ask for the telephone number and read it back, or not."""
    s.agent(pick("ask-number", "电话|手机", avoid="来电号码|业务"))
    if s.rng.random() < 0.2 and "read-back" not in kind.faults:
        s.customer(pick("same-number", avoid="尾号"))
        s.agent(pick("same-number", "来电号码|这个号码", avoid="尾号"))
        s.customer(pick("agree", "对|是|没错", avoid="本人"))
        return
    number = s.slot("n11")
    said = s.customer(pick("give-number", number))
    if "read-back" in kind.faults:
        answer = s.agent(pick("ack", "^(好的|没问题|可以|嗯)", avoid="说|讲"))
        s.mark("read-back", said, answer, "未复述核对联系号码")
        return
    s.agent(pick("read-back", number))
    s.customer(pick("agree", "对|是|没错", avoid="本人"))


def promise(s: Script, kind: CallKind, *, follow_up: bool = True) -> None:
    """Say that somebody will see to it, and by when; `time-limit` among the faults: not when."""
    first = (pick("follow-up", "登记|记录|工单", avoid="工单编号"),) if follow_up else ()
    if "time-limit" in kind.faults:
        said = s.agent(*first, pick("vague-promise", "尽快.*(答复|联系|处理|回电)|有人联系|通知您"))
        s.mark("time-limit", said, said, "承诺后续处理但未告知时限")
        s.ban(_LIMIT)
        return
    s.agent(*first, pick("time-limit", "小时|工作日", avoid="退款" if follow_up else "退款|维修"))
    s.customer(pick("agree", "好|行|可以", avoid="本人|试"))


def _question(s: Script) -> int:
    return s.customer(pick("ask-time", avoid="快|等|太长|准确|修好|到账|恢复"))


def _unannounced(s: Script, matter: Matter, kind: CallKind) -> None:
    for _ in range(2 if "hold-notice-twice" in kind.features else 1):
        s.customer(pick("disagree", "没有办过|听错|不对|不是", avoid="等"))
        s.agent(pick("ack", "明白|了解|知道|收到|记下", avoid="请|等|说得|继续"))
        back = matter.explain(pause_s=round(s.rng.uniform(17.0, 20.0), 1))
        s.mark("hold-notice", back - 1, back, "未事先告知,静默超过15秒", before_last=True)


def _dead_air(s: Script, matter: Matter, count: int) -> None:
    for _ in range(count):
        if s.lines[-1].speaker == "customer":
            matter.explain()
        asked = s.customer(pick("repeat-please", "没听|慢一点|什么意思|没听懂", avoid="大声"))
        back = matter.explain(pause_s=round(s.rng.uniform(11.8, 13.8), 1))
        if count > 1:
            s.mark("dead-air", asked, back, "客户说完后超过10秒无应答", before_last=True)
        s.customer(pick("backchannel", "哦|嗯", avoid="吗"))


def _interrupt(s: Script, matter: Matter, count: int) -> None:
    for _ in range(count):
        s.customer(matter.detail, matter.detail, pick("no-call-before", ".{6,}"))
        said = matter.explain(overlap_s=round(s.rng.uniform(1.9, 2.3), 2))
        if count > 1:
            s.mark("interrupt", said, said, "客户未说完被打断")
    s.customer(pick("backchannel", "哦|嗯", avoid="吗"))


def _customer_interrupts(s: Script, matter: Matter) -> None:
    matter.explain(2)
    s.customer(pick("ask-time", ".{6,}", avoid="快|等|太长|修好|到账|恢复"), overlap_s=1.7)
    s.agent(pick("time-limit", "小时|工作日", avoid="退款"))


def _tell_once(s: Script) -> None:
    said = s.customer(
        pick("tell-once-complaint", "一次说|上次没说|怎么没告诉|一次性|之前怎么|上次说")
    )
    s.mark("tell-once", said, said, "客户反映未一次性告知")
    s.agent(pick("apology", "歉|对不起|不好意思"), pick("tell-once", "材料|准备|带"))
    s.customer(pick("agree", "好|行|可以", avoid="本人|吧"))


def _unknown(s: Script, *, good: bool) -> None:
    s.customer(pick("ask-business", "怎么办|怎么取消|多少钱|能不能|手续"))
    unsure = pick("unknown", "不太清楚|没有查到|不确定|查不到|不太了解")
    if good:
        s.agent(unsure, pick("follow-up", "登记一下|工单", avoid="编号"))
        s.agent(pick("time-limit", "小时|工作日", avoid="退款|维修"), pause_s=0.7)
        s.customer(pick("agree", "好|行|可以", avoid="本人|试"))
        return
    s.ban(_HELP)
    said = s.agent(unsure)
    s.mark("unknown-escalate", said, said, "不明确的问题没有升级或登记")
    s.customer(pick("disagree", "不行|不同意|没有啊"))
    s.agent(pick("cannot", avoid="退"))


def _overpromise(s: Script) -> None:
    _question(s)
    said = s.agent(pick("overpromise", "我.*保证|百分之百"))
    s.mark("no-overpromise", said, said, "过度承诺")
    s.customer(pick("agree", "好|行|可以", avoid="本人|试"))


def _no_guarantee(s: Script) -> None:
    _question(s)
    s.agent(pick("no-guarantee", "不能保证|不敢.*保证|没有办法.*保证|不能百分之百保证"))
    s.customer(pick("agree", "好|行|可以", avoid="本人|试"))


def _privacy(s: Script, card: bool) -> None:
    s.customer(pick("refuse-number", "不记得|不在身边|没有带"))
    number = s.slot("n16" if card else "n18")
    said = s.agent(pick("privacy-leak", number, avoid="银行卡是"))
    s.mark("privacy", said, said, "念出客户完整" + ("银行卡号" if card else "身份证号"))
    s.customer(pick("agree", "对|是|没错", avoid="本人"))


def _rude(s: Script, act: str, pattern: str, note: str) -> None:
    s.customer(pick("repeat-please", "没听|慢一点|什么意思|没听懂", avoid="大声"))
    said = s.agent(pick(act, pattern))
    s.mark(act, said, said, note)
    s.customer(pick("disagree", "不对|不是这样|没有啊|说得不对", avoid="听错"))


def _block(s: Script) -> None:
    s.customer(pick("ask-time", avoid="快|等|太长|修好|到账|恢复"))
    said = s.agent(pick("block-complaint", "没用|我就是|一样的结果|不会接|也不管用"))
    s.mark("block-complaint", said, said, "阻挠投诉")
    s.customer(pick("disagree", "不行|不同意|不是这样"))


def _escalate(s: Script, kind: CallKind) -> None:
    step = pick("escalate", "升级|上报", avoid="小时|转接|内|给您回电|再见")
    if "escalate-who-when" in kind.faults:
        said = s.agent(step)
        s.mark("escalate-who-when", said, said, "升级时未说明由谁、何时答复")
        s.ban(f"{_LIMIT}|{_ADDED}")
    else:
        who = "(主管|经理|专员|主任).*(小时|工作日)"
        s.agent(step, pick("escalate", who))
    s.customer(pick("agree", "好|行|可以", avoid="本人|试"))


def _calm(s: Script, kind: CallKind) -> None:
    """Take the wind out before the answer; in a call without comfort a plain word instead."""
    if "empathy" in kind.faults:
        s.agent(pick("ack", "明白|了解|知道|记下", avoid="请|说得|继续"))
    else:
        s.agent(pick("empathy"))


def _supervisor(s: Script, kind: CallKind) -> None:
    wanted = pick("supervisor", "领导|主管|经理|负责人", avoid="是谁|的电话")
    first = s.customer(wanted)
    if "supervisor-request" in kind.faults:
        s.ban(_ESCALATE)
        _calm(s, kind)
        s.customer(wanted)
        last = s.agent(pick("cannot", "办不了|不可以|不支持|规定", avoid="退|条件"))
        s.mark("supervisor-request", first, last, "客户坚持找主管,没有升级")
        s.customer(pick("disagree", "不行|不同意", avoid="等"))
        return
    _calm(s, kind)
    s.customer(wanted)
    _escalate(s, kind)


def _asked_once(s: Script, kind: CallKind) -> None:
    s.customer(pick("supervisor", "领导|主管|经理", avoid="是谁|的电话"))
    _calm(s, kind)
    s.agent(pick("time-limit", "小时|工作日", avoid="退款|维修"), pause_s=0.7)
    s.customer(pick("agree", "好|行|可以", avoid="本人|试"))


def _withdrawn(s: Script) -> None:
    wanted = pick("supervisor", "领导|主管|经理", avoid="是谁|的电话")
    s.customer(wanted)
    s.agent(pick("empathy"))
    s.customer(wanted)
    s.agent(pick("apology", avoid="{prod}"))
    s.customer(pick("withdraw", "算了|不用", avoid="退|再打|去"))


def _threat(s: Script, kind: CallKind) -> None:
    said = s.customer(pick("threat", _THREAT))
    _calm(s, kind)
    if "authority-threat" in kind.faults:
        s.ban(_ESCALATE)
        last = s.customer(pick("disagree", "不行|不同意", avoid="等"))
        last = s.agent(pick("cannot", "办不了|不可以|不支持|规定", avoid="退|条件"))
        s.mark("authority-threat", said, last, "监管或媒体倾向没有升级")
        s.customer(pick("backchannel", "哦|嗯", avoid="吗"))
        return
    s.customer(pick("disagree", "不行|不同意", avoid="等"))
    _escalate(s, kind)


def _push_away(s: Script, *, good: bool) -> None:
    s.customer(pick("ask-business", "怎么办|怎么取消|多少钱|能不能|手续"))
    away = pick("push-away", "不归|部门负责|去找|找你|问吧|不管|没关系|不关", avoid="{prod}")
    if good:
        s.agent(away, pick("follow-up", "我帮您登记一下|下一个工单"))
        s.agent(pick("time-limit", "小时|工作日", avoid="退款|维修"), pause_s=0.7)
        s.customer(pick("agree", "好|行|可以", avoid="本人|试"))
        return
    s.ban(_HELP)
    said = s.agent(away)
    s.mark("first-asked", said, said, "推诿,没有首问负责")
    s.customer(pick("disagree", "不行|不同意|没有啊", avoid="等"))
    s.agent(pick("cannot", avoid="退"))
