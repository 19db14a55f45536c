"""Blind sets: mixed by band and by what is deducted, whatever the order of the candidates."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from qc_pipeline.calibration.draw import Candidate, draw_calibration

CALLS = [
    *(Candidate(recording_id=f"good{i}", band="优秀") for i in range(40)),
    *(Candidate(recording_id=f"mid{i}", band="合格", deducted=frozenset("a")) for i in range(40)),
    Candidate(recording_id="rare", band="合格", deducted=frozenset("b")),
    Candidate(recording_id="bad", band="不合格", deducted=frozenset("cd")),
]


def test_rare_bands_and_rare_deductions_are_in_every_set() -> None:
    for seed in map(str, range(20)):
        drawn = draw_calibration(CALLS, calls=9, seed=seed)
        assert len(set(drawn)) == 9
        # The only bad call takes its band's first turn; 合格 gives the call with b by its second
        # or third turn, since a is there already.
        assert "bad" in drawn
        assert sum(k.startswith("good") for k in drawn) >= 3
        assert sum(k.startswith("mid") or k == "rare" for k in drawn) >= 3


def test_lacking_deduction_comes_before_one_that_is_there() -> None:
    calls = [
        *(Candidate(recording_id=f"a{i}", band="x", deducted=frozenset("a")) for i in range(50)),
        Candidate(recording_id="b", band="x", deducted=frozenset("b")),
    ]
    for seed in map(str, range(20)):
        # The first may be any (a gain of 1 each); then a gains 1/2 and b 1.
        assert "b" in draw_calibration(calls, calls=2, seed=seed)


@given(st.permutations(CALLS[35:50]), st.text(max_size=5), st.integers(1, 20))
def test_order_of_candidates_changes_nothing(
    shuffled: list[Candidate], seed: str, calls: int
) -> None:
    drawn = draw_calibration(shuffled, calls=calls, seed=seed)
    assert drawn == draw_calibration(CALLS[35:50], calls=calls, seed=seed)
    assert len(drawn) == len(set(drawn)) == min(calls, 15)
