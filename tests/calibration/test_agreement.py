"""Agreement figures against worked examples of the literature."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.calibration.agreement import Unit, agreement, cohen_kappa, krippendorff_alpha

Kappa = Callable[[Sequence[str], Sequence[str]], float]


@pytest.fixture(scope="module")
def scikit_kappa() -> Kappa:
    """Loaded once, outside the examples: loading the library takes seconds, an example none."""
    from sklearn.metrics import cohen_kappa_score

    return cohen_kappa_score  # type: ignore[no-any-return]


def by_unit(*raters: str) -> list[list[str]]:
    """Columns of the published tables: a character a unit, "." where a rater said nothing."""
    return [[r[i] for r in raters if r[i] != "."] for i in range(len(raters[0]))]


def test_alpha_of_four_observers_with_gaps_is_krippendorffs() -> None:
    # Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", section C: 0.743.
    data = by_unit("123321412...", "1233224125.3", ".3332342251.", "12332441251.")
    assert krippendorff_alpha(data) == pytest.approx(0.743, abs=0.0005)


def test_alpha_of_two_observers_with_two_values_is_krippendorffs() -> None:
    # The same paper, section A (binary data, two observers, ten units): 0.095.
    assert krippendorff_alpha(by_unit("0100000010", "1110010000")) == pytest.approx(
        0.095, abs=0.0005
    )


def test_alpha_of_two_observers_with_five_values_is_krippendorffs() -> None:
    # The same paper, section B (nominal data, two observers, twelve units): 0.692.
    data = by_unit("aabbdcccedda", "babbbccceddd")
    assert krippendorff_alpha(data) == pytest.approx(0.692, abs=0.0005)


def pairs(table: list[list[int]]) -> tuple[list[str], list[str]]:
    first, second = [], []
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            first += [str(i)] * count
            second += [str(j)] * count
    return first, second


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        # Cohen (1960), 200 patients, three diagnoses: p_o = .70, p_c = .41, κ = .29 / .59.
        ([[88, 14, 18], [10, 40, 10], [2, 6, 12]], 0.29 / 0.59),
        # Fleiss, Levin and Paik, "Statistical Methods for Rates and Proportions" (2003),
        # table 18.1, 100 subjects: p_o = .89, p_e = .66, κ = .68.
        ([[75, 1, 4], [5, 4, 1], [0, 0, 10]], 0.23 / 0.34),
        # No better than chance: 50 of 100 agree, marginals 1/2.
        ([[25, 25], [25, 25]], 0.0),
    ],
)
def test_kappa_is_the_published_one_and_that_of_scikit_learn(
    table: list[list[int]], expected: float, scikit_kappa: Kappa
) -> None:
    first, second = pairs(table)
    assert cohen_kappa(first, second) == pytest.approx(expected, abs=1e-12)
    assert scikit_kappa(first, second) == pytest.approx(expected, abs=1e-12)


@given(said=st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1))
def test_kappa_is_scikit_learns_wherever_it_is_defined(
    scikit_kappa: Kappa, said: list[tuple[str, str]]
) -> None:
    first, second = [a for a, _ in said], [b for _, b in said]
    ours = cohen_kappa(first, second)
    if len({*first, *second}) == 1:
        assert ours is None
    else:
        assert ours == pytest.approx(scikit_kappa(first, second), abs=1e-12)


def test_everybody_always_the_same_leaves_kappa_and_alpha_undefined() -> None:
    units = [Unit(group=str(i), labels={"a": "pass", "b": "pass"}) for i in range(8)]
    found = agreement(units, raters=("a", "b"), seed="s")
    assert (found.units, found.pairs, found.agreeing) == (8, 8, 8)
    assert (found.raw.value, found.raw.low, found.raw.high) == (1.0, 1.0, 1.0)
    assert found.kappa.value is None
    assert found.alpha.value is None


def test_a_unit_that_one_person_judged_counts_for_nothing() -> None:
    alone = [Unit(group="r1", labels={"a": "fail"})]
    found = agreement(alone, raters=("a", "b"), seed="s")
    assert (found.units, found.pairs, found.raw.value, found.alpha.value) == (0, 0, None, None)
    both = [
        Unit(group="r2", labels={"a": "fail", "b": "fail"}),
        Unit(group="r3", labels={"a": "pass", "b": "fail"}),
    ]
    with_alone = agreement([*alone, *both], raters=("a", "b"), seed="s")
    assert with_alone.raw.value == 0.5
    assert with_alone.alpha.value == agreement(both, raters=("a", "b"), seed="s").alpha.value


def test_raw_agreement_of_three_counts_pairs() -> None:
    # Of the three pairs in each unit one and three agree: 4 of 6.
    units = [
        Unit(group="r1", labels={"a": "pass", "b": "pass", "c": "fail"}),
        Unit(group="r2", labels={"a": "pass", "b": "pass", "c": "pass"}),
    ]
    found = agreement(units, raters=("a", "b", "c"), seed="s")
    assert (found.pairs, found.agreeing) == (6, 4)
    assert found.raw.value == pytest.approx(4 / 6)
    assert found.kappa.value is None, "κ is of two raters"


def test_interval_holds_the_value_and_follows_the_seed() -> None:
    units = [
        Unit(
            group=f"r{i}",
            labels={"a": "fail" if i % 3 else "pass", "b": "fail" if i % 4 else "pass"},
        )
        for i in range(24)
    ]
    one, same = (agreement(units, raters=("a", "b"), seed="x") for _ in range(2))
    other = agreement(units, raters=("a", "b"), seed="y")
    assert one == same
    assert one.alpha != other.alpha
    for figure in (one.raw, one.alpha, one.kappa):
        assert figure.low is not None and figure.high is not None and figure.value is not None
        assert figure.low < figure.value < figure.high


def test_interval_of_raw_agreement_is_the_binomial_one_for_single_units() -> None:
    # 60 of 100 independent units agree: the normal interval is 0.6 ± 1.96 · √(0.24 / 100).
    units = [
        Unit(group=f"r{i}", labels={"a": "pass", "b": "pass" if i < 60 else "fail"})
        for i in range(100)
    ]
    raw = agreement(units, raters=("a", "b"), seed="s").raw
    assert (raw.low, raw.high) == (pytest.approx(0.504, abs=0.012), pytest.approx(0.696, abs=0.012))
    # The same in ten calls of ten alike units is far less sure: 0.6 ± 1.96 · √(0.24 / 10).
    groups = [Unit(group=f"r{i // 10}", labels=u.labels) for i, u in enumerate(units)]
    wide = agreement(groups, raters=("a", "b"), seed="s").raw
    assert (wide.low, wide.high) == (pytest.approx(0.3, abs=0.1), pytest.approx(0.9, abs=0.1))


def test_one_call_gives_no_interval() -> None:
    units = [
        Unit(group="r1", labels={"a": "pass", "b": "pass"}),
        Unit(group="r1", labels={"a": "fail", "b": "pass"}),
    ]
    found = agreement(units, raters=("a", "b"), seed="s")
    assert found.raw.value == 0.5
    assert found.raw.low is None
