"""Digits that were spoken, as a hit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from qc_pipeline.scoring.evidence.finding import Evidence, EvidenceKind
from qc_pipeline.scoring.evidence.outcome import Hit
from qc_pipeline.scoring.evidence.spoken_numbers import SpokenRun
from qc_pipeline.text.numbers import Digit

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


def confidences(ctx: Context, run: SpokenRun) -> list[float]:
    """How surely each digit of a run was heard, in [0, 1]; digits spoken in one word share it."""
    return [ctx.call.place(run.turns[d.turn], d.start, d.end).confidence for d in run.digits]


def doubtful(ctx: Context, run: SpokenRun) -> list[bool]:
    """By digit of a run, whether it may have been another."""
    return [confidence < ctx.call.doubtful_below for confidence in confidences(ctx, run)]


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
