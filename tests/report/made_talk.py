"""Invented conversations for the report's tests: seeded turns, and their loudness."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from qc_pipeline.call import (
    AsrIdentity,
    Recording,
    Speaker,
    Transcript,
    Turn,
    Unheard,
    UnheardReason,
    Word,
)
from qc_pipeline.report.inputs import Envelope
from tests.report.made_rubric import CRITERIA

LINES = (
    ("agent", "您好,请问有什么可以帮您"),
    ("customer", "我想问一下上个月的账单怎么多了五十块"),
    ("agent", "好的请您稍等我帮您查询一下"),
    ("customer", "好"),
    ("agent", "让您久等了这边看到您上个月开通了一个视频会员"),
    ("customer", "我没有开通过啊你们怎么乱扣费"),
    ("agent", "非常抱歉给您带来不便我帮您登记一下"),
    ("customer", "我的电话是幺三八零零幺三八零零零"),
    ("agent", "好的我跟您核对一下一三八零零一三八零零零对吗"),
    ("customer", "对"),
    ("agent", "我们会在二十四小时内给您答复"),
    ("customer", "那好吧"),
    ("agent", "感谢您的来电再见"),
)


def turn(speaker: Speaker, start_s: float, text: str, *, pace_s: float = 0.22) -> Turn:
    words = tuple(
        Word(
            text=c,
            start_s=round(start_s + i * pace_s, 2),
            end_s=round(start_s + (i + 1) * pace_s, 2),
            confidence=0.93,
        )
        for i, c in enumerate(text)
        if c not in ",。 "
    )
    return Turn(
        speaker=speaker,
        start_s=round(start_s, 2),
        end_s=round(start_s + len(text) * pace_s, 2),
        text=text,
        confidence=0.93,
        words=words,
    )


def talk(dice: random.Random, row: Recording) -> Transcript:
    """The lines above with some of the faults' words put in, and a silence."""
    lines = list(LINES)
    for entry in CRITERIA:
        if entry[6] and dice.random() < entry[5]:
            lines.insert(dice.randrange(2, len(lines) - 1), ("agent", entry[6]))
    at = 0.8
    turns = []
    for i, (who, text) in enumerate(lines):
        made = turn(Speaker(who), at, text)
        turns.append(made)
        at = made.end_s + (8.5 if i == 3 else dice.choice((0.3, 0.5, 0.9)))
    return transcript(row.recording_id, turns)


def transcript(recording_id: str, turns: Sequence[Turn]) -> Transcript:
    return Transcript(
        recording_id=recording_id,
        language="zh",
        duration_s=round(turns[-1].end_s + 0.8, 2) if turns else 1.0,
        asr=AsrIdentity(backend="faster-whisper", model="sample", model_sha256="ab" * 32),
        turns=tuple(turns),
        speech={s: tuple((t.start_s, t.end_s) for t in turns if t.speaker is s) for s in Speaker},
    )


def partly_unheard(heard: Transcript) -> Transcript:
    """Two seconds of the customer at the beginning of the long silence, which no turn has, and the
    agent's first second and a half taken out as a loop; the rest was heard.
    """
    _, silent_s = max(
        (b.start_s - a.end_s, a.end_s) for a, b in zip(heard.turns, heard.turns[1:], strict=False)
    )
    begun_s, ended_s = round(silent_s + 0.4, 2), round(silent_s + 2.4, 2)
    first = heard.turns[0]
    cut_s = round(first.start_s + 1.5, 2)
    words = tuple(w for w in first.words if w.start_s >= cut_s)
    text = first.text[first.text.index(words[0].text) :]
    return replace(
        heard,
        turns=(replace(first, start_s=cut_s, text=text, words=words), *heard.turns[1:]),
        speech={
            **heard.speech,
            Speaker.CUSTOMER: tuple(sorted((*heard.speech[Speaker.CUSTOMER], (begun_s, ended_s)))),
        },
        unheard={
            Speaker.AGENT: (
                Unheard(start_s=first.start_s, end_s=cut_s, reason=UnheardReason.LOOP),
            ),
            Speaker.CUSTOMER: (
                Unheard(start_s=begun_s, end_s=ended_s, reason=UnheardReason.NO_WORDS),
            ),
        },
    )


def envelope(dice: random.Random, heard: Transcript) -> Envelope:
    count = int(heard.duration_s * 10)

    def levels(who: Speaker) -> tuple[float, ...]:
        inside = [False] * (count + 1)
        for a, b in heard.speech[who]:
            for i in range(int(a * 10), min(count, int(b * 10) + 1)):
                inside[i] = True
        return tuple(dice.uniform(0.5, 0.95) if on else 0.05 for on in inside)

    return Envelope(rate_hz=10.0, agent=levels(Speaker.AGENT), customer=levels(Speaker.CUSTOMER))
