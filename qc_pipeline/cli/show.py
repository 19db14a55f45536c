"""Looking at what the record holds: one card, an export."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import by_whom, card_lines, figure, plain, print_plain
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption, Unmasked
from qc_pipeline.cli.progress import print_json, told
from qc_pipeline.cli.session import acting, open_record
from qc_pipeline.cli.wrap import print_fitted, terminal_width
from qc_pipeline.errors import ExitCode, UsageError

if TYPE_CHECKING:
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.transaction import Reads

PUBLIC = {
    "published": "published (公示)",
    "notice": "correction notice",
    "extension": "window for objections extended",
    "final": "final (定稿)",
}
"""What was made public, in the lines of a history."""


def register(app: typer.Typer) -> None:
    for command in (show, export):
        app.command()(command)


def show(
    recording: Annotated[str, typer.Argument(metavar="REC", help="The recording's id.")],
    folder: Folder = Path(),
    period: PeriodOption = None,
    history: Annotated[
        bool, typer.Option("--history", help="All its cards and decisions, in order.")
    ] = False,
    unmasked: Unmasked = False,
    name: As = None,
    on_behalf: For = None,
    card: Annotated[
        str | None,
        typer.Option("--card", metavar="SHA", help="An earlier or a what-if card, by its hash."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one recording's scorecard: what was deducted, where, and what was said.

    Numbers, addresses and names are masked.
    """
    from qc_pipeline.call import Failure
    from qc_pipeline.job.export import heard_for, masked_for_eyes, shown_card
    from qc_pipeline.report.words.translate import Translator
    from qc_pipeline.review.history import find_card
    from qc_pipeline.scoring.rubric.parse import read_rubric_text
    from qc_pipeline.store.calls import kept_call
    from qc_pipeline.store.rubrics import kept_rubric
    from qc_pipeline.workspace.people import INSPECTORS
    from qc_pipeline.workspace.settings import load_settings

    settings = load_settings(folder)
    record = open_record(settings)
    try:
        if unmasked:
            acting(settings, record, name, on_behalf, may=INSPECTORS)
        if history:
            _print_history(record, recording, period, unmasked=unmasked, as_json=as_json)
            return
        outcome = _find(record, recording, period)
        if card is not None:
            outcome = find_card(record, recording, card)
        if isinstance(outcome, Failure):
            if as_json:
                print_json(
                    {
                        "recording_id": recording,
                        "failed": {"stage": outcome.stage, "reason": outcome.reason.text},
                    }
                )
            else:
                reason = told(outcome.reason)
                print_plain(f"{recording} has no scorecard: failed at {outcome.stage}: {reason}")
            raise typer.Exit(ExitCode.FINISHED_WITH_FAILURES)
        what = {"recording": recording, "card": outcome.sha256()}
        record.tell("look.card", what | ({"unmasked": True} if unmasked else {}))
        if as_json:
            print_json(shown_card(record, outcome, unmasked=unmasked))
            return
        kept = kept_call(record, recording)
        shown = outcome if unmasked else masked_for_eyes(record, outcome)
        source = kept_rubric(record, shown.rubric_sha256)
        lines = card_lines(
            shown,
            language=settings.report.language,
            recording=kept,
            rubric=read_rubric_text(source, shown.rubric_id).rubric,
            heard=heard_for(record, outcome),
            width=terminal_width(),
        )
        for line in lines:
            print(line)
        _print_notes(record, outcome, settings.report.language)
        _print_stage(record, outcome, settings.report.language)
        if outcome.purged is not None:
            print()
            t = Translator(settings.report.language)
            print(t("card.purged", day=outcome.purged.day))
    finally:
        record.close()


def _print_notes(record: Reads, card: Scorecard, language: str) -> None:
    """What is unusual about the recording that a card was made from."""
    from qc_pipeline.report.words.recording_notes import recording_notes
    from qc_pipeline.report.words.translate import Translator
    from qc_pipeline.store.card_sources import made_from_many

    source = made_from_many(record, [card]).get(card.recording_id)
    t = Translator(language)
    for note in () if source is None else recording_notes(source.transcript):
        print(f"{t('fact_notes')}: {plain(t.told(note))}")


