"""申诉不加扣: who objects is never worse off for it.

The answer to an objection takes back, and nothing on the card costs more for it. While an objection
to a published call is open, and once it was decided, nobody adds a deduction to that call: what is
found besides is coaching, and a red line a case of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from qc_pipeline.errors import UsageError
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.appeals import WITHDRAWN, KeptAppeal, appeals_of
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.transaction import Reads

_RULE = "申诉不加扣 (an objection makes nobody worse off)"


def lower_total(before: Scorecard, after: Scorecard) -> bool:
    """Whether a card's total is below the one before; a call without one has none to compare."""
    return before.total is not None and after.total is not None and after.total < before.total


def dearer(before: Scorecard, after: Scorecard) -> tuple[str, ...]:
    """The criteria that cost more than before, red lines that came up included."""
    lost = {c.id: c.lost for c in before.criteria()}
    fatal = set(after.fatal) - set(before.fatal)
    return tuple(c.id for c in after.criteria() if c.lost > lost.get(c.id, 0.0) or c.id in fatal)


def refuse_worse(before: Scorecard, after: Scorecard) -> None:
    """Raises UsageError where an objection's answer would leave the call worse off than before."""
    more = dearer(before, after)
    if more or lower_total(before, after):
        told = f"{', '.join(more)} would cost more" if more else "its total would be lower"
        raise UsageError(
            f"{_RULE}: by this answer {before.recording_id} would be worse off, {told} "
            f"({figure_of(before)} → {figure_of(after)}); nothing was changed"
        )


def objected(reads: Reads, period: str) -> Mapping[str, KeptAppeal]:
    """By call of a period the last objection to it that is open or was decided."""
    found = appeals_of(reads, period)
    return {o.recording_id: o for o in found if o.state != WITHDRAWN}


def refuse_more_deducted(
    reads: Reads, period: str, before: Scorecard, after: Scorecard, *, criteria: bool
) -> None:
    """Raises UsageError where a published call that somebody objected to would have a lower total
    or, with `criteria`, any deduction added or raised; with the commands for what is found besides.
    """
    more = dearer(before, after)
    if not lower_total(before, after) and not (criteria and more):
        return
    objection = objected(reads, period).get(before.recording_id)
    if objection is None:
        return
    name = before.recording_id
    told = f"{', '.join(more)} would cost more" if more else "its total would be lower"
    raise UsageError(
        f"{_RULE}: objection {objection.number} to {name} {objection.criterion} is "
        f"{objection.state}, and {told} ({figure_of(before)} → {figure_of(after)}); nothing was "
        f"changed, a notice makes no difference. What was found besides is coaching: "
        f"`{_coaching(reads, period, before, more)}`; a red line is a case of "
        f"its own: `qc followup open {name} -p {period} --problem TEXT`"
    )


def _coaching(reads: Reads, period: str, card: Scorecard, criteria: tuple[str, ...]) -> str:
    call = calls_by_hash(reads, [card]).get(card.recording_id)
    agent = "AGENT" if call is None or call.agent_id is None else call.agent_id
    criterion = criteria[0] if criteria else "CRITERION"
    where = f"--recording {card.recording_id} -p {period}"
    return f"qc coach add {agent} {criterion} {where} --advice TEXT"


def figure_of(card: Scorecard) -> str:
    """A card's total; a dash where it has none."""
    return "–" if card.total is None else f"{card.total:.2f}"
