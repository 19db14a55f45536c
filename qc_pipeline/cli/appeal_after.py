"""`qc appeal alike` and `acknowledge`: the same mistake elsewhere, and agents who have seen it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qc_pipeline.cli.appeal_text import alike_json, alike_lines, signoff_json
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption, moment
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review import ReasonText
from qc_pipeline.cli.session import acting, opened
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import ExitCode, UsageError
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.workspace.people import Actor


def register(app: typer.Typer) -> None:
    app.command()(alike)
    app.command()(acknowledge)


def alike(
    number: Annotated[int, typer.Argument(metavar="N", help="The objection's number.")],
    folder: Folder = Path(),
    name: As = None,
    on_behalf: For = None,
    overturn: Annotated[
        bool, typer.Option("--overturn", help="Take them back, each in the record.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="REC", help="Only this one; repeatable.")
    ] = None,
    reason: ReasonText = "",
    as_json: AsJson = False,
) -> None:
    """List the same deductions of other calls of the period, after an upheld objection, or take
    them back together or one by one.
    """
    from qc_pipeline.cases.appeals.alike import alike_deductions, take_back_alike
    from qc_pipeline.cases.appeals.workflow import find_appeal
    from qc_pipeline.cli.review_take import print_decided
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.workspace.people import INSPECTORS

    with opened(folder) as (settings, record):
        objection = find_appeal(record, number)
        if overturn:
            if not reason.strip():
                raise UsageError("give a reason: --reason TEXT")
            actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
            decided = take_back_alike(
                record, settings, actor, objection, reason=reason, only=tuple(only or ())
            )
            write_corrections(record, settings, objection.period)
            print_decided(decided, as_json=as_json)
            return
        found = alike_deductions(record, objection)
        if as_json:
            print_json([alike_json(one) for one in found])
            return
        for line in alike_lines(objection, found, Translator(settings.report.language)):
            print_fitted(line)


def acknowledge(
    recording: Annotated[str | None, typer.Argument(metavar="[REC]")] = None,
    criterion: Annotated[str | None, typer.Argument(metavar="[CRITERION]")] = None,
    folder: Folder = Path(),
    period: PeriodOption = None,
    name: As = None,
    on_behalf: For = None,
    agrees: Annotated[bool, typer.Option("--agrees", help="无异议.")] = False,
    objects: Annotated[
        bool, typer.Option("--objects", help="有异议: a request, with --reason.")
    ] = False,
    reason: ReasonText = "",
    signed: Annotated[
        str | None, typer.Option("--signed", metavar="TIME", help="When; default: now.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", help="Take in the signed sheet (签收单).")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep that an agent has seen a call's card (which is not accepting it), or show who has."""
    from qc_pipeline.cases.appeals.acknowledge import (
        SignedLine,
        read_signed,
        signoff_state,
        take_signed,
    )
    from qc_pipeline.period.calls import find_kept
    from qc_pipeline.store.acknowledgements import AGREES, OBJECTS
    from qc_pipeline.store.samples import drawn_periods
    from qc_pipeline.workspace.people import ASKERS

    with opened(folder) as (settings, record):
        t = Translator(settings.report.language)
        if file is None and recording is None:
            names = [period] if period else [n for n, _, _ in drawn_periods(record)]
            states = {n: s for n in names if (s := signoff_state(record, settings, n)) is not None}
            if as_json:
                print_json([signoff_json(n, s) for n, s in states.items()])
                return
            for named, state in states.items():
                print_fitted(t("signoff.state", period=named, **signoff_json(None, state)))
            return
        if file is not None:
            lines = read_signed(file, record, zone=settings.zone)
        else:
            if agrees is objects:
                raise UsageError("say one of --agrees, --objects")
            lines = (
                SignedLine(
                    period=find_kept(record, str(recording), period).sample.period,
                    recording_id=str(recording),
                    criterion=criterion,
                    answer=AGREES if agrees else OBJECTS,
                    reason=reason,
                    signed_at=moment(settings, signed),
                    by="",
                    line=1,
                ),
            )

        def actor_of(by: str) -> Actor:
            return acting(settings, record, name, on_behalf or by or None, may=ASKERS)

        done = take_signed(record, settings, file or Path(str(recording)), lines, actor_of)
        body = {
            "signed": len(lines),
            "agrees": done.agrees,
            "objects": done.objects,
            "requests": done.requests,
            "known": done.known,
            "refused": [{"line": p.line, "reason": p.message} for p in done.refused],
        }
        if as_json:
            print_json(body)
        else:
            for problem in done.refused:
                print(problem)
            counts = body | {"n": len(lines), "refused": len(done.refused)}
            print_fitted(t("signoff.told", **counts))
    if done.refused:
        raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
