"""`qc rubric wording`, and the same asked for while somebody listens (以后都算)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review_ask import ask_line
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.job.new_wording import NewWording, WordingEffect
    from qc_pipeline.scoring.compare_rubrics import CriterionChange
    from qc_pipeline.store.record import Record
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings


def register(app: typer.Typer) -> None:
    app.command()(wording)


def wording(
    rubric: Annotated[str, typer.Argument(metavar="RUBRIC", help="The id of a rubric of qc.toml.")],
    criterion: Annotated[str, typer.Argument(metavar="CRITERION", help="The id of a criterion.")],
    text: Annotated[
        str, typer.Argument(metavar="TEXT", help="A wording or pattern that counts from now on.")
    ],
    folder: Folder = Path(),
    like: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The entry of the list after which it stands."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Write it without asking.")] = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Write a wording into a rubric's list, after showing what it changes in past calls."""
    from qc_pipeline.job.new_wording import effects, proposed_wording, write_wording
    from qc_pipeline.workspace.people import INSPECTORS

    with opened(folder) as (settings, record):
        actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
        new = proposed_wording(settings, rubric, criterion, text, like)
        found = effects(record, settings, new)
        t = Translator(settings.report.language)
        if not as_json:
            for line in effect_lines(found, t):
                print_fitted(line)
        written = yes or (not as_json and _says_yes(t))
        if written:
            write_wording(record, new, actor)
        if as_json:
            print_json(_json(new, found, written=written))
        else:
            print_fitted(_told(new, t, written=written))


def adopt(settings: Settings, record: Record, actor: Actor, new: NewWording, t: Translator) -> bool:
    """Show what a wording changes, ask, and write it; whether it was written."""
    from qc_pipeline.job.new_wording import effects, write_wording

    for line in effect_lines(effects(record, settings, new), t):
        print_fitted(line)
    written = _says_yes(t)
    if written:
        write_wording(record, new, actor)
    print_fitted(_told(new, t, written=written))
    return written


def _says_yes(t: Translator) -> bool:
    return ask_line(t("listen.wording_write")).lower() in ("y", "yes", "是")


def _told(new: NewWording, t: Translator, *, written: bool) -> str:
    if not written:
        return t("wording.not_written")
    return t("wording.written", wording=plain(new.wording), path=plain(str(new.path)))


def effect_lines(found: Sequence[WordingEffect], t: Translator) -> Iterator[str]:
    """What a wording would change, by period."""
    for one in found:
        if (one.changes is None or not one.changes.moves) and not one.other_criteria:
            yield t("wording.no_effect", period=one.period, calls=one.calls)
            continue
        if one.changes is not None:
            yield t(
                "wording.effect",
                period=one.period,
                calls=one.calls,
                bands=len(one.other_bands),
                **_counts(one.changes),
            )
        for other in one.other_criteria:
            yield "  " + t("wording.also", **_counts(other))


def _counts(change: CriterionChange) -> dict[str, Any]:
    return {
        "title": plain(change.title),
        "failed_a": change.failed_a or 0,
        "failed_b": change.failed_b or 0,
        "held_a": change.held_a or 0,
        "held_b": change.held_b or 0,
    }


def _json(new: NewWording, found: Sequence[WordingEffect], *, written: bool) -> dict[str, Any]:
    return {
        "rubric": new.rubric,
        "criterion": new.criterion,
        "wording": new.wording,
        "path": str(new.path),
        "written": written,
        "effect": [
            {
                "period": one.period,
                "calls": one.calls,
                "other_bands": list(one.other_bands),
                "criteria": [
                    {"id": c.id, "flipped": c.flipped, **_counts(c)}
                    for c in (one.changes, *one.other_criteria)
                    if c is not None
                ],
            }
            for one in found
        ],
    }
