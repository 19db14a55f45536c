"""Call-backs for a satisfaction survey (回访): a random share of finished cases, one a customer."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from qc_pipeline.call import Recording
from qc_pipeline.call_table import CallTable
from qc_pipeline.errors import UsageError
from qc_pipeline.sampling.period import Period


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """The drawn cases in the order to call. `customers` counts those who could be called.

    `without_number` counts customers left out because the list gives no number for them.
    """

    recording_ids: tuple[str, ...]
    customers: int
    without_number: int
    share: float
    seed: str


def draw_callbacks(
    calls: Sequence[Recording],
    *,
    period: Period,
    share: float,
    seed: str,
    exclude: Collection[str] = (),
) -> Callbacks:
    """A random share of the period's finished cases, at least one, each customer once.

    A case is finished when the call was answered and the list does not say `resolved` = false;
    test calls are none. A customer is told by `customer_id`, else by `caller_number`, and called
    about the case whose sha256(seed, recording_id) comes first. A number to call is
    `callback_number`, else `caller_number`. `exclude` names recordings that must not be drawn.
    Raises UsageError for a share outside (0, 1] and where no case is finished.
    """
    if not 0 < share <= 1:
        raise UsageError(f"a share of call-backs lies above 0 % and up to 100 %, not {share:.2%}")
    table = CallTable.of(calls).between(period.start, period.end)
    open_cases = {r for r, v in zip(table.ids, _resolved(table), strict=True) if v is False}
    answered = ~table.unanswered() & ~table.flags("mystery")
    customers, numbers = table.texts("customer_id"), table.texts("caller_number")
    callbacks = table.texts("callback_number")
    best: dict[str, tuple[bytes, str]] = {}
    reachable: set[str] = set()
    for i, name in enumerate(table.ids.tolist()):
        customer = customers[i] or numbers[i]
        if not answered[i] or name in open_cases or not customer or name in exclude:
            continue
        digest = hashlib.sha256(f"{seed}\ncallback\n{name}".encode()).digest()
        if not (callbacks[i] or numbers[i]):
            best.setdefault(customer, (b"\xff" * 33, name))
            continue
        reachable.add(customer)
        best[customer] = min(best.get(customer, (b"\xff" * 33, name)), (digest, name))
    if not reachable:
        raise UsageError(f"{period.name} has no finished case with a number to call")
    wanted = max(1, math.ceil(share * len(reachable) - 1e-9))
    ordered = sorted(best[c] for c in reachable)
    return Callbacks(
        recording_ids=tuple(name for _, name in ordered[:wanted]),
        customers=len(reachable),
        without_number=len(best) - len(reachable),
        share=share,
        seed=seed,
    )


def _resolved(table: CallTable) -> list[object]:
    return list(table.values("resolved")) if "resolved" in table.columns else [None] * len(table)
