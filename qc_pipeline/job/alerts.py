"""What cannot wait for the week's listening: red lines and complaint risks, told the same day.

They stand in `alerts/PERIOD.csv` of the workspace, without a word of the calls, so that whoever
follows up need not wait for the report. What people decided since is no alert any more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from qc_pipeline.review.listening import CallToListen, Why, calls_to_listen
from qc_pipeline.review.queue import Item
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import csv_text, write_text
from qc_pipeline.workspace.settings import Settings

FOLDER = "alerts"
COLUMNS = (
    "period",
    "alert",
    "recording_id",
    "start_time",
    "agent_id",
    "agent_name",
    "team",
    "criterion",
    "title",
    "state",
    "at_s",
)
FOUND = ("proposed", "held", "deducted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A finding that is told at once; `why` is red_line or complaint."""

    why: Why
    call: CallToListen
    item: Item


def alerts_of(record: Reads, settings: Settings, kept: KeptSample) -> tuple[Alert, ...]:
    """The open red lines and complaint risks of a period, in the order of listening."""
    risks = settings.targets.follow_up_criteria
    found: list[Alert] = []
    for call in calls_to_listen(record, kept, complaint_risks=risks):
        for item in call.items:
            if item.kind not in FOUND:
                continue
            if item.severity == "fatal":
                found.append(Alert(why=Why.RED_LINE, call=call, item=item))
            elif item.criterion in risks:
                found.append(Alert(why=Why.COMPLAINT, call=call, item=item))
    return tuple(sorted(found, key=lambda a: a.why is not Why.RED_LINE))


def write_alerts(
    record: Reads, settings: Settings, kept: KeptSample, alerts: Sequence[Alert]
) -> Path:
    """Write the period's alert file, UTF-8 with a mark for spreadsheets; of nothing but its head
    where there is nothing to tell.
    """
    path = settings.root / FOLDER / f"{kept.sample.period}.csv"
    cards = [o for o in outcomes_of(record, kept.seq).values() if isinstance(o, Scorecard)]
    named = {a.call.recording_id for a in alerts}
    rows = calls_by_hash(record, [c for c in cards if c.recording_id in named])
    lines: list[tuple[str, ...]] = []
    for alert in alerts:
        row, item = rows.get(alert.call.recording_id), alert.item
        lines.append(
            (
                kept.sample.period,
                str(alert.why),
                alert.call.recording_id,
                "" if row is None else row.start_time.isoformat(),
                alert.call.agent_id or "",
                "" if row is None else row.text("agent_name") or "",
                alert.call.team or "",
                item.criterion,
                item.title,
                item.kind,
                next((f"{e.start_s:.2f}" for e in item.result.evidence), ""),
            )
        )
    path.parent.mkdir(exist_ok=True)
    # The mark tells spreadsheets that it is UTF-8.
    write_text(path, "\ufeff" + csv_text(COLUMNS, lines))
    return path
