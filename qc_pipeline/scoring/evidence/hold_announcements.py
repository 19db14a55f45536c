"""Was the customer told to wait, and thanked or apologised to afterwards? Pure.

A measure needs words of its own that are the same in every workspace: rubrics have their own lists
for what they deduct. Found in tiers 1 to 3, so that 请烧灯 is 请稍等.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.timing import MergedTurn, SilentSpan
from qc_pipeline.text.phrases import NEAR_TIER, Level, Phrase, PhraseHit, PhraseIndex

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AroundSilence:
    """`told`: whether the agent asked for patience in the last turn before a silence; None where
    the agent has not spoken before it, or only long before. `thanked`: whether the agent thanked
    or apologised in the first turns after it; None where the agent did not speak again.
    """

    told: bool | None
    thanked: bool | None


def around_silences(
    calls: Sequence[tuple[Sequence[MergedTurn], Sequence[SilentSpan]]], language: str
) -> list[list[AroundSilence]]:
    """What the agent said around each silence of each of many calls of a language: all looked for
    in one pass, which costs hardly more than one call.
    """
    rows = [
        texts
        for turns, silences in calls
        for silence in silences
        for texts in _near(turns, silence)
    ]
    if not rows:
        return [[] for _ in calls]
    index, asks = _index("en" if language.startswith("en") else "zh")
    hits = index.find_rows(rows)
    said = iter(
        [
            AroundSilence(
                told=_any(before, lambda p: p < asks) if rows[i] else None,
                thanked=_any(after, lambda p: p >= asks) if rows[i + 1] else None,
            )
            for i, (before, after) in zip(
                range(0, len(rows), 2), zip(hits[::2], hits[1::2], strict=True), strict=True
            )
        ]
    )
    return [list(islice(said, len(silences))) for _, silences in calls]


def _near(turns: Sequence[MergedTurn], silence: SilentSpan) -> tuple[list[str], list[str]]:
    """What the agent said last before a silence and first after it."""
    own = [t for t in turns if t.speaker is Speaker.AGENT]
    before = [t for t in own if t.start_s < silence.start_s + 0.01][-1:]
    after = [t for t in own if t.start_s > silence.end_s - 0.01][:TURNS_AFTER]
    return (
        [t.text for t in before if silence.start_s - t.end_s <= BEFORE_S],
        [t.text for t in after],
    )


def _any(hits: Sequence[PhraseHit], wanted: Callable[[int], bool]) -> bool:
    return any(h.tier <= NEAR_TIER and wanted(h.phrase) for h in hits)


@cache
def _index(language: str) -> tuple[PhraseIndex, int]:
    """Requests to wait, then thanks and apologies; how many the former are."""
    asks, thanks = (_ASKS_EN, _THANKS_EN) if language == "en" else (_ASKS_ZH, _THANKS_ZH)
    level: Level = "exact" if language == "en" else "homophone"
    phrases = [Phrase(text=t, level=level, polite_you=True) for t in (*asks, *thanks)]
    return PhraseIndex.build(phrases, language), len(asks)
