"""A scorecard as lines of text that a person reads in twenty seconds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from qc_pipeline.call import Recording, Speaker, measures_from_json
from qc_pipeline.rates import Rate
from qc_pipeline.scoring.scorecard import CriterionResult, Evidence, Scorecard, Verdict

WORDS = {
    "zh": {
        "total": "总分",
        "none": "无总分(可评判的分值不足)",
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
        "trial": "试行,不扣分",
        "sep": "、",
        "open": "「",
        "close": "」",
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
        "open": '"',
        "close": '"',
    },
}
EVIDENCE_SHOWN = 3


def card_lines(card: Scorecard, *, language: str, recording: Recording | None) -> Iterator[str]:
    """The card's lines: head, deductions with evidence, what waits for a person, the rest."""
    words = WORDS[language]
    yield _head(card, words, recording)
    if card.fatal:
        yield f"{words['fatal']}: {words['sep'].join(card.fatal)}"
    results = card.criteria()
    lost = [c for c in results if c.verdict is Verdict.FAIL]
    lost.sort(key=lambda c: (-c.lost, c.id))
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
                yield from _finding(result, words)
    if unscorable:
        yield ""
        yield f"{words['unscorable']} ({len(unscorable)})"
        yield from (f"  {c.title}: {c.reason}" for c in unscorable)
    yield ""
    for title, group in (
        (words["manual"], manual),
        (words["fine"], [c for c in results if c.verdict is Verdict.PASS]),
        (words["na"], [c for c in results if c.verdict is Verdict.NOT_APPLICABLE]),
    ):
        if group:
            yield f"{title} {len(group)}: {words['sep'].join(c.title for c in group)}"
    yield from measure_lines(card, language)


def measure_lines(card: Scorecard, language: str) -> Iterator[str]:
    """How it was said, in a few lines: both parties side by side, then the call, then silences."""
    if not card.measures:
        return
    from qc_pipeline.report.sound import silence_told, told
    from qc_pipeline.report.words import Words

    measures, t = measures_from_json(card.measures), Words(language)
    rows = list(told(measures, t))
    if not rows:
        return
    yield ""
    yield f"{t('measures')} ({t('speaker.agent')} | {t('speaker.customer')})"
    for one in rows:
        yield f"  {one.label}: {one.agent}" + ("" if one.of_call else f" | {one.customer}")
    for event in measures.events.get("silences", ()):
        when, after, asked, thanked = silence_told(event, t)
        yield (
            f"  {t('measure.silence')} {when}  {t('col_silence_after')}: {after}  "
            f"{t('col_told_to_wait')}: {asked}  {t('col_thanked_after')}: {thanked}"
        )


def clock(seconds: float) -> str:
    """1:02.4 for 62.4 seconds."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def plain(text: str) -> str:
    """Text from a call made safe for a terminal: no control characters, one line."""
    return "".join(
        " " if unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp") else ch for ch in text
    )


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
        parts.append(f"{words['total']} {card.total:.2f}/{card.points:g} {card.band} ({verdict})")
    if card.provisional:
        parts.append(words["provisional"])
    parts.append(f"{card.rubric_id} {card.rubric_version}")
    return "  ".join(parts)


def _finding(result: CriterionResult, words: dict[str, str]) -> Iterator[str]:
    if result.verdict is Verdict.HELD:
        cost = f"{words['stake']} {result.stake:g}"
    else:
        cost = f"-{result.lost:g}"
    remarks = [
        text
        for text, holds in (
            (words["proposed"], result.proposed),
            (words["trial"], result.trial),
            (f"{words['covered']} ({result.covered_by})", result.covered_by is not None),
        )
        if holds
    ]
    tail = f"  [{'; '.join(remarks)}]" if remarks else ""
    yield f"  {cost}  {result.title} ({result.id}){tail}"
    if result.reason:
        yield f"      {plain(result.reason)}"
    for evidence in result.evidence[:EVIDENCE_SHOWN]:
        yield f"      {_evidence(evidence, words)}"
    if len(result.evidence) > EVIDENCE_SHOWN:
        yield f"      … +{len(result.evidence) - EVIDENCE_SHOWN}"


def _evidence(evidence: Evidence, words: dict[str, str]) -> str:
    span = f"{clock(evidence.start_s)}–{clock(evidence.end_s)}"
    who = "" if evidence.speaker is None else words[str(Speaker(evidence.speaker))] + " "
    quote = plain(evidence.quote)
    match str(evidence.kind):
        case "absent":
            heard = f"; {words['heard']} {words['open']}{quote}{words['close']}" if quote else ""
            return f"{span} {who}{words['absent']}{heard}"
        case "said":
            return f"{span} {who}{words['open']}{quote}{words['close']}"
        case _:
            return f"{span} {who}{quote}"
