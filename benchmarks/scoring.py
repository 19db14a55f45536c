"""Calls a second from stored transcripts to scorecards, with a plain rapidfuzz loop beside it.

    python -m benchmarks.scoring [--calls N]

A rubric of 40 criteria with 500 phrases, calls of 60 turns × 18 characters; one process. Criteria
and phrases are those of the shipped inbound and complaint rubrics, the words those of the sample
calls with one character in twenty misheard. Scoring starts from transcripts in memory, as the store
hands them out, with their hashes, and ends with scorecards: reading JSON and the database are left
out. The plain loop asks, for every phrase and every turn, how well the phrase is contained in the
turn, and judges nothing. Both are measured in processor time, so that what else runs on the machine
disturbs less.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import sys
import time
from pathlib import Path

from rapidfuzz import fuzz

from qc_pipeline.call import AsrIdentity, FieldValue, KnownHashes, Speaker, Transcript, Turn, Word
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.evidence.terms import Params
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.rubric.model import Criterion, Rubric
from qc_pipeline.scoring.score import ToScore, score, score_many
from qc_pipeline.system.garbage import collect_rarely

ROOT = Path(__file__).parent.parent
CRITERIA, PHRASES, TURNS, CHARS = 40, 500, 60, 18
SHIPPED = ("inbound-zh", "complaint-zh")
CALLS_A_SECOND, TIMES_FASTER = 1000, 30
ROW: dict[str, FieldValue] = {
    "contact": "first",
    "hangup_by": "customer",
    "duration_s": 300,
    "business": "账户",
    "callback_number": "13800138000",
    "start_time": "2026-11-20T10:00:00+08:00",
}


def phrases_of_criterion(criterion: Criterion) -> set[str]:
    conditions = (c for c in (criterion.applies, criterion.condition) if c)
    return {wanted.text for c in conditions for wanted in c.phrases()}


def phrases_of(rubric: Rubric) -> list[str]:
    return sorted({text for one in rubric.criteria() for text in phrases_of_criterion(one)})


def bench_rubric() -> Rubric:
    """The inbound rubric with criteria of the complaint rubric behind it, as many as asked, and
    their lists cut to as many phrases.
    """
    shipped = [read_rubric(ROOT / "rubrics" / f"{name}.yaml") for name in SHIPPED]
    judged = [c for rubric in shipped for c in rubric.criteria() if not c.manual][:CRITERIA]
    everything = sorted({text for c in judged for text in phrases_of_criterion(c)})
    criteria = [c.model_copy(update={"id": f"c{i + 1}"}) for i, c in enumerate(judged)]
    draw = random.Random(1)
    # Lists that would be empty keep their first phrase, so that fewer are drawn than are wanted.
    for drawn in range(PHRASES, 0, -1):
        keep = set(draw.sample(everything, drawn))
        cut = [
            c.model_copy(
                update={k: _cut(getattr(c, k), keep) for k in ("applies", "expect", "forbid")}
            )
            for c in criteria
        ]
        section = (
            shipped[0]
            .sections[0]
            .model_copy(update={"points": 100.0, "criteria": tuple(cut), "applies": None})
        )
        rubric = shipped[0].model_copy(update={"sections": (section,)})
        if len(phrases_of(rubric)) <= PHRASES:
            break
    return rubric


def _cut(value: object, keep: set[str]) -> object:
    """A condition with only the phrases of `keep`; a list that would be empty keeps its first."""
    if isinstance(value, Params):
        changed = {
            name: _cut(getattr(value, name), keep)
            for name in type(value).model_fields
            if name not in ("by", "within", "field", "what", "script")
        }
        return value.model_copy(update=changed)
    if isinstance(value, tuple) and value:
        if all(isinstance(one, str) for one in value):
            return tuple(one for one in value if one in keep) or value[:1]
        return tuple(_cut(one, keep) for one in value)
    return value


def sample_words() -> dict[Speaker, str]:
    """All that agents and customers say in the sample calls, in a row."""
    said = {speaker: "" for speaker in Speaker}
    for path in sorted((ROOT / "samples" / "truth").glob("*.json")):
        for turn in json.loads(path.read_text(encoding="utf-8"))["turns"]:
            said[Speaker(turn["speaker"])] += turn["text"]
    return said


def call(draw: random.Random, number: int, words: dict[Speaker, str]) -> Transcript:
    """A call of the sample calls' words from some place on."""
    at, turns = 0.5, []
    places = {s: draw.randrange(len(words[s]) - TURNS * CHARS) for s in Speaker}
    for i in range(TURNS):
        speaker = Speaker.CUSTOMER if i % 2 else Speaker.AGENT
        start = places[speaker]
        places[speaker] += CHARS
        text = "".join(
            draw.choice(words[speaker]) if draw.random() < 0.05 else c
            for c in words[speaker][start : start + CHARS]
        )
        heard = tuple(
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
                speaker=speaker,
                start_s=at,
                end_s=heard[-1].end_s,
                text=text,
                confidence=0.85,
                words=heard,
            )
        )
        at = heard[-1].end_s + draw.uniform(-0.3, 2)
    return Transcript(
        recording_id=f"r{number}",
        language="zh",
        duration_s=at,
        asr=AsrIdentity(backend="bench", model="bench"),
        turns=tuple(turns),
        speech={s: tuple((t.start_s, t.end_s) for t in turns if t.speaker is s) for s in Speaker},
        channels=dict.fromkeys(Speaker, "ok"),
        # As today's recognising tells it: everything was heard.
        unheard={s: () for s in Speaker},
    )


