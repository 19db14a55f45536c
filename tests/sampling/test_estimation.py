"""Estimates from a sample: worked by hand, and against published intervals."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qc_pipeline.sampling.estimation import (
    Design,
    Estimate,
    estimate,
    estimate_mean,
    estimate_share,
    respread,
    share_limits,
    wilson,
)
from qc_pipeline.sampling.sample import Pick, Sample


def sample(*picks: Pick) -> Sample:
    return Sample(
        period="2026-W47",
        seed="s",
        plan={},
        plan_sha256="",
        frame_sha256="",
        frame_size=0,
        picks=picks,
        strata=(),
    )


def pick(name: str, stratum: str, probability: float, agent: str | None = None) -> Pick:
    return Pick(recording_id=name, stratum=stratum, probability=probability, agent_id=agent or name)


def simple(values: list[float], probability: float) -> tuple[Sample, dict[str, float]]:
    """A simple random sample: one stratum, one probability, every call another agent's."""
    names = [f"r{i}" for i in range(len(values))]
    return sample(*(pick(n, "s", probability) for n in names)), dict(
        zip(names, values, strict=True)
    )


def test_simple_random_sample_has_the_textbook_interval() -> None:
    # Ten of a hundred: mean 85.5, s² = 82.5 · 100/90 … by hand: deviations ±0.5, ±1.5 … ±4.5,
    # squares sum to 82.5, s² = 9.1667; half-width t(9) √((1 - 0.1) s² / 10) = 2.2622 · 0.90830.
    drawn, values = simple([81.0 + i for i in range(10)], 0.1)
    found = estimate_mean(drawn, values)
    assert found.value == found.plain == pytest.approx(85.5)
    assert found.high is not None
    assert found.high - 85.5 == pytest.approx(2.26216 * math.sqrt(0.9 * 9.16667 / 10), abs=1e-4)
    assert (found.calls, found.without_value, found.note) == (10, 0, None)


def test_calls_drawn_for_risk_do_not_bias_the_mean() -> None:
    # Four of 4 bad calls (probability 1) and four of 40 good ones: (4·60 + 40·90) / 44.
    picks = [pick(f"b{i}", "bad", 1.0) for i in range(4)]
    picks += [pick(f"g{i}", "good", 0.1) for i in range(4)]
    values = {p.recording_id: 60.0 if p.stratum == "bad" else 90.0 for p in picks}
    found = estimate_mean(sample(*picks), values)
    assert found.value == pytest.approx((4 * 60 + 40 * 90) / 44)
    assert found.plain == pytest.approx(75.0)
    assert found.low == found.high == pytest.approx(found.value)  # no spread inside the strata


def test_stratified_variance_counts_every_stratum_with_its_own_correction() -> None:
    # Stratum a: 4 of 8 (p = 0.5), b: 4 of 40 (p = 0.1).  Weights 2 and 10, Σw = 48.
    a, b = [80.0, 83.0, 89.0, 92.0], [75.0, 76.0, 76.0, 77.0]
    picks = [pick(f"a{i}", "a", 0.5) for i in range(4)]
    picks += [pick(f"b{i}", "b", 0.1) for i in range(4)]
    values = dict(zip((p.recording_id for p in picks), a + b, strict=True))
    found = estimate_mean(sample(*picks), values)
    # Var = Σ n/(n-1) (1-p) w² Σ(y-ȳ)² / 48² with Σ(y-ȳ)² = 36+9+9+36 = 90 and 1+1 = 2:
    # both strata carry 4/3 · 180.
    variance = 2 * (4 / 3 * 180) / 48**2
    assert found.value == pytest.approx((2 * sum(a) + 10 * sum(b)) / 48)
    assert found.high is not None
    # Equal parts: the degrees of freedom are Σ(n_h - 1) = 6; t(6) = 2.44691.
    assert found.high - (found.value or 0) == pytest.approx(2.44691 * variance**0.5, abs=1e-4)


