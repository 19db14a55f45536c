"""What the sample recogniser is trained on: sentences, spoken and stored on disk.

A share of plain wordings, a share of clauses put together anew, a share of numbers and a share of
words in random order, so that the model listens instead of knowing its sentences by heart.
Held-out sentences and voices never enter.

    python -m tools.model.corpus --out WORK/corpus --count 40000 --seed 1 --processes 2
"""

from __future__ import annotations

import argparse
import functools
import json
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pypinyin.constants import PHRASES_DICT

from tools.speech.lines import CLAUSE_MARK, acts, bare, fill, held_out
from tools.speech.slots import SLOTS, count
from tools.speech.synth import SAMPLE_RATE_HZ, Utterance, utter
from tools.speech.voices import HELD_OUT_VOICES, Voice, draw_manner, draw_voice

NUMBER_ACTS = tuple(
    name for name in acts() if name.split(":")[1] in {
        "read-back", "give-number", "give-id", "give-account", "privacy-leak", "same-number"
    }
)  # fmt: skip
LONGEST_S = 12.0


@functools.cache
def alphabet() -> str:
    """Return every character the bank of sentences can contain, sorted."""
    rng = random.Random(0)
    texts = [t for act in acts().values() for t in act.templates for t in _fillings(t, rng)]
    return "".join(sorted(set(bare("".join(texts)))))


def _fillings(template: str, rng: random.Random) -> list[str]:
    return [fill(template, rng) for _ in range(200 if "{" in template else 1)]


@functools.cache
def _words() -> tuple[str, ...]:
    """Return words of two to four characters of the alphabet, from pypinyin's phrases."""
    known = frozenset(alphabet())
    return tuple(sorted(w for w in PHRASES_DICT if 2 <= len(w) <= 4 and known.issuperset(w)))


def _plain(rng: random.Random) -> str:
    act = acts()[rng.choice(NUMBER_ACTS if rng.random() < 0.1 else tuple(acts()))]
    return fill(rng.choice(act.templates), rng)


def _recombined(rng: random.Random) -> str:
    clauses = [rng.choice(_plain(rng).split(CLAUSE_MARK)) for _ in range(rng.choice((1, 2, 2, 3)))]
    return CLAUSE_MARK.join(clauses)


def _numbers(rng: random.Random) -> str:
    slot = rng.choice(("n4", "n6", "n8", "n11", "n11", "n12", "n16", "n18", "amt", "date", "when"))
    return SLOTS[slot](rng) if rng.random() < 0.8 else count(rng.randint(1, 9999)) + "元"


def _random_words(rng: random.Random) -> str:
    known, parts = alphabet(), []
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.55:
            parts.append(rng.choice(_words()))
        elif kind < 0.8:
            clause = rng.choice(_plain(rng).split(CLAUSE_MARK))
            start = rng.randrange(max(1, len(clause) - 1))
            parts.append(clause[start : start + rng.randint(1, 4)])
        else:
            parts.append("".join(rng.choice(known) for _ in range(rng.randint(1, 3))))
        if rng.random() < 0.1:
            parts.append(CLAUSE_MARK)
    return "".join(parts).strip(CLAUSE_MARK)


def sentences(rng: random.Random) -> Iterator[str]:
    """Yield training sentences for ever; none is held out, nor is any clause put together anew."""
    makers = (_plain, _recombined, _numbers, _random_words)
    while True:
        maker = rng.choices(makers, (55, 22, 5, 18))[0]
        text = maker(rng)
        parts = text.split(CLAUSE_MARK) if maker is _recombined else []
        if text and not held_out(text) and not any(held_out(p) for p in parts if len(p) > 2):
            yield text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corpus:
    """Utterances on disk: all samples end to end as int16 at 8 kHz, and where each one lies."""

    samples: npt.NDArray[np.int16]
    texts: tuple[str, ...]
    offsets: npt.NDArray[np.int64]
    begins_s: tuple[tuple[float, ...], ...]
    ends_s: npt.NDArray[np.float64]
    voices: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    def audio(self, index: int) -> npt.NDArray[np.float32]:
        """Return one utterance as float32 mono at 8 kHz, peak 0.5."""
        raw = self.samples[self.offsets[index] : self.offsets[index + 1]]
        return raw.astype(np.float32) / np.float32(32768)


def load(folder: Path) -> Corpus:
    """Open a corpus that `save` wrote; the samples stay on disk."""
    meta = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    return Corpus(
        samples=np.memmap(folder / "samples.i16", dtype=np.int16, mode="r"),
        texts=tuple(meta["texts"]),
        offsets=np.array(meta["offsets"], dtype=np.int64),
        begins_s=tuple(tuple(b) for b in meta["begins_s"]),
        ends_s=np.array(meta["ends_s"]),
        voices=tuple(meta["voices"]),
    )


def save(folder: Path, utterances: list[tuple[Utterance, str]]) -> None:
    """Write utterances with their voices' names into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "samples.i16").open("wb") as file:
        for utterance, _ in utterances:
            file.write((utterance.samples * 32767).astype(np.int16).tobytes())
    index = {
        "texts": [u.text for u, _ in utterances],
        "offsets": np.cumsum([0] + [len(u.samples) for u, _ in utterances]).tolist(),
        "begins_s": [[round(b, 3) for b in u.begins_s] for u, _ in utterances],
        "ends_s": [round(u.end_s, 3) for u, _ in utterances],
        "voices": [name for _, name in utterances],
    }
    (folder / "index.json").write_text(json.dumps(index, ensure_ascii=False), encoding="utf-8")


def _speak_many(job: tuple[int, int]) -> list[tuple[Utterance, str]]:
    seed, wanted = job
    rng = random.Random(seed)
    spoken: list[tuple[Utterance, str]] = []
    for text in sentences(rng):
        voice = draw_voice(rng)
        utterance = utter(text, voice, draw_manner(rng))
        if len(utterance.samples) <= LONGEST_S * SAMPLE_RATE_HZ:
            spoken.append((utterance, voice.name))
        if len(spoken) == wanted:
            break
    return spoken


def held_out_set(
    seed: int, wanted: int, voices: tuple[Voice, ...] = HELD_OUT_VOICES, unseen: bool = True
) -> list[tuple[Utterance, str]]:
    """Speak test sentences: unseen ones (or training ones), acts in turn, by the given voices."""
    rng = random.Random(seed)
    spoken: list[tuple[Utterance, str]] = []
    while len(spoken) < wanted:
        for act in acts().values():
            text = fill(rng.choice(act.templates), rng)
            if held_out(text) is unseen:
                voice = rng.choice(voices)
                spoken.append((utter(text, voice, draw_manner(rng)), voice.name))
    return spoken[:wanted]


def main() -> None:
    """Speak a corpus and store it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=40000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    part = 500
    jobs = [(options.seed * 100003 + i, part) for i in range(options.count // part)]
    with ProcessPoolExecutor(options.processes) as pool:
        spoken = [u for many in pool.map(_speak_many, jobs) for u in many]
    save(options.out, spoken)
    hours = sum(len(u.samples) for u, _ in spoken) / SAMPLE_RATE_HZ / 3600
    print(f"{len(spoken)} utterances, {hours:.1f} h, {len(alphabet())} characters")


if __name__ == "__main__":
    main()
