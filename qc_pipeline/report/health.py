"""What a report's figures rest on, and whether they may be told: docs/trust.md, "The headline".

Two figures are never mixed: the listened score, of calls in which a person decided everything, and
the machine reference, which is not given where too little was heard or judged. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from qc_pipeline.report import stats
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.judged_points import judged_points
from qc_pipeline.scoring.points import exact_sum
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

LEAST_HEARD = 0.85
"""Share of the sample's speech that must have words for a machine reference."""
LEAST_JUDGED = 0.5
"""Share of the machine's applicable points that must have been judged for one."""
MOST_NOT_JUDGED = 0.25
"""Share of the transcribed calls that may be not judged (未评) for one."""
LEAST_LISTENED = 20
"""Listened calls from which on their mean may be told as the period's."""

Light = Literal["go", "reference", "withheld"]
Withheld = Literal["heard", "judged", "not_judged"]


class SampledCall(Protocol):
    """A sampled call, as far as the health of a period looks at it (`report.model.Call`)."""

    @property
    def card(self) -> Scorecard | None: ...
    @property
    def results(self) -> tuple[CriterionResult, ...]: ...
    @property
    def listened_weight(self) -> float: ...
    @property
    def settled(self) -> bool: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Shares in [0, 1], None where there is nothing to divide by; the rest counts.

    `speech_heard`: of both parties' speech in the calls whose hearing is known; of
    `hearing_unknown` calls it is not. `points_judged`: of those at stake (`JudgedPoints`), calls
    that are too short left out. `open_items` wait for a person, `open_red_lines` and `open_majors`
    are the proposed and held ones of them. `transcribed` calls have a card, `not_judged` of them
    are 未评, `listened_calls` enter the listened mean.
    """

    speech_heard: float | None
    hearing_unknown: int
    points_judged: float | None
    open_items: int
    open_red_lines: int
    open_majors: int
    transcribed: int
    not_judged: int
    listened_calls: int

    @property
    def not_judged_share(self) -> float | None:
        return stats.share(self.not_judged, self.transcribed)

    @property
    def withheld(self) -> tuple[Withheld, ...]:
        """Why the machine reference is not given; empty where it is."""
        found: list[Withheld] = []
        if self.speech_heard is not None and self.speech_heard < LEAST_HEARD:
            found.append("heard")
        if self.points_judged is not None and self.points_judged < LEAST_JUDGED:
            found.append("judged")
        if (self.not_judged_share or 0.0) > MOST_NOT_JUDGED:
            found.append("not_judged")
        return tuple(found)

    @property
    def shown(self) -> bool:
        """Whether the machine reference may be given."""
        return not self.withheld

    @property
    def light(self) -> Light:
        """Withheld: a red line is open, or so little was heard or judged that nothing can be said.
        Reference: too few calls were listened to, a major item is open, or a call is not judged.
        """
        if self.open_red_lines or self.withheld or not self.transcribed:
            return "withheld"
        if self.listened_calls < LEAST_LISTENED or self.open_majors or self.not_judged:
            return "reference"
        return "go"


def health_of(calls: Iterable[SampledCall]) -> Health:
    """The health of the sampled calls of a period."""
    judged = [c for c in calls if c.card is not None]
    cards = [c.card for c in judged if c.card is not None]
    speech = [_speech(c) for c in cards if c.hearing]
    whole, heard = exact_sum(s for s, _ in speech), exact_sum(h for _, h in speech)
    points = [judged_points(c.criteria()) for c in cards if not c.lacks_talk]
    at_stake = exact_sum(p.at_stake for p in points)
    waiting = [r for c in judged for r in open_results(c)]
    confirmed = [r for r in waiting if r.proposed or r.verdict is Verdict.HELD]
    return Health(
        speech_heard=heard / whole if whole > 0 else None,
        hearing_unknown=sum(not c.hearing for c in cards),
        points_judged=exact_sum(p.judged for p in points) / at_stake if at_stake > 0 else None,
        open_items=len(waiting),
        open_red_lines=sum(r.severity == "fatal" for r in confirmed),
        open_majors=sum(r.severity == "major" for r in confirmed),
        transcribed=len(cards),
        not_judged=sum(c.unjudged for c in cards),
        listened_calls=sum(c.listened_weight > 0 for c in judged),
    )


def open_results(call: SampledCall) -> Iterator[CriterionResult]:
    """What of a call waits for a person, as the review queue has it."""
    card = call.card
    if card is None or call.settled:
        return
    for result in call.results:
        if result.trial or result.decided_by == "person":
            continue
        is_unheard = result.verdict is Verdict.UNSCORABLE and (
            card.unjudged or (result.manual and not card.lacks_talk)
        )
        is_partly_held = result.verdict is Verdict.FAIL and result.stake > 0
        if result.proposed or result.verdict is Verdict.HELD or is_partly_held or is_unheard:
            yield result


def _speech(card: Scorecard) -> tuple[float, float]:
    """Seconds of both parties' speech, and those of them that have words."""
    parties: Sequence[tuple[float, float]] = [
        (float(one["speech_s"]), float(one["unheard_s"])) for one in card.hearing.values()
    ]
    return sum(s for s, _ in parties), sum(s - u for s, u in parties)
