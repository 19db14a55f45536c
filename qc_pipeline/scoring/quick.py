"""Frozen values by the dozen thousand, made at the price of plain ones; and values worked out once.

A frozen dataclass sets every field of a new value through `object.__setattr__`, which costs more
than all the judging that the value is the result of. The function made here fills the same slots
directly and gives the value its frozen class last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, fields
from typing import Any, Generic, TypeVar, overload

T = TypeVar("T")


class once(Generic[T]):  # noqa: N801 - it stands where `property` stands
    """As `functools.cached_property`, without the lock that Python 3.11 takes for each value."""

    def __init__(self, work_out: Callable[[Any], T]) -> None:
        self._work_out = work_out
        self.__doc__ = work_out.__doc__

    def __set_name__(self, owner: type[Any], name: str) -> None:
        self._name = name

    @overload
    def __get__(self, instance: None, owner: type[Any]) -> once[T]: ...

    @overload
    def __get__(self, instance: object, owner: type[Any]) -> T: ...

    def __get__(self, instance: object | None, owner: type[Any]) -> once[T] | T:
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._work_out(instance)
        return value


def maker(cls: type[T]) -> Callable[..., T]:
    """A function that takes the fields of a frozen, slotted dataclass in their order.

    Defaults are those of the class; one that is made anew for each value must be given. Nothing of
    the class's own `__init__` or `__post_init__` runs.
    """
    given: dict[str, Any] = {"cls": cls}
    own = fields(cls)  # type: ignore[arg-type]
    takes = []
    for field in own:
        if field.default is MISSING:
            takes.append(field.name)
        else:
            given[f"_{field.name}"] = field.default
            takes.append(f"{field.name}=_{field.name}")
    given["Plain"] = type(cls.__name__, (), {"__slots__": tuple(f.name for f in own)})
    body = "\n".join(f"    value.{f.name} = {f.name}" for f in own)
    source = (
        f"def make({', '.join(takes)}):\n"
        f"    value = Plain()\n{body}\n    value.__class__ = cls\n    return value\n"
    )
    # As `dataclasses` makes its methods: the text is built from field names alone.
    exec(source, given)  # noqa: S102 # nosec B102
    made: Callable[..., T] = given["make"]
    return made
