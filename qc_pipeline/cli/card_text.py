"""A scorecard as lines of text that a person reads in twenty seconds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qc_pipeline.call import Recording, Speaker, measures_from_json
from qc_pipeline.call_fields import Rate
from qc_pipeline.cli.wrap import fitted, packed
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

if TYPE_CHECKING:
    from qc_pipeline.scoring.rubric.model import Criterion, Rubric

WORDS = {
    "zh": {
        "total": "总分",
        "none": "无总分（可评判的分值不足）",
        "passed": "合格",
        "failed": "不合格",
        "provisional": "未定稿",
        "fatal": "红线",
        "lost": "扣分",
        "held": "待复核",
        "manual": "待人工评判",
        "unscorable": "无法评判",
        "fine": "通过",
        "na": "不涉及",
        "nothing": "没有扣分",
        "agent": "坐席",
        "customer": "客户",
        "absent": "应说未说",
        "heard": "这段听到的是",
        "stake": "如确认扣",
        "covered": "同一事实已在另一项扣分",
        "proposed": "须人工确认",
        "trial": "试行，不扣分",
        "sep": "、",
        "open": "“",
        "close": "”",
        "colon": "：",
        "semicolon": "；",
        "gap": "",
        "brackets": "（{}）",
        "why": "为什么",
        "say": "应当说",
        "on_trial": "试行",
    },
    "en": {
        "total": "total",
        "none": "no total (too little could be judged)",
        "passed": "pass",
        "failed": "fail",
        "provisional": "provisional",
        "fatal": "red line",
        "lost": "Deductions",
        "held": "To be reviewed",
        "manual": "For a person to judge",
        "unscorable": "Cannot be judged",
        "fine": "Passed",
        "na": "Not applicable",
        "nothing": "no deductions",
        "agent": "agent",
        "customer": "customer",
        "absent": "not said",
        "heard": "heard there",
        "stake": "costs, if confirmed,",
        "covered": "same fact deducted elsewhere",
        "proposed": "needs a person",
        "trial": "on trial, costs nothing",
        "sep": ", ",
        "open": "“",
        "close": "”",
        "colon": ": ",
        "semicolon": "; ",
        "gap": " ",
        "brackets": " ({})",
        "why": "Why",
        "say": "Say",
        "on_trial": "on trial",
    },
}
EVIDENCE_SHOWN = 3


def card_lines(
    card: Scorecard,
    *,
    language: str,
    recording: Recording | None,
    rubric: Rubric | None = None,
    width: int | None = None,
) -> Iterator[str]:
    """The card's lines: head, deductions with evidence, what waits for a person, the rest.

    With its rubric every deduction says why it stands and what should have been said. With a width
    (columns of a terminal) lines are broken to fit, and the measures stand side by side.
    """
    for line in _whole_lines(card, WORDS[language], recording, rubric):
        yield from fitted(line, width)
    yield from measure_lines(card, language, width)


def _whole_lines(
    card: Scorecard, words: dict[str, str], recording: Recording | None, rubric: Rubric | None
) -> Iterator[str]:
    results = card.criteria()
    yield _head(card, words, recording)
    if card.fatal:
        titles = [c.title for c in results if c.id in card.fatal]
        yield f"{words['fatal']}{words['colon']}{words['sep'].join(titles)}"
    asked = {} if rubric is None else {c.id: c for c in rubric.criteria()}
    lost = [c for c in results if c.verdict is Verdict.FAIL]
    lost.sort(key=lambda c: (c.trial, c.id not in card.fatal, -c.lost, c.id))
    held = [c for c in results if c.verdict is Verdict.HELD]
    manual = [c for c in results if c.verdict is Verdict.UNSCORABLE and c.manual]
    unscorable = [c for c in results if c.verdict is Verdict.UNSCORABLE and not c.manual]
    if not lost:
        yield words["nothing"]
    for title, group in ((words["lost"], lost), (words["held"], held)):
        if group:
            yield ""
            yield f"{title} ({len(group)})"
            for result in group:
                yield from _finding(result, card, words)
                if not result.trial:
                    yield from _asked(asked.get(result.id), words)
    if unscorable:
        yield ""
        yield f"{words['unscorable']} ({len(unscorable)})"
        for reason in dict.fromkeys(c.reason for c in unscorable):
            titles = [c.title for c in unscorable if c.reason == reason]
            yield f"  {words['sep'].join(titles)}"
            yield f"      {plain(reason)}"
    yield ""
    for title, group in (
        (words["manual"], manual),
        (words["fine"], [c for c in results if c.verdict is Verdict.PASS]),
        (words["na"], [c for c in results if c.verdict is Verdict.NOT_APPLICABLE]),
    ):
        if group:
            listed = words["sep"].join(c.title for c in group)
            yield f"{title} {len(group)}{words['colon']}{listed}"


def measure_lines(card: Scorecard, language: str, width: int | None = None) -> Iterator[str]:
    """How it was said, in a few lines: both parties side by side, then the call, then silences."""
    if not card.measures:
        return
    from qc_pipeline.report.pages.sound_profile import silence_told, told
    from qc_pipeline.report.words.translate import Translator

    measures, t = measures_from_json(card.measures), Translator(language)
    rows = list(told(measures, t))
    if not rows:
        return
    colon = WORDS[language]["colon"]
    both = f"{t('speaker.agent')} | {t('speaker.customer')}"
    yield ""
    yield f"{t('measures')}{WORDS[language]['brackets'].format(both)}"
    pieces = [
        f"{one.label}{colon}{one.agent}" + ("" if one.of_call else f" | {one.customer}")
        for one in rows
    ]
    yield from (f"  {p}" for p in pieces) if width is None else packed(pieces, width)
    for event in measures.events.get("silences", ()):
        when, after, asked, thanked = silence_told(event, t)
        line = (
            f"  {t('measure.silence')} {when}  {t('col_silence_after')}{colon}{after}  "
            f"{t('col_told_to_wait')}{colon}{asked}  {t('col_thanked_after')}{colon}{thanked}"
        )
        yield from fitted(line, width)


def clock(seconds: float) -> str:
    """1:02.4 for 62.4 seconds."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def plain(text: str) -> str:
    """Text from a call made safe for a terminal: no control characters, one line."""
    return "".join(
        " " if unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp") else ch for ch in text
    )


