"""Train the sample recogniser within a budget of minutes.

    python -m tools.model.train --corpus WORK/corpus --out WORK/run --minutes 75

Short windows first (they are cheap and teach hearing), then windows of 30 s as faster-whisper gives
them. Losses: the decoder's cross-entropy; the character spoken in each frame, on the encoder
(espeak-ng tells the times, so no CTC has to find them); and a guide that lets two heads of every
decoder layer look where the character is: it makes decoding learn fast and gives word times.
"""

from __future__ import annotations

import argparse
import bisect
import math
import random
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, distributed, multiprocessing, nn
from torch.nn import functional

from tools.model.corpus import Corpus, alphabet, load
from tools.model.network import GUIDED_HEADS, Recogniser, Shape
from tools.model.tokens import TIMESTAMPS, Tokens
from tools.model.windows import Window, make
from tools.speech.synth import SAMPLE_RATE_HZ

GUIDE_WIDTH_S = 0.1
ENCODER_STEP_S = 0.02
CLASSES = ("short", "middle", "long")
Lengths = tuple[list[int], list[float]]
EMPTY_SHARE = 0.04
STAMP_WEIGHT = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Windows of one length, stacked. `learn` is 1.0 where the next token is to be learnt."""

    features: Tensor
    tokens: Tensor
    learn: Tensor
    times_s: Tensor
    frame_characters: Tensor


def shares(progress: float) -> tuple[float, float, float]:
    """Return how often short, middle and long windows come at this point (0 to 1) of training."""
    if progress < 0.1:
        return (1.0, 0.0, 0.0)
    if progress < 0.28:
        return (0.8, 0.17, 0.03)
    if progress < 0.45:
        return (0.4, 0.5, 0.1)
    if progress < 0.65:
        return (0.25, 0.5, 0.25)
    return (0.15, 0.45, 0.4)


def _pick(
    corpus: Corpus, by_length: Lengths, kind: str, ranks: int, common: random.Random,
    own: random.Random,
) -> tuple[float, list[list[int]]]:  # fmt: skip
    """Return the length of a batch's windows and which utterances go into each."""
    if kind == "short":
        seconds = common.choice((2.0, 3.0, 4.0, 5.0, 6.0, 8.0))
        order, lengths = by_length
        low = bisect.bisect_left(lengths, 0.3 * seconds)
        high = max(low + 1, bisect.bisect_left(lengths, seconds - 0.3))
        picks = [[order[own.randrange(low, high)]] for _ in range(int(88 / seconds / ranks))]
        return seconds, picks
    if kind == "middle":
        seconds = common.uniform(9, 16)
        fills = [seconds * own.uniform(0.3, 1) for _ in range(8 // ranks)]
        return seconds, [_packed(corpus, fill, own) for fill in fills]
    seconds = 30.0 if common.random() < 0.6 else common.uniform(17, 28)
    longest = [1.2 * seconds if own.random() < 0.35 else 16.0 for _ in range(4 // ranks)]
    fills = [min(seconds, own.uniform(2, most)) for most in longest]
    return seconds, [_packed(corpus, fill, own) for fill in fills]


def _packed(corpus: Corpus, seconds: float, rng: random.Random) -> list[int]:
    picks: list[int] = []
    used = 0.0
    while used < seconds and len(picks) < 16:
        picks.append(rng.randrange(len(corpus)))
        used += float(corpus.ends_s[picks[-1]]) + 0.35
    return picks


def stack(windows: list[Window], tokens: Tokens) -> Batch:
    """Stack windows of the same length."""
    longest = max(len(w.tokens) for w in windows)
    ids = torch.full((len(windows), longest), tokens.end)
    learn = torch.zeros(len(windows), longest)
    times = torch.full((len(windows), longest), float("nan"))
    for i, w in enumerate(windows):
        ids[i, : len(w.tokens)] = torch.tensor(w.tokens)
        learn[i, w.prompt + 1 : len(w.tokens)] = 1
        times[i, : len(w.tokens)] = torch.tensor(w.times_s)
    return Batch(
        features=torch.from_numpy(np.stack([w.features for w in windows])),
        tokens=ids,
        learn=learn,
        times_s=times,
        frame_characters=torch.from_numpy(np.stack([w.frame_characters for w in windows])),
    )


class Stream(torch.utils.data.IterableDataset[Batch]):
    """Batches for ever; which kinds follows the wall clock of the budget."""

    def __init__(self, options: argparse.Namespace, tokens: Tokens, rank: int, begun: float):
        self.options, self.tokens, self.rank, self.begun = options, tokens, rank, begun

    def __iter__(self) -> Iterator[Batch]:
        torch.set_num_threads(1)
        corpus, tokens = load(self.options.corpus), self.tokens
        common = random.Random(self.options.seed)
        own = random.Random(self.options.seed * 1009 + self.rank)
        sizes = np.diff(corpus.offsets) / SAMPLE_RATE_HZ
        order = [int(i) for i in np.argsort(sizes, kind="stable")]
        by_length = (order, [float(sizes[i]) for i in order])
        while True:
            progress = (time.time() - self.begun) / (self.options.minutes * 60)
            kind = common.choices(CLASSES, shares(progress))[0]
            seconds, picks = _pick(corpus, by_length, kind, self.options.ranks, common, own)
            filled = [[] if own.random() < EMPTY_SHARE else p for p in picks]
            yield stack([make(corpus, p, seconds, tokens, own) for p in filled], tokens)


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
        keys = torch.arange(weights.shape[3]) * ENCODER_STEP_S
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
    chosen = torch.rand(target.shape) < share
    logits = net.frame(memory[:, :frames][chosen]).float()
    return functional.cross_entropy(logits, target[chosen])


def losses(net: Recogniser, batch: Batch, tokens: Tokens) -> tuple[Tensor, Tensor, Tensor]:
    """Return the token, frame and guide losses of a batch."""
    memory = net.encode(batch.features)
    states, seen = net.decode(batch.tokens[:, :-1], memory)
    heard = frame_loss(net, memory, batch.frame_characters, tokens)
    return token_loss(net, states, batch, tokens), heard, guide_loss(seen, batch)


def average(into: dict[str, Tensor], net: nn.Module, decay: float) -> None:
    """Move a running average of the weights towards the present ones."""
    for name, value in net.state_dict().items():
        into[name].lerp_(value.float(), 1 - decay)


def write(path: Path, weights: dict[str, Tensor], tokens: Tokens, shape: Shape) -> None:
    """Save weights with what is needed to rebuild the network; write, then rename."""
    partial = path.with_suffix(".partial")
    torch.save({"weights": weights, "alphabet": tokens.alphabet, "shape": asdict(shape)}, partial)
    partial.replace(path)


def _share_gradients(net: nn.Module, ranks: int, finished: bool) -> bool:
    """Average the gradients over the ranks; return whether any of them has run out of time."""
    if ranks == 1:
        return finished
    gradients = [p.grad for p in net.parameters() if p.grad is not None]
    flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor([float(finished)])])
    distributed.all_reduce(flat)
    at = 0
    for gradient in gradients:
        gradient.copy_(flat[at : at + gradient.numel()].view_as(gradient) / ranks)
        at += gradient.numel()
    return bool(flat[-1] > 0)


def train(rank: int, options: argparse.Namespace, begun: float) -> None:
    """Train in one of the processes; rank 0 writes checkpoints every 5 minutes."""
    if options.ranks > 1:
        options.out.mkdir(parents=True, exist_ok=True)
        place = f"file://{options.out.resolve()}/meeting-{begun:.0f}"
        distributed.init_process_group("gloo", place, rank=rank, world_size=options.ranks)
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    tokens, shape = Tokens(alphabet=alphabet()), Shape()
    net = Recogniser(shape, tokens.first_timestamp, TIMESTAMPS, tokens.characters)
    mean = {k: v.float().clone() for k, v in net.state_dict().items()}
    if options.resume:
        net.load_state_dict(torch.load(options.resume / "last.pt")["weights"])
        mean = torch.load(options.resume / "mean.pt")["weights"]
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3, betas=(0.9, 0.98), weight_decay=0.01,
                                  fused=True)  # fmt: skip
    batches = iter(torch.utils.data.DataLoader(
        Stream(options, tokens, rank, begun), batch_size=None, num_workers=1, prefetch_factor=4
    ))  # fmt: skip
    shown, saved, step, finished = [0.0, 0.0, 0.0], time.time(), 0, False
    while not finished:
        progress = min(1.0, (time.time() - begun) / (options.minutes * 60))
        rate = options.rate * min(1, (step + 1) / options.warm_up)
        for group in optimiser.param_groups:
            group["lr"] = rate * (0.02 + 0.49 * (1 + math.cos(math.pi * progress)))
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16):
            parts = losses(net, next(batches), tokens)
        loss = parts[0] + (1 - 0.7 * progress) * parts[1] + (0.5 - 0.4 * progress) * parts[2]
        optimiser.zero_grad()
        loss.backward()
        finished = _share_gradients(net, options.ranks, progress >= 1)
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average(mean, net, min(0.999, (step + 1) / (step + 50)))
        step += 1
        shown = [0.98 * s + 0.02 * float(p.detach()) for s, p in zip(shown, parts, strict=True)]
        if rank:
            continue
        if step % 100 == 0:
            fair = [s / (1 - 0.98**step) for s in shown]
            print(
                f"{step} {time.time() - begun:.0f}s token {fair[0]:.3f} frame {fair[1]:.3f}"
                f" guide {fair[2]:.3f}",
                flush=True,
            )
        if finished or time.time() - saved > 300:
            saved = time.time()
            write(options.out / "mean.pt", mean, tokens, shape)
            write(options.out / "last.pt", net.state_dict(), tokens, shape)


def main() -> None:
    """Read the options and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--skip-minutes", type=float, default=0, help="of a run that is resumed")
    parser.add_argument("--resume", type=Path, help="folder of an earlier run")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--bf16", action="store_true")
    parser.add_argument("--ranks", type=int, default=2, help="processes, a part of a batch each")
    parser.add_argument("--warm-up", type=int, default=300, help="steps")
    options = parser.parse_args()
    begun = time.time() - options.skip_minutes * 60
    multiprocessing.spawn(train, args=(options, begun), nprocs=options.ranks)


if __name__ == "__main__":
    main()
