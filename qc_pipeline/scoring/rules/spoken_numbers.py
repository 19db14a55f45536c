"""Numbers spoken digit by digit, over several turns while only feedback stands between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.rules.base import Hit, Window
from qc_pipeline.scoring.scorecard import Evidence, EvidenceKind
from qc_pipeline.scoring.timing import is_feedback
from qc_pipeline.text.numbers import Digit, digit_runs

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenRun:
    """Digits one after the other; `turns` are the merged turns that `Digit.turn` counts."""

    text: str
    digits: tuple[Digit, ...]
    turns: tuple[int, ...]


def stretches(ctx: Context, speaker: Speaker, window: Window | None) -> list[tuple[int, ...]]:
    """The speaker's turns, parted where the other says more than feedback words and digits."""
    own = set(ctx.turns((speaker,), window))
    out: list[tuple[int, ...]] = []
    current: list[int] = []
    for i, turn in enumerate(ctx.call.turns):
        if i in own:
            current.append(i)
        elif turn.speaker is not speaker and not _only_digits(turn.text, ctx.language):
            out.append(tuple(current))
            current = []
    out.append(tuple(current))
    return [stretch for stretch in out if stretch]


def spoken_runs(ctx: Context, speaker: Speaker, window: Window | None) -> list[SpokenRun]:
    """Every run of digits the speaker said, in time."""
    return [
        SpokenRun(text=run.text, digits=run.digits, turns=turns)
        for turns in stretches(ctx, speaker, window)
        for run in digit_runs([ctx.call.turns[i].text for i in turns], ctx.language)
    ]


def _only_digits(text: str, language: str) -> bool:
    runs = digit_runs(text, language)
    if len(runs) != 1:
        return not runs and is_feedback(text, language)
    run = runs[0]
    return is_feedback(text[: run.start], language) and is_feedback(text[run.end :], language)


def number_hit(
    ctx: Context, run: SpokenRun, digits: Sequence[Digit], quote: str, phrase: str | None = None
) -> Hit:
    """Some digits of a run as a hit, as sure as its least sure turn."""
    merged = [run.turns[d.turn] for d in digits]
    pieces = []
    for turn in dict.fromkeys(merged):
        own = [d for d, t in zip(digits, merged, strict=True) if t == turn]
        pieces.append(ctx.call.place(turn, own[0].start, own[-1].end))
    certainty = min(p.confidence for p in pieces)
    speaker = ctx.call.turns[merged[0]].speaker
    end_s = max(p.end_s for p in pieces)
    return Hit(
        start_s=pieces[0].start_s,
        end_s=end_s,
        certainty=certainty,
        sure=ctx.sure_said(certainty),
        speaker=speaker,
        turn=merged[-1],
        evidence=(
            Evidence(
                kind=EvidenceKind.SAID,
                start_s=pieces[0].start_s,
                end_s=end_s,
                speaker=speaker,
                turn=pieces[0].turn,
                quote=quote,
                phrase=phrase,
                tier=1,
                certainty=certainty,
            ),
        ),
    )


def masked(digits: str) -> str:
    """A number that no card shows whole: the first three and the last two, of a short one two."""
    if len(digits) < 8:
        return f"{'*' * max(0, len(digits) - 2)}{digits[-2:]}"
    return f"{digits[:3]}{'*' * (len(digits) - 5)}{digits[-2:]}"