def test_degrees_of_freedom_are_those_of_the_stratum_that_carries_the_variance() -> None:
    # Stratum b has no spread at all: only a's three degrees are left; t(3) = 3.18245.
    picks = [pick(f"a{i}", "a", 0.5) for i in range(4)]
    picks += [pick(f"b{i}", "b", 0.5) for i in range(4)]
    values = {f"a{i}": 80.0 + 4 * i for i in range(4)} | {f"b{i}": 90.0 for i in range(4)}
    found = estimate_mean(sample(*picks), values)
    variance = 4 / 3 * 0.5 * 4 * 80 / 16**2  # Σ(y-ȳ)² = 36 + 4 + 4 + 36
    assert found.high is not None
    assert found.high - (found.value or 0) == pytest.approx(3.18245 * variance**0.5, abs=1e-4)


def test_spread_between_agents_does_not_widen_the_interval_where_agents_are_fixed() -> None:
    # Two agents 20 points apart, eight calls each, hardly any spread within.
    values = [70.0 + 0.1 * (i % 2) for i in range(8)] + [90.0 + 0.1 * (i % 2) for i in range(8)]
    picks = [pick(f"r{i}", "s", 0.1, "A" if i < 8 else "B") for i in range(16)]
    found = estimate_mean(sample(*picks), {f"r{i}": v for i, v in enumerate(values)})
    assert found.value == pytest.approx(80.05)
    assert found.high is not None and found.low is not None
    assert found.high - found.low < 0.1


def test_weights_of_calls_without_value_go_to_their_stratum() -> None:
    design = Design(
        probability=np.array([0.5, 0.5, 0.1, 0.1]),
        stratum=np.array([0, 0, 1, 1]),
        agent=np.array([0, 1, 2, 3]),
    )
    weights = respread(design, np.array([True, False, True, True]))
    assert weights.tolist() == [4.0, 0.0, 10.0, 10.0]


def test_failed_calls_are_counted_and_not_lost() -> None:
    picks = [pick(f"a{i}", "a", 0.5) for i in range(8)] + [pick("b0", "b", 0.1)]
    picks += [pick("b1", "b", 0.1)]
    values = {f"a{i}": 80.0 for i in range(8)} | {"b0": 100.0}
    found = estimate_mean(sample(*picks), values)
    # Stratum a stands for 16 calls, b for 20: the lone scored call of b for all of them.
    assert found.value == pytest.approx((16 * 80 + 20 * 100) / 36)
    assert (found.calls, found.without_value) == (9, 1)


def test_forced_and_mystery_calls_never_count() -> None:
    drawn, values = simple([80.0] * 8, 0.5)
    extra = [
        Pick(recording_id="f", stratum="", origin="forced"),
        Pick(recording_id="m", stratum="", origin="mystery"),
    ]
    found = estimate_mean(sample(*drawn.picks, *extra), values | {"f": 0.0, "m": 0.0})
    assert (found.value, found.calls) == (80.0, 8)


def test_group_is_a_ratio_over_its_own_calls() -> None:
    picks = [pick(f"a{i}", "a", 0.5) for i in range(8)] + [
        pick(f"b{i}", "b", 0.1) for i in range(8)
    ]
    values = {p.recording_id: float(80 + i) for i, p in enumerate(picks)}
    mine = {f"a{i}" for i in range(4)} | {f"b{i}" for i in range(4)}
    found = estimate_mean(sample(*picks), values, of=mine)
    expected = (2 * (80 + 81 + 82 + 83) + 10 * (88 + 89 + 90 + 91)) / (4 * 2 + 4 * 10)
    assert found.value == pytest.approx(expected)
    assert found.calls == 8


def test_fewer_than_eight_calls_get_a_sentence_and_no_interval() -> None:
    drawn, values = simple([80.0, 90.0], 0.5)
    found = estimate_mean(drawn, values)
    assert (found.value, found.low, found.high) == (85.0, None, None)
    assert found.note == "仅 2 通,不足 8 通,不给出置信区间"
    nothing = estimate_mean(drawn, {})
    assert (nothing.value, nothing.calls, nothing.without_value) == (None, 0, 2)
    assert nothing.note == "没有可用的录音"


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3 (score).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611),
     (1, 29, 0.0061, 0.1718)],
)  # fmt: skip
def test_wilson_interval_is_the_published_one(hits: int, of: int, low: float, high: float) -> None:
    found = wilson(hits / of, of, 1.959964)
    assert found == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    # Jeffreys' limits of Brown, Cai & DasGupta, Statistical Science 16 (2001), table 5, where they
    # are further out than Wilson's (z² / (n + z²) = 0.278 at none of ten, 0.404 at one of ten).
    [(0, 10, 0.0, 0.278), (1, 10, 0.011, 0.404), (2, 10, 0.044, 0.510), (9, 10, 0.596, 0.989)],
)
def test_limits_are_wilsons_or_jeffreys_whichever_is_further_out(
    hits: int, of: int, low: float, high: float
) -> None:
    assert share_limits(hits / of, of) == pytest.approx((low, high), abs=6e-4)