def rate(ready: CompiledRubric, calls: list[Transcript]) -> tuple[list[float], dict[str, int]]:
    """Calls a second, five times; and how the verdicts fell."""
    hashes = [KnownHashes(transcript=t.sha256()) for t in calls]
    rates = []
    verdicts: dict[str, int] = {}
    chunk = max(1, len(calls) // 5)
    for at in range(0, chunk * 5, chunk):
        started = time.process_time()
        cards = list(
            score_many(
                ready,
                (
                    ToScore(transcript=transcript, call=ROW, known=known)
                    for transcript, known in zip(
                        calls[at : at + chunk], hashes[at : at + chunk], strict=True
                    )
                ),
            )
        )
        rates.append(chunk / (time.process_time() - started))
        for card in cards:
            for result in card.criteria():
                verdicts[result.verdict] = verdicts.get(result.verdict, 0) + 1
    return rates, verdicts


def plain_rate(phrases: list[str], calls: list[Transcript]) -> float:
    started = time.process_time()
    found = 0
    for transcript in calls:
        for turn in transcript.turns:
            for phrase in phrases:
                found += fuzz.partial_ratio(phrase, turn.text) >= 80
    return len(calls) / (time.process_time() - started)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=2000)
    args = parser.parse_args()
    draw = random.Random(20261121)
    words = sample_words()
    calls = [call(draw, i, words) for i in range(args.calls)]

    started = time.process_time()
    read_rubric(ROOT / "rubrics" / "inbound-zh.yaml")
    read_s = time.process_time() - started
    rubric = bench_rubric()
    phrases = phrases_of(rubric)
    started = time.process_time()
    ready = compile_rubric(rubric)
    score(ready, calls[0], ROW)
    first_s = time.process_time() - started

    # All calls stand in memory at once here and nowhere else; the collector need not walk them.
    gc.collect()
    gc.freeze()
    collect_rarely()  # as `qc` does
    rates, verdicts = rate(ready, calls)
    middle = sorted(rates)[len(rates) // 2]
    plain = plain_rate(phrases, calls[:5])
    judged = sum(verdicts.values())
    print(
        f"rubric: {len(list(rubric.criteria()))} criteria, {len(phrases)} phrases; "
        f"read {read_s * 1000:.0f} ms, index and first call {first_s * 1000:.0f} ms"
    )
    print(
        f"verdicts of {judged}: "
        + ", ".join(f"{k} {n / judged:.0%}" for k, n in sorted(verdicts.items()))
    )
    print(
        f"qc-pipeline: {middle:.0f} calls/s (wanted {CALLS_A_SECOND}); five runs: "
        + " ".join(f"{r:.0f}" for r in rates)
    )
    print(
        f"rapidfuzz partial_ratio, phrases × turns: {plain:.1f} calls/s; "
        f"{middle / plain:.1f} times faster (wanted {TIMES_FASTER})"
    )
    print(f"target of calls a second: {'met' if middle >= CALLS_A_SECOND else 'missed'}")
    print(f"target beside rapidfuzz: {'met' if middle >= TIMES_FASTER * plain else 'missed'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
