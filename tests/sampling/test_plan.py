"""The [sampling] table: defaults, and what is refused."""

from __future__ import annotations

import tomllib

import pytest
from pydantic import ValidationError

from qc_pipeline.sampling.plan import SamplingPlan, TimeSlot


def plan(text: str = "") -> SamplingPlan:
    return SamplingPlan(**tomllib.loads(text))


def refusal(text: str) -> str:
    with pytest.raises(ValidationError) as caught:
        plan(text)
    return str(caught.value)


def test_defaults_are_those_of_the_inspection_handbook() -> None:
    made = plan()
    assert made.duration_s == (30.0, 120.0, 300.0, 600.0)
    assert [s.name for s in made.slots] == ["shift_start", "shift_end", "meal", "night", "busy"]
    assert made.slots[2].windows == (("11:30", "13:00"), ("17:30", "18:30"))
    assert (made.relisten.agent_min, made.relisten.new_agent_min) == (2, 4)


def test_whole_table_is_read_from_toml() -> None:
    made = plan(
        """
        seed = "winter"
        budget_minutes = 600
        allocation = "risk"
        duration_s = [60, 180]
        by = ["team"]
        agent_min = 2
        agent_max = 20
        inspectors = ["王芳", {id = "李娜", share = 2, team = "一组"}]
        own_team = "never"
        [[slots]]
        name = "weekend"
        kind = "clock"
        windows = [["00:00", "24:00"]]
        weekdays = [6, 7]
        [[risk]]
        name = "complaint"
        field = "business"
        in = ["投诉"]
        multiplier = 3
        [relisten]
        agent_min = 3
        """
    )
    assert made.inspectors[1].share == 2.0
    assert made.risk[0].is_in == ("投诉",)
    assert made.duration_s == (60.0, 180.0)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("duration_s = [120, 30]", "edges that rise, or bands overlap"),
        ("duration_s = [0, 30]", "edges above 0 seconds"),
        ("duration_s = {quantiles = 1}", "greater than or equal to 2"),
        ("budget_calls = 10\nbudget_minutes = 5", "budget_calls or budget_minutes, not both"),
        ("budget_calls = 0", "greater than or equal to 1"),
        ('budget_calls = "10"', "valid integer"),
        ("agent_min = 3\nagent_max = 2", "agent_max: at least agent_min"),
        ("stratum_min = 3\nstratum_max = 2", "stratum_max: at least stratum_min"),
        ('allocation = "fixed"', 'fixed with allocation = "fixed"'),
        ('by = ["team", "team"]', "by: each name once"),
        ('inspectors = ["a", "a"]', "inspectors: each name once"),
        ("budget = 3", "Extra inputs are not permitted"),
        ('allocation = "random"', "'proportional', 'equal', 'neyman', 'fixed' or 'risk'"),
    ],
)
def test_mistake_is_refused_with_what_is_allowed(text: str, message: str) -> None:
    assert message in refusal(text)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ('name = "a"\nkind = "clock"\nwindows = [["9:00", "9:00"]]', "at different times"),
        ('name = "a"\nkind = "clock"\nwindows = [["25:00", "9:00"]]', "a time of day"),
        ('name = "a"\nkind = "clock"', 'windows with kind = "clock"'),
        ('name = "a"\nkind = "busiest"\nminutes = 3', "hours with kind"),
        ('name = "other"\nkind = "busiest"\nhours = 3', 'none of them "other"'),
        ('name = "am/pm"\nkind = "busiest"\nhours = 3', 'a name without "/" and "|"'),
        ('name = "am|pm"\nkind = "busiest"\nhours = 3', 'a name without "/" and "|"'),
    ],
)
def test_mistake_in_a_slot_is_refused(body: str, message: str) -> None:
    assert message in refusal(f"[[slots]]\n{body}")


def test_slot_hidden_by_an_earlier_one_is_refused() -> None:
    text = "".join(
        f'[[slots]]\nname = "{name}"\nkind = "clock"\nwindows = [["{a}", "{b}"]]\n'
        for name, a, b in (("day", "08:00", "20:00"), ("noon", "12:00", "13:00"))
    )
    assert 'those of "noon" are' in refusal(text)


def test_window_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    friday_night = TimeSlot(name="n", kind="clock", windows=(("22:00", "02:00"),), weekdays=(5,))
    minute = {"friday 23:00": 4 * 1440 + 23 * 60, "saturday 01:59": 5 * 1440 + 119}
    assert all(friday_night.holds(m) for m in minute.values())
    assert not friday_night.holds(5 * 1440 + 120)  # Saturday 02:00
    assert not friday_night.holds(4 * 1440 + 60)  # Friday 01:00
    sunday = TimeSlot(name="n", kind="clock", windows=(("22:00", "02:00"),), weekdays=(7,))
    assert sunday.holds(60)  # Monday 01:00


def test_seed_does_not_change_the_hash_of_the_plan_but_every_other_key_does() -> None:
    assert plan('seed = "a"').sha256() == plan('seed = "b"').sha256() == plan().sha256()
    assert plan("budget_calls = 9").sha256() != plan().sha256()
