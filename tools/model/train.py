"""Train the sample recogniser within a budget of minutes, while `corpus` makes what it hears.

    python -m tools.model.train --corpus WORK/corpus --out WORK/run --minutes 9

`--start WEIGHTS` goes on from weights that an earlier run wrote, as a second stage: a low `--rate`,
`--windows` for one share of short, middle and long windows throughout, and `--distort` below 1
where the corpus itself already sounds as the calls will.

Short windows first (they are cheap and teach hearing), then windows of 30 s as faster-whisper gives
them. Losses: the decoder's cross-entropy; the character spoken in each frame, on the encoder
(espeak-ng tells the times, so no CTC has to find them); and a guide that lets two heads of every
decoder layer look where the character is: it makes decoding learn fast and gives word times.
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tools.model.corpus import Shard, alphabet, load
from tools.model.network import GUIDED_HEADS, Recogniser, Shape
from tools.model.sound import Ear, on_the_line
from tools.model.tokens import TIMESTAMPS, Tokens
from tools.model.windows import Window, make
from tools.speech.synth import SAMPLE_RATE_HZ

GUIDE_WIDTH_S = 0.1
ENCODER_STEP_S = 0.02
CLASSES = ("short", "middle", "long")
EMPTY_SHARE = 0.04
QUIET_SHARE = 0.06
MISREAD_SHARE = 0.08
POLL_S = 3.0
Pick = tuple[Shard, int]
STAMP_WEIGHT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows of one length, stacked. `learn` is 1.0 where the next token is to be learnt."""

    samples: Tensor
    heard: Tensor
    tokens: Tensor
    learn: Tensor
    times_s: Tensor
    frame_characters: Tensor

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device."""
        return Batch(
            samples=self.samples.to(device),
            heard=self.heard.to(device),
            tokens=self.tokens.to(device).long(),
            learn=self.learn.to(device),
            times_s=self.times_s.to(device),
            frame_characters=self.frame_characters.to(device).long(),
        )


def shares(progress: float) -> tuple[float, float, float]:
    """Return how often short, middle and long windows come at this point (0 to 1) of training."""
    if progress < 0.08:
        return (1.0, 0.0, 0.0)
    if progress < 0.2:
        return (0.7, 0.25, 0.05)
    if progress < 0.4:
        return (0.35, 0.45, 0.2)
    return (0.15, 0.4, 0.45)


class Shelf:
    """The clips there are by now, by length and by speaker."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: set[str] = set()
        self._looked = 0.0
        self.by_second: dict[int, list[Pick]] = {}
        self.speakers: list[list[Pick]] = []
        self.quiet: list[Pick] = []

    def look(self) -> None:
        """Take up what has been made since; wait for the first shards."""
        if time.time() - self._looked < POLL_S and self.speakers:
            return
        while True:
            self._looked = time.time()
            for path in sorted(self.folder.glob("*.npz")):
                if path.name not in self._seen:
                    self._seen.add(path.name)
                    self._take(load(path))
            if self.speakers:
                return
            time.sleep(0.5)

    def _take(self, shard: Shard) -> None:
        groups: dict[int, list[Pick]] = {}
        for index, group in enumerate(shard.groups.tolist()):
            if group < 0:
                self.quiet.append((shard, index))
                continue
            groups.setdefault(group, []).append((shard, index))
            self.by_second.setdefault(int(shard.seconds(index)), []).append((shard, index))
        self.speakers += groups.values()

    def single(self, seconds: float, rng: random.Random) -> list[Pick]:
        """Return one clip that fits into a window of so many seconds and fills some of it."""
        lengths = [n for n in self.by_second if 0.25 * seconds <= n + 1 <= seconds]
        weights = [len(self.by_second[n]) for n in lengths]
        return [rng.choice(self.by_second[rng.choices(lengths, weights)[0]])] if lengths else []

    def packed(self, seconds: float, rng: random.Random) -> list[Pick]:
        """Return clips for so many seconds, mostly one speaker's; here and there one of nobody."""
        picks: list[Pick] = []
        used = 0.0
        while used < seconds and len(picks) < 24:
            speaker = rng.choice(self.speakers)
            most = len(speaker) if rng.random() < 0.7 else rng.randint(1, 3)
            for pick in rng.sample(speaker, min(most, len(speaker))):
                if used < seconds:
                    picks.append(pick)
                    used += pick[0].seconds(pick[1]) + 0.25
                if rng.random() < QUIET_SHARE and self.quiet:
                    picks.append(rng.choice(self.quiet))
                    used += picks[-1][0].seconds(picks[-1][1]) + 0.25
        return picks

    def nobody(self, rng: random.Random) -> list[Pick]:
        """Return up to three clips in which nobody speaks."""
        return [rng.choice(self.quiet) for _ in range(rng.randint(0, 3) if self.quiet else 0)]


