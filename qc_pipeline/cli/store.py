"""`qc store copy`: the record to another database, SQLite to PostgreSQL or back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.session import acting, opened, workspace_lock

store_app = typer.Typer(no_args_is_help=True, help="The record's database.")


@store_app.callback()
def _group() -> None:
    pass


@store_app.command()
def copy(
    url: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME, an empty one."
        ),
    ],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Copy the whole record to an empty database and check every row and hash there."""
    from qc_pipeline.store.copying import copy_record, shown_url

    with (
        opened(folder) as (settings, record),
        workspace_lock(settings.root),
        TerminalProgress(settings.report.language) as progress,
    ):
        acting(settings, record, name, on_behalf, may=("manager",))
        target = settings.store_url(url)
        done = copy_record(
            record,
            settings.store_url(),
            target,
            step=lambda table, rows: progress.say(f"{table}: {rows} rows"),
        )
        progress.close()
    total = sum(done.rows.values())
    if as_json:
        print_json({"to": shown_url(target), "rows": dict(done.rows), "head": done.head})
        return
    print(f"copied {total} rows of {len(done.rows)} tables; every row and hash is the same there")
    print(f"the audit's head there is {done.head}")
    print(f'put url = "{shown_url(target)}" under [store] in qc.toml to work with it from now on')
