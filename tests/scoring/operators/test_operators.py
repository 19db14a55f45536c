"""Every operator passing, failing, not applicable and unscorable; a new one needs its four."""
# ruff: noqa: E501 - one case a line, however long the criterion

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from qc_pipeline.call import Measures, Transcript
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.operators.registry import OPERATORS
from tests.builders import AGENT, CUSTOMER, measures, only, said, transcript, turn

FIRST = "applies: {call: {contact: first}}"
DEAD = {AGENT: "dead", CUSTOMER: "ok"}


@dataclass(frozen=True)
class Case:
    """A criterion, a call, and the verdict; `reason` is a part of what the card says."""

    verdict: str
    criterion: str
    transcript: Transcript
    call: Mapping[str, Any] = field(default_factory=dict)
    measures: Measures | None = None
    reason: str = ""


GREETING = said(("agent", "您好,请问有什么可以帮您"), ("customer", "我要查话费"))
NO_GREETING = said(("agent", "喂,什么事"), ("customer", "我要查话费"))
AGENT_DEAD = said(("customer", "喂喂,有人吗"), channels=DEAD)
HOLD = transcript(
    turn("customer", 0, 3, "帮我查一下话费"),
    turn("agent", 4, 6, "请稍等"),
    turn("agent", 26, 28, "让您久等了"),
)
CUT_IN = transcript(
    turn("customer", 0, 10, "我上个月的账单一直不对你们要给我"),
    turn("agent", 7, 12, "这个您要找别的部门办理"),
)
CALM = transcript(
    turn("customer", 0, 5, "我要查上个月的账单"), turn("agent", 6, 9, "好的我帮您查询")
)
# 20 characters in 2 s are 600 a minute, 20 in 8 s are 150.
FAST = transcript(turn("agent", 0, 2, "您好这边是客服中心很高兴为您服务请讲请讲"))
SLOW = transcript(turn("agent", 0, 8, "您好这边是客服中心很高兴为您服务请讲请讲"))
ASKED_TWICE = said(
    ("customer", "找你们领导"), ("agent", "您先说"), ("customer", "我就要找你们领导"),
    ("agent", "我帮您升级处理"),
)  # fmt: skip
IGNORED = said(("customer", "找你们领导"), ("agent", "您先说"), ("customer", "我就要找你们领导"))