def test_share_of_a_simple_sample_has_its_own_size() -> None:
    # 20 of 200 with probability 0.001, weights 1000. The weights give p (1 - p) · 0.999 / 200, the
    # estimated variance is 200/199 of it and counts 20 / 25: 200 / 0.999 / (1 + 0.8 / 199).
    names = [f"r{i}" for i in range(200)]
    drawn = sample(*(pick(n, "s", 0.001) for n in names))
    found = estimate_share(drawn, {n: i < 20 for i, n in enumerate(names)})
    assert found.value == pytest.approx(0.1)
    size = 200 / 0.999 / (1 + 0.8 / 199)
    # Within a call of the 200,000 that the sample stands for.
    assert (found.low, found.high) == pytest.approx(share_limits(0.1, size), abs=1.01 / 200_000)


def test_share_of_nothing_found_still_has_an_upper_bound() -> None:
    drawn, values = simple([0.0] * 20, 0.01)
    found = estimate_share(drawn, {k: bool(v) for k, v in values.items()})
    assert found.value == found.low == 0.0
    # Wilson: z² / (n + z²) with n = 20 / 0.99 is 0.15977, or 319.5 of 2,000 calls.
    assert found.high == pytest.approx(320 / 2000)


def rare_fails(fails: int, strata: int, each: int, probability: float = 0.1) -> Estimate:
    """Strata of so many drawn calls each; the first `fails` calls of the first strata fail."""
    picks = [
        pick(f"s{h:02d}-{i}", f"s{h:02d}", probability) for h in range(strata) for i in range(each)
    ]
    flags = {p.recording_id: i >= fails for i, p in enumerate(picks)}
    return estimate_share(sample(*picks), flags)


def width(found: Estimate) -> float:
    assert found.low is not None and found.high is not None
    return found.high - found.low


@pytest.mark.parametrize(("strata", "each"), [(1, 75), (15, 5), (25, 3)])
@pytest.mark.parametrize(
    ("fails", "low", "high"),
    # Wilson's intervals of 75, 74 and 73 of 75 calls, worked out from the formula:
    # n / (n + z²) with none failing; centre ± half of (p + z² / 2n) / (1 + z² / n) else.
    [(0, 0.9513, 1.0), (1, 0.9283, 0.9976), (2, 0.9079, 0.9927)],
)
def test_few_fails_widen_the_interval_by_no_more_than_the_textbook_does(
    fails: int, low: float, high: float, strata: int, each: int
) -> None:
    # Two fails in a stratum of three once left few degrees of freedom, and 22 points.
    found = rare_fails(fails, strata, each)
    assert found.value == pytest.approx(1 - fails / 75)
    assert 0.8 * (high - low) <= width(found) <= 1.15 * (high - low)
    assert found.low == pytest.approx(low, abs=0.012)


def test_both_fails_in_one_stratum_and_in_two_have_nearly_the_same_interval() -> None:
    picks = [pick(f"s{h:02d}-{i}", f"s{h:02d}", 0.1) for h in range(25) for i in range(3)]
    together = {p.recording_id: i > 1 for i, p in enumerate(picks)}
    apart = {p.recording_id: i not in (0, 3) for i, p in enumerate(picks)}
    one, two = (estimate_share(sample(*picks), flags) for flags in (together, apart))
    assert width(one) == pytest.approx(width(two), rel=0.15)


