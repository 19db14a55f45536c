"""The parts of the report, one file each, in the order in which they stand.

A new part is a file with `build(model) -> tuple[SectionView, ...]` and a line here.
"""

from __future__ import annotations

from collections.abc import Callable

from qc_pipeline.report.blocks import SectionView
from qc_pipeline.report.model import ReportModel
from qc_pipeline.report.sections import (
    agents,
    appeals,
    bands,
    coaching,
    conduct,
    daily,
    deductions,
    groups,
    headline,
    how_made,
    key_problems,
    problem_calls,
    sampled,
    service,
)

Builder = Callable[[ReportModel], tuple[SectionView, ...]]

SECTIONS: tuple[Builder, ...] = (
    key_problems.build,
    conduct.build,
    headline.build,
    groups.build,
    daily.build,
    bands.build,
    deductions.build,
    problem_calls.build,
    agents.build,
    service.build,
    appeals.build,
    coaching.build,
    sampled.build,
    how_made.build,
)