def choose(
    shelf: Shelf, weights: Sequence[float], batch_s: float, rng: random.Random
) -> tuple[float, list[list[Pick]]]:
    """Return the length of a batch's windows and which clips go into each.

    `weights`: how often short, middle and long windows come.
    """
    kind = rng.choices(CLASSES, weights)[0]
    if kind == "short":
        seconds = rng.choice((2.0, 3.0, 4.0, 5.0, 6.0, 8.0))
        picks = [shelf.single(seconds, rng) for _ in range(max(1, int(batch_s / seconds)))]
    elif kind == "middle":
        seconds = round(rng.uniform(9, 16), 2)
        fills = [seconds * rng.uniform(0.3, 1.1) for _ in range(max(1, int(batch_s / seconds)))]
        picks = [shelf.packed(fill, rng) for fill in fills]
    else:
        seconds = 30.0 if rng.random() < 0.6 else round(rng.uniform(17, 28), 2)
        fills = [
            1.2 * seconds if rng.random() < 0.3 else rng.triangular(2, seconds, 14)
            for _ in range(max(1, int(batch_s / seconds)))
        ]
        picks = [shelf.packed(fill, rng) for fill in fills]
    return seconds, [shelf.nobody(rng) if rng.random() < EMPTY_SHARE else p for p in picks]


def stack(windows: list[Window], tokens: Tokens) -> Batch:
    """Stack windows of the same length."""
    longest = max(len(w.tokens) for w in windows)
    ids = np.full((len(windows), longest), tokens.end, np.int16)
    learn = np.zeros((len(windows), longest), np.float32)
    times = np.full((len(windows), longest), np.nan, np.float32)
    for i, w in enumerate(windows):
        ids[i, : len(w.tokens)] = w.tokens
        learn[i, w.prompt + 1 : len(w.tokens)] = 1
        times[i, : len(w.tokens)] = w.times_s
    return Batch(
        samples=torch.from_numpy(np.stack([w.samples for w in windows])),
        heard=torch.tensor([w.heard for w in windows]),
        tokens=torch.from_numpy(ids),
        learn=torch.from_numpy(learn),
        times_s=torch.from_numpy(times),
        frame_characters=torch.from_numpy(np.stack([w.frame_characters for w in windows])),
    )


class Stream(torch.utils.data.IterableDataset[Batch]):
    """Batches for ever; which kinds follows the wall clock of the budget."""

    def __init__(self, options: argparse.Namespace, tokens: Tokens, begun: float):
        self.options, self.tokens, self.begun = options, tokens, begun

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(self.options.seed * 1009 + (worker.id if worker else 0))
        shelf = Shelf(self.options.corpus)
        while True:
            shelf.look()
            progress = (time.time() - self.begun) / (self.options.minutes * 60)
            weights = self.options.windows or shares(progress)
            seconds, picks = choose(shelf, weights, self.options.batch_s, rng)
            yield stack([make(p, seconds, self.tokens, rng) for p in picks], self.tokens)


