"""The sampling frame: which calls of a period can be drawn, and why the others cannot."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from qc_pipeline.call import Recording
from qc_pipeline.call_table import DAY_US, EPOCH, CallTable
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.message import Message
from qc_pipeline.sampling.period import Period, of_its_kind, parse_period
from qc_pipeline.sampling.sample import Exclusion, Sample

UNANSWERED = Message.of("frame.unanswered")
NAMED_PERIODS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A period's calls, parted: what is drawn from, test calls, and what is left out, why.

    `calls` are sorted by recording_id, so that the order of rows in the list means nothing.
    """

    calls: CallTable
    mystery: CallTable
    excluded: tuple[Exclusion, ...]


def frame_of(calls: Sequence[Recording], period: Period, exclude: Mapping[str, Message]) -> Frame:
    """The sampling frame of a period: answered calls of its days, without those excluded."""
    import numpy as np

    table = CallTable.of(calls).between(period.start, period.end)
    names = table.ids.tolist()
    table = table.take(np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64))
    unanswered = table.unanswered()
    mystery = table.flags("mystery") & ~unanswered
    named = np.zeros(len(table), dtype=bool)
    if exclude:
        named = np.array([name in exclude for name in table.ids.tolist()], dtype=bool)
        named &= ~unanswered
    out = unanswered | named
    excluded = tuple(
        Exclusion(recording_id=name, reason=UNANSWERED if silent else exclude[name])
        for name, silent in zip(table.ids[out].tolist(), unanswered[out].tolist(), strict=True)
    )
    return Frame(
        calls=table.take(~(out | mystery)), mystery=table.take(mystery & ~named), excluded=excluded
    )


def empty_period(calls: CallTable, period: Period) -> UsageError:
    """Why nothing of a period can be drawn: it has no answered call, and which weeks (months, where
    the period is one) have how many; or all that it has are test calls or left out.
    """
    import numpy as np

    answered = calls.take(~calls.unanswered())
    if own := len(answered.between(period.start, period.end)):
        what = "answered call" if own == 1 else f"{own} answered calls"
        return UsageError(f"{period.name}: nothing to draw, its {what} left out or for testing")
    found: Counter[str] = Counter()
    days, counts = np.unique(answered.local_us // DAY_US, return_counts=True)
    for day, n in zip(days.tolist(), counts.tolist(), strict=True):
        found[of_its_kind(period, (EPOCH + timedelta(days=day)).date()).name] += n
    told = [f"{name} ({n} call{'' if n == 1 else 's'})" for name, n in sorted(found.items())]
    here = f"{period.name} holds no answered call of the call list"
    if not told:
        return UsageError(f"{here}, and neither does any other period")
    kind = "weeks" if "W" in of_its_kind(period, period.start).name else "months"
    if len(told) > NAMED_PERIODS:
        told = [*told[:2], "…", *told[-2:], f"{len(found)} {kind} in all"]
    return UsageError(f"{here}; {kind} that do: {', '.join(told).replace(', …,', ' …')}")


def drawn_elsewhere(samples: Iterable[Sample], period: Period) -> dict[str, Message]:
    """Recordings drawn in other periods that overlap this one, with the reason to leave them out.

    What `--exclude-inspected` hands to `draw` as `exclude`; a period does not exclude itself.
    """
    found: dict[str, Message] = {}
    for sample in sorted(samples, key=lambda s: s.period):
        if sample.period != period.name and parse_period(sample.period).overlaps(period):
            reason = Message.of("frame.inspected", period=sample.period)
            for pick in sample.picks:
                found.setdefault(pick.recording_id, reason)
    return found


def cannot_be_put_in(
    calls: Sequence[Recording], names: Sequence[str], exclude: Mapping[str, Message]
) -> dict[str, Message]:
    """Those of the named calls that a draw would not let a person put in, with the reason."""
    table = CallTable.of(calls)
    places, unanswered = table.places(names), table.unanswered()
    found: dict[str, Message] = {}
    for name in names:
        place = places.get(name)
        if place is None:
            found[name] = Message.of("left-out.gone")
        elif table.paths[place] is None or unanswered[place]:
            found[name] = UNANSWERED
        elif name in exclude:
            found[name] = exclude[name]
    return found


def forced_calls(
    calls: CallTable, parts: Frame, include: Sequence[str], exclude: Mapping[str, Message]
) -> CallTable:
    """The calls a person put in; of any day, but recorded and not excluded."""
    import numpy as np

    left_out = {e.recording_id: e.reason for e in parts.excluded} | dict(exclude)
    problems: list[Problem] = []
    places: list[int] = []
    for name in sorted(set(include)):
        place = calls.place(name)
        if place is None:
            problems.append(Problem(path="--include", message="no such recording", found=name))
        elif name in left_out or calls.paths[place] is None:
            why = left_out.get(name, UNANSWERED)
            message = f"a recording that is left out ({why.text}) cannot be put in"
            problems.append(Problem(path="--include", message=message, found=name))
        else:
            places.append(place)
    if problems:
        raise InputError(problems)
    return calls.take(np.array(places, dtype=np.int64))