CASES: dict[str, list[Case]] = {
    "said": [
        Case("pass", "expect: {said: {by: agent, any: [您好]}}", GREETING, reason="0:00 坐席说“您好”"),
        Case("fail", "expect: {said: {by: agent, any: [您好]}}", NO_GREETING, reason="未发现坐席说“您好”"),
        Case("not_applicable", f"expect: {{said: {{by: agent, any: [您好]}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "expect: {said: {by: agent, any: [您好]}}", AGENT_DEAD, reason="坐席声道"),
    ],
    "matches": [
        Case("pass", "expect: {matches: {by: agent, regex: '工号[0-9]{4}'}}", said(("agent", "工号八零一二为您服务"))),
        Case("fail", "forbid: {matches: {by: agent, regex: '不.{0,2}管'}}", said(("agent", "这个不归我管")), reason="不归我管"),
        Case("not_applicable", f"forbid: {{matches: {{by: agent, regex: 不管}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "forbid: {matches: {by: agent, regex: 不管}}", AGENT_DEAD),
    ],
    "follows_script": [
        Case("pass", "expect: {follows_script: {by: agent, script: [还有其他可以帮您, 感谢您的来电|谢谢您的来电, 再见]}}",
             said(("agent", "请问还有其他可以帮您的吗"), ("customer", "没有了"), ("agent", "谢谢您的来电,再见"))),
        Case("fail", "expect: {follows_script: {by: agent, script: [还有其他可以帮您, 感谢您的来电, 再见]}}",
             said(("agent", "再见")), reason="还有其他可以帮您"),
        Case("not_applicable", f"expect: {{follows_script: {{by: agent, script: [再见]}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "expect: {follows_script: {by: agent, script: [再见]}}", AGENT_DEAD),
    ],
    "similar": [
        Case("pass", "expect: {similar: {by: agent, to: [非常抱歉给您带来不便]}}", said(("agent", "那个,抱歉给您带来不便,我查一下"))),
        Case("fail", "expect: {similar: {by: agent, to: [非常抱歉给您带来不便]}}", said(("agent", "你自己看看账单吧"))),
        Case("not_applicable", f"expect: {{similar: {{by: agent, to: [非常抱歉]}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "expect: {similar: {by: agent, to: [非常抱歉]}}", AGENT_DEAD),
    ],
    "repeats": [
        Case("pass", "forbid: {repeats: {by: agent}}", said(("agent", "请您提供号码"), ("customer", "好"), ("agent", "您的地址是哪里"))),
        Case("fail", "forbid: {repeats: {by: agent}}",
             said(("agent", "系统里面没有记录"), ("customer", "怎么会没有"), ("agent", "系统里面没有记录")), reason="系统里面没有记录"),
        Case("not_applicable", f"forbid: {{repeats: {{by: agent}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "forbid: {repeats: {by: agent}}", AGENT_DEAD),
    ],
    "reads_back": [
        Case("pass", "expect: {reads_back: {by: agent, heard_from: customer}}",
             said(("customer", "一三八零零一三八零零零"), ("agent", "幺三八零零幺三八零零零对吗"))),
        Case("fail", "expect: {reads_back: {by: agent, field: callback_number}}", said(("agent", "好的给您登记了")), {"callback_number": "13800138000"}),
        Case("not_applicable", "expect: {reads_back: {by: agent, heard_from: customer}}", GREETING),
        Case("unscorable", "expect: {reads_back: {by: agent, field: callback_number}}", GREETING, reason="callback_number"),
    ],
    "names_time_limit": [
        Case("pass", "expect: {names_time_limit: {by: agent}}", said(("agent", "我们会在24小时内给您回复"))),
        Case("fail", "expect: {names_time_limit: {by: agent}}", said(("agent", "我们会尽快给您回复"))),
        Case("not_applicable", f"expect: {{names_time_limit: {{by: agent}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "expect: {names_time_limit: {by: agent}}", AGENT_DEAD),
    ],
    "discloses": [
        Case("pass", "forbid: {discloses: {by: agent, what: [id_card]}}", said(("agent", "号码是一二三四五六"))),
        # 11010519491231002X: the worked example of GB 11643-1999
        Case("fail", "forbid: {discloses: {by: agent, what: [id_card]}}", said(("agent", "身份证是11010519491231002X")), reason="110*************2X"),
        Case("not_applicable", f"forbid: {{discloses: {{by: agent, what: [id_card]}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "forbid: {discloses: {by: agent, what: [id_card]}}", AGENT_DEAD),
    ],
    "silence": [
        Case("pass", "forbid: {silence: {longer_than: 20}}", HOLD),
        Case("fail", "forbid: {silence: {longer_than: 15, after: agent}}", HOLD, reason="静音20.0秒"),
        Case("not_applicable", f"forbid: {{silence: {{longer_than: 15}}}}, {FIRST}", HOLD, {"contact": "repeat"}),
        Case("unscorable", "forbid: {silence: {longer_than: 15}}", AGENT_DEAD),
    ],
    "interrupts": [
        Case("pass", "forbid: {interrupts: {by: agent}}", CALM),
        Case("fail", "forbid: {interrupts: {by: agent}}", CUT_IN, reason="重叠3.0秒"),
        Case("not_applicable", f"forbid: {{interrupts: {{by: agent}}}}, {FIRST}", CUT_IN, {"contact": "repeat"}),
        Case("unscorable", "forbid: {interrupts: {by: agent}}",
             transcript(*CUT_IN.turns, channels={AGENT: "mono", CUSTOMER: "mono"}), reason="单声道"),
    ],
    "speech_rate": [
        Case("pass", "forbid: {speech_rate: {by: agent, above: 360}}", SLOW),
        Case("fail", "forbid: {speech_rate: {by: agent, above: 360}}", FAST, reason="每分钟600字"),
        Case("not_applicable", f"forbid: {{speech_rate: {{by: agent, above: 360}}}}, {FIRST}", FAST, {"contact": "repeat"}),
        Case("unscorable", "forbid: {speech_rate: {by: agent, above: 360}}", AGENT_DEAD),
    ],
    "louder_than_other": [
        Case("pass", "forbid: {louder_than_other: {by: agent, db: 6}}", CALM, measures=measures({"level_db": -24}, {"level_db": -26})),
        Case("fail", "forbid: {louder_than_other: {by: agent, db: 6}}", CALM, measures=measures({"level_db": -18}, {"level_db": -26}), reason="8.0分贝"),
        Case("not_applicable", f"forbid: {{louder_than_other: {{by: agent, db: 6}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {louder_than_other: {by: agent, db: 6}}", CALM, reason="没有测得音量"),
    ],
    "raised_voice": [
        Case("pass", "forbid: {raised_voice: {by: agent, db: 6}}", SLOW, measures=measures(turns=[{"level_db": -20}])),
        Case("fail", "forbid: {raised_voice: {by: agent, db: 6}}",
             transcript(turn("agent", 0, 1, "您好"), turn("agent", 3, 4, "请讲"), turn("agent", 6, 7, "不行")),
             measures=measures(turns=[{"level_db": -26}, {"level_db": -25}, {"level_db": -17}]), reason="8.0分贝"),
        Case("not_applicable", f"forbid: {{raised_voice: {{by: agent, db: 6}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {raised_voice: {by: agent, db: 6}}", CALM),
    ],
    "pitch_range": [
        Case("pass", "forbid: {pitch_range: {by: agent, below: 3}}", CALM, measures=measures({"pitch_range_st": 5})),
        Case("fail", "forbid: {pitch_range: {by: agent, below: 3}}", CALM, measures=measures({"pitch_range_st": 2}), reason="2.0个半音"),
        Case("not_applicable", f"forbid: {{pitch_range: {{by: agent, below: 3}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {pitch_range: {by: agent, below: 3}}", CALM),
    ],
    "talk_share": [
        # the agent talks 3 of 8 seconds
        Case("pass", "forbid: {talk_share: {by: agent, above: 0.5}}", CALM),
        Case("fail", "forbid: {talk_share: {by: agent, above: 0.3}}", CALM, reason="38%"),
        Case("not_applicable", f"forbid: {{talk_share: {{by: agent, above: 0.5}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {talk_share: {by: agent, above: 0.5}}", AGENT_DEAD),
    ],
    "response_time": [
        Case("pass", "forbid: {response_time: {by: agent, above: 3}}", CALM),
        Case("fail", "forbid: {response_time: {by: agent, above: 3}}",
             transcript(turn("customer", 0, 5, "我要查账单"), turn("agent", 9.5, 11, "好的我来查")), reason="等待4.5秒"),
        Case("not_applicable", f"forbid: {{response_time: {{by: agent, above: 3}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {response_time: {by: agent, above: 3}}", AGENT_DEAD),
    ],
    "hangs_up": [
        Case("pass", "forbid: {hangs_up: {by: agent}}", CALM, {"hangup_by": "customer"}),
        Case("fail", "forbid: {hangs_up: {by: agent, sooner_than: 5}}", CALM, {"hangup_by": "agent"}, reason="4.0秒"),
        Case("not_applicable", f"forbid: {{hangs_up: {{by: agent}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "forbid: {hangs_up: {by: agent}}", CALM, reason="hangup_by"),
    ],
    "call": [
        Case("pass", "expect: {call: {resolved: true}}", CALM, {"resolved": True}),
        Case("fail", "forbid: {call: {hold_s: {above: 60}}}", CALM, {"hold_s": 75}, reason="保持时长：75"),
        Case("not_applicable", f"expect: {{call: {{resolved: true}}}}, {FIRST}", CALM, {"contact": "repeat"}),
        Case("unscorable", "expect: {call: {resolved: true}}", CALM, reason="话单没有“一次解决”"),
    ],
    "all": [
        Case("pass", "expect: {all: [{said: {by: agent, any: [您好]}}, {said: {by: agent, any: [帮您]}}]}", GREETING),
        Case("fail", "expect: {all: [{said: {by: agent, any: [您好]}}, {said: {by: agent, any: [再见]}}]}", GREETING, reason="再见"),
        Case("not_applicable", "expect: {all: [{whenever: {said: {by: customer, any: [投诉]}}, then: {said: {by: agent, any: [抱歉]}}, within: {turns: 2}}]}", GREETING),
        Case("unscorable", "expect: {all: [{said: {by: agent, any: [您好]}}, {call: {resolved: true}}]}", GREETING),
    ],
    "any": [
        Case("pass", "expect: {any: [{said: {by: agent, any: [再见]}}, {said: {by: agent, any: [您好]}}]}", GREETING),
        Case("fail", "expect: {any: [{said: {by: agent, any: [再见]}}, {said: {by: agent, any: [抱歉]}}]}", GREETING),
        Case("not_applicable", "expect: {any: [{whenever: {said: {by: customer, any: [投诉]}}, then: {said: {by: agent, any: [抱歉]}}, within: {turns: 2}}]}", GREETING),
        Case("unscorable", "expect: {any: [{said: {by: agent, any: [再见]}}, {call: {resolved: true}}]}", GREETING),
    ],
    "not": [
        Case("pass", "expect: {not: {said: {by: agent, any: [爱办不办]}}}", GREETING),
        Case("fail", "expect: {not: {said: {by: agent, any: [爱办不办]}}}", said(("agent", "爱办不办")), reason="爱办不办"),
        Case("not_applicable", f"expect: {{not: {{said: {{by: agent, any: [爱办不办]}}}}}}, {FIRST}", GREETING, {"contact": "repeat"}),
        Case("unscorable", "expect: {not: {said: {by: agent, any: [爱办不办]}}}", AGENT_DEAD),
    ],
    "sequence": [
        Case("pass", "expect: {sequence: [{said: {by: agent, any: [请稍等]}}, {said: {by: agent, any: [久等了]}}], within: {seconds: 60}}", HOLD),
        Case("fail", "expect: {sequence: [{said: {by: agent, any: [请稍等]}}, {said: {by: agent, any: [久等了]}}], within: {seconds: 10}}", HOLD),
        Case("not_applicable", f"expect: {{sequence: [{{said: {{by: agent, any: [请稍等]}}}}, {{said: {{by: agent, any: [久等了]}}}}]}}, {FIRST}", HOLD, {"contact": "repeat"}),
        Case("unscorable", "expect: {sequence: [{said: {by: agent, any: [请稍等]}}, {said: {by: agent, any: [久等了]}}]}", AGENT_DEAD),
    ],
    "before": [
        Case("pass", "expect: {before: {first: {said: {by: agent, any: [您的余额]}}, then: {said: {by: agent, any: [核实身份]}}}}", said(("agent", "先核实身份"), ("agent", "您的余额是五元"))),
        Case("fail", "expect: {before: {first: {said: {by: agent, any: [您的余额]}}, then: {said: {by: agent, any: [核实身份]}}}}", said(("agent", "您的余额是五元"), ("customer", "哦"), ("agent", "核实身份一下")), reason="此前未做到"),
        Case("not_applicable", "expect: {before: {first: {said: {by: agent, any: [您的余额]}}, then: {said: {by: agent, any: [核实身份]}}}}", GREETING),
        Case("unscorable", "expect: {before: {first: {said: {by: agent, any: [您的余额]}}, then: {said: {by: agent, any: [核实身份]}}}}", AGENT_DEAD),
    ],
    "whenever": [
        Case("pass", "expect: {whenever: {said: {by: customer, any: [找你们领导], times: 2}}, then: {said: {by: agent, any: [帮您升级]}}, within: {seconds: 120}}", ASKED_TWICE),
        Case("fail", "expect: {whenever: {said: {by: customer, any: [找你们领导], times: 2}}, then: {said: {by: agent, any: [帮您升级]}}, within: {seconds: 120}}", IGNORED, reason="随后120秒内未做到：坐席说“帮您升级”"),
        Case("not_applicable", "expect: {whenever: {said: {by: customer, any: [找你们领导], times: 2}}, then: {said: {by: agent, any: [帮您升级]}}, within: {seconds: 120}}", GREETING),
        Case("unscorable", "expect: {whenever: {said: {by: customer, any: [找你们领导]}}, then: {said: {by: agent, any: [帮您升级]}}, within: {seconds: 120}}", said(("customer", "找你们领导"), channels=DEAD)),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "case"),
    [pytest.param(n, c, id=f"{n}-{c.verdict}") for n, cases in CASES.items() for c in cases],
)
def test_operator(name: str, case: Case) -> None:
    result = only(case.criterion, case.transcript, case.call, measures=case.measures)
    assert str(result.verdict) == case.verdict, result.reason
    assert case.reason in result.reason
    if case.verdict in ("fail", "held"):
        assert result.evidence, "a deduction without evidence"


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_has_the_four_cases(name: str) -> None:
    wanted = {str(v) for v in Verdict} - {"held"}
    assert {c.verdict for c in CASES.get(name, ())} >= wanted


@pytest.mark.parametrize("name", OPERATORS)
def test_every_operator_says_what_it_asks_in_both_languages(name: str) -> None:
    for case in CASES[name]:
        from tests.builders import rubric

        condition = next(rubric(case.criterion).criteria()).condition
        assert condition is not None
        words = condition.describe()
        assert words.zh.strip() and words.en.strip()
        assert words.en.isascii() or "“" in words.en or "/" in words.en or "→" in words.en


def test_a_copied_condition_looks_for_its_own_phrases() -> None:
    from tests.builders import rubric

    condition = next(rubric("expect: {said: {by: agent, any: [您好, 你好]}}").criteria()).condition
    assert condition is not None
    assert [w.text for w in condition.phrases()] == ["您好", "你好"]
    fewer = condition.model_copy(update={"any": ("您好",)})
    assert [w.text for w in fewer.phrases()] == ["您好"]


def test_a_limit_whose_number_came_through_broken_is_held() -> None:
    rule = "expect: {names_time_limit: {by: agent}}"
    text = "主管会在二十次小时内给您回电"
    doubted = transcript(
        turn("agent", 0, 3.5, text, confidence=0.9, words=[1.0] * 6 + [0.7] + [1.0] * 7)
    )
    assert only(rule, doubted).verdict == "held"
    # Surely heard it is no limit, and what speaks against the agent is none either way.
    sure = transcript(turn("agent", 0, 3.5, text, words=[1.0] * 14))
    assert only(rule, sure).verdict == "fail"
    assert only("forbid: {names_time_limit: {by: agent}}", doubted).verdict == "pass"
