"""Evidence that is a figure and its bound, not words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.finding import MEASURE, Evidence
from qc_pipeline.scoring.evidence.outcome import Hit, Outcome, State, unknown
from qc_pipeline.scoring.evidence.terms import Words

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context

NO_LEVEL = Words("没有测得音量", "the level was not measured")


def measure(
    ctx: Context,
    start_s: float,
    end_s: float,
    quote: str,
    *,
    speaker: Speaker | None = None,
    turn: int | None = None,
    certainty: float = 1.0,
) -> Evidence:
    """A figure, said in `quote` in the rubric's language, over a span of the call of `ctx`."""
    return Evidence(
        kind=MEASURE,
        start_s=max(start_s, min(0.0, ctx.call.first_s)),
        end_s=min(max(start_s, end_s), ctx.end_s),
        speaker=speaker,
        turn=turn,
        quote=quote,
        certainty=certainty,
    )


class MeasuredFigure(NamedTuple):
    """One measured figure of one speaker and whether it meets the condition."""

    speaker: Speaker
    value: float
    holds: bool
    quote: Words


def judged(ctx: Context, figures: Sequence[MeasuredFigure], missing: Words) -> Outcome:
    """Holds where one of the figures does; unknown, for the reason `missing`, without any."""
    if not figures:
        return unknown(missing.zh, missing.en)
    holding = [f for f in figures if f.holds]
    start_s, end_s = ctx.call.first_s, ctx.call.last_s
    evidence = tuple(
        measure(ctx, start_s, end_s, f.quote.of(ctx.language), speaker=f.speaker)
        for f in holding or figures
    )
    if not holding:
        return Outcome(state=State.NOT, measured=evidence)
    hits = tuple(
        Hit(start_s=start_s, end_s=end_s, speaker=e.speaker, evidence=(e,)) for e in evidence
    )
    return Outcome(state=State.HOLDS, hits=hits)


def turn_hit(ctx: Context, turn: int, quote: Words) -> Hit:
    """A hit that is a whole merged turn, with the figure that makes it one."""
    merged = ctx.call.turns[turn]
    return Hit(
        start_s=merged.start_s,
        end_s=merged.end_s,
        speaker=merged.speaker,
        turn=turn,
        evidence=(
            measure(
                ctx,
                merged.start_s,
                merged.end_s,
                quote.of(ctx.language),
                speaker=merged.speaker,
                turn=merged.parts[0],
            ),
        ),
    )


def stored(ctx: Context, speaker: Speaker, name: str) -> float | None:
    """A figure of a party that was measured before; None where it has to be worked out."""
    measures = ctx.call.measures
    return None if measures is None else measures.get(speaker, name)


def level_of_turn(ctx: Context, turn: int) -> float | None:
    """The level of a merged turn in dB: the loudest of its parts that were measured."""
    measures = ctx.call.measures
    if measures is None:
        return None
    levels = [
        measures.turns[part]["level_db"]
        for part in ctx.call.turns[turn].parts
        if part < len(measures.turns) and "level_db" in measures.turns[part]
    ]
    return max(levels, default=None)