def _print_stage(record: Reads, card: Scorecard, language: str) -> None:
    """Whether this is the card that was published, or is final, in a period."""
    from qc_pipeline.report.words.stage import state_label
    from qc_pipeline.report.words.translate import Translator
    from qc_pipeline.store.decisions import cards_of
    from qc_pipeline.store.publications import publications_of

    t, sha256 = Translator(language), card.sha256()
    for period in sorted({name for name, _ in cards_of(record, card.recording_id)}):
        for public in publications_of(record, period):
            if public.body.get("cards", {}).get(card.recording_id) == sha256:
                label = state_label(public.kind, public.body.get("version"), t)
                print(t("card.public", period=period, state=label, day=public.day))


def _print_history(
    record: Record, recording: str, period: str | None, *, unmasked: bool, as_json: bool
) -> None:
    from qc_pipeline.review.history import history_of, masked_history

    body = history_of(record, recording)
    if not body["cards"]:
        _find(record, recording, period)
    if unmasked:
        record.tell("look.history", {"recording": recording, "unmasked": True})
    else:
        body = masked_history(body)
    if as_json:
        print_json(body)
        return
    for line in history_lines(body):
        print_fitted(line)


def history_lines(body: dict[str, Any]) -> Iterator[str]:
    """What became of a recording, a line for each act: cards by rules and by corrected words first,
    then decisions, other rubrics, objections, what was made public, each in order.
    """
    totals = {c["sha256"]: c["total"] for c in body["cards"]}
    by_people = {d["card_after"] for d in (*body["decisions"], *body["rescorings"])}
    words = {c["transcript"]: c for c in body["corrections"]}
    told: set[str] = set()
    for card in body["cards"]:
        if card["sha256"] in by_people:
            continue
        corrected = words.get(card["inputs"]["transcript"])
        how = "by rules"
        if corrected is not None and corrected["transcript"] not in told:
            told.add(corrected["transcript"])
            how = f"words corrected by {by_whom(corrected['person'], corrected['for'])}"
            how += f" at {corrected['at']}"
            how += f": {plain(corrected['reason'])}"
        yield f"{card['period']}  {figure(card['total'])}  {how}  {card['rubric']}"
    for d in body["decisions"]:
        what = str(d["verdict"]) + ("" if d["points"] is None else f" {d['points']:g}")
        why = "; ".join(plain(w) for w in (d["cause"], d["reason"]) if w)
        who = by_whom(d["person"], d["for"])
        change = f"{figure(totals.get(d['card_before']))} → {figure(totals.get(d['card_after']))}"
        yield (
            f"{d['period']}  {change}  {d['criterion'] or 'recording'}: {what} by "
            f"{who} at {d['at']} ({d['source']})" + (f": {why}" if why else "")
        )
    for r in body["rescorings"]:
        change = f"{figure(r['total_before'])} → {figure(r['total_after'])}"
        what = "what if, counts nowhere" if r["kind"] == "what_if" else "rubric chosen"
        yield (
            f"{r['period']}  {change}  {what}: rubric {r['rubric'][:12]}, card "
            f"{r['card_after'][:12]}, by {by_whom(r['person'], r['for'])} at {r['at']}"
            + (f": {plain(r['reason'])}" if r["reason"] else "")
        )
    for o in body["objections"]:
        yield (
            f"{o['period']}  objection {o['number']} to {o['criterion'] or 'the card'} by "
            f"{by_whom(o['person'], o['for'])} at {o['at']}: {plain(o['reason'])}"
        )
        for e in o["events"]:
            why = f": {plain(e['reason'])}" if e["reason"] else ""
            yield f"      {e['state']} by {by_whom(e['person'], e['for'])} at {e['at']}{why}"
    for p in body["publications"]:
        what = PUBLIC[p["kind"]]
        if p["version"] is not None:
            what += f", version {p['version']}"
        card = "" if p["card"] is None else f", card {p['card'][:12]}"
        yield f"{p['period']}  {what}{card}, by {by_whom(p['person'], p['for'])} at {p['at']}"


