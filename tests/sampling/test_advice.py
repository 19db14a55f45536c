"""What an error advises can be drawn, and nothing nearer can; what stands in the way is named."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
from pydantic import ValidationError

from qc_pipeline.errors import InputError
from qc_pipeline.sampling.advice import Lever, search
from qc_pipeline.sampling.draw import draw
from qc_pipeline.sampling.plan import SamplingPlan
from tests.sampling.adversaries import Adversary, adversaries, changes
from tests.sampling.calls_made import WEEK, call, population


def failure(one: Adversary, **change: Any) -> InputError | ValidationError | None:
    """The error of the plan with some keys changed, None where it is drawn."""
    try:
        draw(one.calls, one.plan(**change), period=WEEK)
    except (InputError, ValidationError) as error:
        return error
    return None


def check(plans: Iterable[Adversary]) -> Counter[str]:
    """Follow every advice; how many errors, advices by key, and values one step nearer."""
    seen: Counter[str] = Counter()
    for one in plans:
        error = failure(one)
        if error is None:
            continue
        assert isinstance(error, InputError)
        seen["errors"] += 1
        for problem in error.problems:
            assert problem.found is None or problem.found.strip(" –;")
        advised = changes(error)
        assert advised or "alone was not found to do" in str(error)
        for change in advised:
            ((key, value),) = change.items()
            seen[key] += 1
            assert failure(one, **change) is None, f"{change} after {error}"
            before = one.keys.get(key)
            if not isinstance(value, int) or before is None:
                continue
            nearer = value + (-1 if value > before else 1)
            if nearer != int(before):
                seen["nearer"] += 1
                assert failure(one, **{key: nearer}) is not None, f"{key} = {nearer}: {error}"
    return seen


def test_advice_for_impossible_plans_is_drawn_and_nothing_nearer_is() -> None:
    seen = check(adversaries(12))
    assert seen["errors"] >= 6
    assert seen["nearer"] >= 3


@pytest.mark.slow
def test_advice_for_a_hundred_impossible_plans_is_drawn_and_nothing_nearer_is() -> None:
    seen = check(adversaries(120, seed=1))
    assert seen["errors"] >= 75
    assert seen["nearer"] >= 50
    for key in ("budget_calls", "budget_minutes", "agent_min", "agent_max", "agent_short"):
        assert seen[key] >= 3, key
    assert seen["stratum_max"] and seen["stratum_min"] and seen["fixed"]


def test_budget_that_equals_the_quotas_of_five_hundred_agents_can_be_drawn() -> None:
    recordings, _ = population(6_000, 500)
    plan = SamplingPlan(budget_calls=200, agent_min=1)
    with pytest.raises(InputError) as failed:
        draw(recordings, plan, period=WEEK)
    text = str(failed.value)
    assert "a budget of 200 calls is too small: 500 agents' quotas ask for 500" in text
    assert "budget_calls = 500 is the nearest that can, or agent_min = 0" in text
    exact = draw(recordings, plan.model_copy(update={"budget_calls": 500}), period=WEEK)
    assert set(Counter(p.agent_id for p in exact.picks).values()) == {1}


def test_minutes_that_are_advised_can_be_drawn_and_one_less_cannot() -> None:
    recordings, _ = population(600, 40)
    one = Adversary(
        calls=tuple(recordings), keys={"budget_minutes": 30, "agent_short": "all", "agent_min": 2}
    )
    error = failure(one)
    assert isinstance(error, InputError)
    advised = changes(error)[0]["budget_minutes"]
    assert "budget_minutes = 30 is too small: 40 agents' quotas ask for 80" in str(error)
    assert failure(one, budget_minutes=advised) is None
    assert failure(one, budget_minutes=advised - 1) is not None


def test_quotas_that_differ_are_named_the_largest_first() -> None:
    calls = [call(f"r{a}-{i}", agent=f"A{a}") for a in range(3) for i in range(10 * (a + 1))]
    keys = {"budget_calls": 5, "agent_share": 0.2, "agent_min": 0, "slots": (), "duration_s": ()}
    error = failure(Adversary(calls=tuple(calls), keys=keys))
    assert "3 agents' quotas ask for 12 (agent_share = 0.2): A2 (6), A1 (4), A0 (2)" in str(error)
    assert "found budget_calls = 5 – budget_calls = 12 is the nearest that can" in str(error)


def test_quotas_above_the_strata_s_ceilings_name_both_and_the_ceiling_that_can() -> None:
    calls = tuple(call(f"r{a}-{i}", agent=f"A{a}") for a in range(6) for i in range(4))
    keys = {"budget_calls": 6, "stratum_max": 4, "slots": (), "duration_s": ()}
    error = failure(Adversary(calls=calls, keys=keys))
    assert "6 agents' quotas ask for 6 (agent_min = 1), but the strata give 4 at most" in str(error)
    assert "agent_min = 0 can" not in str(error)  # the budget of six would still be above four
    assert "stratum_max = 6 can" in str(error)


def test_every_obstacle_is_told_where_agents_with_few_calls_are_not_the_only_one() -> None:
    calls = [call("a0", agent="A0")] + [call(f"b{i}", agent=f"B{i // 5}") for i in range(20)]
    keys = {"budget_calls": 1, "agent_min": 2, "slots": (), "duration_s": ()}
    text = str(failure(Adversary(calls=tuple(calls), keys=keys)))
    assert "agent_min = 2 cannot be met: these agents have fewer calls; found A0 (1)" in text
    assert "a budget of 1 calls is too small: 5 agents' quotas ask for 9" in text
    assert "1 stratum asks for 2 (stratum_min = 2)" in text
    assert "a change of agent_min or agent_short alone was not found to do" in text


def test_fixed_numbers_that_are_advised_can_be_drawn_together() -> None:
    calls = [call(f"a{i}", duration_s=10) for i in range(3)]
    calls += [call(f"b{i}", duration_s=50) for i in range(4)]
    fixed = {"<30s / other": 5, ">=30s / other": 9}
    keys = {"allocation": "fixed", "fixed": fixed, "slots": (), "duration_s": (30.0,)}
    one = Adversary(calls=tuple(calls), keys=keys)
    error = failure(one)
    assert isinstance(error, InputError)
    assert changes(error) == [{"fixed": {"<30s / other": 3, ">=30s / other": 4}}]
    assert failure(one, **changes(error)[0]) is None


@pytest.mark.parametrize(
    ("start", "limit", "guess", "works", "found"),
    [
        (10, 100, 40, range(37, 101), (37, True)),
        (10, 100, 40, range(40, 101), (40, True)),
        (10, 100, 40, range(55, 101), (55, True)),
        (10, 100, 40, (), (None, False)),
        (10, 0, 9, range(0, 4), (3, True)),
        (10, 0, 2, range(0, 8), (7, True)),
        (10, 10, 10, range(0, 20), (None, False)),
        # Too far for sixteen tries to end beside a value that fails: nothing nearest is claimed.
        (0, 10**6, 10**6, range(3, 10**6 + 1), (None, False)),
    ],
)
def test_search_ends_beside_a_value_that_fails_or_claims_nothing(
    start: int, limit: int, guess: int, works: Any, found: tuple[int | None, bool]
) -> None:
    lever = Lever(key="k", start=start, limit=limit, guess=guess)
    value, nearest = search(lever, lambda change: change["k"] in works, 16)
    assert nearest == found[1]
    assert value == found[0] or (found == (None, False) and value in works)
