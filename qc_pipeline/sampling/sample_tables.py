"""The draw as tables: what `qc sample` prints and what `sample.csv` holds."""

from __future__ import annotations

import csv
import io
from collections import Counter
from dataclasses import dataclass

from qc_pipeline.message import Message
from qc_pipeline.sampling.sample import Sample

CSV_COLUMNS = (
    "period",
    "recording_id",
    "origin",
    "stratum",
    "risk_class",
    "agent_id",
    "probability",
    "relisten",
    "relisten_probability",
    "inspector",
    "seed",
    "plan_sha256",
    "frame_sha256",
    "relisten_part",
    "random_probability",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskRow:
    """One risk class of the drawn calls: how many, and their inclusion probabilities."""

    risk_class: str
    drawn: int
    least_probability: float
    most_probability: float


def sample_rows(sample: Sample) -> tuple[tuple[str, ...], ...]:
    """One row a pick under `CSV_COLUMNS`, in the sample's order."""
    return tuple(
        (
            sample.period,
            p.recording_id,
            p.origin,
            p.stratum,
            p.risk_class,
            p.agent_id or "",
            "" if p.probability is None else f"{p.probability:.12g}",
            "true" if p.relisten else "false",
            "" if p.relisten_probability is None else f"{p.relisten_probability:.12g}",
            p.inspector or "",
            sample.seed,
            sample.plan_sha256,
            sample.frame_sha256,
            p.relisten_part,
            "" if p.random_probability is None else f"{p.random_probability:.12g}",
        )
        for p in sample.picks
    )


def sample_csv(sample: Sample) -> str:
    """sample.csv: UTF-8 text with LF line ends; cells that begin like a formula are quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(CSV_COLUMNS)
    for row in sample_rows(sample):
        writer.writerow([_harmless(cell) for cell in row])
    return out.getvalue()


def _harmless(cell: str) -> str:
    """A spreadsheet must not take a cell of the list for a formula.

    Only `=`, `@` and control characters begin one that an id would; a stratum begins with `<`,
    `>` or a digit.
    """
    return f"'{cell}" if cell[:1] in ("=", "@", "\t", "\r", "+", "-") else cell


def stratum_table(sample: Sample) -> tuple[tuple[str, ...], ...]:
    """Rows (stratum, frame, allocated, drawn, probability, merged from) with a line of sums."""
    rows = [
        (
            row.stratum,
            str(row.frame),
            f"{row.allocated:.2f}",
            str(row.drawn),
            f"{row.allocated / row.frame:.4f}" if row.frame else "",
            "; ".join(row.merged_from),
        )
        for row in sample.strata
    ]
    frame = sum(r.frame for r in sample.strata)
    allocated = sum(r.allocated for r in sample.strata)
    drawn = sum(r.drawn for r in sample.strata)
    share = f"{allocated / frame:.4f}" if frame else ""
    return (*rows, ("Σ", str(frame), f"{allocated:.2f}", str(drawn), share, ""))


def excluded_table(sample: Sample) -> tuple[tuple[Message, int], ...]:
    """(reason, recordings) of what lies outside the frame, the most frequent first."""
    counts = Counter(e.reason for e in sample.excluded)
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0].text)))


def risk_table(sample: Sample) -> tuple[RiskRow, ...]:
    """The risk classes of the drawn calls, in order of their multiplier."""
    held: dict[str, list[float]] = {}
    for p in sample.picks:
        if p.origin == "drawn" and p.probability is not None:
            held.setdefault(p.risk_class, []).append(p.probability)
    return tuple(
        RiskRow(
            risk_class=name,
            drawn=len(values),
            least_probability=min(values),
            most_probability=max(values),
        )
        for name, values in sorted(held.items(), key=lambda item: _multiplier(item[0]))
    )


def _multiplier(risk_class: str) -> float:
    return float(risk_class.removeprefix("×")) if risk_class else 1.0
