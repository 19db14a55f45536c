"""Compose one call: what a good call of its kind needs, with pieces dropped on purpose."""

from __future__ import annotations

import random
from collections.abc import Callable

from tools.samples import faults, topics
from tools.samples.scenarios import CallKind
from tools.samples.script import Caller, Dialogue, Script
from tools.samples.topics import Topic
from tools.samples.wording import NoWordingError, Pick, pick

HELLO = "您好|你好|[早上午晚]好|很高兴|欢迎|为您服务|感谢您致电"
POLITE = "请|谢|抱歉|对不起|不好意思|麻烦|久等|歉"
TITLE = "先生|女士"
# 月十 can be read like 女士 (both first characters also have the reading ru).
_NO_TITLE = TITLE + "|月十"
THANKS_BYE = "(感谢|谢谢).*再见"
# What the agent of a call with this fault (or feature) never says, nor anything that sounds nearly
# like it: a doubtful hearing is held for a person, and would prove nothing here.
_NEVER_SAID = {
    "courtesy": POLITE,
    "ask-name": "您的身|您的心|您的名|您的地",
    "confirm-need": "确认|复述|重复|要办理|希望|您是|是十",
    "empathy": faults.COMFORT + "|您的手|您的感|您的姓|您的名",
    "read-back": "手机号",
    "drop-matter": "登记|记录|记下|反映|上报|备注|工单|反馈|记一下|情况|发生|工作人员|网点|诉求"
    "|要求|希望|确认|什么问题|受理",
}
# What an agent asks about, and which details answer it ("": whatever the matter has).
_DETAILS = (
    ("什么时候发生", "坏了|开始|事情"),
    ("多久", "坏了|开始|大概"),
    ("地址", "住在|地址"),
    ("情况", ""),
)
# A customer with a short question says goodbye as soon as it is answered.
_BRIEF_S = 28.0
_NAME = pick("ask-name", "您贵姓|称呼|您的姓名", avoid="机主|登记人|可以留")


def compose(kind: CallKind, topic: Topic, caller: Caller, rng: random.Random) -> Dialogue:
    """Return the dialogue of a call. Raises NoWordingError where the bank has no sentence left."""
    script = Script(caller, rng)
    return _Call(kind, topic, script).write()


