"""`qc review`: what waits for a person, and their decisions – by flags, from a file, one by one."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption
from qc_pipeline.cli.progress import TerminalProgress, print_json
from qc_pipeline.cli.review_ask import ask_all, item_json, place_of, queue_lines
from qc_pipeline.cli.review_take import print_decided, print_listened, take_file, take_one
from qc_pipeline.cli.session import opened
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.errors import PurgedError, UsageError
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.review.listening import CallToListen
    from qc_pipeline.review.queue import Item
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.settings import Settings

Because = Annotated[
    str | None,
    typer.Option(
        "--because",
        metavar="CODE",
        help="recogniser, customer, system, rule or special; of an invalid recording silent, "
        "wrong_number, test or internal.",
    ),
]
ReasonText = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in words.")]

SHOWN = 20


def register(app: typer.Typer) -> None:
    app.command()(review)


def review(
    recording: Annotated[str | None, typer.Argument(metavar="[REC]")] = None,
    criterion: Annotated[str | None, typer.Argument(metavar="[CRITERION]")] = None,
    folder: Folder = Path(),
    period: PeriodOption = None,
    name: As = None,
    on_behalf: For = None,
    confirm: Annotated[bool, typer.Option("--confirm", help="The finding stands.")] = False,
    overturn: Annotated[bool, typer.Option("--overturn", help="It does not.")] = False,
    not_applicable: Annotated[
        bool, typer.Option("--not-applicable", help="The criterion does not concern this call.")
    ] = False,
    points: Annotated[
        float | None, typer.Option("--points", metavar="N", help="It costs N points.")
    ] = None,
    deduct: Annotated[
        float | None,
        typer.Option(
            "--deduct", metavar="N", help="Add a deduction of N points that was not found; --at."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--at", metavar="1:23-1:30", help="Where an added deduction is heard."),
    ] = None,
    exempt: Annotated[
        bool, typer.Option("--exempt", help="It happened, and it is not the agent's.")
    ] = False,
    root: Annotated[
        str | None,
        typer.Option(
            "--root",
            metavar="CODE",
            help="What lies behind a deduction that stands: knowledge, skill, attitude, process, "
            "system or knowledge_base.",
        ),
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option(
            "--agent",
            metavar="ID",
            help="In whose stretch of a transferred call it is, where not in the agent's own.",
        ),
    ] = None,
    alike: Annotated[
        bool,
        typer.Option(
            "--alike", help="Of every call of the period where the same wording was found, too."
        ),
    ] = False,
    invalid: Annotated[
        bool,
        typer.Option("--invalid", help="The evidence is no good; without CRITERION the recording."),
    ] = False,
    because: Because = None,
    reason: ReasonText = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="Take in decisions.json of the review page.")
    ] = None,
    listen: Annotated[
        bool, typer.Option("--listen", help="Whole calls one after the other, all items of each.")
    ] = False,
    blind: Annotated[
        float | None,
        typer.Option(
            "--blind",
            metavar="SHARE",
            help="With --listen or --page: of the random calls 0.2, say, without what was found.",
        ),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option("--minutes", metavar="N", help="With --listen or --page: so much time."),
    ] = None,
    ask: Annotated[
        bool, typer.Option("--ask", help="Ask for every open item, one after the other.")
    ] = False,
    page: Annotated[
        bool, typer.Option("--page", help="Write the page that reviewers open from disk.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Where to; default: review.")
    ] = None,
    notice: Annotated[
        str | None,
        typer.Option(
            "--notice", metavar="TEXT", help="After publication: announce a deduction made later."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List what waits for a person, or decide: confirm, overturn, set points, add, excuse."""
    verdict = _verdict(
        confirm=confirm,
        overturn=overturn,
        not_applicable=not_applicable,
        points=points is not None,
        deduct=deduct is not None,
        exempt=exempt,
        invalid=invalid,
    )
    if (deduct is None) is not (place is None):
        raise UsageError("--deduct N goes with --at 1:23-1:30, the place where it is heard")
    ways = (verdict is not None) + (file is not None) + ask + page + listen
    if ways > 1:
        raise UsageError(
            "decide by flags, by --file, with --listen, --ask or on a --page, not two of them"
        )
    if minutes is not None and not (listen or page or ask):
        raise UsageError("--minutes N goes with --listen or --page")
    if minutes is not None and minutes <= 0:
        raise UsageError("--minutes takes a number above 0")
    if blind is not None and not (listen or page):
        raise UsageError("--blind 0.2 goes with --listen or --page")
    if blind is not None and not 0 < blind <= 1:
        raise UsageError("--blind takes a share above 0, at most 1, such as 0.2")
    with opened(folder) as (settings, record):
        if file is not None:
            take_file(
                settings, record, file, name=name, on_behalf=on_behalf, notice=notice,
                as_json=as_json,
            )  # fmt: skip
        elif verdict is not None:
            if recording is None:
                raise UsageError("say which: `qc review REC CRITERION --confirm`")
            take_one(
                settings, record, recording, criterion, verdict, period=period, name=name,
                on_behalf=on_behalf, points=points if deduct is None else deduct,
                place_s=None if place is None else place_of(place), root=root, agent=agent,
                because=because, reason=reason, alike=alike, notice=notice, as_json=as_json,
            )  # fmt: skip
        else:
            from qc_pipeline.store.publications import refuse_final

            kept = _kept(record, recording, period)
            _say_purged(record, kept, recording)
            items = _queue(settings, record, kept, recording, criterion)
            if items and not page:
                looked = {"period": kept.sample.period, "items": len(items)}
                one = {} if recording is None else {"recording": recording}
                record.tell("look.review", looked | one)
            if listen or page or ask:
                refuse_final(record, kept.sample.period)
            if listen or (ask and minutes is not None):
                from qc_pipeline.cli.review_listen import listen as listen_to

                t = Translator(settings.report.language)
                listen_to(
                    settings,
                    record,
                    kept,
                    recording=recording,
                    minutes=minutes,
                    blind=blind or 0.0,
                    name=name,
                    on_behalf=on_behalf,
                    show=lambda decided: print_listened(decided, t),
                )
            elif page:
                _page(
                    settings, record, kept, items, out, recording=recording, minutes=minutes,
                    blind=blind or 0.0, name=name, on_behalf=on_behalf, as_json=as_json,
                )  # fmt: skip
            elif ask:
                ask_all(
                    settings,
                    record,
                    kept,
                    items,
                    name=name,
                    on_behalf=on_behalf,
                    show=lambda decided: print_decided(decided, as_json=False),
                )
            else:
                calls = _to_listen(settings, record, kept, recording)
                _print_queue(kept, items, calls, settings.report.language, as_json=as_json)


