"""What a real Whisper hears of real calls, beside plain faster-whisper: `make bench-hearing`.

The calls of a folder (calls.csv, recordings/, truth/) whose two channels differ, heard by the
product, without and with hotwords, and by faster-whisper's sequential and batched ways with its own
voice filter, on the same sound, model and threads. Errors are characters (English: words) that are
wrong, each party against what it said, digits spelled out; unheard are seconds of speech without
words, silently those that the transcript does not name.

    python -m benchmarks.hearing --calls FOLDER [--model FOLDER] [--language zh] [--write]
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import resource
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qc_pipeline.asr.load import Recogniser, load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.simplified_chinese import simplified
from qc_pipeline.asr.transcribe import AsrJob, recognise
from qc_pipeline.audio.channels import same_sound
from qc_pipeline.audio.decode import Decoded, decode
from qc_pipeline.call import Failure, Speaker, Transcript
from qc_pipeline.scoring.evidence.coverage import uncovered, words_of
from qc_pipeline.scoring.evidence.timing import length_s, subtract, union
from qc_pipeline.text.numerals import spoken_form
from tools.real_model import place

HOTWORDS = (
    "工号", "订单号", "社保卡", "身份证", "营业厅", "维修师傅", "登记", "仓库", "发货", "投诉",
    "退款", "宽带",
)  # fmt: skip
"""Twelve words that any centre might name."""
THREADS = 2
_SAME = str.maketrans("幺两您哪", "一二你那")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the folder: its recording, the agent's channel, and what each party said."""

    recording_id: str
    path: Path
    agent_channel: str
    said: Mapping[Speaker, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """Counts over some calls; seconds of speech; processor seconds."""

    errors: int
    tokens: int
    unheard_s: float = 0.0
    silently_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def rate(self) -> float:
        """Errors in percent of what was said."""
        return 100 * self.errors / max(self.tokens, 1)


def calls_of(folder: Path) -> list[Call]:
    """The calls of a folder that have a truth, in the list's order."""
    with (folder / "calls.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        truth = json.loads((folder / "truth" / f"{row['recording_id']}.json").read_text("utf-8"))
        found.append(
            Call(
                recording_id=row["recording_id"],
                path=folder / "recordings" / row["path"],
                agent_channel=row.get("agent_channel") or "auto",
                said={
                    s: "".join(t["text"] for t in truth["turns"] if t["speaker"] == s)
                    for s in Speaker
                },
            )
        )
    return found


def two_channel(calls: Sequence[Call]) -> list[Call]:
    """Those whose two channels carry two sounds."""
    return [c for c in calls if _differs(decode(c.path))]


def _differs(decoded: Decoded) -> bool:
    return decoded.samples.shape[0] == 2 and not same_sound(decoded)


def tokens(text: str) -> list[str]:
    """Characters, and words of Latin letters: simplified, digits as they are read out, and what
    sounds the same and is written both ways as one.
    """
    plain = unicodedata.normalize("NFKC", simplified(text)).lower().replace("%", "百分之")
    plain = re.sub(r"\d+", lambda m: spoken_form(m.group(0)), plain).translate(_SAME)
    return re.findall(r"[a-z']+|[^\W_]", plain)


def errors(said: str, heard: str) -> tuple[int, int]:
    """(wrong, missing or additional tokens; tokens that were said)."""
    from rapidfuzz.distance import Levenshtein

    reference = tokens(said)
    return int(Levenshtein.distance(reference, tokens(heard))), len(reference)


def ours(calls: Sequence[Call], recogniser: Recogniser) -> tuple[Heard, list[Transcript]]:
    """The product's own way over some calls, and what it heard."""
    before = _cpu_s()
    jobs = [
        AsrJob(recording_id=c.recording_id, path=c.path, agent_channel=c.agent_channel)
        for c in calls
    ]
    transcripts = []
    for result in recognise(jobs, recogniser):
        if isinstance(result, Failure):
            raise SystemExit(f"{result.recording_id}: {result.reason.text}")
        transcripts.append(result.transcript)
    cpu_s = _cpu_s() - before
    wrong = total = 0
    unheard_s = silently_s = 0.0
    for call, transcript in zip(calls, transcripts, strict=True):
        for speaker in Speaker:
            text = "".join(t.text for t in transcript.turns if t.speaker is speaker)
            found = errors(call.said[speaker], text)
            wrong, total = wrong + found[0], total + found[1]
            bare = uncovered(
                transcript.speech.get(speaker, ()), words_of(transcript.turns, speaker)
            )
            told = union((u.start_s, u.end_s) for u in (transcript.unheard or {}).get(speaker, ()))
            unheard_s += length_s(bare)
            silently_s += length_s(subtract(union(bare), told))
    heard = Heard(
        errors=wrong, tokens=total, unheard_s=unheard_s, silently_s=silently_s, cpu_s=cpu_s
    )
    return heard, transcripts


def plain(calls: Sequence[Call], model: Path, language: str, *, batched: bool) -> Heard:
    """faster-whisper's own way, channel by channel, in int8 on the same threads."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    loaded = WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=THREADS)
    listen: Callable[..., Any] = (
        BatchedInferencePipeline(model=loaded).transcribe if batched else loaded.transcribe
    )
    kind = {"batch_size": 8} if batched else {"vad_filter": True}
    before = _cpu_s()
    wrong = total = 0
    for call in calls:
        decoded = decode(call.path)
        parties = list(Speaker) if call.agent_channel != "right" else list(Speaker)[::-1]
        for channel, speaker in enumerate(parties):
            sound = decoded.at_16k(channel, 0, decoded.length_16k)
            segments, _ = listen(sound, language=language, beam_size=5, **kind)
            found = errors(call.said[speaker], "".join(s.text for s in segments))
            wrong, total = wrong + found[0], total + found[1]
    return Heard(errors=wrong, tokens=total, cpu_s=_cpu_s() - before)


def recogniser_of(model: Path, language: str, **options: Any) -> Recogniser:
    return load_recogniser(
        AsrOptions(model=str(model), language=language, threads=THREADS, **options), Path()
    )


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--model", type=Path, default=place())
    parser.add_argument("--language", default="zh")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    calls = two_channel(calls_of(options.calls))
    minutes = sum(decode(c.path).duration_s for c in calls) / 60
    without, _ = ours(calls, recogniser_of(options.model, options.language))
    helped, _ = ours(calls, recogniser_of(options.model, options.language, hotwords=HOTWORDS))
    rows = [
        ("ours", without),
        (f"ours, {len(HOTWORDS)} hotwords", helped),
        ("sequential", plain(calls, options.model, options.language, batched=False)),
        ("batched", plain(calls, options.model, options.language, batched=True)),
    ]
    lines = [
        f"{len(calls)} calls of two channels, {minutes:.1f} min, {rows[0][1].tokens} characters, "
        f"{options.model.name}, int8, {THREADS} threads",
        f"{'':20}{'errors %':>10}{'unheard s':>11}{'silently s':>12}{'cpu s/min':>11}",
    ]
    for name, row in rows:
        unheard = f"{row.unheard_s:>11.1f}{row.silently_s:>12.1f}" if "ours" in name else " " * 23
        lines.append(f"{name:20}{row.rate:>10.2f}{unheard}{row.cpu_s / minutes:>11.2f}")
    text = "\n".join(lines) + "\n"
    print(text, end="")
    if options.write:
        (Path(__file__).parent / "hearing.txt").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
