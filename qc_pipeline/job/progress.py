"""What a stage of the job tells while it works, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from qc_pipeline.message import Message


class Progress(Protocol):
    """What the job tells while it works: recordings by their ids, and messages."""

    def stage(self, name: str, total: int) -> None: ...
    def step(self, what: str | Message, *more: Message) -> None: ...
    def say(self, what: str | Message) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How a stage went: recordings worked on now, found done before, failed (kept or now).

    `anew`: those of `before` whose measures were taken again, by newer definitions.
    """

    done: int = 0
    before: int = 0
    failed: int = 0
    anew: int = 0
