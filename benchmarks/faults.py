"""Which deliberate faults of the sample calls the whole way finds, misses, or sees where none is.

Run: make bench-faults. All sample calls are recognised by the sample model and scored against
rubrics/inbound-zh.yaml; the truth files say which faults were put in. Found means a deduction, held
means left to a person (nothing is deducted). Beside it stands what the same rubric finds in the
true words, which tells the recogniser's share of the misses from the rubric's. A likeness
is earned by doubt, and the sample model knows its few errors too well and doubts little else; so
its words are given the confidences that were measured of a real Whisper, rightly and wrongly heard
ones each their own (`--as-heard` leaves the model's). `--write` puts the table into
samples/README.md.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from benchmarks.hearing import tokens
from qc_pipeline.asr.load import load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.asr.turns import geometric_mean
from qc_pipeline.call import AsrIdentity, Failure, Recording, Speaker, Transcript, Turn
from qc_pipeline.cli.progress import told
from qc_pipeline.intake.call_list import read_call_list
from qc_pipeline.scoring.compile import compile_rubric
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.recogniser_confidence import drawn_confidence
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.workspace.settings import read_settings

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "samples"
RUBRIC = ROOT / "rubrics" / "inbound-zh.yaml"
BEGIN, END = "<!-- faults:begin -->", "<!-- faults:end -->"


@dataclass(slots=True)
class Row:
    """Counts of calls for one criterion; `missed` and `false` name them."""

    title: str = ""
    faults: int = 0
    found: int = 0
    held: int = 0
    missed: list[str] = field(default_factory=list)
    false: list[str] = field(default_factory=list)
    false_held: int = 0
    clean: int = 0


def recordings() -> Mapping[str, Recording]:
    settings, problems = read_settings(SAMPLES)
    if settings is None or problems:
        raise SystemExit("\n".join(map(str, problems)))
    calls = read_call_list(
        SAMPLES / "calls.csv",
        zone=settings.zone,
        columns=settings.calls.columns,
        values=settings.calls.values,
        recordings_root=SAMPLES / "recordings",
    )
    return {r.recording_id: r for r in calls.recordings if r.answered}


def recognised(calls: Mapping[str, Recording]) -> Iterator[Transcript]:
    settings, _ = read_settings(SAMPLES)
    options = settings.asr if settings else AsrOptions(model="sample")
    recogniser = load_recogniser(options, SAMPLES)
    print(told(recogniser.describe()).replace(str(ROOT), "."))
    jobs = [
        AsrJob(
            recording_id=r.recording_id,
            path=SAMPLES / "recordings" / (r.path or ""),
            agent_channel=r.text("agent_channel") or "auto",
            language=r.text("language"),
        )
        for r in calls.values()
    ]
    for result in recognise(jobs, recogniser):
        if isinstance(result, Failure):
            raise SystemExit(f"{result.recording_id}: {result.reason.text}")
        yield result.transcript


def truth(recording_id: str) -> Mapping[str, object]:
    path = SAMPLES / "truth" / f"{recording_id}.json"
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def said_in(recording_id: str) -> Mapping[Speaker, str]:
    turns = truth(recording_id)["turns"]
    return {
        s: "".join(t["text"] for t in turns if t["speaker"] == s)  # type: ignore[attr-defined]
        for s in Speaker
    }


def true_words(calls: Mapping[str, Recording]) -> Iterator[Transcript]:
    for recording_id in calls:
        body = truth(recording_id)
        turns = tuple(
            Turn(
                speaker=Speaker(t["speaker"]),
                start_s=t["start_s"],
                end_s=t["end_s"],
                text=t["text"],
                confidence=1.0,
            )
            for t in body["turns"]  # type: ignore[attr-defined]
        )
        yield Transcript(
            recording_id=recording_id,
            language="zh",
            duration_s=float(str(body["duration_s"])),
            asr=AsrIdentity(backend="truth", model="truth"),
            turns=turns,
            speech={
                s: tuple((t.start_s, t.end_s) for t in turns if t.speaker is s) for s in Speaker
            },
        )


def as_sure_as_measured(transcript: Transcript, said: Mapping[Speaker, str]) -> Transcript:
    """The transcript with each word as sure as Whisper is of what it heard rightly, or wrongly:
    held against what each party said. Drawn anew in the same way for the same call.
    """
    from rapidfuzz.distance import Levenshtein

    rng = random.Random(transcript.recording_id)
    turns = list(transcript.turns)
    for speaker in Speaker:
        own = [
            (i, k, token)
            for i, turn in enumerate(turns)
            if turn.speaker is speaker
            for k, word in enumerate(turn.words)
            for token in tokens(word.text)
        ]
        wrong = {
            own[at][:2]
            for step in Levenshtein.opcodes(tokens(said[speaker]), [token for *_, token in own])
            if step.tag != "equal"
            for at in range(step.dest_start, step.dest_end)
        }
        for i, turn in enumerate(turns):
            if turn.speaker is speaker and turn.words:
                words = tuple(
                    replace(word, confidence=drawn_confidence(rng, right=(i, k) not in wrong))
                    for k, word in enumerate(turn.words)
                )
                mean = geometric_mean([w.confidence for w in words if w.confidence is not None])
                turns[i] = replace(turn, words=words, confidence=mean)
    return replace(transcript, turns=tuple(turns))


def judge(calls: Mapping[str, Recording], transcripts: Iterator[Transcript]) -> dict[str, Row]:
    rubric = compile_rubric(read_rubric(RUBRIC))
    rows: dict[str, Row] = {}
    for transcript in transcripts:
        name = transcript.recording_id
        wrong = {f["criterion"] for f in truth(name)["faults"]}  # type: ignore[attr-defined]
        card = score(rubric, transcript, calls[name])
        for result in card.criteria():
            if result.manual or result.trial:
                continue
            row = rows.setdefault(result.id, Row(title=result.title))
            if result.id in wrong:
                row.faults += 1
                row.found += result.verdict is Verdict.FAIL
                row.held += result.verdict is Verdict.HELD
                if result.verdict not in (Verdict.FAIL, Verdict.HELD):
                    row.missed.append(name)
            else:
                row.clean += 1
                row.false_held += result.verdict is Verdict.HELD
                if result.verdict is Verdict.FAIL:
                    row.false.append(name)
    return rows


def table(rows: Mapping[str, Row], ideal: Mapping[str, Row]) -> list[str]:
    lines = [
        "| criterion | faults | found | held | missed | false deductions | held without a fault |"
        " from the true words: found / held / false |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in rows.items():
        words = ideal[name]
        lines.append(
            f"| {name} {row.title} | {row.faults} | {row.found} | {row.held} | {len(row.missed)} "
            f"| {len(row.false)} | {row.false_held} "
            f"| {words.found} / {words.held} / {len(words.false)} |"
        )
    total = [
        sum(
            getattr(r, key) if isinstance(getattr(r, key), int) else len(getattr(r, key))
            for r in rows.values()
        )
        for key in ("faults", "found", "held", "missed", "false", "false_held")
    ]
    best = [
        sum(r.found for r in ideal.values()),
        sum(r.held for r in ideal.values()),
        sum(len(r.false) for r in ideal.values()),
    ]
    lines.append(f"| **all** | {' | '.join(map(str, total))} | {' / '.join(map(str, best))} |")
    lines.append("")
    lines += [f"Missed: {n}: {', '.join(r.missed)}" for n, r in rows.items() if r.missed]
    lines += [f"False: {n}: {', '.join(r.false)}" for n, r in rows.items() if r.false]
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--write", action="store_true", help="put the table into samples/README.md")
    parser.add_argument(
        "--as-heard", action="store_true", help="with the sample model's own confidences"
    )
    arguments = parser.parse_args()
    calls = recordings()
    heard: Iterator[Transcript] = recognised(calls)
    if not arguments.as_heard:
        heard = (as_sure_as_measured(t, said_in(t.recording_id)) for t in heard)
    rows = judge(calls, heard)
    lines = table(rows, judge(calls, true_words(calls)))
    print("\n".join(lines))
    if arguments.write:
        page = SAMPLES / "README.md"
        text = page.read_text(encoding="utf-8")
        block = f"{BEGIN}\n" + "\n".join(lines).replace("\nMissed", "\n- Missed").replace(
            "\nFalse", "\n- False"
        )
        new = re.sub(
            f"{re.escape(BEGIN)}.*?{re.escape(END)}", lambda _: f"{block}\n{END}", text, flags=re.S
        )
        page.write_text(new, encoding="utf-8")


if __name__ == "__main__":
    main()
