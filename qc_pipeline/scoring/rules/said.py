"""`said`: the speaker uttered the phrases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, model_validator

from qc_pipeline.scoring.rules.base import (
    PARTY_WORDS,
    Operator,
    Outcome,
    Params,
    Party,
    Phrases,
    Times,
    Wanted,
    Window,
    Words,
    problem,
)

if TYPE_CHECKING:
    from qc_pipeline.scoring.context import Context

Match = Literal["near", "homophone", "exact"]
TIER: dict[str, int] = {"exact": 1, "homophone": 3, "near": 4}
UNLESS_TIER = 3


class AtLeast(Params):
    n: Times
    of: Phrases

    @model_validator(mode="after")
    def _enough(self) -> AtLeast:
        if self.n > len(set(self.of)):
            raise problem(
                "at_least",
                "'n' is more than the phrases there are",
                found=str(self.n),
                allowed=f"1 to {len(set(self.of))}",
            )
        return self


class Said(Operator):
    name: ClassVar[str] = "said"

    by: Party
    any: Phrases | None = None
    all: Phrases | None = None
    at_least: AtLeast | None = None
    within: Window | None = None
    match: Match = "near"
    unless: Phrases | None = None
    times: Times = 1

    @model_validator(mode="after")
    def _one_list(self, info: ValidationInfo) -> Said:
        given = [k for k in ("any", "all", "at_least") if getattr(self, k) is not None]
        if len(given) != 1:
            raise problem(
                "said",
                "'said' takes exactly one list of phrases",
                found=", ".join(given) or "none",
                allowed="any all at_least",
            )
        context: Any = info.context
        if self.match == "homophone" and context and context.get("language") == "en":
            raise problem(
                "said_match",
                "'match: homophone' is for Chinese; English is matched by words",
                found="homophone",
                allowed="near exact",
            )
        return self

    def own_phrases(self) -> tuple[Wanted, ...]:
        tier = TIER[self.match]
        return tuple(Wanted(p, tier) for p in self.wanted) + tuple(
            Wanted(p, UNLESS_TIER) for p in self.unless or ()
        )

    @property
    def wanted(self) -> tuple[str, ...]:
        if self.at_least is not None:
            return self.at_least.of
        return self.any or self.all or ()

    def describe(self) -> Words:
        who = PARTY_WORDS[self.by]
        return Words(who.zh, who.en)

    def evaluate(self, ctx: Context) -> Outcome:
        raise NotImplementedError


__all__ = ["AtLeast", "Field", "Said"]
