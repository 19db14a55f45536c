"""What the sample recogniser is trained on: sentences, spoken, recorded and stored on disk.

A share of plain wordings, a share of clauses put together anew, a share of numbers and a share of
words in random order, so that the model listens instead of knowing its sentences by heart.
Held-out sentences and voices never enter. Shards appear in the folder as they are made, and
training takes them as they come.

    python -m tools.model.corpus --out WORK/corpus --minutes 9 --processes 12
"""

from __future__ import annotations

import argparse
import functools
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from pypinyin.constants import PHRASES_DICT

from tools.model.line import MIXES, WIDE, Clip, Mix, clips, quiet_clips
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
RECORDINGS = 4  # a shard


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
        maker = rng.choices(makers, (38, 26, 6, 30))[0]
        text = maker(rng)
        parts = text.split(CLAUSE_MARK) if maker is _recombined else []
        if text and not held_out(text) and not any(held_out(p) for p in parts if len(p) > 2):
            yield text


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shard:
    """Clips of a few recordings on disk: all samples end to end as int16 at 8 kHz.

    `groups` gives for each clip which channel of which recording it is from, -1 for a clip in which
    nobody speaks. `begins_s` has a row a clip, one time a character.
    """

    samples: npt.NDArray[np.int16]
    offsets: npt.NDArray[np.int64]
    texts: tuple[str, ...]
    begins_s: tuple[npt.NDArray[np.float32], ...]
    ends_s: npt.NDArray[np.float32]
    groups: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.texts)

    def seconds(self, index: int) -> float:
        """Return how long a clip is."""
        return float(self.offsets[index + 1] - self.offsets[index]) / SAMPLE_RATE_HZ

    def audio(self, index: int) -> npt.NDArray[np.int16]:
        """Return one clip's samples at 8 kHz."""
        return self.samples[self.offsets[index] : self.offsets[index + 1]]


def load(path: Path) -> Shard:
    """Open a shard that `save` wrote; the samples stay on disk."""
    with np.load(path) as meta:
        counts = meta["counts"]
        return Shard(
            samples=np.load(path.with_suffix(".npy"), mmap_mode="r"),
            offsets=meta["offsets"],
            texts=tuple(str(meta["texts"]).split("\n")),
            begins_s=tuple(np.split(meta["begins_s"], np.cumsum(counts)[:-1])),
            ends_s=meta["ends_s"],
            groups=meta["groups"],
        )


def save(path: Path, clips: list[tuple[Clip, int]]) -> None:
    """Write clips with their groups; `path` appears when all is there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path.with_suffix(".npy"), np.concatenate([c.samples for c, _ in clips]))
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        np.savez(
            file,
            offsets=np.cumsum([0] + [len(c.samples) for c, _ in clips]),
            texts=np.array("\n".join(c.text for c, _ in clips)),
            counts=np.array([len(c.begins_s) for c, _ in clips]),
            begins_s=np.array([b for c, _ in clips for b in c.begins_s], np.float32),
            ends_s=np.array([c.end_s for c, _ in clips], np.float32),
            groups=np.array([g for _, g in clips]),
        )
    partial.replace(path)


def _party(texts: Iterator[str], wanted: int, rng: random.Random) -> list[Utterance]:
    voice, spoken = draw_voice(rng), []
    while len(spoken) < wanted:
        utterance = utter(next(texts), voice, draw_manner(rng))
        if len(utterance.samples) <= LONGEST_S * SAMPLE_RATE_HZ:
            spoken.append(utterance)
    return spoken


def make_shard(path: Path, seed: int, mix: Mix = WIDE) -> float:
    """Make recordings of two parties each, and some of nobody; return the seconds of speech."""
    rng = random.Random(seed)
    texts = sentences(rng)
    made: list[tuple[Clip, int]] = []
    for call in range(RECORDINGS):
        parties = tuple(_party(texts, rng.randint(6, 14), rng) for _ in (0, 1))
        for channel, part in enumerate(clips((parties[0], parties[1]), rng, mix)):
            made += [(clip, 2 * call + channel) for clip in part]
        voices = [u.samples for party in parties for u in party]
        made += [(clip, -1) for clip in quiet_clips(1, voices, rng, mix)]
    save(path, made)
    return sum(len(c.samples) for c, g in made if g >= 0) / SAMPLE_RATE_HZ


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


def make_shards(
    out: Path, seed: int, mix: str, first: int, step: int, until: float, most: int
) -> float:
    """Make every `step`-th shard from the `first` on until the clock says `until` (seconds).

    Returns the seconds of speech.
    """
    spoken = 0.0
    for number in range(first, most, step):
        if time.time() > until:
            break
        spoken += make_shard(out / f"{number:06}.npz", seed * 100003 + number, MIXES[mix])
    return spoken


def main() -> None:
    """Make shards for so many minutes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--shards", type=int, default=1_000_000, help="no more than these")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mix", choices=tuple(MIXES), default="wide", help="which lines")
    options = parser.parse_args()
    alphabet()
    until, count = time.time() + 60 * options.minutes, options.processes
    with ProcessPoolExecutor(count) as pool:
        parts = [
            pool.submit(
                make_shards, options.out, options.seed, options.mix, n, count, until, options.shards
            )
            for n in range(count)
        ]
        hours = sum(part.result() for part in parts) / 3600
    print(f"{hours:.1f} h of speech, {len(alphabet())} characters")


if __name__ == "__main__":
    main()
