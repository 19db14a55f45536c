"""How much of a mono call is heard, and in the right mouth: `make bench-mono`.

Mixes of the two-channel sample calls, with the parties as they are and one of them 6 and 12 dB
quieter than the other, and the mono sample calls. With `--calls FOLDER` (calls.csv, recordings/,
truth/) the calls of a folder, the two-channel ones mixed in the same five ways. What was heard is
aligned with what was said whoever said it; of the characters that have a partner, the right mouth
is where both have the same speaker.

    python -m benchmarks.mono [--every N] [--model sample] [--calls FOLDER] [--each] [--write]
"""

from __future__ import annotations

import argparse
import csv
import json
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.asr import ROOT, Call, hear, letters, sample_calls
from qc_pipeline.asr.load import load_recogniser
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.audio.channels import same_sound
from qc_pipeline.audio.decode import decode
from qc_pipeline.call import DoubtReason, Speaker, Transcript

TARGET = 0.9
"""Share of characters in the right mouth from which a call is told apart."""
_SAYS = (DoubtReason.ALIKE, DoubtReason.SEPARATION, DoubtReason.ROLE)
_QUIETER = {
    "as they are": (None, None),
    "equally loud": (0.0, 0.0),
    "customer -6 dB": (0.0, -6.0),
    "customer -12 dB": (0.0, -12.0),
    "agent -12 dB": (-12.0, 0.0),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Counts of one call. `paired`: characters with a partner in what was said, `right`: those in
    the right mouth, `named`: the same whichever way the voices are named; `errors` by party and
    `whole` whoever spoke, of `characters`. `said`: the transcript says that it does not know.
    """

    recording_id: str
    characters: int
    errors: int
    whole: int
    paired: int
    right: int
    said: bool
    one_voice: bool

    @property
    def share(self) -> float:
        return self.right / self.paired if self.paired else 1.0

    @property
    def named(self) -> float:
        return max(self.share, 1 - self.share)


def figures(call: Call, transcript: Transcript) -> Figures:
    from rapidfuzz.distance import Levenshtein

    truth = sorted(call.truth["turns"], key=lambda t: t["start_s"])
    said = [(c, t["speaker"]) for t in truth for c in letters(t["text"]).lower()]
    words = sorted(
        ((w.start_s, w.text, str(t.speaker)) for t in transcript.turns for w in t.words),
        key=lambda w: w[0],
    )
    heard = [(c, speaker) for _, text, speaker in words for c in letters(text).lower()]
    paired = right = 0
    for step in Levenshtein.opcodes([c for c, _ in said], [c for c, _ in heard]):
        if step.tag in ("equal", "replace"):
            pairs = zip(
                said[step.src_start : step.src_end],
                heard[step.dest_start : step.dest_end],
                strict=True,
            )
            for (_, who), (_, mouth) in pairs:
                paired += 1
                right += who == mouth
    errors = sum(
        Levenshtein.distance(
            [c for c, who in said if who == speaker], [c for c, who in heard if who == speaker]
        )
        for speaker in Speaker
    )
    return Figures(
        recording_id=call.recording_id,
        characters=len(said),
        errors=errors,
        whole=Levenshtein.distance([c for c, _ in said], [c for c, _ in heard]),
        paired=paired,
        right=right,
        said=any(d.reason in _SAYS for d in transcript.doubts),
        one_voice=not all(transcript.speech.get(s) for s in Speaker),
    )


def mixes(calls: Sequence[Call], folder: Path) -> dict[str, list[Call]]:
    """Each two-channel call in one channel, its parties' levels made what `_QUIETER` says."""
    out: dict[str, list[Call]] = {name: [] for name in _QUIETER}
    for call in calls:
        decoded = decode(call.path)
        rate, samples = decoded.sample_rate_hz, decoded.samples.astype(np.float64) / 32_768
        own = samples if _agent_first(call, samples, rate) else samples[::-1]
        for number, (name, gains) in enumerate(_QUIETER.items()):
            parts = []
            for speaker, channel, gain_db in zip(Speaker, own, gains, strict=True):
                wanted = 1.0 if gain_db is None else 10 ** ((gain_db - 26) / 20)
                level = 1.0 if gain_db is None else _level(call, speaker, channel, rate)
                parts.append(channel * wanted / level)
            mix = sum(parts) / 2
            path = folder / f"{call.recording_id}-{number}.wav"
            soundfile.write(path, np.clip(mix, -1, 1), rate)
            out[name].append(
                Call(
                    recording_id=call.recording_id,
                    path=path,
                    agent_channel="mono",
                    truth=call.truth,
                )
            )
    return out


def _agent_first(call: Call, samples: np.ndarray, rate: int) -> bool:
    if call.agent_channel in ("left", "right"):
        return call.agent_channel == "left"
    first = _level(call, Speaker.AGENT, samples[0], rate)
    return first > _level(call, Speaker.AGENT, samples[1], rate)


def _level(call: Call, speaker: Speaker, channel: np.ndarray, rate: int) -> float:
    """Root mean square of a channel while a party speaks."""
    parts = [
        channel[round(t["start_s"] * rate) : round(t["end_s"] * rate)]
        for t in call.truth["turns"]
        if t["speaker"] == speaker
    ]
    own = np.concatenate(parts) if parts else channel
    return float(np.sqrt((own**2).mean())) or 1.0


def folder_calls(folder: Path) -> list[Call]:
    """The calls of a folder that have a truth; others named like one with a letter before it."""
    with (folder / "calls.csv").open(encoding="utf-8", newline="") as file:
        channels = {r["path"]: r["agent_channel"] or "auto" for r in csv.DictReader(file)}
    found = []
    for path in sorted((folder / "recordings").iterdir()):
        for name in (path.stem, path.stem[1:]):
            truth = folder / "truth" / f"{name}.json"
            if truth.exists():
                found.append(
                    Call(
                        recording_id=path.stem,
                        path=path,
                        agent_channel=channels.get(path.name, "mono"),
                        truth=json.loads(truth.read_text(encoding="utf-8")),
                    )
                )
                break
    return found


def summary(rows: Sequence[Figures]) -> str:
    characters = sum(r.characters for r in rows)
    below = [r for r in rows if r.share < TARGET]
    return (
        f"right mouth {sum(r.right for r in rows) / max(sum(r.paired for r in rows), 1):.1%} · CER "
        f"by party {sum(r.errors for r in rows) / characters:.2%}, whole "
        f"{sum(r.whole for r in rows) / characters:.2%} of {characters} · calls below "
        f"{TARGET:.0%}: {len(below)} of {len(rows)}, {sum(r.said for r in below)} of them say so "
        f"· others that say so: {sum(r.said for r in rows if r.share >= TARGET)}"
    )


def report(given: argparse.Namespace) -> Iterable[str]:
    """Lines of the table, printed as they come."""

    def line(text: str) -> str:
        print(text, flush=True)
        return text

    recogniser = load_recogniser(AsrOptions(model=given.model, language="zh"), ROOT)
    yield line(f"model: {recogniser.place.name} on {recogniser.engine.machine}")
    calls = folder_calls(given.calls) if given.calls else sample_calls()
    one: list[Call] = []
    two: list[Call] = []
    for call in calls:
        decoded = decode(call.path)
        mono = call.agent_channel == "mono" or decoded.samples.shape[0] < 2
        (one if mono or same_sound(decoded) else two).append(call)
    with tempfile.TemporaryDirectory() as name:
        kinds = {"mono calls": one, **mixes(two[:: given.every], Path(name))}
        for kind, copies in kinds.items():
            if not copies:
                continue
            heard = hear(copies, recogniser)
            rows = [figures(c, h.transcript) for c, h in zip(copies, heard, strict=True)]
            yield line(f"{kind + ':':<17}{summary(rows)}")
            for row in rows:
                if given.each or row.share < TARGET or row.said:
                    yield line(
                        f"  {row.recording_id} right mouth {row.share:.1%} (voices {row.named:.1%})"
                        f", CER by party {row.errors / max(row.characters, 1):.1%}, whole "
                        f"{row.whole / max(row.characters, 1):.1%}"
                        f"{', says so' if row.said else ''}{', one voice' if row.one_voice else ''}"
                    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="every n-th two-channel call")
    parser.add_argument("--model", default="sample")
    parser.add_argument("--calls", type=Path, help="a folder of calls instead of the sample calls")
    parser.add_argument("--each", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    lines = list(report(given))
    if given.write:
        target = ROOT / "benchmarks" / "mono.txt"
        target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
