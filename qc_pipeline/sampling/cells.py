"""The cells of a draw: arrays over strata and groups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The non-empty cells stratum × risk class × agent; all arrays but `of_call` by cell.

    `of_call[i]` is call i's cell. `agent_names[-1]` may be "" for calls without an agent.
    """

    of_call: Array
    size: Array
    stratum: Array
    risk: Array
    agent: Array
    class_names: tuple[str, ...]
    class_multipliers: tuple[float, ...]
    agent_names: tuple[str, ...]
