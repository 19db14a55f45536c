"""Calls a second from stored transcripts to scorecards, with a plain rapidfuzz loop beside it.

    python -m benchmarks.scoring [--calls N]

A rubric of 40 criteria with 500 phrases of the shipped inbound rubric, calls of 60 turns × 18 characters from the bank of the
sample calls with one character in twenty misheard; one process. The plain
loop asks, for every phrase and every turn, how well the phrase is contained in the turn, and
judges nothing.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

from rapidfuzz import fuzz

from qc_pipeline.call import AsrIdentity, Speaker, Transcript, Turn, Word
from qc_pipeline.scoring.compiled import compile_rubric
from qc_pipeline.scoring.rubric_file import read_rubric
from qc_pipeline.scoring.rubric_parse import parse_rubric
from qc_pipeline.scoring.score import KnownHashes, score
from tools.speech.lines import acts, bare, fill

CRITERIA, PHRASES, TURNS, CHARS = 40, 500, 60, 18
SHIPPED = Path(__file__).parent.parent / "rubrics" / "inbound-zh.yaml"
CALLS_A_SECOND, TIMES_FASTER = 1000, 30


def sentences(draw: random.Random) -> list[str]:
    """What agents and customers say, from the bank of the sample calls."""
    return sorted(
        {
            bare(fill(template, draw))
            for act in acts().values()
            for template in act.templates
            for _ in range(3)
        }
    )


def rubric_text(draw: random.Random) -> tuple[str, list[str]]:
    """A rubric in which every kind of criterion stands; its phrases are those of the shipped one."""
    shipped = read_rubric(SHIPPED)
    conditions = (c for one in shipped.criteria() for c in (one.applies, one.condition) if c)
    phrases = sorted({wanted.text for c in conditions for wanted in c.phrases()})
    draw.shuffle(phrases)
    phrases = phrases[:PHRASES]
    lists = [phrases[i :: CRITERIA - 4] for i in range(CRITERIA - 4)]
    criteria = []
    for i, words in enumerate(lists):
        half = len(words) // 2
        a, b = (", ".join(f"'{w}'" for w in part) for part in (words[:half], words[half:]))
        kinds = (
            f"expect: {{said: {{by: agent, any: [{a}, {b}]}}}}",
            f"forbid: {{said: {{by: agent, any: [{a}, {b}]}}}}, deduct: {{each: 1}}",
            f"expect: {{whenever: {{said: {{by: customer, any: [{a}]}}}}, "
            f"then: {{said: {{by: agent, any: [{b}]}}}}, within: {{turns: 3}}}}",
            f"expect: {{any: [{{said: {{by: agent, any: [{a}], within: {{first_turns: 3}}}}}}, "
            f"{{said: {{by: agent, any: [{b}], within: {{percent: [50, 100]}}}}}}]}}, "
            "applies: {call: {contact: first}}",
        )
        criteria.append(kinds[i % len(kinds)])
    criteria += [
        "forbid: {silence: {longer_than: 10, after: agent}}",
        "forbid: {interrupts: {by: agent}}",
        "forbid: {speech_rate: {by: agent, above: 360}}",
        "expect: {hangs_up: {by: customer}}",
    ]
    lines = "\n".join(
        f"      - {{id: c{i}, title: 标题{i}, points: 2.5, {c}}}" for i, c in enumerate(criteria)
    )
    text = (
        'rubric: bench\nversion: "1"\ntitle: 基准\nlanguage: zh\npoints: 100\npass_mark: 85\n'
        "bands: [{from: 85, label: 合格}, {from: 0, label: 不合格}]\n"
        f"sections:\n  - id: s\n    title: 一\n    points: 100\n    criteria:\n{lines}\n"
    )
    return text, phrases


def call(draw: random.Random, number: int, bank: list[str]) -> Transcript:
    """A call of sentences of the bank, one character in twenty misheard."""
    at, turns = 0.5, []
    for i in range(TURNS):
        text = ""
        while len(text) < CHARS:
            text += draw.choice(bank)
        text = "".join(
            draw.choice(draw.choice(bank)) if draw.random() < 0.05 else c for c in text[:CHARS]
        )
        words = tuple(
            Word(
                text=c,
                start_s=at + 0.25 * k,
                end_s=at + 0.25 * (k + 1),
                confidence=draw.uniform(0.7, 1),
            )
            for k, c in enumerate(text)
        )
        turns.append(
            Turn(
                speaker=Speaker.AGENT if i % 2 == 0 else Speaker.CUSTOMER,
                start_s=at,
                end_s=words[-1].end_s,
                text=text,
                confidence=0.85,
                words=words,
            )
        )
        at = words[-1].end_s + draw.uniform(-0.5, 2)
    return Transcript(
        recording_id=f"r{number}",
        language="zh",
        duration_s=at,
        asr=AsrIdentity(backend="bench", model="bench"),
        turns=tuple(turns),
        speech={s: tuple((t.start_s, t.end_s) for t in turns if t.speaker is s) for s in Speaker},
        channels=dict.fromkeys(Speaker, "ok"),
    )


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    args = parser.parse_args()
    draw = random.Random(20261121)
    bank = sentences(draw)
    text, phrases = rubric_text(draw)
    calls = [call(draw, i, bank) for i in range(args.calls)]
    hashes = [KnownHashes(transcript=t.sha256()) for t in calls]
    row = {"contact": "first", "hangup_by": "customer", "start_time": "2026-11-20T10:00:00+08:00"}

    started = time.perf_counter()
    rubric = parse_rubric(text, "bench.yaml")
    read_s = time.perf_counter() - started
    ready = compile_rubric(rubric)
    compiled_s = time.perf_counter() - started - read_s

    started = time.perf_counter()
    score(ready, calls[0], row, known=hashes[0])
    first_s = time.perf_counter() - started
    rates = []
    verdicts: dict[str, int] = {}
    chunk = max(1, len(calls) // 5)
    for at in range(0, chunk * 5, chunk):
        started = time.perf_counter()
        for transcript, known in zip(calls[at : at + chunk], hashes[at : at + chunk], strict=True):
            card = score(ready, transcript, row, known=known)
            for result in card.criteria():
                verdicts[result.verdict] = verdicts.get(result.verdict, 0) + 1
        rates.append(chunk / (time.perf_counter() - started))
    rate = sorted(rates)[len(rates) // 2]

    few = calls[:5]
    started = time.perf_counter()
    found = 0
    for transcript in few:
        for turn in transcript.turns:
            for phrase in phrases:
                found += fuzz.partial_ratio(phrase, turn.text) >= 80
    plain = len(few) / (time.perf_counter() - started)

    print(f"rubric: {len(ready.rubric.sections[0].criteria)} criteria, {len(phrases)} phrases; "
          f"read {read_s * 1000:.0f} ms, index {compiled_s * 1000:.0f} ms, "
          f"first call {first_s * 1000:.0f} ms")  # fmt: skip
    print(
        f"verdicts of {sum(verdicts.values())}: "
        + ", ".join(f"{k} {n / sum(verdicts.values()):.0%}" for k, n in sorted(verdicts.items()))
    )
    print(f"qc-pipeline: {rate:.0f} calls/s (wanted {CALLS_A_SECOND}); five runs: "
          + " ".join(f"{r:.0f}" for r in rates))  # fmt: skip
    print(f"rapidfuzz partial_ratio, phrases × turns: {plain:.1f} calls/s; "
          f"{rate / plain:.0f} times faster (wanted {TIMES_FASTER})")  # fmt: skip
    return 0 if rate >= CALLS_A_SECOND and rate >= TIMES_FASTER * plain else 3


if __name__ == "__main__":
    sys.exit(main())
