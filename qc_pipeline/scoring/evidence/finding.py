"""Verdicts and the evidence they stand on, in seconds of audio."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from qc_pipeline.call import Speaker


class Verdict(StrEnum):
    # A verdict, no password.
    PASS = "pass"  # noqa: S105 # nosec B105
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNSCORABLE = "unscorable"
    HELD = "held"

    __hash__ = str.__hash__


class EvidenceKind(StrEnum):
    SAID = "said"
    ABSENT = "absent"
    MEASURE = "measure"
    HEARD = "heard"

    __hash__ = str.__hash__


# Looking up a member of an enumeration costs as much as a call; the hot ones by their names.
SAID, ABSENT, MEASURE = EvidenceKind.SAID, EvidenceKind.ABSENT, EvidenceKind.MEASURE


# Made for every hit of every call: as a tuple it costs a third of a frozen dataclass.
class Evidence(NamedTuple):
    """Why a verdict stands, in seconds of audio.

    `said`: `quote` is what was heard, `phrase` the wording of the rubric it matched, `tier` how
    (1 the text itself … 4 near). `absent`: the span that was searched and, in `quote`, what that
    speaker said there. `measure`: `quote` names the figure and its bound. `heard`: a person heard
    it there. `turn` is the index into
    the transcript's turns, None where no single turn is meant. `doubt` are the words of the quote
    that were not heard surely, where the finding hangs on them.
    """

    kind: EvidenceKind
    start_s: float
    end_s: float
    speaker: Speaker | None = None
    turn: int | None = None
    quote: str = ""
    phrase: str | None = None
    tier: int | None = None
    certainty: float = 1.0
    doubt: str = ""

    def as_json(self) -> dict[str, Any]:
        body = {
            "kind": str(self.kind),
            "speaker": None if self.speaker is None else str(self.speaker),
            "turn": self.turn,
            "start_s": round(self.start_s, 2),
            "end_s": round(self.end_s, 2),
            "quote": self.quote,
            "phrase": self.phrase,
            "tier": self.tier,
            "certainty": round(self.certainty, 3),
        }
        return body | {"doubt": self.doubt} if self.doubt else body


def is_near(evidence: Evidence) -> bool:
    """Whether it is a sentence that is only worded nearly like a phrase of the list: of no tier."""
    return (
        evidence.kind is EvidenceKind.SAID
        and evidence.tier is None
        and evidence.phrase is not None
        and bool(evidence.quote)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthHearing:
    """Seconds of a party's speech that are worth hearing for a criterion: they are like `phrase`,
    or (None) have no words.
    """

    criterion: str
    speaker: Speaker
    start_s: float
    end_s: float
    phrase: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "criterion": self.criterion,
            "speaker": str(self.speaker),
            "start_s": round(self.start_s, 2),
            "end_s": round(self.end_s, 2),
            "phrase": self.phrase,
        }


def worth_hearing_from_json(body: Mapping[str, Any]) -> WorthHearing:
    """The inverse of `WorthHearing.as_json`."""
    return WorthHearing(**{**body, "speaker": Speaker(body["speaker"])})
