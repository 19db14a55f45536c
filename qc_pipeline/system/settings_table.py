"""What every table of qc.toml is: frozen, strict, and no key that we do not know."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


def as_tuple(value: Any) -> Any:
    """A TOML array is a list; ours are tuples."""
    return tuple(value) if isinstance(value, list) else value


class SettingsTable(BaseModel):
    """A table of qc.toml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