def _page(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    items: Sequence[Item],
    out: Path | None,
    *,
    recording: str | None,
    minutes: float | None,
    blind: float,
    name: str | None,
    on_behalf: str | None,
    as_json: bool,
) -> None:
    from qc_pipeline.cli.review_listen import calls_for
    from qc_pipeline.review.page import PageContent, write_review_page
    from qc_pipeline.store.claims import claim

    folder = settings.root / "review" if out is None else out.resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / "index.html").is_file():
        raise UsageError(f"{folder} holds other files; name an empty folder with --out")
    who, calls = calls_for(settings, record, kept, recording, minutes, name, on_behalf)
    named = {c.recording_id for c in calls}
    rest = [i for i in items if i.recording_id not in named]
    if who:
        with record.transaction(alone=True) as tx:
            for call in calls:
                claim(tx, kept.sample.period, call.recording_id, who)
    with TerminalProgress(settings.report.language) as progress:
        progress.stage("clips", len(calls) + len(rest))
        content = PageContent(calls=calls, rest=rest, person=who, blind=blind)
        path = write_review_page(record, settings, kept, content, folder, step=progress.step)
    needed = sum(c.minutes for c in calls)
    if as_json:
        print_json(
            {
                "page": str(path),
                "open": len(items),
                "calls": [c.recording_id for c in calls],
                "minutes": round(needed, 1),
            }
        )
        return
    print(
        f"{kept.sample.period}: {len(calls)} calls, about {needed:.0f} minutes; "
        f"{len(rest)} open items of other calls"
    )
    print(path)


