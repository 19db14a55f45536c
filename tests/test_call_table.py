"""Calls as columns give the same recordings back."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from qc_pipeline.call_table import CallTable
from tests.sampling.calls_made import MONDAY, call

CALLS = [
    call("r1", day=0, team="T1", mystery=True, satisfaction=5),
    call("r2", day=1, duration_s=None, satisfaction="满意", answered=False),
    call("r3", day=2, agent=None, resolved=False, queue_s=1.5),
]


def columns_only(table: CallTable) -> CallTable:
    """The table without the recordings it was made from."""
    return CallTable(
        ids=table.ids,
        paths=table.paths,
        agents=table.agents,
        start_us=table.start_us,
        local_us=table.local_us,
        rows=table.rows,
        columns=table.columns,
        kinds=table.kinds,
        zone=MONDAY.tzinfo,
    )


def test_recordings_come_back_as_they_went_in() -> None:
    assert list(columns_only(CallTable.of(CALLS))) == CALLS
    assert [type(r.fields["satisfaction"]) for r in columns_only(CallTable.of(CALLS))[:2]] == [
        int,
        str,
    ]


def test_sequence_has_length_index_and_slice() -> None:
    table = columns_only(CallTable.of(CALLS))
    assert len(table) == 3
    assert table[-1] == CALLS[2]
    assert list(table[1:]) == CALLS[1:]
    with pytest.raises(IndexError):
        table[3]


def test_calls_of_some_days_are_taken_by_local_day() -> None:
    table = CallTable.of(CALLS)
    taken = table.between(date(2026, 11, 17), date(2026, 11, 18))
    assert [r.recording_id for r in taken] == ["r2", "r3"]
    assert taken.days() == (date(2026, 11, 17), date(2026, 11, 18))


def test_fields_are_read_as_columns_with_gaps() -> None:
    table = CallTable.of(CALLS)
    assert np.array_equal(table.numbers("duration_s"), [60, np.nan, 60], equal_nan=True)
    assert np.array_equal(table.numbers("satisfaction"), [5, np.nan, np.nan], equal_nan=True)
    assert table.texts("satisfaction").tolist() == ["5", "满意", None]
    assert table.texts("nothing").tolist() == [None] * 3
    assert table.flags("mystery").tolist() == [True, False, False]
    assert table.unanswered().tolist() == [False, True, False]
    assert table.texts("agent_id").tolist() == ["A1", "A1", None]
