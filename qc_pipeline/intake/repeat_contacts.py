"""First or repeat contact, told from the calls before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import CallTable

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

CONTACT_DAYS = 30


def with_contacts(
    table: CallTable, earlier: Mapping[str, float] | None = None, days: int = CONTACT_DAYS
) -> CallTable:
    """Fill missing `contact` from the calls of the last `days` days.

    A call is a repeat when the same customer (`customer_id`, or `caller_number`) had an answered
    call before it, at most `days` days earlier, in the list or in `earlier` (customer or number →
    time of the last call, seconds since 1970); first when not; left open when the list says
    neither who called nor from where.
    """
    import numpy as np

    keys = [table.texts(name) for name in ("customer_id", "caller_number")]
    known = [key != None for key in keys]  # noqa: E711
    if not any(k.any() for k in known):
        return table
    answered = ~table.unanswered()
    repeat = np.zeros(len(table), dtype=bool)
    for key, has in zip(keys, known, strict=True):
        places = np.flatnonzero(has & answered)
        if len(places):
            repeat[places] |= _seen_before(key[places], table.start_us[places], days, earlier or {})
    derived = np.where(repeat, "repeat", "first").astype(object)
    derived[~((known[0] | known[1]) & answered)] = None
    given = table.texts("contact")
    column = np.where(given == None, derived, given)  # noqa: E711
    return table.with_columns({"contact": column}, {"contact": "text"})


def _seen_before(keys: Array, start_us: Array, days: int, earlier: Mapping[str, float]) -> Array:
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(keys)
    order = np.lexsort((start_us, codes))
    before = np.full(len(keys), np.iinfo(np.int64).min // 2, dtype=np.int64)
    same = codes[order][1:] == codes[order][:-1]
    before[order[1:][same]] = start_us[order[:-1][same]]
    if earlier:
        last = np.array([earlier.get(u, -1e12) for u in uniques.tolist()]) * 1e6
        before = np.maximum(before, last[codes].astype(np.int64))
    window = days * 86_400_000_000
    seen: Array = start_us - before <= window
    return seen
