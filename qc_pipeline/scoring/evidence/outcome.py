"""What became of a condition in one call: state, hits, what was searched in vain."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Literal, NamedTuple

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.evidence.finding import Evidence
from qc_pipeline.scoring.evidence.terms import Party, Words


class State(StrEnum):
    HOLDS = "holds"
    NOT = "not"
    UNKNOWN = "unknown"
    NEVER = "never"

    __hash__ = str.__hash__


# Looking up a member of an enumeration costs as much as a call; the hot ones by their names.
HOLDS, NOT, UNKNOWN, NEVER = State.HOLDS, State.NOT, State.UNKNOWN, State.NEVER


# Dozens of these are made for every call: as tuples they cost a third of a frozen dataclass.
class Hit(NamedTuple):
    """One place in the call where a condition was met (or, of `whenever`, missed).

    `certainty` lies in [0, 1]; `sure` says whether it is certain enough, and heard well enough, to
    be held against somebody. `turn` counts the merged turns of the context, None for none.
    `trigger` is the part of the evidence that asked for what was missed, `note` says what that was.
    """

    start_s: float
    end_s: float
    certainty: float = 1.0
    sure: bool = True
    speaker: Speaker | None = None
    turn: int | None = None
    evidence: tuple[Evidence, ...] = ()
    trigger: tuple[Evidence, ...] = ()
    note: Words | None = None


class Search(NamedTuple):
    """A span in which something was looked for in vain; becomes evidence of kind `absent`.

    `what` says what was looked for, asked only where the card tells it.
    `almost` are hits that nearly were one, `cut_in` says that the recording begins in the middle
    of speech: both make the absence doubtful.
    """

    party: Party
    start_s: float
    end_s: float
    certainty: float
    what: Callable[[], Words]
    almost: tuple[Evidence, ...] = ()
    cut_in: bool = False


class Outcome(NamedTuple):
    """What became of a condition in one call.

    `certainty` is that of the state; `sure` whether it may cost points. `hits` are the places that
    support the state (for `deduct`), `triggers` the ones that start a `whenever` where those
    differ, `searched` the spans in which nothing was found, `measured` figures that decided,
    `parts` the outcomes of the members of an `all` (for `each_missing`). `why` says what was
    missing when the state is unknown.
    """

    state: State
    certainty: float = 1.0
    sure: bool = True
    hits: tuple[Hit, ...] = ()
    triggers: tuple[Hit, ...] | None = None
    searched: tuple[Search, ...] = ()
    measured: tuple[Evidence, ...] = ()
    parts: tuple[Outcome, ...] = ()
    why: Words | None = None

    @property
    def arose(self) -> tuple[Hit, ...]:
        """The hits that start a `whenever`."""
        return self.hits if self.triggers is None else self.triggers


def unknown(zh: str, en: str) -> Outcome:
    return Outcome(state=State.UNKNOWN, certainty=0.0, sure=False, why=Words(zh, en))


NEVER_AROSE = Outcome(state=State.NEVER)


Level = Literal["near", "homophone", "exact"]


class Wanted(NamedTuple):
    """A phrase as an operator wants it; `level` is the farthest tier that may find it."""

    text: str
    level: Level


class WantedSet:
    """The phrases of one list of an operator, made ready to be compared with what was found."""

    __slots__ = ("phrases",)

    def __init__(self, texts: Iterable[str], level: Level) -> None:
        self.phrases = tuple(dict.fromkeys(Wanted(text, level) for text in texts))
