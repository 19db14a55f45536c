"""How well a model's likeness with itself tells wrong words from right ones.

`make bench-trial`. Every call is heard twice, as `qc model try` does; the words are held against
the second hearing and against the truth. Printed: both shares by confidence, the bound that is
chosen without the truth and how many words are wrong on either side of it, and each party. Calls of
one channel are left out: which party a word is counted for differs from hearing to hearing.

    python -m benchmarks.model_trial [--model sample] [--calls samples] [--every 8] [--only ID,ID]

`--calls` names a folder with calls.csv, recordings/ and truth/ID.json as in samples/.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from qc_pipeline.asr.changed_sound import CHANGED, SoundChange
from qc_pipeline.asr.consistency import HeardTwice, compare, compare_words
from qc_pipeline.asr.load import Recogniser, load_recogniser
from qc_pipeline.asr.measured_bounds import measured_bounds, party_heard
from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.asr.simplified_chinese import simplified
from qc_pipeline.asr.transcribe import AsrJob, Recognised, recognise
from qc_pipeline.call import Speaker, Transcript, Word
from qc_pipeline.scoring.evidence.coverage import words_of

EDGES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.01)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One party of a call: its words held against the second hearing, and whether each is right."""

    name: str
    words: tuple[HeardTwice, ...]
    right: tuple[bool, ...]

    @property
    def share_right(self) -> float:
        return sum(self.right) / len(self.right)


def rows_of(folder: Path, every: int, only: str) -> list[dict[str, str]]:
    with (folder / "calls.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["path"]]
    if only:
        return [r for r in rows if r["recording_id"] in only.split(",")]
    return rows[::every]


def hear(
    folder: Path, rows: Sequence[dict[str, str]], recogniser: Recogniser, change: SoundChange | None
) -> dict[str, Transcript]:
    jobs = [
        AsrJob(
            recording_id=r["recording_id"],
            path=folder / "recordings" / r["path"],
            agent_channel=r.get("agent_channel") or "auto",
        )
        for r in rows
    ]
    heard = recognise(jobs, replace(recogniser, change=change))
    return {h.recording_id: h.transcript for h in heard if isinstance(h, Recognised)}


def parties(
    folder: Path, first: dict[str, Transcript], again: dict[str, Transcript]
) -> list[Party]:
    found = []
    for name in sorted(first.keys() & again.keys()):
        if set(first[name].speech.values()) != set(again[name].speech.values()):
            print(f"{name}: one channel, divided by its words: left out")
            continue
        said = json.loads((folder / "truth" / f"{name}.json").read_text(encoding="utf-8"))["turns"]
        words = compare(first[name], again[name])
        for speaker in Speaker:
            truth = [
                Word(text=simplified(t["text"]), start_s=0.0, end_s=0.0, confidence=1.0)
                for t in said
                if t["speaker"] == speaker
            ]
            heard = words_of(first[name].turns, speaker)
            right = compare_words(heard, truth, first[name].language)
            if words[speaker]:
                found.append(
                    Party(
                        name=f"{name} {speaker}",
                        words=words[speaker],
                        right=tuple(r.consistent for r in right),
                    )
                )
    return found


def shares(pairs: Sequence[tuple[HeardTwice, bool]]) -> str:
    if not pairs:
        return "     0"
    same = sum(w.consistent for w, _ in pairs) / len(pairs)
    right = sum(r for _, r in pairs) / len(pairs)
    return f"{len(pairs):>6}{same:>12.1%}{right:>9.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="sample")
    parser.add_argument("--calls", type=Path, default=Path("samples"))
    parser.add_argument("--every", type=int, default=8)
    parser.add_argument("--only", default="")
    parser.add_argument("--noise", type=float, default=CHANGED.noise_db)
    asked = parser.parse_args()
    rows = rows_of(asked.calls, asked.every, asked.only)
    recogniser = load_recogniser(AsrOptions(model=asked.model), Path())
    first = hear(asked.calls, rows, recogniser, None)
    again = hear(asked.calls, rows, recogniser, SoundChange(noise_db=asked.noise))
    found = parties(asked.calls, first, again)
    pairs = [(w, r) for p in found for w, r in zip(p.words, p.right, strict=True)]
    print(f"{recogniser.place.name}: {len(first)} calls, noise {asked.noise:g} dB")
    print("confidence     words  consistent    right")
    for low, high in pairwise(EDGES):
        band = [(w, r) for w, r in pairs if low <= w.confidence < high]
        print(f"{low:.2f} to {min(high, 1.0):.2f}{shares(band)}")
    print(f"all         {shares(pairs)}")
    print(f"consistent  {shares([(w, r) for w, r in pairs if w.consistent])}")
    print(f"otherwise   {shares([(w, r) for w, r in pairs if not w.consistent])}")
    bounds = measured_bounds([p.words for p in found])
    cut = bounds.doubtful_below
    print(f"doubtful below {cut:.2f} ({'measured' if bounds.doubtful_measured else 'usual'})")
    print(f"  from it up{shares([(w, r) for w, r in pairs if w.confidence >= cut])}")
    print(f"  below it  {shares([(w, r) for w, r in pairs if w.confidence < cut])}")
    how = "measured" if bounds.confidence_measured else "usual"
    print(f"not understood below {bounds.least_confidence:.2f} ({how})")
    print("party                       words  confidence  consistent    right")
    for party in found:
        told = party_heard(party.words)
        print(
            f"{party.name:<26}{told.words:>7}{told.confidence:>12.2f}{told.consistency:>12.1%}"
            f"{party.share_right:>9.1%}"
        )


if __name__ == "__main__":
    main()
