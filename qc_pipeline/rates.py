"""A part of a whole, kept as counts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`part` of `whole`; the share is None where there is nothing to divide by."""

    part: int
    whole: int

    @property
    def share(self) -> float | None:
        return None if self.whole == 0 else self.part / self.whole
