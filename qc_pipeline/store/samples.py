"""The draws of a period as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qc_pipeline.sampling.sample import Sample
from qc_pipeline.store.replacements import KeptReplacement


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSample:
    """A period's draw as recorded. `number` counts the period's draws from 1, `reason` is why it
    was drawn anew.

    `sample` is what is inspected: the draw (`drawn`) with `replacements` in place of the
    recordings that proved invalid.
    """

    seq: int
    sample: Sample
    drawn: Sample
    replacements: tuple[KeptReplacement, ...]
    start_day: date
    end_day: date
    number: int
    reason: str | None
