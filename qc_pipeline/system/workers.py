"""Where the per-recording work runs: this process or several on this machine.

One interface: tasks in, (index, result) out as they finish. A task that takes its process down
(a codec that crashes, the system that runs out of memory) costs that task alone: the caller is
asked for the result to put in its place, and the others go on in a fresh process.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any, TypeVar

from qc_pipeline.message import Message
from qc_pipeline.system.garbage import collect_rarely

Task = TypeVar("Task")
Result = TypeVar("Result")
Worker = Callable[[Task], Result]
STOP_WITHIN_S = 3.0


def usable_cores() -> int:
    """Cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_inline(
    tasks: Sequence[Task], make_worker: Callable[[], Worker[Task, Result]]
) -> Iterator[tuple[int, Result]]:
    """Do every task here, in order."""
    if not tasks:
        return
    worker = make_worker()
    for index, task in enumerate(tasks):
        yield index, worker(task)


@dataclass(slots=True)
class _Seat:
    process: SpawnProcess
    pipe: Connection
    index: int | None = None


def run_processes(
    tasks: Sequence[Task],
    make_worker: Callable[[], Worker[Task, Result]],
    *,
    processes: int,
    died: Callable[[Task, Message], Result],
) -> Iterator[tuple[int, Result]]:
    """Do the tasks in `processes` worker processes, each with its own worker made once.

    `make_worker`, tasks and results must be picklable. An exception in a worker is raised here;
    a process that dies gives `died(task, reason)`. Leaving the iterator ends the processes.
    """
    spawn = multiprocessing.get_context("spawn")
    waiting = list(range(len(tasks)))[::-1]
    seats = [_open(spawn, make_worker) for _ in range(min(processes, len(tasks)))]
    try:
        for seat in seats:
            _hand_out(seat, tasks, waiting)
        while busy := [s for s in seats if s.index is not None]:
            for pipe in wait([s.pipe for s in busy]):
                seat = next(s for s in busy if s.pipe is pipe)
                index = seat.index
                if index is None:
                    raise RuntimeError("an idle process was waited for")
                try:
                    failed, value = seat.pipe.recv()
                except (EOFError, ConnectionResetError):
                    seat.process.join()
                    reason = _death(seat.process.exitcode)
                    seats[seats.index(seat)] = seat = _open(spawn, make_worker)
                    failed, value = False, died(tasks[index], reason)
                _hand_out(seat, tasks, waiting)
                if failed:
                    raise value
                yield index, value
    finally:
        for seat in seats:
            seat.pipe.close()  # an idle worker ends by itself, tidily
            if seat.index is not None:
                seat.process.terminate()
        for seat in seats:
            seat.process.join(STOP_WITHIN_S)
            if seat.process.is_alive():
                seat.process.kill()
                seat.process.join()


def _open(spawn: Any, make_worker: Callable[[], Worker[Any, Any]]) -> _Seat:
    ours, theirs = spawn.Pipe()
    process = spawn.Process(target=_work, args=(theirs, make_worker), daemon=True)
    process.start()
    theirs.close()
    return _Seat(process=process, pipe=ours)


def _hand_out(seat: _Seat, tasks: Sequence[Any], waiting: list[int]) -> None:
    seat.index = waiting.pop() if waiting else None
    if seat.index is not None:
        seat.pipe.send(tasks[seat.index])


def _work(pipe: Connection, make_worker: Callable[[], Worker[Any, Any]]) -> None:
    """The loop of a worker process; ends quietly when the parent goes or is interrupted."""
    collect_rarely()
    try:
        worker: Worker[Any, Any] | None = None
        while True:
            task = pipe.recv()
            try:
                worker = worker or make_worker()
                answer: tuple[bool, Any] = (False, worker(task))
            except Exception as error:
                answer = (True, error)
            pipe.send(answer)
    except (EOFError, KeyboardInterrupt, BrokenPipeError):
        return


def _death(exit_code: int | None) -> Message:
    if exit_code is not None and exit_code < 0:
        if exit_code == -9:
            return Message.of("worker.no-memory")
        return Message.of("worker.killed", signal=-exit_code)
    return Message.of("worker.ended", status=str(exit_code))
