"""The difference estimator of two phases: worked out by hand, and over a known population."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import t as student

from qc_pipeline.sampling.sample import Pick
from qc_pipeline.sampling.two_phase import Phases, phases_of, two_phase_mean
from tests.sampling.two_phase_simulation import Setting, simulate_two_phases


def simple(calls: int, heard: int, *, drawn: float = 1.0) -> Phases:
    """One stratum, one agent: `calls` drawn simply at random, the first `heard` of them heard."""
    marked = np.arange(calls) < heard
    chance = np.full(calls, heard / calls)
    nothing = np.zeros(calls, dtype=np.int64)
    return Phases(
        drawn=np.full(calls, drawn),
        listening=chance,
        stratum=nothing,
        agent=nothing,
        rate=nothing,
        heard=marked,
        weight=np.full(calls, 1 / drawn),
        heard_weight=np.where(marked, 1 / (drawn * chance), 0.0),
    )


def test_what_people_changed_is_added_to_the_machines_mean() -> None:
    """Machine 90, 80, 100, 70: 85. Changed by −5 (weight 4) and +4 (weight 8): +1."""
    picks = [
        Pick(recording_id="a", stratum="s", probability=0.5, relisten=True, relisten_probability=p)
        for p in (0.5, 0.25, 0.25, None)
    ]
    phases = phases_of(picks, [2, 2, 2, 2], [4, 8, 0, 0])
    found = two_phase_mean(
        phases, np.array([85.0, 84.0, np.nan, np.nan]), np.array([90.0, 80.0, 100.0, 70.0])
    )
    assert found is not None
    assert (found.machine, found.difference, found.value) == pytest.approx((85.0, 1.0, 86.0))
    assert (found.heard, found.low, found.high) == (2, None, None)
    alone = two_phase_mean(phases, np.array([85.0, 84.0, np.nan, np.nan]))
    assert alone is not None and alone.value == pytest.approx((4 * 85 + 8 * 84) / 12)


def test_chances_that_are_not_known_are_no_phases() -> None:
    known = Pick(recording_id="a", stratum="s", probability=0.5, relisten_probability=0.5)
    for odd in (replace(known, probability=None), replace(known, relisten_probability=None)):
        with pytest.raises(ValueError, match="not known"):
            phases_of([known, odd], [2, 2], [4, 4])
    assert phases_of([known, replace(known, relisten_probability=None)], [2, 2], [4, 0])


def test_where_all_calls_were_judged_the_variance_is_that_of_a_simple_sample_of_differences() -> (
    None
):
    """(1 − n/N) s²/n of the differences, Student with n − 1."""
    random = np.random.default_rng(3)
    machine, gaps = random.normal(90, 8, 40), random.normal(-2, 3, 40)
    found = two_phase_mean(simple(40, 10), machine + gaps, machine)
    assert found is not None and found.low is not None and found.high is not None
    wanted = (1 - 10 / 40) * gaps[:10].var(ddof=1) / 10
    assert found.variance == pytest.approx(wanted)
    half = student.ppf(0.975, 9) * wanted**0.5
    assert (found.low, found.high) == pytest.approx((found.value - half, found.value + half))


def test_where_every_drawn_call_was_listened_to_it_is_that_of_one_phase() -> None:
    random = np.random.default_rng(4)
    person = random.normal(90, 8, 20)
    for machine in (None, random.normal(90, 8, 20)):
        found = two_phase_mean(simple(20, 20, drawn=0.2), person, machine)
        assert found is not None
        assert found.value == pytest.approx(person.mean())
    alone = two_phase_mean(simple(20, 20, drawn=0.2), person)
    assert alone is not None
    assert alone.variance == pytest.approx(0.8 * person.var(ddof=1) / 20)


def test_two_simple_samples_have_both_variances() -> None:
    """V1 of m, of the differences and of how they go together; V2 of the differences."""
    random = np.random.default_rng(5)
    machine, gaps = random.normal(90, 8, 60), random.normal(-2, 3, 60)
    found = two_phase_mean(simple(60, 15, drawn=0.25), machine + gaps, machine)
    assert found is not None
    own, gap = machine - machine.mean(), gaps[:15] - gaps[:15].mean()
    together = (own[:15] * gap).sum() / 15 * (60 / 59 * 15 / 14) ** 0.5
    first = 0.75 / 60 * (own.var(ddof=0) * 60 / 59 + 2 * together + gap.var(ddof=0) * 15 / 14)
    second = (1 - 15 / 60) * gaps[:15].var(ddof=1) / 15
    assert found.variance == pytest.approx(first + second)


def test_a_machine_that_is_always_right_leaves_the_first_phase_alone() -> None:
    machine = np.random.default_rng(6).normal(90, 8, 60)
    found = two_phase_mean(simple(60, 15, drawn=0.25), machine, machine)
    assert found is not None and found.difference == 0.0
    assert found.variance == pytest.approx(0.75 * machine.var(ddof=1) / 60)
    whole = two_phase_mean(simple(60, 15), machine, machine)
    assert whole is not None and whole.variance == pytest.approx(0.0)
    assert whole.low == pytest.approx(whole.value)


def test_a_part_rests_on_its_own_calls() -> None:
    machine = np.concatenate([np.full(20, 90.0), np.full(20, 60.0)])
    gaps = np.concatenate([np.full(20, -4.0), np.full(20, 6.0)])
    phases = simple(40, 40)
    own = np.arange(40) >= 20
    found = two_phase_mean(phases, machine + gaps, machine, part=own)
    assert found is not None
    assert (found.machine, found.difference, found.heard) == pytest.approx((60.0, 6.0, 20))
    assert two_phase_mean(simple(40, 10), machine, machine, part=own) is None


def test_a_hundred_draws_show_the_machine_biased_and_both_figures_not() -> None:
    found = simulate_two_phases("all", draws=100)
    assert found.machine_bias > 1.0
    for figure in (found.score, found.reference):
        assert abs(figure.bias) < 3 * figure.error
        assert figure.covered >= 0.9
    assert found.reference.width < 0.7 * found.score.width


@pytest.mark.slow
@pytest.mark.parametrize("name", ["all", "proportional", "risk", "neyman", "equal", "fixed"])
def test_both_figures_are_unbiased_and_their_intervals_hold_the_truth(name: str) -> None:
    """20 % of the machine's deductions false, 30 % of the true ones missed; 600 draws, so that a
    coverage of 95 % is measured to ± 0.9 points."""
    found = simulate_two_phases(name, draws=600)
    print(name, found)
    assert found.machine_bias > 1.0
    for figure in (found.score, found.reference):
        assert abs(figure.bias) < min(0.2, 3 * figure.error)
        assert 0.93 <= figure.covered <= 0.97
    assert found.reference.width < 0.9 * found.score.width


@pytest.mark.slow
@pytest.mark.parametrize(
    "setting",
    [Setting(hours=4.0), Setting(calls=400, agents=6), Setting(agents=60, quota=1)],
    ids=["few hours", "few agents", "a call an agent"],
)
def test_few_listened_calls_still_give_honest_intervals(setting: Setting) -> None:
    found = simulate_two_phases("all", draws=600, setting=setting)
    print(setting, found)
    assert 25 < found.listened < 70
    for figure in (found.score, found.reference):
        assert abs(figure.bias) < min(0.2, 3 * figure.error)
        assert 0.93 <= figure.covered <= 0.97
