"""Strata: duration bands × time slots × further columns, tiny ones merged by a stated rule."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from qc_pipeline.call_table import DAY_US, CallTable, objects
from qc_pipeline.sampling.plan import (
    DAY_MIN,
    OTHER_SLOT,
    Quantiles,
    SamplingPlan,
    TimeSlot,
    clock_min,
)

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

MINUTE_US = 60_000_000
HOUR_US = 60 * MINUTE_US
BUSY_HOURS = 4
UNKNOWN_BAND = "unknown"
MISSING = "–"
SEPARATOR = " / "
JOINT = "·"
NEW_SHIFT_AFTER_US = 6 * HOUR_US
SHIFT_CALLS = 4
SHIFT_SPAN_US = 2 * HOUR_US


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """A group of calls that is drawn from on its own.

    `bands`, `slots` and `by` are the indices and values of the cells that were put together;
    `merged_from` names those cells when there is more than one.
    """

    name: str
    duration_band: str
    slot: str
    size: int
    merged_from: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Strata:
    """`codes[i]` is the index in `strata` of call i (int64)."""

    strata: tuple[Stratum, ...]
    codes: Array


def band_names(edges: tuple[float, ...], *, unknown: bool = False) -> tuple[str, ...]:
    """Names of the bands between inner edges, in seconds; the lower edge belongs to a band.
    `unknown` adds the one of calls whose duration nobody knows.
    """
    last = (UNKNOWN_BAND,) if unknown else ()
    if not edges:
        return ("all", *last)
    texts = [f"{e:g}" for e in edges]
    inner = [f"{a}-{b}s" for a, b in pairwise(texts)]
    return (f"<{texts[0]}s", *inner, f">={texts[-1]}s", *last)


def duration_edges(table: CallTable, plan: SamplingPlan) -> tuple[float, ...]:
    """The inner edges of the bands in seconds: the plan's own, or quantiles of these calls."""
    import numpy as np

    if not isinstance(plan.duration_s, Quantiles):
        return plan.duration_s
    durations = table.numbers("duration_s")
    known = np.sort(durations[~np.isnan(durations)])
    n = plan.duration_s.quantiles
    cuts = [float(known[len(known) * k // n]) for k in range(1, n)] if len(known) else []
    return tuple(sorted({c for c in cuts if c > known[0]}))


def band_of(duration_s: float | None, edges: tuple[float, ...]) -> int:
    """The band of one call, as an index of `band_names(edges, unknown=True)`."""
    return len(edges) + 1 if duration_s is None else bisect_right(edges, duration_s)


def duration_bands(table: CallTable, plan: SamplingPlan) -> tuple[tuple[str, ...], Array]:
    """(names, code of each call); calls whose duration nobody knows have a band of their own."""
    import numpy as np

    edges = duration_edges(table, plan)
    durations = table.numbers("duration_s")
    codes = np.searchsorted(np.array(edges), durations, side="right")
    codes[np.isnan(durations)] = len(edges) + 1
    return band_names(edges, unknown=True), codes.astype(np.int64)


def time_slots(table: CallTable, plan: SamplingPlan) -> tuple[tuple[str, ...], Array]:
    """(names, code of each call): the first slot of the plan that holds its start, else "other"."""
    import numpy as np

    names = tuple(s.name for s in plan.slots)
    codes = np.full(len(table), len(names), dtype=np.int64)
    for i, inside in enumerate(slot_marks(table, plan).values()):
        codes[(codes == len(names)) & inside] = i
    return (*names, OTHER_SLOT), codes


def slot_marks(table: CallTable, plan: SamplingPlan) -> dict[str, Array]:
    """A mask of the calls that each slot of the plan holds, whatever slots before it hold."""
    marks: dict[str, Array] = {}
    shifts: Shifts | None = None
    for slot in plan.slots:
        match slot.kind:
            case "clock":
                marks[slot.name] = _clock(table, slot)
            case "busiest":
                marks[slot.name] = _busiest(table, slot.hours or BUSY_HOURS)
            case _:
                shifts = shifts or shift_bounds(table)
                marks[slot.name] = _at_shift(table, slot, shifts, former=plan.rules == 1)
    return marks


def _at_shift(table: CallTable, slot: TimeSlot, shifts: Shifts, *, former: bool) -> Array:
    """Calls that begin in the first or last minutes of their agent's shift.

    Both hold their beginning and not their end; of a shift that is only known by its calls the
    last call is its end, and in it. (By the `former` rules the last minutes held their end.)
    """
    width = (slot.minutes or 30) * MINUTE_US
    known = shifts.first >= 0
    if slot.kind == "shift_start":
        offset = table.local_us - shifts.first
        inside: Array = known & (offset >= 0) & (offset < width)
        return inside
    offset = shifts.last - table.local_us
    if former:
        inside = known & (offset >= 0) & (offset < width)
    else:
        inside = known & (offset <= width) & ((offset > 0) | (~shifts.rostered & (offset == 0)))
    return inside


def _clock(table: CallTable, slot: TimeSlot) -> Array:
    import numpy as np

    week = np.frombuffer(bytes(slot.minutes_of_week()), dtype=np.uint8)
    minute = table.local_us // MINUTE_US + 3 * DAY_MIN  # 1970-01-01 was a Thursday
    inside: Array = week[minute % len(week)] == 1
    return inside


def busiest_hours(table: CallTable, hours: int) -> tuple[int, ...]:
    """The clock hours in which the most calls began, in order of the day; ties: the earlier."""
    import numpy as np

    counts = np.bincount(table.local_us % DAY_US // HOUR_US, minlength=24)
    busiest = np.lexsort((np.arange(24), -counts))[:hours]
    return tuple(sorted(busiest[counts[busiest] > 0].tolist()))


def _busiest(table: CallTable, hours: int) -> Array:
    """Calls begun in the busiest clock hours."""
    import numpy as np

    hour = table.local_us % DAY_US // HOUR_US
    inside: Array = np.isin(hour, busiest_hours(table, hours))
    return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Shifts:
    """Start and end of the shift that each call fell into, int64 local microseconds, -1 unknown;
    `rostered` where the roster says so (bool).
    """

    first: Array
    last: Array
    rostered: Array


def shift_bounds(table: CallTable) -> Shifts:
    """The shifts of calls.

    From the roster (`shift` as "08:00-16:00", over midnight where it ends before it begins);
    without one from the agent's own calls: a run of calls with less than six hours between them
    is a shift from its first to its last call, if it holds at least four calls over two hours –
    fewer say nothing about when somebody came and went.
    """
    import numpy as np
    import pandas as pd

    first = np.full(len(table), -1, dtype=np.int64)
    last = first.copy()
    agents, _ = pd.factorize(table.agents)
    order = np.lexsort((table.local_us, agents))
    moments = table.local_us[order]
    fresh = np.ones(len(order), dtype=bool)
    fresh[1:] = (agents[order][1:] != agents[order][:-1]) | (np.diff(moments) >= NEW_SHIFT_AFTER_US)
    run = np.cumsum(fresh) - 1
    starts = np.flatnonzero(fresh)
    ends = np.append(starts[1:], len(order)) - 1
    if len(order):
        begins, stops = moments[starts], moments[ends]
        told = (ends - starts + 1 >= SHIFT_CALLS) & (stops - begins >= SHIFT_SPAN_US)
        known = told[run] & (agents[order] >= 0)
        first[order[known]] = begins[run[known]]
        last[order[known]] = stops[run[known]]
    return Shifts(first=first, last=last, rostered=_roster(table, first, last))


def _roster(table: CallTable, first: Array, last: Array) -> Array:
    """Overwrite with what the `shift` field says; a mask of the calls it says something of."""
    import numpy as np
    import pandas as pd

    codes, uniques = pd.factorize(table.texts("shift"))
    if not len(uniques):
        return np.zeros(len(table), dtype=bool)
    spans = [_shift_span(text) for text in uniques.tolist()]
    begin = np.array([s[0] if s else -1 for s in spans] + [-1], dtype=np.int64)[codes]
    end = np.array([s[1] if s else -1 for s in spans] + [-1], dtype=np.int64)[codes]
    known = begin >= 0
    minute = table.local_us % DAY_US // MINUTE_US
    midnight = table.local_us // DAY_US * DAY_US
    # The later part of a shift over midnight belongs to the day on which it began.
    midnight = np.where((end > DAY_MIN) & (minute < end - DAY_MIN), midnight - DAY_US, midnight)
    first[known] = (midnight + begin * MINUTE_US)[known]
    last[known] = (midnight + end * MINUTE_US)[known]
    return known


def _shift_span(text: str) -> tuple[int, int] | None:
    """Minutes after midnight of "08:00-16:00"; past 1440 where it ends on the next day."""
    clock = r"\s*(\d{1,2}[:\uff1a]\d{2})\s*"
    found = re.fullmatch(f"{clock}[-–—~至到]{clock}", text)
    if not found:
        return None
    try:
        begin, end = (clock_min(part.replace("\uff1a", ":")) for part in found.groups())
    except ValueError:
        return None
    return begin, end if end > begin else end + DAY_MIN


def stratify(table: CallTable, plan: SamplingPlan, *, most: int | None = None) -> Strata:
    """Strata of the frame, at most `most` of them, each with `stratum_min` calls or more.

    The rule of merging: as long as a stratum holds fewer than `stratum_min` calls (at least
    two), or there are more than `most`, the smallest is put together with the nearest: one of
    the same columns (`by`) before others, one that shares a slot before others, then the one
    nearest in duration, then the smaller. Names in order break ties.
    """
    import numpy as np
    import pandas as pd

    bands, band = duration_bands(table, plan)
    slots, slot = time_slots(table, plan)
    group = np.zeros(len(table), dtype=np.int64)
    values: list[tuple[str, ...]] = [()]
    if plan.by:
        keys = [objects(MISSING if v is None else v for v in table.texts(n)) for n in plan.by]
        joined, uniques = pd.factorize(objects(zip(*keys, strict=True)))
        ranked = sorted(range(len(uniques)), key=lambda i: uniques[i])
        rank = np.empty(len(uniques), dtype=np.int64)
        rank[ranked] = np.arange(len(uniques))
        group = rank[joined]
        values = [tuple(uniques[i]) for i in ranked]
    cell = (group * len(slots) + slot) * len(bands) + band
    present, inverse, sizes = np.unique(cell, return_inverse=True, return_counts=True)
    parts = [
        _Part(
            cells=(int(c),),
            bands=frozenset({int(c) % len(bands)}),
            slots=frozenset({int(c) // len(bands) % len(slots)}),
            groups=frozenset({int(c) // len(bands) // len(slots)}),
            size=int(n),
        )
        for c, n in zip(present, sizes, strict=True)
    ]
    least = max(2, plan.stratum_min)
    merged = _merge(parts, least=least, most=most)
    names = _Names(bands=bands, slots=slots, values=tuple(values))
    index = {c: i for i, part in enumerate(merged) for c in part.cells}
    codes = np.array([index[int(c)] for c in present], dtype=np.int64)[inverse.reshape(-1)]
    return Strata(strata=tuple(names.stratum(part) for part in merged), codes=codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    cells: tuple[int, ...]
    bands: frozenset[int]
    slots: frozenset[int]
    groups: frozenset[int]
    size: int


def _merge(parts: list[_Part], *, least: int, most: int | None) -> list[_Part]:
    parts = list(parts)
    while len(parts) > 1:
        small = min(parts, key=lambda p: (p.size, p.cells))
        if small.size >= least and (most is None or len(parts) <= most):
            break
        parts.remove(small)
        partner = min(parts, key=lambda p: (*_distance(small, p), p.size, p.cells))
        parts.remove(partner)
        parts.append(_together(small, partner))
    return sorted(parts, key=lambda p: p.cells)


def _together(a: _Part, b: _Part) -> _Part:
    return _Part(
        cells=tuple(sorted(a.cells + b.cells)),
        bands=a.bands | b.bands,
        slots=a.slots | b.slots,
        groups=a.groups | b.groups,
        size=a.size + b.size,
    )


def _distance(a: _Part, b: _Part) -> tuple[bool, bool, int]:
    gap = min(abs(x - y) for x in a.bands for y in b.bands)
    return not a.groups & b.groups, not a.slots & b.slots, gap


@dataclass(frozen=True, slots=True, kw_only=True)
class _Names:
    bands: tuple[str, ...]
    slots: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    def stratum(self, part: _Part) -> Stratum:
        band = self._bands(part.bands)
        slot = "+".join(self.slots[i] for i in sorted(part.slots))
        cells = tuple(self.cell(c) for c in part.cells)
        return Stratum(
            name=" + ".join(self._exact(part)),
            duration_band=band,
            slot=slot,
            size=part.size,
            merged_from=cells if len(cells) > 1 else (),
        )

    def _exact(self, part: _Part) -> list[str]:
        """What a merged stratum holds: its cells, those with the same bands together."""
        bands: dict[tuple[int, int], set[int]] = {}
        for code in part.cells:
            rest, band = divmod(code, len(self.bands))
            group, slot = divmod(rest, len(self.slots))
            bands.setdefault((group, slot), set()).add(band)
        alike: dict[tuple[int, frozenset[int]], list[int]] = {}
        for (group, slot), held in bands.items():
            alike.setdefault((group, frozenset(held)), []).append(slot)
        return [
            SEPARATOR.join(
                p
                for p in (
                    self._bands(held),
                    "+".join(self.slots[i] for i in sorted(slots)),
                    JOINT.join(self.values[group]),
                )
                if p
            )
            for (group, held), slots in alike.items()
        ]

    def cell(self, code: int) -> str:
        band = self.bands[code % len(self.bands)]
        slot = self.slots[code // len(self.bands) % len(self.slots)]
        group = JOINT.join(self.values[code // len(self.bands) // len(self.slots)])
        return SEPARATOR.join(p for p in (band, slot, group) if p)

    def _bands(self, members: frozenset[int]) -> str:
        """Neighbouring bands as one: 30-120s and 120-300s are 30-300s."""
        runs: list[list[int]] = []
        timed = len(self.bands) - 1
        for i in sorted(members):
            if runs and runs[-1][-1] == i - 1 and i < timed:
                runs[-1].append(i)
            else:
                runs.append([i])
        return "+".join(self._run(run, timed) for run in runs)

    def _run(self, run: list[int], timed: int) -> str:
        if len(run) == 1:
            return self.bands[run[0]]
        if len(run) == timed:
            return "all"
        low, high = self.bands[run[0]], self.bands[run[-1]]
        if run[0] == 0:
            return f"<{high.rpartition('-')[2]}"
        if run[-1] == timed - 1:
            return f">={low.partition('-')[0]}s"
        return f"{low.partition('-')[0]}-{high.rpartition('-')[2]}"
