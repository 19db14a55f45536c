"""Works side by side: their order, whoever is idle helps, and what an error does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

import pytest

from qc_pipeline.asr.thread_team import ThreadTeam


def double(number: int) -> int:
    return 2 * number


def works_of(count: int) -> list[Callable[[], int]]:
    return [partial(double, number) for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 4])
def test_results_come_in_the_order_of_the_works(count: int) -> None:
    team = ThreadTeam(count)
    assert team.do(works_of(7)) == [0, 2, 4, 6, 8, 10, 12]
    assert team.do(works_of(1)) == [0]
    assert team.do([]) == []
    assert team.share(works_of(3)) == [0, 2, 4], "outside a work, by the thread that asks"


def test_works_are_begun_in_their_order() -> None:
    begun: list[int] = []
    ThreadTeam(1).do([partial(begun.append, number) for number in range(5)])
    assert begun == [0, 1, 2, 3, 4]


def test_a_thread_without_work_takes_parts_of_the_other_s() -> None:
    """Two parts that wait for each other can end only where two threads are at them."""
    team = ThreadTeam(2)
    both = threading.Barrier(2, timeout=20)
    rested = threading.Event()

    def part(number: int) -> int:
        both.wait()
        return number

    def long() -> list[int]:
        assert rested.wait(20)
        time.sleep(0.05)  # the other thread is out of work by now
        return team.share([partial(part, number) for number in range(4)])

    def short() -> list[int]:
        rested.set()
        return []

    assert team.do([long, short]) == [[0, 1, 2, 3], []]


def test_a_work_without_help_does_its_parts_alone() -> None:
    team = ThreadTeam(2)
    assert team.do([partial(team.share, works_of(3))]) == [[0, 2, 4]]


def test_two_works_get_the_results_of_their_own_parts() -> None:
    team = ThreadTeam(2)

    def parts(base: int) -> list[int]:
        return team.share([partial(double, base + number) for number in range(50)])

    got = team.do([partial(parts, base) for base in (0, 1_000, 2_000)])
    assert got == [[2 * (base + n) for n in range(50)] for base in (0, 1_000, 2_000)]


@pytest.mark.parametrize("count", [1, 2])
def test_an_error_in_a_part_is_raised_and_nothing_is_left_behind(count: int) -> None:
    team = ThreadTeam(count)

    def fail() -> int:
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        team.do([partial(team.share, [partial(double, 1), fail, partial(double, 2)])] * 2)
    assert team.do(works_of(3)) == [0, 2, 4]
