"""Was the customer told to wait, and thanked or apologised to afterwards? Pure.

A measure needs words of its own that are the same in every workspace: rubrics have their own lists
for what they deduct. Found in tiers 1 to 3, so that 请烧灯 is 请稍等.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.timing import MergedTurn, SilentSpan
from qc_pipeline.text.phrases import Level, Phrase, PhraseIndex

BEFORE_S = 10.0
"""A request to wait this long before the silence is not about it."""
TURNS_AFTER = 2
"""In how many of the agent's turns after the silence thanks or an apology may come."""

_ASKS_ZH = (
    *(
        "稍等",
        "稍候",
        "等一下",
        "等一会",
        "等候",
        "等待",
        "等等",
        "请等",
        "别挂",
        "不要挂",
        "不挂机",
    ),
    *("帮您查", "为您查", "给您查", "查一下", "查询一下", "核实一下", "核对一下", "确认一下"),
    *("看一下", "请示一下", "问一下", "联系一下", "登记一下", "记录一下", "需要一点时间"),
    *("正在为您", "正在帮您"),
)
_THANKS_ZH = (
    *("久等", "感谢您的等待", "谢谢您的等待", "感谢您的等候", "谢谢您的等候", "感谢您的耐心"),
    *("谢谢您的耐心", "感谢您耐心", "谢谢您耐心", "等了这么久", "对不起", "不好意思", "抱歉"),
)
_ASKS_EN = (
    *("hold on", "one moment", "just a moment", "a moment please", "just a second"),
    *("one second", "bear with me", "let me check", "let me have a look", "let me look"),
    *("i will check", "i'll check", "i am checking", "i will look into", "put you on hold"),
    *("place you on hold", "stay on the line", "please hold", "hang on", "give me a moment"),
    *("give me a minute", "let me get", "i will get", "i'll get", "i am looking"),
)
_THANKS_EN = (
    *("thank you for waiting", "thanks for waiting", "thank you for holding"),
    *("thanks for holding", "thank you for your patience", "thanks for your patience"),
    *("thank you so much for holding", "sorry", "apologise", "apologize", "my apologies"),
    *("appreciate your patience",),
)


def asked_to_wait(turns: Sequence[MergedTurn], silence: SilentSpan, language: str) -> bool | None:
    """Whether the agent said so in the last turn before the silence.

    None where the agent has not spoken before it, or only long before it.
    """
    before = [t for t in turns if t.speaker is Speaker.AGENT and t.start_s < silence.start_s + 0.01]
    if not before or silence.start_s - before[-1].end_s > BEFORE_S:
        return None
    return _said(before[-1:], language, asking=True)


def thanked_after(turns: Sequence[MergedTurn], silence: SilentSpan, language: str) -> bool | None:
    """Whether the agent thanked or apologised in the first turns after the silence; None where
    the agent did not speak again.
    """
    after = [t for t in turns if t.speaker is Speaker.AGENT and t.start_s > silence.end_s - 0.01]
    return _said(after[:TURNS_AFTER], language, asking=False) if after else None


def _said(turns: Sequence[MergedTurn], language: str, *, asking: bool) -> bool:
    index = _index("en" if language.startswith("en") else "zh", asking)
    return bool(index.find([t.text for t in turns]))


@cache
def _index(language: str, asking: bool) -> PhraseIndex:
    texts = {
        ("zh", True): _ASKS_ZH,
        ("zh", False): _THANKS_ZH,
        ("en", True): _ASKS_EN,
        ("en", False): _THANKS_EN,
    }[language, asking]
    level: Level = "exact" if language == "en" else "homophone"
    return PhraseIndex.build(
        [Phrase(text=t, level=level, polite_you=True) for t in texts], language
    )