def figure(total: float | None) -> str:
    """A card's total; a dash where it has none."""
    return "–" if total is None else f"{total:.2f}"


def by_whom(person: str, on_behalf_of: str | None) -> str:
    """Who acted, and on whose behalf."""
    return plain(person) if on_behalf_of is None else f"{plain(person)} (for {plain(on_behalf_of)})"


def share_text(rate: Rate) -> str:
    """50% (1 of 2)."""
    text = "n/a" if rate.share is None else f"{rate.share:.0%}"
    return f"{text} ({rate.part} of {rate.whole})"


def rate_json(rate: Rate) -> dict[str, Any]:
    return {"part": rate.part, "whole": rate.whole, "share": rate.share}


def _head(card: Scorecard, words: dict[str, str], recording: Recording | None) -> str:
    parts = [plain(card.recording_id)]
    if recording is not None:
        parts.append(recording.start_time.strftime("%Y-%m-%d %H:%M"))
        names = (recording.text("agent_name") or recording.agent_id, recording.text("team"))
        parts += [plain(n) for n in (*names, recording.text("business")) if n]
    if card.total is None:
        parts.append(words["none"])
    else:
        verdict = words["passed"] if card.passed else words["failed"]
        told = "" if card.band == verdict else words["brackets"].format(verdict)
        parts.append(f"{words['total']} {card.total:.2f}/{card.points:g} {card.band}{told}")
    if card.provisional:
        parts.append(words["provisional"])
    parts.append(f"{card.rubric_id} {card.rubric_version}")
    return "  ".join(parts)


def _finding(result: CriterionResult, card: Scorecard, words: dict[str, str]) -> Iterator[str]:
    if result.verdict is Verdict.HELD:
        cost = f"{words['stake']} {result.stake:g}"
    elif result.id in card.fatal:
        cost = words["fatal"]
    elif result.trial:
        cost = words["on_trial"]
    else:
        cost = f"-{result.lost:g}"
    remarks = [
        text
        for text, holds in (
            (words["proposed"], result.proposed),
            (words["trial"], result.trial),
            (
                words["covered"] + words["brackets"].format(result.covered_by),
                result.covered_by is not None,
            ),
        )
        if holds
    ]
    tail = f"  [{words['semicolon'].join(remarks)}]" if remarks else ""
    yield f"  {cost}  {result.title} ({result.id}){tail}"
    if result.reason:
        yield f"      {plain(result.reason)}"
    # A figure that the reason tells already is not told twice; what costs nothing is told short.
    told = [e for e in result.evidence if str(e.kind) != "measure" or e.quote not in result.reason]
    shown = 0 if result.trial and result.verdict is Verdict.FAIL else EVIDENCE_SHOWN
    for evidence in told[:shown]:
        yield f"      {_evidence(evidence, words)}"
    if len(told) > EVIDENCE_SHOWN and shown:
        yield f"      … +{len(told) - EVIDENCE_SHOWN}"


def _asked(criterion: Criterion | None, words: dict[str, str]) -> Iterator[str]:
    """Why a deduction stands and what should have been said, as the rubric has it."""
    if criterion is not None:
        for label, text in ((words["say"], criterion.say), (words["why"], criterion.why)):
            if text:
                yield f"      {label}{words['colon']}{plain(text)}"


def _evidence(evidence: Evidence, words: dict[str, str]) -> str:
    span = f"{clock(evidence.start_s)}–{clock(evidence.end_s)}"
    gap, quote = words["gap"], plain(evidence.quote)
    who = "" if evidence.speaker is None else words[str(Speaker(evidence.speaker))] + gap
    quoted = f"{words['open']}{quote}{words['close']}"
    match str(evidence.kind):
        case "absent":
            heard = f"{words['semicolon']}{words['heard']}{gap}{quoted}" if quote else ""
            return f"{span} {who}{words['absent']}{heard}"
        case "said":
            return f"{span} {who}{quoted}"
        case _:
            return f"{span} {quote}" if not who else f"{span} {who.strip()}{words['colon']}{quote}"
