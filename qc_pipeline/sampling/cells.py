"""The cells of a draw: arrays over strata and groups."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]


def frame_salt(ids: Iterable[str]) -> str:
    """A hash of a frame's recording ids: nobody can tell it who does not have them all."""
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()


def order_seed(seed: str, ids: Iterable[str], *, rules: int) -> str:
    """What the order of calls and the starts of cells are hashed with: the seed, salted with the
    frame, so that these hashes tell nothing of the names to who has the seed alone.
    """
    return seed if rules == 1 else f"{seed}\n{frame_salt(ids)}"


def in_salted_order(names: Iterable[str], salt: str) -> list[str]:
    """Agents in the order in which a draw goes through them: that of their salted hashes, which
    says nothing of the names to who reads the steps of a draw. "" comes last.
    """

    def key(name: str) -> tuple[bool, bytes]:
        return not name, hashlib.sha256(f"{salt}\nagent\n{name}".encode()).digest()

    return sorted(names, key=key)


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
