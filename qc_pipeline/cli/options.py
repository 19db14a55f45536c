"""Options and ways of printing that every subcommand shares."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.errors import UsageError

if TYPE_CHECKING:
    from qc_pipeline.workspace.settings import Settings

Folder = Annotated[
    Path, typer.Option("-C", "--workspace", metavar="DIR", help="The workspace; default: here.")
]
PeriodOption = Annotated[
    str | None,
    typer.Option(
        "--period",
        "-p",
        metavar="PERIOD",
        help="2026-W47, 2026-11 or 2026-11-16..2026-11-22; default: the list's last whole week.",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
As = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who acts; default: whose login it is."),
]
For = Annotated[
    str | None,
    typer.Option(
        "--for", metavar="PERSON", help="On whose behalf, as deputy or clerk; both are kept."
    ),
]
Unmasked = Annotated[
    bool,
    typer.Option(
        "--unmasked", help="Show numbers, addresses and names, for a role of [people]; audited."
    ),
]


def parse_day(text: str | None, option: str) -> date | None:
    """A calendar day from an option; raises UsageError for anything else."""
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} takes a day such as 2026-11-16, not {text!r}") from None


def moment(settings: Settings, text: str | None) -> datetime | None:
    """A time of the list's zone, or with a zone of its own. Raises UsageError for anything else."""
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"a time is written as 2026-11-17T08:30, not {text!r}") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=settings.zone)


Seed = Annotated[
    str | None, typer.Option(help="Seed of the draw, with --reason; default: plan and period.")
]


Redraw = Annotated[bool, typer.Option("--redraw", help="Draw a drawn period anew.")]


Reason = Annotated[str | None, typer.Option(help="Why; needed with --redraw and --seed.")]


ExcludeInspected = Annotated[
    bool,
    typer.Option("--exclude-inspected", help="Leave out calls drawn in overlapping periods."),
]