def test_one_heavy_failing_call_does_not_blow_the_interval_up() -> None:
    # Forty calls that stand for two each, ten for twenty; Kish: 280² / (160 + 4000) = 18.8 calls.
    picks = [pick(f"l{i}", "light", 0.5) for i in range(40)]
    picks += [pick(f"h{i}", "heavy", 0.05) for i in range(10)]
    found = estimate_share(sample(*picks), {p.recording_id: p.recording_id != "h0" for p in picks})
    low, high = wilson(260 / 280, 280**2 / 4160, 1.959964)
    assert found.value == pytest.approx(260 / 280)
    assert width(found) <= 1.3 * (high - low)


def test_share_of_everything_drawn_has_no_width() -> None:
    drawn, values = simple([float(i > 0) for i in range(12)], 1.0)
    found = estimate_share(drawn, {k: bool(v) for k, v in values.items()})
    assert found.low == found.high == found.value == pytest.approx(11 / 12)


def test_share_never_leaves_what_was_seen_out_of_the_interval() -> None:
    # 36 of 40 calls drawn, one fails: at least 35 pass and one fails, whatever the other four do.
    drawn, values = simple([float(i > 0) for i in range(36)], 0.9)
    found = estimate_share(drawn, {k: bool(v) for k, v in values.items()})
    assert found.low is not None and found.high is not None
    # Wilson's with 36 / 0.1 calls: 0.9497 and 0.985, or 37.99 and 39.4 calls of the 40.
    assert found.low * 40 == pytest.approx(37)
    assert found.high * 40 == pytest.approx(39)


def test_call_without_value_in_a_census_leaves_the_share_uncertain() -> None:
    drawn, values = simple([float(i > 0) for i in range(12)], 1.0)
    del values["r11"]
    found = estimate_share(drawn, {k: bool(v) for k, v in values.items()})
    assert (found.calls, found.without_value) == (11, 1)
    assert found.low is not None and found.high is not None
    assert found.low < 10 / 11 < found.high


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_interval_of_a_share_holds_it_and_mirrors_that_of_the_opposite(data: st.DataObject) -> None:
    n = data.draw(st.integers(8, 40))
    chances = data.draw(st.lists(st.sampled_from([0.05, 0.3, 0.9, 1.0]), min_size=n, max_size=n))
    flags = data.draw(st.lists(st.booleans(), min_size=n, max_size=n))
    drawn = sample(*(pick(f"r{i}", f"s{i % 4}", c) for i, c in enumerate(chances)))
    found = estimate_share(drawn, {f"r{i}": f for i, f in enumerate(flags)})
    against = estimate_share(drawn, {f"r{i}": not f for i, f in enumerate(flags)})
    assert found.value is not None and found.low is not None and found.high is not None
    assert 0 <= found.low <= found.value + 1e-12 and found.value - 1e-12 <= found.high <= 1
    assert (against.low, against.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)


def test_census_has_no_uncertainty() -> None:
    drawn, values = simple([float(i) for i in range(12)], 1.0)
    found = estimate_mean(drawn, values)
    assert found.low == found.high == found.value == 5.5


def test_stratum_with_one_call_borrows_the_spread_of_its_neighbour() -> None:
    design = Design(
        probability=np.full(9, 0.5),
        stratum=np.array([0, 1, 1, 1, 1, 2, 2, 2, 2]),
        agent=np.arange(9),
    )
    y = np.array([60.0, 80, 82, 84, 86, 80, 82, 84, 86])
    found = estimate(design, y, np.ones(9, dtype=bool), share=False)
    assert found.low is not None and found.high is not None
    assert found.high - found.low > 5  # the lone call is far off, and that is not hidden


def test_relistened_calls_are_weighed_by_both_draws() -> None:
    # Drawn with 0.5, then chosen with 0.5 or always: weights 4 and 2.
    half = Pick(
        recording_id="h", stratum="s", probability=0.5, relisten=True, relisten_probability=0.5
    )
    sure = Pick(
        recording_id="s", stratum="s", probability=0.5, relisten=True, relisten_probability=1.0
    )
    unheard = Pick(recording_id="u", stratum="s", probability=0.5, relisten_probability=0.5)
    values = {"h": 60.0, "s": 90.0, "u": 0.0}
    found = estimate_mean(sample(half, sure, unheard), values, relistened=True)
    assert found.value == pytest.approx((4 * 60 + 2 * 90) / 6)
    assert found.calls == 2
