"""What every operator of the rubric language is made of.

An operator is one class in one file of this folder: a frozen pydantic model of its parameters
(strict, unknown keys refused) with `evaluate(ctx) -> Outcome`. `registry.OPERATORS` lists them.

Contract with the reader of rubric files
- A condition in a rubric is a mapping with one operator: `{said: {...}}`. `whenever` brings `then`
  and `within`; `sequence` may have `within` beside it. Declare a condition as the type `Condition`:
  it takes such a mapping (or an `Operator` built before, which is how a named condition is put in
  for its "$name") and gives the `Operator`.
- "$names" are resolved before: phrase lists arrive as tuples of plain phrases, `script` as a tuple
  of lines (a line: wordings with "|" between them, or a tuple of wordings). Lists arrive as tuples.
- Errors are pydantic's, and their `loc` is the path in the YAML as written (operator names and
  keys included, no class names). Our own have types that begin with "qc_", a full sentence as
  `msg`, and `found`, `allowed`, `hint` in `ctx` where there is something to say.
- The validation context `{"language": "zh" | "en"}` makes the checks that depend on it.
- `Operator.phrases()` gives every phrase a condition (with all nested ones) looks for,
  `Operator.parts()` the conditions directly inside it, `Operator.describe()` what it asks.
- `allowed_keys(name)` in `registry` gives the keys an operator takes, for "did you mean".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, NamedTuple, Self

from pydantic import BeforeValidator, InstanceOf, ValidationInfo, WithJsonSchema

from qc_pipeline.call import Speaker
from qc_pipeline.scoring.rules.params import (
    PARTY_WORDS,
    SOME,
    TWO,
    AnswerSpan,
    Bounds,
    Line,
    Number,
    Over,
    Params,
    Party,
    Pattern,
    Phrase,
    Phrases,
    Seconds,
    SecondSpan,
    Share,
    Share100,
    Times,
    TurnSpan,
    Window,
    Words,
    compiled,
    problem,
)
from qc_pipeline.scoring.scorecard import Evidence

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

__all__ = [
    "NEVER_AROSE",
    "PARTY_WORDS",
    "SOME",
    "TWO",
    "AnswerSpan",
    "Bounds",
    "Condition",
    "Hit",
    "Level",
    "Line",
    "Number",
    "Operator",
    "Outcome",
    "Over",
    "Params",
    "Party",
    "Pattern",
    "Phrase",
    "Phrases",
    "Search",
    "SecondSpan",
    "Seconds",
    "Share",
    "Share100",
    "State",
    "Times",
    "TurnSpan",
    "Wanted",
    "WantedSet",
    "Window",
    "Words",
    "compiled",
    "parse_condition",
    "problem",
    "unknown",
]


class State(StrEnum):
    HOLDS = "holds"
    NOT = "not"
    UNKNOWN = "unknown"
    NEVER = "never"

    __hash__ = str.__hash__


# Looking up a member of an enumeration costs as much as a call; the hot ones by their names.
HOLDS, NOT, UNKNOWN, NEVER = State.HOLDS, State.NOT, State.UNKNOWN, State.NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
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


class Operator(Params, ABC):
    """Base of every operator.

    `name` is its key in a condition. With `whole` the model is the condition mapping itself
    (its fields are `name` and the keys beside it); otherwise it is what stands under `name`.
    """

    name: ClassVar[str]
    whole: ClassVar[bool] = False

    def __copy__(self) -> Self:
        """A copy without what was worked out from the old parameters: it may get others."""
        copied = super().__copy__()
        for name in set(vars(copied)) - set(type(self).model_fields):
            del vars(copied)[name]
        return copied

    @abstractmethod
    def evaluate(self, ctx: Context) -> Outcome:
        """Judge the call of `ctx`. Raises nothing, whatever the call holds."""

    @abstractmethod
    def describe(self) -> Words:
        """What holds when the condition holds, short, without a full stop."""

    @cached_property
    def words(self) -> Words:
        """`describe`, put together once."""
        return self.describe()

    def parts(self) -> tuple[Operator, ...]:
        """The conditions directly inside this one."""
        return ()

    def own_phrases(self) -> tuple[Wanted, ...]:
        """The phrases this operator itself looks for."""
        return ()

    def phrases(self) -> Iterator[Wanted]:
        """Every phrase this condition looks for, with those of the conditions inside it."""
        yield from self.own_phrases()
        for part in self.parts():
            yield from part.phrases()

    def speakers(self) -> frozenset[Party]:
        """The parties the condition names."""
        by: Party | None = getattr(self, "by", None)
        if by is not None:
            return frozenset((by,))
        return frozenset(party for part in self.parts() for party in part.speakers())


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


def parse_condition(value: Any, info: ValidationInfo) -> Any:
    """The `Operator` that a condition mapping of a rubric asks for."""
    from qc_pipeline.scoring.rules.registry import build  # the registry needs this module first

    return value if isinstance(value, Operator) else build(value, info.context)


Condition = Annotated[
    InstanceOf[Operator],
    BeforeValidator(parse_condition),
    WithJsonSchema({"x-qc": "condition"}),
]
