"""The bad rows of a call list: which they are, and what is said about them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qc_pipeline.errors import Problem
from qc_pipeline.message import Message

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

SHOWN_EACH = 100


class BadRows:
    """Which rows are bad, and why; the text is made only when somebody asks."""

    def __init__(self, path: Path, rows: Array) -> None:
        import numpy as np

        self.path = str(path)
        self.rows = rows
        self.mask = np.zeros(len(rows), dtype=bool)
        self.faults: list[tuple[Array, Message, Array | None, str | None, str | None]] = []

    @property
    def any_bad(self) -> bool:
        return bool(self.faults)

    def add(
        self,
        places: Array,
        message: Message,
        found: Array | None = None,
        allowed: str | None = None,
        hint: str | None = None,
    ) -> None:
        """`places` are indices; `found` the whole column that holds the bad cells."""
        if len(places):
            self.mask[places] = True
            self.faults.append((places, message, found, allowed, hint))

    def problems(self) -> list[Problem]:
        """One a bad cell; of very many of one kind, the rest in one line that names the rows."""
        made: list[Problem] = []
        for places, message, found, allowed, hint in self.faults:
            for i in places[:SHOWN_EACH]:
                cell = None if found is None else f'"{found[i]}"'
                made.append(
                    Problem(
                        path=self.path,
                        line=int(self.rows[i]),
                        message=message.text,
                        found=cell,
                        allowed=allowed,
                        hint=hint,
                        meaning=message,
                    )
                )
            rest = self.rows[places[SHOWN_EACH:]]
            if len(rest):
                made.append(
                    Problem(
                        path=self.path,
                        line=int(rest[0]),
                        message=f"{message.text}, as in {len(rest)} rows in all from here on",
                        found=f"rows {_runs(rest)}",
                        allowed=allowed,
                        hint=hint,
                        meaning=Message.of("row_many", what=message, n=len(rest)),
                    )
                )
        return made


def _runs(rows: Array) -> str:
    """Row numbers in order as runs: 3–7, 9."""
    import numpy as np

    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    parts = np.split(rows, breaks)
    return ", ".join(f"{p[0]}–{p[-1]}" if len(p) > 1 else f"{p[0]}" for p in parts)
