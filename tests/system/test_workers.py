"""Tasks end in results whatever their processes do."""

from __future__ import annotations

import os
import signal
import time
from functools import partial

import pytest

from qc_pipeline.message import Message
from qc_pipeline.system.workers import run_inline, run_processes, usable_cores


class TaskFailedError(Exception):
    pass


def make_doubler() -> object:
    return double


def double(n: int) -> int:
    return 2 * n


def make_fragile(deadly: int) -> object:
    return partial(fragile, deadly)


def fragile(deadly: int, n: int) -> int:
    if n == deadly:
        os.kill(os.getpid(), signal.SIGKILL)
    return n


def make_raiser() -> object:
    return raiser


def raiser(n: int) -> int:
    raise TaskFailedError(f"task {n}")


def make_sleeper() -> object:
    return time.sleep


def died(task: int, reason: Message) -> str:
    return f"{task}: {reason.text}"


def test_inline_does_tasks_in_order() -> None:
    assert list(run_inline([3, 1, 2], make_doubler)) == [(0, 6), (1, 2), (2, 4)]


@pytest.mark.parametrize("processes", [1, 2, pytest.param(5, marks=pytest.mark.slow)])
def test_processes_give_every_result_once(processes: int) -> None:
    tasks = list(range(7))
    found = sorted(run_processes(tasks, make_doubler, processes=processes, died=died))
    assert found == [(n, 2 * n) for n in tasks]


def test_no_tasks_start_no_process() -> None:
    assert list(run_processes([], make_doubler, processes=2, died=died)) == []


@pytest.mark.slow
def test_killed_process_costs_its_own_task_only() -> None:
    found = dict(run_processes([0, 1, 2, 3], partial(make_fragile, 1), processes=2, died=died))
    reason = found.pop(1)
    assert found == {0: 0, 2: 2, 3: 3}
    assert reason == "1: the process working on it was ended by signal 9 (often: out of memory)"


def test_exception_in_a_worker_is_raised_here() -> None:
    with pytest.raises(TaskFailedError, match="task 5"):
        list(run_processes([5], make_raiser, processes=1, died=died))


def test_leaving_early_ends_the_processes_at_once() -> None:
    results = run_processes([0.0, 60.0], make_sleeper, processes=2, died=died)
    assert next(results) == (0, None)
    begun = time.monotonic()
    results.close()
    assert time.monotonic() - begun < 5.0


def test_cores_are_at_least_one() -> None:
    assert usable_cores() >= 1
