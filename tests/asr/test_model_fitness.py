"""The verdict of a trial and its reasons."""

from __future__ import annotations

from dataclasses import replace

import pytest

from qc_pipeline.asr.model_fitness import (
    Fitness,
    FitnessFigures,
    FitnessReason,
    bound_of,
    fitness,
    middle,
)

GOOD = FitnessFigures(words=900, heard=0.97, consistency=0.95, not_judged=0.0, alike=0.3)


@pytest.mark.parametrize(
    ("figures", "verdict", "reasons"),
    [
        (GOOD, Fitness.FIT, ()),
        (replace(GOOD, consistency=0.9, heard=0.85, not_judged=0.25), Fitness.FIT, ()),
        (
            replace(GOOD, consistency=0.86),
            Fitness.SAMPLING_ONLY,
            (FitnessReason.CONSISTENCY,),
        ),
        (
            replace(GOOD, heard=0.8, not_judged=0.3),
            Fitness.SAMPLING_ONLY,
            (FitnessReason.HEARD, FitnessReason.NOT_JUDGED),
        ),
        (replace(GOOD, consistency=0.59), Fitness.UNFIT, (FitnessReason.CONSISTENCY,)),
        (replace(GOOD, heard=0.4), Fitness.UNFIT, (FitnessReason.HEARD,)),
        (replace(GOOD, not_judged=0.6), Fitness.UNFIT, (FitnessReason.NOT_JUDGED,)),
        # Who always writes the same is as consistent as can be.
        (replace(GOOD, consistency=1.0, alike=0.9), Fitness.UNFIT, (FitnessReason.ALIKE,)),
        (replace(GOOD, words=19), Fitness.UNFIT, (FitnessReason.NOTHING,)),
    ],
)
def test_verdicts(
    figures: FitnessFigures, verdict: Fitness, reasons: tuple[FitnessReason, ...]
) -> None:
    assert fitness(figures) == (verdict, reasons)


@pytest.mark.parametrize(
    ("reason", "verdict"),
    [
        (reason, verdict)
        for reason in FitnessReason
        for verdict in (Fitness.UNFIT, Fitness.SAMPLING_ONLY)
        # Hardly a word, or the same everywhere, is never good enough for sampling.
        if reason is not FitnessReason.NOTHING
        and (reason, verdict) != (FitnessReason.ALIKE, Fitness.SAMPLING_ONLY)
    ],
)
def test_the_bound_that_is_told_is_the_one_that_was_crossed(
    reason: FitnessReason, verdict: Fitness
) -> None:
    bound = bound_of(reason, verdict)
    worse = 0.01 if reason in (FitnessReason.ALIKE, FitnessReason.NOT_JUDGED) else -0.01
    name = str(reason)
    assert fitness(replace(GOOD, **{name: bound}))[0] is not verdict
    crossed = replace(GOOD, **{name: bound + worse})
    assert fitness(crossed) == (verdict, (reason,))
    assert crossed.of(reason) == pytest.approx(bound + worse)


def test_the_middle() -> None:
    assert middle([]) == 0.0
    assert middle([0.9, 0.1, 0.3]) == 0.3
    assert middle([0.9, 0.1, 0.3, 0.5]) == 0.5