class _Call:
    """One call being written: its kind, its topic, and what both ask for next."""

    def __init__(self, kind: CallKind, topic: Topic, script: Script) -> None:
        self.kind = kind
        self.topic = topic
        self.s = script
        self.name_asked = False
        self.confirmed = False
        self.detail = pick("give-detail", topics.DETAILS[topic.bank_name], avoid="姓")

    @property
    def _drops_matter(self) -> bool:
        return "drop-matter" in self.kind.features

    def write(self) -> Dialogue:
        s, kind, wrong = self.s, self.kind, self.kind.faults
        for criterion, never_said in _NEVER_SAID.items():
            if criterion in wrong | kind.features:
                s.ban(never_said)
        self._open()
        {"投诉": self._complaint, "报修": self._repair}.get(self.kind.business, self._enquiry)()
        for event in faults.events(self.kind):
            event(s, self)
        self._rounds()
        self._end()
        self._mark_absences()
        return s.done()

    def explain(self, count: int = 1, pause_s: float | None = None, overlap_s: float = 0.0) -> int:
        """The agent explains the matter, in the words of its own topic while they last."""
        act = f"explain-{self.topic.bank_name}"
        odd = "尾号|还没有回复" + ("" if self.kind.contact == "repeat" else "|投诉过|上次")
        long = "" if not overlap_s else ".{15,}"
        for need in (self.topic.explain, "."):
            wanted = [pick(act, f"(?=.*({need})){long}", odd) for _ in range(count)]
            try:
                return self.s.agent(*wanted, pause_s=pause_s, overlap_s=overlap_s)
            except NoWordingError:
                continue
        raise NoWordingError(f"agent:{act}: nothing left to explain")

    def _open(self) -> None:
        s, kind = self.s, self.kind
        if "greeting" in kind.faults:
            first = s.agent(pick("greeting-poor", avoid=HELLO))
            s.ban(HELLO, 1)
            s.mark("greeting", first, first, "开头没有问候")
        else:
            notice = (pick("recording-notice"),) if s.rng.random() < 0.05 else ()
            s.agent(pick("greeting", need="您好|好,", avoid="请问哪位|我是客服"), *notice)
        problem = pick(f"problem-{self.topic.bank_name}", self.topic.problem)
        hello = (pick("hello", avoid="吗|问|咨询"),) if s.rng.random() < 0.3 else ()
        if kind.contact == "repeat" and kind.business == "投诉":
            s.customer(*hello, problem, pick("repeat-contact", avoid="经理"))
            self._address_after_asking()
        elif kind.contact == "repeat":
            s.name_known = True
            s.customer(*hello, problem, pick("repeat-contact", avoid="经理"))
            self._address()
        else:
            detail = (self.detail,) if s.rng.random() < 0.35 else ()
            s.customer(*hello, problem, *detail)

    def _address(self) -> None:
        if "address-name" in self.kind.faults:
            self.s.ban(_NO_TITLE)
            return
        index = self.s.agent(pick("address-name", TITLE, avoid="又接到"))
        if "本人吗" in self.s.lines[index].text:
            self.s.customer(pick("agree", "是|对"))
        else:
            self.s.customer(self.detail)

    def _address_after_asking(self) -> None:
        """A complaint asks the name even of somebody who called before: it has to be recorded."""
        sorry = () if "empathy" in self.kind.faults else (pick("apology", avoid="{prod}"),)
        self.s.agent(*sorry, _NAME)
        self.s.customer(pick("give-name", avoid="爱人"))
        self.name_asked = True
        if "address-name" in self.kind.faults:
            self.s.ban(_NO_TITLE)
        else:
            self.s.agent(pick("address-name", TITLE, avoid="又接到|本人"))

    def _ask_name(self) -> None:
        """Ask the name on a first contact: always in a complaint or a longer call."""
        kind = self.kind
        if "ask-name" in kind.faults or kind.contact == "repeat":
            return
        likely = 1.0 if kind.seconds >= 42 or kind.business == "投诉" else 0.35
        if self.s.rng.random() > likely:
            return
        self.s.agent(_NAME)
        self.s.customer(pick("give-name", avoid="爱人"))
        self.name_asked = True

    def _confirm(self) -> None:
        wanted = self.kind.seconds >= 84 or "confirm" in self.kind.features
        if not wanted or self.kind.faults & {"confirm-need"} or self._drops_matter:
            return
        self.s.agent(pick("confirm-need", avoid="咨询"))
        self.s.customer(pick("agree", "对|是|没错", avoid="本人"))
        self.confirmed = True

    def _enquiry(self) -> None:
        s, kind = self.s, self.kind
        self._ask_name()
        self._confirm()
        account = kind.business in ("业务办理", "账单")
        if account and not kind.faults & {"verify-identity"}:
            self._verify()
        if "ask-wait" in kind.features or "search" in kind.features:
            faults.look_up(s, search="search" in kind.features)
        if "hold-long" in kind.features or "hold" in kind.features:
            faults.hold(s, self, kind)
        else:
            self.explain(1 if kind.seconds < 45 else 2)
        if account and "verify-identity" in kind.faults:
            s.mark(
                "verify-identity", len(s.lines) - 1, len(s.lines) - 1, "未核实身份就提供账户信息"
            )
        if "backchannel" in kind.features:
            s.feedback("customer")
        if kind.business == "业务办理" and s.rng.random() < 0.6:
            s.customer(pick("agree", "好|行|可以", avoid="本人|吧"))
            s.agent(pick("done", "已经", avoid="恢复|取消|开通|解决"))

    def _verify(self) -> None:
        s = self.s
        s.agent(pick("verify-identity", "四位", avoid="登记的姓名"))
        s.customer(pick("give-id", s.slot("n4"), avoid="六位"))
        if s.rng.random() < 0.6:
            s.agent(pick("verified", "核|一致|验证", avoid="后四位"), pause_s=1.0)

    def _repair(self) -> None:
        s, kind = self.s, self.kind
        long = kind.seconds >= 50 or "backchannel" in kind.features
        self._ask_detail((self.detail,) if long else ())
        if "backchannel" in kind.features:
            s.feedback("agent")
        self._ask_name()
        self._confirm()
        if "hold-long" in kind.features:
            faults.hold(s, self, kind)
        elif kind.seconds > 44:
            self.explain()
        faults.take_number(s, kind)
        faults.promise(s, kind)

    def _complaint(self) -> None:
        s, kind = self.s, self.kind
        if "empathy" in kind.faults or s.rng.random() < 0.5:
            angry = s.customer(pick("angry", faults.ANGRY))
        else:
            angry = len(s.lines) - 1
        if self._drops_matter:
            s.agent(pick("empathy"), pick("apology", avoid="{prod}"))
        elif "empathy" in kind.faults:
            last = s.agent(pick("ask-detail", "发生|情况|工作人员"))
            s.mark("empathy", angry, last, "客户不满,没有安抚致歉")
        else:
            s.agent(pick("empathy"), pick("apology", avoid="{prod}"))
            s.agent(pick("ask-detail", "发生|情况|工作人员"), pause_s=0.8)
        loss = (pick("loss"),) if kind.seconds >= 70 else ()
        s.customer(self.detail, *loss)
        self._ask_name()
        self._confirm()
        if "hold-long" in kind.features:
            faults.hold(s, self, kind)
        if "drop-phone" not in kind.features:
            faults.take_number(s, kind)
        if not self._drops_matter:
            s.agent(pick("follow-up", "做了记录|登记好了|反映给|反馈给|登记一下", avoid="跟进"))
        if not kind.features & {"supervisor", "threat", "supervisor-once"}:
            faults.promise(s, kind, follow_up=False)

    def _rounds(self) -> None:
        """Questions and answers until the call is as long as it shall be."""
        s = self.s
        end_s = 7.0 if self.kind.seconds < 40 else 10.0
        last: Callable[[], None] | None = None
        while s.seconds < self.kind.seconds - end_s:
            steps = [self._fee, self._details, self._again, self._advice, self._more, self._papers]
            if not self.kind.faults & {"time-limit", "escalate-who-when"}:
                steps.append(self._when)
            step = s.rng.choice([x for x in steps if x != last])
            last = step
            try:
                step()
            except NoWordingError:
                continue

    def _fee(self) -> None:
        self.s.customer(pick("ask-business", "多少钱"))
        self.s.agent(pick("fee", avoid="违约|押金"))

    def _papers(self) -> None:
        self.s.customer(pick("ask-business", "材料|手续|本人去|怎么办理|怎么弄"))
        self.s.agent(pick("tell-once", "带|准备|材料"))
        self.s.customer(pick("agree", "好|行|可以", avoid="本人|吧"))

    def _details(self) -> None:
        self._ask_detail()

    def _ask_detail(self, more: tuple[Pick, ...] = ()) -> None:
        """A question about the matter and an answer that fits it, then perhaps `more`."""
        asked, told = self.s.rng.choice(_DETAILS)
        self.s.agent(pick("ask-detail", asked))
        self.s.customer(pick("give-detail", told or self.detail.need, avoid="姓"), *more)

    def _again(self) -> None:
        self.s.customer(pick("repeat-please", "没听|慢一点|什么意思|没听懂", avoid="大声"))
        self.explain()

    def _advice(self) -> None:
        self.s.agent(pick("suggest", avoid="热线"))
        self.s.customer(pick("agree", "好|行|可以", avoid="本人|吧"))

    def _more(self) -> None:
        self.explain(2 if self.s.rng.random() < 0.4 else 1)
        self.s.customer(pick("backchannel", "哦|嗯", avoid="吗"))

    def _when(self) -> None:
        self.s.customer(pick("ask-time", avoid="快|等|太长|修好|到账|恢复"))
        self.s.agent(pick("time-limit", "小时|工作日|预计", avoid="维修|退款"))

    def _end(self) -> None:
        s, kind = self.s, self.kind
        if kind.seconds < _BRIEF_S and kind.hangup_by == "customer":
            s.customer(pick("thanks", avoid="态度|服务"), pick("bye", "见|拜", avoid="等"))
            return
        if "anything-else" not in kind.faults:
            no_help = "帮" if "first-asked" in kind.faults else ""
            s.agent(pick("anything-else", avoid=no_help))
            s.customer(pick("no-more", "没有|没事|没了|没别的", avoid="不用"))
        elif s.lines[-1].speaker == "agent":
            s.customer(pick("thanks", avoid="态度|服务"))
        if "closing" in kind.faults:
            s.ban("谢|再见|祝|拜")
            last = s.agent(pick("ack", "^(好的|可以|没问题|嗯|是)", avoid="说|讲|先生|女士"))
            s.mark("closing", last, last, "没有致谢和道别就挂机")
        else:
            if s.lines[-1].speaker == "agent":
                s.customer(pick("thanks", avoid="态度|服务"))
            rating = (pick("rating", avoid="请按"),) if s.rng.random() < 0.5 else ()
            if "courtesy" in kind.faults:
                s.agent(pick("closing", "再见", avoid="谢"))
            else:
                s.agent(*rating, pick("closing", THANKS_BYE, avoid="支持,"))
        if kind.hangup_by == "customer" or s.rng.random() < 0.6:
            s.customer(pick("bye", "见|拜", avoid="等"))

    def _mark_absences(self) -> None:
        """Mark what the whole call lacks; that needs its length and its end."""
        s, kind = self.s, self.kind
        last = len(s.lines) - 1
        agents = [i for i, line in enumerate(s.lines) if line.speaker == "agent"]
        if kind.contact == "first" and not self.name_asked:
            s.mark("ask-name", 0, last, "首次来电未询问称呼", longer_than_s=60.0)
        if "address-name" in kind.faults:
            s.mark("address-name", 0, agents[:4][-1], "二次来电未尊称客户")
        if not self.confirmed:
            s.mark("confirm-need", 0, last, "未复述确认客户诉求", longer_than_s=120.0)
        if "courtesy" in kind.faults:
            s.mark("courtesy", 0, last, "通话中没有礼貌用语")
        if "anything-else" in kind.faults:
            s.mark("anything-else", last // 2, last, "结束前未询问其他需求")
        missing = {"drop-name": "姓名", "drop-phone": "电话", "drop-matter": "事项"}
        for feature in sorted(kind.features & missing.keys()):
            s.mark("complaint-record", 0, last, f"投诉登记缺{missing[feature]}")