def _verdict(**asked: bool) -> str | None:
    chosen = [word for word, wanted in asked.items() if wanted]
    if len(chosen) > 1:
        raise UsageError(f"one decision at a time, not {' and '.join(chosen)}")
    return chosen[0] if chosen else None


def _kept(record: Reads, recording: str | None, period: str | None) -> KeptSample:
    from qc_pipeline.period.calls import find_kept
    from qc_pipeline.store.samples import drawn_periods, kept_sample

    if recording is not None:
        return find_kept(record, recording, period)
    names = [period] if period else [name for name, _, _ in drawn_periods(record)][-1:]
    kept = kept_sample(record, names[0]) if names else None
    if kept is None:
        raise UsageError(f"{period or 'nothing'} is not drawn yet; `qc run` draws and scores")
    return kept


def _say_purged(record: Reads, kept: KeptSample, recording: str | None) -> None:
    """Purged calls are not in the queue. Raises PurgedError where just one was asked for."""
    from qc_pipeline.store.card_sources import purged_sentence
    from qc_pipeline.store.purging import purged_calls

    purged = purged_calls(record)
    mine = [p.recording_id for p in kept.sample.picks if p.recording_id in purged]
    if recording in mine and recording is not None:
        raise PurgedError(purged_sentence(recording, purged[recording]))
    if mine:
        print(f"note: {len(mine)} calls were purged and cannot be reviewed", file=sys.stderr)


def _queue(
    settings: Settings,
    record: Reads,
    kept: KeptSample,
    recording: str | None,
    criterion: str | None,
) -> tuple[Item, ...]:
    from qc_pipeline.review.queue import queue_of

    return tuple(
        item
        for item in queue_of(record, kept, complaint_risks=settings.targets.follow_up_criteria)
        if recording in (None, item.recording_id) and criterion in (None, item.criterion)
    )


def _to_listen(
    settings: Settings, record: Reads, kept: KeptSample, recording: str | None
) -> tuple[CallToListen, ...]:
    from qc_pipeline.review.listening import calls_to_listen

    risks = settings.targets.follow_up_criteria
    calls = calls_to_listen(record, kept, complaint_risks=risks)
    return tuple(c for c in calls if recording in (None, c.recording_id))


def _print_queue(
    kept: KeptSample,
    items: Sequence[Item],
    calls: Sequence[CallToListen],
    language: str,
    *,
    as_json: bool,
) -> None:
    from qc_pipeline.cli.review_listen import call_json
    from qc_pipeline.review.queue import minutes_of

    minutes = minutes_of(items)
    if as_json:
        print_json(
            {
                "period": kept.sample.period,
                "open": len(items),
                "minutes": round(minutes, 1),
                "items": [item_json(i) for i in items],
                "calls": [call_json(c) for c in calls],
            }
        )
        return
    for line in queue_lines(items[:SHOWN], language, terminal_width()):
        print(line)
    if len(items) > SHOWN:
        print(f"… and {len(items) - SHOWN} more")
    blocking = sum(i.blocks for i in items)
    print_fitted(
        f"{kept.sample.period}: {len(items)} open, about {minutes:.0f} minutes; "
        f"{blocking} must be decided before publishing"
    )
    if calls:
        needed = sum(c.minutes for c in calls)
        print_fitted(
            f"{len(calls)} whole calls wait to be listened to, about {needed:.0f} minutes: "
            "`qc review --listen`"
        )
