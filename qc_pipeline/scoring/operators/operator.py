"""What every operator of the rubric language is.

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
- The validation context `{"language": "zh" | "en", "build": registry.build}` makes the checks that
  depend on the language and builds the conditions inside a condition.
- `Operator.phrases()` gives every phrase a condition (with all nested ones) looks for,
  `Operator.parts()` the conditions directly inside it, `Operator.describe()` what it asks.
- `allowed_keys(name)` in `registry` gives the keys an operator takes, for "did you mean".
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BeforeValidator, InstanceOf, ValidationInfo, WithJsonSchema

from qc_pipeline.scoring.evidence.outcome import (
    Outcome,
    Wanted,
)
from qc_pipeline.scoring.evidence.terms import (
    Params,
    Party,
    Words,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.evidence.view import Context


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

    def own_phrases_by(self) -> Iterator[tuple[Wanted, Party]]:
        """Those phrases, each with the party in whose words it is looked for."""
        for phrase in self.own_phrases():
            yield phrase, "any"

    def phrases_by(self) -> Iterator[tuple[Wanted, Party]]:
        """As `own_phrases_by`, with those of the conditions inside it."""
        yield from self.own_phrases_by()
        for part in self.parts():
            yield from part.phrases_by()

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


def parse_condition(value: Any, info: ValidationInfo) -> Any:
    """The `Operator` that a condition mapping of a rubric asks for: the reader hands in, beside
    the language, what builds it (`registry.build`), so that no operator knows the others.
    """
    if isinstance(value, Operator):
        return value
    context: Any = info.context
    return context["build"](value, context)


Condition = Annotated[
    InstanceOf[Operator],
    BeforeValidator(parse_condition),
    WithJsonSchema({"x-qc": "condition"}),
]