def _find(record: Reads, recording: str, period: str | None) -> Any:
    """The latest outcome of a recording, in one period or in the last that drew it."""
    from qc_pipeline.period.invalid_calls import who_follows
    from qc_pipeline.store.outcomes import outcomes_of
    from qc_pipeline.store.samples import drawn_periods, kept_sample

    names = [period] if period else [name for name, _, _ in reversed(drawn_periods(record))]
    left = ""
    for name in names:
        kept = kept_sample(record, name)
        outcome = outcomes_of(record, kept.seq).get(recording) if kept else None
        if outcome is not None:
            return outcome
        for gone in kept.replacements if kept else ():
            if gone.replacement.invalid == recording:
                left = left or told(who_follows(gone))
        if kept and any(p.recording_id == recording for p in kept.sample.picks):
            raise UsageError(f"{recording} is drawn in {name} and not scored yet; `qc run`")
    if left:
        raise UsageError(f"{left}; `qc show {recording} --history` has its cards")
    where = f"in {period}" if period else "in any period"
    raise UsageError(f"{recording!r} was not drawn {where}; `qc sample` shows the draw")


def export(
    to: Annotated[
        str, typer.Option("--to", help="samples, transcripts, scorecards, all of these, or month.")
    ] = "all",
    out: Annotated[Path, typer.Option("--out", "-o", metavar="DIR")] = Path("export"),
    folder: Folder = Path(),
    period: PeriodOption = None,
    unmasked: Unmasked = False,
    name: As = None,
    on_behalf: For = None,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="What for; kept in the audit.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write a period's sample, transcripts and scorecards as JSON files.

    Numbers, addresses and names are masked in words. `--to month` writes the month that the period
    is in instead: its weeks with their stages, and personal listened scores of the final ones.
    """
    from qc_pipeline.cli.session import job
    from qc_pipeline.job.export import KINDS, export_period
    from qc_pipeline.store.purging import purged_calls
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS

    if to == "month":
        _export_month(out, folder, period, reason, as_json=as_json)
        return
    kinds = KINDS if to == "all" else (to,)
    if not set(kinds) <= set(KINDS):
        raise UsageError(f"--to {to}: allowed are {', '.join(KINDS)}, all and month")
    with job(folder, period) as (workspace, record, chosen):
        kept = kept_sample(record, chosen.name)
        if kept is None:
            raise UsageError(f"{chosen.name} is not drawn yet; `qc sample` draws it")
        if unmasked:
            acting(workspace.settings, record, name, on_behalf, may=INSPECTORS)
        # The line first: what was handed out without one would be traceless.
        where = str(out.resolve())
        what: dict[str, Any] = {"period": chosen.name, "kinds": list(kinds), "folder": where}
        record.tell("export", what | ({"unmasked": True} if unmasked else {}), why=reason)
        written = export_period(workspace, record, kept, out, kinds, unmasked=unmasked)
        purged = purged_calls(record)
        gone = [p.recording_id for p in kept.sample.picks if p.recording_id in purged]
        if gone:
            told = "their transcripts are not in the export, their cards are without quotations"
            print(
                f"note: {len(gone)} calls were purged ({gone[0]} is one): {told}", file=sys.stderr
            )
    if as_json:
        print_json({"folder": str(out.resolve()), "files": written})
    else:
        print(f"wrote {sum(written.values())} files")
        print(out.resolve())


def _export_month(
    out: Path, folder: Path, period: str | None, reason: str, *, as_json: bool
) -> None:
    from qc_pipeline.cli.session import job
    from qc_pipeline.job.month import month_of_parts, write_month

    with job(folder, period) as (workspace, record, chosen):
        where = str(out.resolve())
        what = {"period": chosen.name, "kinds": ["month"], "folder": where}
        record.tell("export", what, why=reason)
        with record.snapshot() as now:
            month = month_of_parts(
                now,
                workspace.calls.recordings,
                chosen,
                least=workspace.settings.review.calls_an_agent_a_month,
            )
        written = write_month(month, out)
    if as_json:
        print_json({"folder": where, "files": {"month": written}})
        return
    for part in month.parts:
        version = "" if part.version is None else f", version {part.version}"
        counts = "" if part.counts else " (does not count)"
        print(f"{part.name}  {part.state}{version}{counts}  listened {part.listened}")
    print(f"wrote {written} files")
    print(where)
