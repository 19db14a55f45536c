"""What a plan gives: kinds of calls of which the list says something, and hours."""

from __future__ import annotations

from qc_pipeline.call import Recording
from qc_pipeline.cli.prospect_text import prospect_lines
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.plan import DEFAULT_SLOTS, FieldCondition, Relisten, SamplingPlan
from qc_pipeline.sampling.prospect import Prospect, prospect
from tests.sampling.calls_made import WEEK, call

CLOCK = {"slot.meal", "slot.night", "slot.busy"}


def found_in(
    calls: list[Recording], plan: SamplingPlan, history: History | None = None
) -> Prospect:
    history = history or History()
    sample = draw(calls, plan, period=WEEK, history=history)
    return prospect(frame_of(calls, WEEK, {}).calls, plan, sample, history)


def names(found: Prospect) -> set[str]:
    return {row.name for row in found.rows}


def test_kinds_of_which_the_list_says_nothing_have_no_row() -> None:
    bare = [call(f"r{i}", agent=f"A{i}", duration_s=None) for i in range(9)]
    found = found_in(bare, SamplingPlan())
    assert names(found) == CLOCK
    assert {row["name"] for row in found.as_json()["rows"]} == CLOCK
    told = "\n".join(prospect_lines(found, "en", width=None))
    assert "over 10 minutes" not in told
    assert "complaints" not in told
    assert "new agents" not in told
    assert "the list gives no lengths" in told


def test_kinds_that_one_call_tells_of_have_a_row_even_of_none() -> None:
    calls = [
        call("r0", agent="A0", duration_s=60.0, business="咨询", hire_date="2020-01-01"),
        *(call(f"r{i}", agent=f"A{i}", duration_s=None) for i in range(1, 9)),
    ]
    found = found_in(calls, SamplingPlan())
    assert names(found) == CLOCK | {"very_long", "very_short", "complaint", "new_agent"}
    assert {r.frame for r in found.rows if not r.name.startswith("slot.")} == {0}


def test_shift_slots_have_rows_where_any_shift_is_known() -> None:
    # Four calls over two hours make a shift; three do not.
    few = [call(f"r{i}", at=f"{9 + i}:00") for i in range(3)]
    assert not {"slot.shift_start", "slot.shift_end"} & names(found_in(few, SamplingPlan()))
    shift = [*few, call("r3", at="12:00")]
    assert {"slot.shift_start", "slot.shift_end"} <= names(found_in(shift, SamplingPlan()))
    roster = [call("r0", shift="09:00-17:00")]
    plan = SamplingPlan(slots=DEFAULT_SLOTS[:1])
    assert "slot.shift_start" in names(found_in(roster, plan))


def test_complaints_by_what_is_derived_have_a_row_where_it_is_known() -> None:
    def plan(condition: FieldCondition) -> SamplingPlan:
        return SamplingPlan(relisten=Relisten(complaint=condition))

    calls = [call(f"r{i}") for i in range(9)]
    score = plan(FieldCondition(field="agent_last_score", below=80.0))
    assert "complaint" not in names(found_in(calls, score))
    assert "complaint" in names(found_in(calls, score, History(agent_means={"A1": 70.0})))
    assert "complaint" in names(found_in(calls, plan(FieldCondition(field="hour", above=9.0))))
    meals = plan(FieldCondition(field="slot", is_in=("meal",)))
    assert "complaint" in names(found_in(calls, meals))


def test_calls_of_no_length_take_no_time_of_the_machine() -> None:
    calls = [call(f"r{i}", duration_s=0.0) for i in range(9)]
    found = found_in(calls, SamplingPlan(machine_hours=1.0))
    assert (found.drawn, found.machine_hours) == (9, 0.0)
    assert {r.name: r.frame for r in found.rows}["very_short"] == 9