def misread(tokens: Tensor, known: Tokens) -> Tensor:
    """Return the tokens with some characters replaced, so that the decoder has to listen."""
    wrong = torch.randint_like(tokens, known.characters)
    chosen = torch.rand(tokens.shape, device=tokens.device) < MISREAD_SHARE
    return torch.where(chosen & (tokens < known.characters), wrong, tokens)


def token_loss(net: Recogniser, states: Tensor, batch: Batch, tokens: Tokens) -> Tensor:
    """Cross-entropy of the next token; a time stamp may be 20 ms off at a small price."""
    learn = batch.learn[:, 1:] > 0
    target = batch.tokens[:, 1:][learn]
    logits = (states[learn] @ net.embeddings().T).float()
    loss = functional.cross_entropy(logits, target, reduction="none")
    stamp = target >= tokens.first_timestamp
    scores, exact = logits[stamp].log_softmax(-1), target[stamp]
    beside = [
        scores.gather(1, (exact + d).clamp(tokens.first_timestamp, tokens.size - 1)[:, None])
        for d in (-1, 1)
    ]
    soft = 0.5 * loss[stamp].sum() - 0.25 * (beside[0].sum() + beside[1].sum())
    return (loss[~stamp].sum() + STAMP_WEIGHT * soft) / len(target)


def guide_loss(seen: list[Tensor], batch: Batch) -> Tensor:
    """Return how far the guided heads look away from where they should.

    The last layer looks where the next token lies, those before it where the last one lay: from
    there the next is easy to find.
    """
    terms = []
    for depth, weights in enumerate(seen):
        times = batch.times_s[:, 1:] if depth == len(seen) - 1 else batch.times_s[:, :-1]
        known = ~times.isnan() & (batch.learn[:, 1:] > 0)
        keys = torch.arange(weights.shape[3], device=weights.device) * ENCODER_STEP_S
        near = torch.exp(-((keys - times[known][:, None]) ** 2) / (2 * GUIDE_WIDTH_S**2))
        for head in range(GUIDED_HEADS):
            mass = (weights[:, head][known].float() * near).sum(-1)
            terms.append(-(mass + 1e-3).log().mean())
    return torch.stack(terms).mean()


def frame_loss(net: Recogniser, memory: Tensor, target: Tensor, tokens: Tokens) -> Tensor:
    """Cross-entropy of the character spoken in a frame, over half of the frames with speech
    and a twelfth of those without.
    """
    frames = min(memory.shape[1], target.shape[1])
    target = target[:, :frames]
    share = torch.where(target == tokens.characters, 1 / 12, 1 / 2)
    chosen = torch.rand(target.shape, device=target.device) < share
    logits = net.frame(memory[:, :frames][chosen]).float()
    return functional.cross_entropy(logits, target[chosen])


