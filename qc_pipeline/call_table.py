"""Calls as columns: what a list of a million rows is held in, `Recording`s made when asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING, Any, Literal, overload

from qc_pipeline.call import FieldValue, Recording

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_US = 86_400_000_000
ColumnKind = Literal["text", "number", "boolean", "any"]


class CallTable(Sequence[Recording]):
    """A sequence of recordings kept as numpy columns of one length.

    `ids`, `paths`, `agents`: object arrays of str (paths and agents may hold None). `start_us`:
    int64, microseconds since 1970 UTC; `local_us`: the same moment's wall clock in the zone of
    the list, as microseconds since 1970. `rows`: int64 row numbers of the list, -1 unknown.
    `columns`: every other field that some call has; text and "any" are object arrays with None,
    numbers float64 with NaN, booleans int8 with -1 where the list does not say (`kinds`).
    """

    def __init__(
        self,
        *,
        ids: Array,
        paths: Array,
        agents: Array,
        start_us: Array,
        local_us: Array,
        rows: Array,
        columns: Mapping[str, Array],
        kinds: Mapping[str, ColumnKind],
        zone: tzinfo | None,
        made: Sequence[Recording] | None = None,
    ) -> None:
        self.ids = ids
        self.paths = paths
        self.agents = agents
        self.start_us = start_us
        self.local_us = local_us
        self.rows = rows
        self.columns = dict(columns)
        self.kinds = dict(kinds)
        self.zone = zone
        self._made = made
        self._places: dict[str, int] | None = None

    @classmethod
    def of(cls, recordings: Sequence[Recording]) -> CallTable:
        """Any recordings as a table; local time is each one's own wall clock."""
        import numpy as np

        if isinstance(recordings, CallTable):
            return recordings
        made = tuple(recordings)
        names = sorted({name for r in made for name in r.fields})
        columns: dict[str, Array] = {}
        kinds: dict[str, ColumnKind] = {}
        for name in names:
            columns[name], kinds[name] = _column([r.fields.get(name) for r in made])
        return cls(
            ids=objects([r.recording_id for r in made]),
            paths=objects([r.path for r in made]),
            agents=objects([r.agent_id for r in made]),
            start_us=np.array([_us(r.start_time) for r in made], dtype=np.int64),
            local_us=np.array(
                [_us(r.start_time.replace(tzinfo=UTC)) for r in made], dtype=np.int64
            ),
            rows=np.array([-1 if r.row is None else r.row for r in made], dtype=np.int64),
            columns=columns,
            kinds=kinds,
            zone=None,
            made=made,
        )

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, index: int) -> Recording: ...
    @overload
    def __getitem__(self, index: slice) -> CallTable: ...
    def __getitem__(self, index: int | slice) -> Recording | CallTable:
        import numpy as np

        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        if not -len(self) <= index < len(self):
            raise IndexError(index)
        return self._make(index % len(self))

    def __iter__(self) -> Iterator[Recording]:
        return (self._make(i) for i in range(len(self)))

    def take(self, places: Array) -> CallTable:
        """The calls at `places` (indices or a boolean mask), in that order."""
        import numpy as np

        made = None
        if self._made is not None:
            indices = np.flatnonzero(places) if places.dtype == bool else places
            made = tuple(self._made[int(i)] for i in indices)
        return CallTable(
            ids=self.ids[places],
            paths=self.paths[places],
            agents=self.agents[places],
            start_us=self.start_us[places],
            local_us=self.local_us[places],
            rows=self.rows[places],
            columns={k: v[places] for k, v in self.columns.items()},
            kinds=self.kinds,
            zone=self.zone,
            made=made,
        )

    def with_columns(
        self, columns: Mapping[str, Array], kinds: Mapping[str, ColumnKind]
    ) -> CallTable:
        """The same calls with columns added or replaced."""
        return CallTable(
            ids=self.ids,
            paths=self.paths,
            agents=self.agents,
            start_us=self.start_us,
            local_us=self.local_us,
            rows=self.rows,
            columns={**self.columns, **columns},
            kinds={**self.kinds, **kinds},
            zone=self.zone,
        )

    def place(self, recording_id: str) -> int | None:
        """The index of a recording, None where the list does not hold it."""
        if self._places is None:
            self._places = {name: i for i, name in enumerate(self.ids.tolist())}
        return self._places.get(recording_id)

    def find(self, recording_ids: Collection[str]) -> dict[str, Recording]:
        """The recordings of these ids that the list holds, by id, without making the others."""
        return {name: self._make(place) for name, place in self.places(recording_ids).items()}

    def places(self, recording_ids: Collection[str]) -> dict[str, int]:
        """The indices of those of these recordings that the list holds, by id."""
        wanted = dict.fromkeys(recording_ids)
        if self._places is None:
            found = {n: i for i, n in enumerate(self.ids.tolist()) if n in wanted}
            return {name: found[name] for name in wanted if name in found}
        return {name: self._places[name] for name in wanted if name in self._places}

    def where(self, test: Callable[[Array], Array]) -> CallTable:
        """The calls whose local day (days since 1970, int64) passes `test`."""
        return self.take(test(self.local_us // DAY_US))

    def between(self, start: date, end: date) -> CallTable:
        """The calls that began on local days `start` to `end`, both included."""
        first, last = day_number(start), day_number(end)
        return self.where(lambda day: (day >= first) & (day <= last))

    def days(self) -> tuple[date, ...]:
        """Local days on which calls began, in order."""
        import numpy as np

        return tuple(
            (EPOCH + timedelta(days=int(d))).date() for d in np.unique(self.local_us // DAY_US)
        )

    def numbers(self, name: str) -> Array:
        """A column as float64, NaN where it is missing or not a number."""
        import numpy as np

        column = self.columns.get(name)
        if column is None:
            return np.full(len(self), np.nan)
        if self.kinds[name] == "number":
            return column
        if self.kinds[name] == "boolean":
            return np.where(column < 0, np.nan, column.astype(np.float64))
        return np.array([_float(v) for v in column.tolist()], dtype=np.float64)

    def texts(self, name: str) -> Array:
        """A field as an object array of str, None where it is missing."""
        match name:
            case "recording_id":
                return self.ids
            case "agent_id":
                return self.agents
            case "path":
                return self.paths
        column = self.columns.get(name)
        if column is None:
            return objects([None] * len(self))
        if self.kinds[name] == "text":
            return column
        return objects([None if v is None else text_of(v) for v in self.values(name)])

    def values(self, name: str) -> Iterable[FieldValue | None]:
        """A column's values as `Recording.fields` has them, None where missing."""
        column = self.columns[name].tolist()
        match self.kinds[name]:
            case "number":
                return [_value(v) for v in column]
            case "boolean":
                return [None if v < 0 else bool(v) for v in column]
            case _:
                return list(column)

    def flags(self, name: str) -> Array:
        """A boolean column as a mask: True where the list says so."""
        import numpy as np

        column = self.columns.get(name)
        if column is None:
            return np.zeros(len(self), dtype=bool)
        if self.kinds[name] == "boolean":
            mask: Array = column == 1
            return mask
        return np.array([v is True for v in column.tolist()], dtype=bool)

    def unanswered(self) -> Array:
        """A mask of the calls that nobody took."""
        import numpy as np

        column = self.columns.get("answered")
        if column is None:
            return np.zeros(len(self), dtype=bool)
        if self.kinds["answered"] == "boolean":
            mask: Array = column == 0
            return mask
        return np.array([v is False for v in column.tolist()], dtype=bool)

    def _make(self, place: int) -> Recording:
        if self._made is not None:
            return self._made[place]
        fields: dict[str, FieldValue] = {}
        for name, column in self.columns.items():
            value = column[place]
            kind = self.kinds[name]
            if kind == "number":
                value = _value(float(value))
            elif kind == "boolean":
                value = None if value < 0 else bool(value)
            if value is not None:
                fields[name] = value
        moment = EPOCH + timedelta(microseconds=int(self.start_us[place]))
        row = int(self.rows[place])
        return Recording(
            recording_id=self.ids[place],
            path=self.paths[place],
            start_time=moment.astimezone(self.zone or UTC),
            agent_id=self.agents[place],
            fields=fields,
            row=None if row < 0 else row,
        )


def objects(values: Iterable[Any]) -> Array:
    """An object array of exactly these values, whatever they are."""
    import numpy as np

    listed = list(values)
    array = np.empty(len(listed), dtype=object)
    array[:] = listed
    return array


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH.toordinal()


def text_of(value: FieldValue) -> str:
    """A value as it is compared with text: true, false, whole numbers without a point."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


def _value(number: float) -> FieldValue | None:
    if number != number:
        return None
    return int(number) if number.is_integer() else number


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _column(values: list[FieldValue | None]) -> tuple[Array, ColumnKind]:
    import numpy as np

    kinds = {type(v) for v in values if v is not None}
    if kinds == {bool}:
        return np.array([-1 if v is None else int(v) for v in values], dtype=np.int8), "boolean"
    if kinds and kinds <= {int, float}:
        numbers = [np.nan if v is None else v for v in values]
        return np.array(numbers, dtype=np.float64), "number"
    return objects(values), "text" if kinds <= {str} else "any"
