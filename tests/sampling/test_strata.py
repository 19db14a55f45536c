"""Strata: bands, slots in their precedence, the agent's own shift, merging."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.sampling.plan import DEFAULT_SLOTS, SamplingPlan, TimeSlot
from qc_pipeline.sampling.strata import duration_bands, stratify, time_slots
from tests.sampling.calls_made import call

NO_BUSY = DEFAULT_SLOTS[:4]


def slots(calls: list[Recording], **options: Any) -> dict[str, str]:
    table = CallTable.of(calls)
    names, codes = time_slots(table, SamplingPlan(**({"slots": NO_BUSY} | options)))
    return {r.recording_id: names[c] for r, c in zip(calls, codes.tolist(), strict=True)}


def bands(durations: list[float | None], plan: SamplingPlan | None = None) -> list[str]:
    calls = [call(f"r{i}", duration_s=d) for i, d in enumerate(durations)]
    names, codes = duration_bands(CallTable.of(calls), plan or SamplingPlan())
    return [names[c] for c in codes.tolist()]


def test_lower_edge_belongs_to_a_band_and_unknown_lengths_have_their_own() -> None:
    assert bands([0, 29.9, 30, 119.9, 120, 300, 599, 600, 9000, None]) == [
        "<30s", "<30s", "30-120s", "30-120s", "120-300s", "300-600s", "300-600s",
        ">=600s", ">=600s", "unknown",
    ]  # fmt: skip


def test_quantile_bands_hold_equally_many_calls() -> None:
    lengths = [float(i) for i in range(1, 101)]
    plan = SamplingPlan(duration_s={"quantiles": 4})
    assert Counter(bands(lengths, plan)) == {
        "<26s": 25, "26-51s": 25, "51-76s": 25, ">=76s": 25,
    }  # fmt: skip
    assert set(bands([60.0] * 9, plan)) == {"all"}


@pytest.mark.parametrize(
    ("at", "slot"),
    [
        ("11:29", "other"),
        ("11:30", "meal"),
        ("12:59", "meal"),
        ("13:00", "other"),
        ("17:30", "meal"),
        ("18:30", "other"),
        ("20:59", "other"),
        ("21:00", "night"),
        ("00:00", "night"),
        ("07:59", "night"),
        ("08:00", "other"),
    ],
)
def test_clock_slots_include_their_beginning_and_not_their_end(at: str, slot: str) -> None:
    assert slots([call("r", at=at)]) == {"r": slot}


def test_roster_gives_the_first_and_last_half_hour_of_the_shift() -> None:
    times = ["07:59", "08:00", "08:29", "08:30", "15:30", "15:31", "16:00", "16:01"]
    calls = [call(t, at=t, shift="08:00-16:00") for t in times]
    assert slots(calls) == {
        "07:59": "night",
        "08:00": "shift_start",
        "08:29": "shift_start",
        "08:30": "other",
        "15:30": "shift_end",
        "15:31": "shift_end",
        "16:00": "other",
        "16:01": "other",
    }


def test_by_the_former_rules_the_end_of_a_shift_held_its_end_and_not_its_beginning() -> None:
    calls = [call(t, at=t, shift="08:00-16:00") for t in ("15:30", "15:31", "16:00")]
    assert slots(calls, rules=1) == {
        "15:30": "other",
        "15:31": "shift_end",
        "16:00": "shift_end",
    }


def test_last_call_of_a_shift_known_by_its_calls_alone_is_in_its_end() -> None:
    times = ["08:00", "10:00", "12:30", "15:30", "16:00"]
    assert slots([call(t, at=t) for t in times])["16:00"] == "shift_end"
    assert slots([call(t, at=t) for t in times])["15:30"] == "shift_end"


@pytest.mark.parametrize("shift", ["22:00–06:00", "22\uff1a00~06\uff1a00"])
def test_roster_over_midnight_belongs_to_the_evening_it_began(shift: str) -> None:
    calls = [
        call("begin", at="22:10", shift=shift),
        call("middle", day=1, at="02:00", shift=shift),
        call("end", day=1, at="05:45", shift=shift),
    ]
    assert slots(calls) == {"begin": "shift_start", "middle": "night", "end": "shift_end"}


def test_without_a_roster_the_shift_is_the_agents_first_to_last_call_of_the_day() -> None:
    calls = [call(t, at=t, agent="A1") for t in ("09:00", "09:29", "09:30", "10:59", "11:00")]
    calls += [call("A2", at="09:10", agent="A2")]
    assert slots(calls) == {
        "09:00": "shift_start",
        "09:29": "shift_start",
        "09:30": "other",
        "10:59": "shift_end",
        "11:00": "shift_end",
        "A2": "other",  # one call says nothing about when somebody came
    }


def test_shift_word_that_is_no_time_falls_back_to_the_agents_own_calls() -> None:
    times = ("09:00", "09:40", "10:20", "11:00")
    assert slots([call(t, at=t, shift="早班") for t in times])["09:00"] == "shift_start"


def test_earlier_slots_take_precedence() -> None:
    assert slots([call("r", at="12:00", shift="11:45-20:00")]) == {"r": "shift_start"}
    assert slots([call("r", at="12:30", shift="11:45-20:00")]) == {"r": "meal"}


def test_busiest_hours_are_those_with_the_most_calls_ties_the_earlier() -> None:
    counts = {"09": 3, "10": 5, "14": 3, "15": 3, "16": 4}
    calls = [call(f"{h}-{i}", at=f"{h}:05") for h, n in counts.items() for i in range(n)]
    found = slots(calls, slots=(TimeSlot(name="busy", kind="busiest", hours=4),))
    assert {name[:2] for name, slot in found.items() if slot == "busy"} == {"09", "10", "14", "16"}


def test_weekday_slot_holds_its_days_only() -> None:
    weekend = TimeSlot(name="weekend", kind="clock", windows=(("00:00", "24:00"),), weekdays=(6, 7))
    found = slots([call("fri", day=4), call("sat", day=5), call("sun", day=6)], slots=(weekend,))
    assert found == {"fri": "other", "sat": "weekend", "sun": "weekend"}


def test_tiny_stratum_joins_the_nearest_in_duration_of_its_own_slot() -> None:
    calls = [call(f"m{i}", at="12:00", duration_s=200, agent="A1") for i in range(5)]
    calls += [call(f"o{i}", at="15:00", duration_s=60, agent="A2") for i in range(5)]
    calls += [call("lone", at="12:10", duration_s=60, agent="A3")]
    strata = stratify(CallTable.of(calls), SamplingPlan(slots=NO_BUSY))
    assert [(s.name, s.size, s.merged_from) for s in strata.strata] == [
        ("30-300s / meal", 6, ("30-120s / meal", "120-300s / meal")),
        ("30-120s / other", 5, ()),
    ]
    assert strata.codes.tolist() == [0] * 5 + [1] * 5 + [0]


def test_tiny_stratum_alone_in_its_slot_joins_another_slot() -> None:
    calls = [call(f"o{i}", at="15:00", duration_s=60, agent="A1") for i in range(5)]
    calls += [call(f"l{i}", at="15:00", duration_s=400, agent="A2") for i in range(4)]
    calls += [call("lone", at="12:10", duration_s=400, agent="A3")]
    strata = stratify(CallTable.of(calls), SamplingPlan(slots=NO_BUSY))
    assert [(s.name, s.size) for s in strata.strata] == [
        ("300-600s / meal+other", 5),
        ("30-120s / other", 5),
    ]


def test_strata_are_merged_down_to_what_the_budget_can_serve() -> None:
    calls = [
        call(f"r{i}-{j}", duration_s=length, team=f"T{j % 3}")
        for i, length in enumerate((10, 60, 200, 400, 900))
        for j in range(9)
    ]
    table = CallTable.of(calls)
    plan = SamplingPlan(slots=(), by=("team",))
    assert len(stratify(table, plan).strata) == 15
    few = stratify(table, plan, most=6)
    assert len(few.strata) == 6
    assert sum(s.size for s in few.strata) == 45
    assert len({s.name for s in few.strata}) == 6


def test_missing_value_of_a_column_is_a_group_of_its_own() -> None:
    calls = [call(f"a{i}", team="T1") for i in range(3)] + [call(f"b{i}") for i in range(3)]
    strata = stratify(CallTable.of(calls), SamplingPlan(slots=(), by=("team",)))
    assert [s.name for s in strata.strata] == ["30-120s / other / T1", "30-120s / other / –"]


def test_one_call_is_one_stratum() -> None:
    strata = stratify(CallTable.of([call("r")]), SamplingPlan())
    assert [s.size for s in strata.strata] == [1]
