"""`qc publish`: a period's scores told (公示) and, once nothing is open, made final (定稿)."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.options import As, AsJson, Folder, For
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.session import acting
from qc_pipeline.cli.wrap import fitted, terminal_width
from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.job.publish import FinalPeriod, PublishedPeriod
    from qc_pipeline.review.queue import Item
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.open_workspace import Workspace
    from qc_pipeline.workspace.people import Actor

ANSWERS_YES = ("y", "yes", "是", "好")


def register(app: typer.Typer) -> None:
    app.command()(publish)


def publish(
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="The period, as in 2026-W47.")],
    folder: Folder = Path(),
    final: Annotated[
        bool,
        typer.Option("--final", help="From published to final (定稿): nothing changes any more."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Don't ask; --final needs it without a terminal.")
    ] = False,
    name: As = None,
    on_behalf: For = None,
    as_json: AsJson = False,
) -> None:
    """Publish a period: what nobody looked at costs nothing, later changes are corrections.

    With --final it becomes final, once no objection can be raised and nothing is open. At a
    terminal it says what it closes, and asks.
    """
    from qc_pipeline.cases.appeals.requests import refuse_waiting
    from qc_pipeline.cli.session import job
    from qc_pipeline.job.publish import final_stage, publish_stage
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS

    with (
        job(folder, period) as (workspace, record, chosen),
        TerminalProgress(workspace.settings.report.language) as progress,
    ):
        actor = acting(workspace.settings, record, name, on_behalf, may=INSPECTORS)
        kept = kept_sample(record, chosen.name)
        if kept is None:
            raise UsageError(f"{chosen.name} is not drawn yet; `qc run` draws and scores it")
        language = workspace.settings.report.language
        if final:
            refuse_waiting(record, workspace.settings, kept.sample.period)
            _ask_final(workspace, record, kept, actor, yes=yes, beside=as_json)
            ended = final_stage(workspace, record, kept, actor, progress=progress)
            progress.close()
            _tell_final(ended, language, as_json=as_json)
        else:
            _ask_published(workspace, record, kept, yes=yes, beside=as_json)
            made = publish_stage(workspace, record, kept, actor, progress=progress)
            progress.close()
            _tell_published(made, as_json=as_json)


def _ask_published(
    workspace: Workspace, record: Record, kept: KeptSample, *, yes: bool, beside: bool
) -> None:
    """At a terminal: what publishing closes, and whether to. In a script it goes on."""
    from qc_pipeline.review.publish import what_it_closes
    from qc_pipeline.store.publications import published
    from qc_pipeline.workspace.deadlines import today_in, window_end

    period, settings = kept.sample.period, workspace.settings
    if yes or not sys.stdin.isatty() or published(record, period) is not None:
        return
    with record.snapshot() as now:
        items = what_it_closes(now, kept)
    t = Translator(settings.report.language)
    due, _ = window_end(settings, today_in(settings, record.now))
    lines = [
        t("publish.to_published", period=period),
        *closed_lines(items, t),
        t("publish.window", day=due),
    ]
    if not _agreed(lines, t("publish.ask_published"), beside=beside):
        raise UsageError(f"{period} stays a draft: nothing was changed")


def _ask_final(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    actor: Actor,
    *,
    yes: bool,
    beside: bool,
) -> None:
    """What becomes final, and whether to; a script says --yes."""
    from qc_pipeline.report.words.stage import version_line
    from qc_pipeline.review.finalise import what_it_makes_final
    from qc_pipeline.store.publications import finalised

    period = kept.sample.period
    if yes or finalised(record, period) is not None:
        return
    with record.snapshot() as now:
        plan = what_it_makes_final(now, workspace.settings, kept, actor)
    if not sys.stdin.isatty():
        raise UsageError(f"{period} would be final for good: without a terminal, say --yes")
    t = Translator(workspace.settings.report.language)
    lines = [
        t("publish.to_final", period=period),
        version_line(plan.facts, t),
        *closed_lines(plan.items, t),
        t("publish.for_good"),
    ]
    if not _agreed(lines, t("publish.ask_final"), beside=beside):
        raise UsageError(f"{period} stays published and is not final: nothing was changed")


def closed_lines(items: Sequence[Item], t: Translator) -> Iterator[str]:
    """What is closed without anybody having listened, by criterion; most items first."""
    if not items:
        yield t("publish.closes_none")
        return
    yield t("publish.closes", n=len(items), calls=len({i.recording_id for i in items}))
    by_title: dict[str, Counter[str]] = {}
    for item in items:
        by_title.setdefault(item.title or item.criterion, Counter())[item.kind] += 1
    for title in sorted(by_title, key=lambda title: (-by_title[title].total(), title)):
        kinds = [
            t("publish.closes_kind", kind=t(f"review_kind.{kind}"), n=n)
            for kind, n in sorted(by_title[title].items())
        ]
        n = by_title[title].total()
        yield "  " + t("publish.closes_item", title=plain(title), n=n, kinds=t.listed(kinds))


def _agreed(lines: Iterable[str], question: str, *, beside: bool) -> bool:
    """Whether whoever sits at the terminal says yes; no answer is none. With `beside`, the lines
    stand beside the result, not in it.
    """
    to = sys.stderr if beside else sys.stdout
    for line in lines:
        for part in fitted(line, terminal_width()):
            print(part, file=to)
    print(question, end="", flush=True, file=to)
    return sys.stdin.readline().strip().lower() in ANSWERS_YES


def _tell_published(made: PublishedPeriod, *, as_json: bool) -> None:
    done, by_rule, path = made.published, made.followed_up, made.report
    public = done.publication
    if as_json:
        print_json(
            {
                "period": public.period,
                "published": done.fresh,
                "by": public.person,
                "day": public.day.isoformat(),
                "objections_until": public.objections_due.isoformat(),
                "closed_unseen": public.body["closed"],
                "followups_opened": list(by_rule.opened) if by_rule else [],
                "followups_suggested": list(by_rule.suggested) if by_rule else [],
                "report": str(path),
            }
        )
        return
    if done.fresh:
        print(f"{public.period} is published; {done.closed} open items closed, not deducted")
    else:
        print(f"{public.period} was published on {public.day} by {public.person}; it stays so")
    if by_rule is not None:
        opened, suggested = len(by_rule.opened), len(by_rule.suggested)
        print(f"follow-ups opened by rule {opened}, suggested {suggested}; `qc followup list`")
    print(f"objections until the end of {public.objections_due}")
    print(path)


def _tell_final(made: FinalPeriod, language: str, *, as_json: bool) -> None:
    from qc_pipeline.report.words.stage import version_line

    done, final, facts = made.finalised, made.finalised.publication, made.finalised.facts
    line = version_line(facts, Translator(language))
    if as_json:
        print_json(
            {
                "period": final.period,
                "final": done.fresh,
                "by": final.person,
                "day": final.day.isoformat(),
                "version": facts.version,
                "closed_unseen": final.body["closed"],
                "listened": final.body["listened"],
                "corrected": dict(facts.corrected),
                "corrected_calls": facts.corrected_calls,
                "line": line,
                "report": str(made.report),
            }
        )
        return
    if done.fresh:
        print(f"{final.period} is final; {done.closed} open items closed, not deducted")
    else:
        print(f"{final.period} was made final on {final.day} by {final.person}; it stays so")
    print(line)
    print(made.report)