def losses(
    net: Recogniser, ear: Ear, batch: Batch, tokens: Tokens, mixed: bool, distort: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the token, frame and guide losses of a batch; `mixed`: in bfloat16 where that does."""
    with torch.no_grad():
        audio = on_the_line(batch.samples, batch.heard, distort)
        raised = torch.rand(len(audio), device=audio.device) * 2.4 - 0.9
        features = ear.features(audio, batch.heard, raised.clamp(min=0))
    with torch.autocast(audio.device.type, dtype=torch.bfloat16, enabled=mixed):
        memory = net.encode(features)
        states, seen = net.decode(misread(batch.tokens[:, :-1], tokens), memory)
        heard = frame_loss(net, memory, batch.frame_characters, tokens)
        return token_loss(net, states, batch, tokens), heard, guide_loss(seen, batch)


def average(into: dict[str, Tensor], net: nn.Module, decay: float) -> None:
    """Move a running average of the weights towards the present ones."""
    state = net.state_dict()
    torch._foreach_lerp_(list(into.values()), [state[name] for name in into], 1 - decay)


def write(path: Path, weights: dict[str, Tensor], tokens: Tokens, shape: Shape) -> None:
    """Save weights with what is needed to rebuild the network; write, then rename."""
    partial = path.with_suffix(".partial")
    kept = {name: value.cpu() for name, value in weights.items()}
    torch.save({"weights": kept, "alphabet": tokens.alphabet, "shape": asdict(shape)}, partial)
    partial.replace(path)


def started(path: Path | None) -> tuple[Recogniser, Tokens, Shape]:
    """Return a network with the weights that `write` saved, or with random ones.

    Raises:
        SystemExit: the saved weights know other characters than the bank of sentences has now.
    """
    tokens, shape, weights = Tokens(alphabet=alphabet()), Shape(), None
    if path is not None:
        saved = torch.load(path, weights_only=True)
        if saved["alphabet"] != tokens.alphabet:
            raise SystemExit(f"{path} knows other characters than tools/speech has: train anew")
        shape, weights = Shape(**saved["shape"]), saved["weights"]
    net = Recogniser(shape, tokens.first_timestamp, TIMESTAMPS, tokens.characters)
    if weights is not None:
        net.load_state_dict(weights)
    return net, tokens, shape


def train(options: argparse.Namespace) -> None:
    """Train until the minutes are over; write the weights and their mean every minute."""
    begun = time.time()
    device = torch.device(options.device)
    torch.manual_seed(options.seed)
    if options.threads:
        torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = True
    net, tokens, shape = started(options.start)
    net = net.to(device)
    batches = iter(torch.utils.data.DataLoader(
        Stream(options, tokens, begun), batch_size=None, num_workers=options.loaders,
        prefetch_factor=3,
    ))  # fmt: skip
    ear = Ear(device)
    mean = {k: v.detach().clone() for k, v in net.state_dict().items()}
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.02,
                                  fused=True)  # fmt: skip
    shown, saved, step, progress, waited, trained_s = None, time.time(), 0, 0.0, 0.0, 0.0
    while progress < 1:
        progress = min(1.0, (time.time() - begun) / (options.minutes * 60))
        rate = options.rate * min(1, (step + 1) / options.warm_up)
        for group in optimiser.param_groups:
            group["lr"] = rate * (0.01 + 0.495 * (1 + math.cos(math.pi * progress)))
        asked = time.time()
        batch = next(batches).to(device)
        waited += time.time() - asked
        trained_s += batch.samples.numel() / SAMPLE_RATE_HZ
        parts = losses(net, ear, batch, tokens, options.mixed, options.distort)
        loss = parts[0] + (1 - 0.7 * progress) * parts[1] + (0.5 - 0.4 * progress) * parts[2]
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average(mean, net, min(options.decay, (step + 1) / (step + 50)))
        step += 1
        now = torch.stack([p.detach().float() for p in parts])
        shown = now if shown is None else shown.lerp(now, 0.02)
        if step % options.show == 0:
            values = " ".join(f"{v:.3f}" for v in shown.tolist())
            print(
                f"{step} {time.time() - begun:.0f}s token frame guide {values}"
                f" · {trained_s / 3600:.1f} h heard · waited {waited:.0f}s",
                flush=True,
            )
        if progress >= 1 or time.time() - saved > 60:
            saved = time.time()
            options.out.mkdir(parents=True, exist_ok=True)
            write(options.out / "mean.pt", mean, tokens, shape)
            write(options.out / "last.pt", net.state_dict(), tokens, shape)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--mixed", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--batch-s", type=float, default=2000, help="seconds of sound a step")
    parser.add_argument("--loaders", type=int, default=3, help="processes that lay out windows")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--start", type=Path, help="weights to go on from, not random ones")
    parser.add_argument(
        "--windows", type=float, nargs=3, metavar=("SHORT", "MIDDLE", "LONG"), help="their shares"
    )
    parser.add_argument("--distort", type=float, default=1.0, help="share of the usual distortions")
    parser.add_argument("--threads", type=int, help="processor threads that train")
    parser.add_argument("--decay", type=float, default=0.999, help="of the mean of the weights")
    parser.add_argument("--warm-up", type=int, default=300, help="steps")
    parser.add_argument("--show", type=int, default=100, help="print every so many steps")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
