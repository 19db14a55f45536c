"""Which calls a model is tried on."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from qc_pipeline.call import Recording
from qc_pipeline.job.trial_calls import spread_calls

START = datetime(2026, 11, 16, 9, tzinfo=UTC)


def calls(count: int, *, agents: int = 4) -> list[Recording]:
    """Calls of 10, 20, 30 … seconds, agents turn about."""
    return [
        Recording(
            recording_id=f"c{n:03}",
            path=f"c{n:03}.wav",
            start_time=START + timedelta(minutes=n),
            agent_id=f"a{n % agents}",
            fields={"duration_s": 10.0 * (n + 1)},
        )
        for n in range(count)
    ]


def everywhere(_: Recording) -> bool:
    return True


def test_every_band_of_length_gives_one_and_agents_take_turns() -> None:
    found = spread_calls(calls(40), 10, seed="2026-W47", there=everywhere)
    lengths = sorted(c.duration_s or 0 for c in found)
    assert [int((s - 10) // 40) for s in lengths] == list(range(10))
    # Ten of four agents, of whom every band of four has one.
    assert sorted(Counter(c.agent_id for c in found).values()) == [2, 2, 3, 3]


def test_they_are_the_same_every_time_whatever_the_order_of_the_list() -> None:
    listed = calls(40)
    first = spread_calls(listed, 10, seed="2026-W47", there=everywhere)
    assert spread_calls(listed[::-1], 10, seed="2026-W47", there=everywhere) == first
    assert [c.start_time for c in first] == sorted(c.start_time for c in first)
    assert spread_calls(listed, 10, seed="2026-W48", there=everywhere) != first


def test_fewer_where_there_are_fewer() -> None:
    assert len(spread_calls(calls(3), 10, seed="s", there=everywhere)) == 3
    assert spread_calls([], 10, seed="s", there=everywhere) == ()


def test_a_call_whose_recording_is_missing_is_made_up_for() -> None:
    listed = calls(40)
    # Nothing of the first half is there.
    found = spread_calls(listed, 10, seed="s", there=lambda c: c.recording_id >= "c020")
    assert len(found) == 10
    assert min(c.recording_id for c in found) >= "c020"
    assert len({c.recording_id for c in found}) == 10
    assert spread_calls(listed, 10, seed="s", there=lambda _: False) == ()
