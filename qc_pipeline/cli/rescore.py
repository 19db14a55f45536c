"""`qc rescore`: one call judged again, or one criterion of a period by a corrected rule."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from qc_pipeline.cli.card_text import figure, plain
from qc_pipeline.cli.options import As, AsJson, Folder, For, PeriodOption
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.review import ReasonText
from qc_pipeline.cli.session import acting, login, opened
from qc_pipeline.errors import InputError, UsageError

if TYPE_CHECKING:
    from qc_pipeline.call import Measures, Transcript
    from qc_pipeline.review.correct import Corrections
    from qc_pipeline.review.rescore import Rescored
    from qc_pipeline.review.transcript_editor import Corrected
    from qc_pipeline.scoring.rubric.arithmetic import ArithmeticDifference
    from qc_pipeline.scoring.rubric.model import Rubric
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.store.transaction import Reads
    from qc_pipeline.workspace.settings import Settings

NoticeText = Annotated[
    str | None,
    typer.Option("--notice", metavar="TEXT", help="Announces points lost after publication."),
]


def register(app: typer.Typer) -> None:
    app.command()(rescore)


def rescore(
    recording: Annotated[str | None, typer.Argument(metavar="[REC]")] = None,
    folder: Folder = Path(),
    period: PeriodOption = None,
    rubric: Annotated[
        str | None,
        typer.Option("--rubric", metavar="FILE|SHA", help="Another rubric; default: the card's."),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Correct the words in $EDITOR and keep them.")
    ] = False,
    words: Annotated[
        Path | None, typer.Option("--words", help="Take corrected words from a file.")
    ] = None,
    criterion: Annotated[
        str | None,
        typer.Option("--criterion", metavar="C", help="Correct this criterion in all of --period."),
    ] = None,
    adopt: Annotated[
        bool, typer.Option("--adopt", help="The new card counts from now on; the old one stays.")
    ] = False,
    name: As = None,
    on_behalf: For = None,
    reason: ReasonText = "",
    notice: NoticeText = None,
    as_json: AsJson = False,
) -> None:
    """Judge a call again and show what differs; keep corrected words, correct a wrong rule.

    A card by another rubric is kept as a what-if that counts nowhere, until --adopt.
    """
    if (recording is None) == (criterion is None):
        raise UsageError("say which: `qc rescore REC` or `qc rescore --criterion C --period P`")
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.review.rescore import (
        adopt_rubric,
        arithmetic_between,
        find_rubric_named,
        look_again,
    )
    from qc_pipeline.workspace.people import ANYBODY, INSPECTORS

    with opened(folder) as (settings, record):
        if criterion is not None:
            _criterion(
                settings, record, criterion, period, rubric, name, on_behalf, reason,
                as_json=as_json,
            )  # fmt: skip
            return
        kept, card = _card(record, str(recording), period)
        by_hand = edit or words is not None
        if by_hand and adopt:
            raise UsageError("corrected words always count: leave --adopt out")
        other = None if rubric is None else find_rubric_named(record, rubric)
        if by_hand:
            done = _correct(
                settings, record, kept, card, words, other, name, on_behalf, reason, notice
            )
        elif adopt:
            actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
            done = adopt_rubric(
                record, settings, kept, actor, card, other, reason=reason, notice=notice
            )
            write_corrections(record, settings, kept.sample.period)
        else:
            if reason or notice:
                raise UsageError("a what-if takes no --reason and no --notice; --adopt does")
            person = login()
            if name is not None:
                person = acting(settings, record, name, on_behalf, may=ANYBODY).name
            done = look_again(record, settings, kept, card, other, person=person)
        counted = arithmetic_between(record, done.before, done.after)
        _print(done, counted, by_hand=by_hand, as_json=as_json)


def _card(record: Reads, recording: str, period: str | None) -> tuple[KeptSample, Scorecard]:
    from qc_pipeline.period.calls import find_kept
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.outcomes import outcomes_of

    kept = find_kept(record, recording, period)
    card = outcomes_of(record, kept.seq).get(recording)
    if not isinstance(card, Scorecard):
        raise UsageError(f"{recording} has no scorecard in {kept.sample.period}")
    return kept, card


def _correct(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    card: Scorecard,
    words: Path | None,
    rubric: Rubric | None,
    name: str | None,
    on_behalf: str | None,
    reason: str,
    notice: str | None,
) -> Rescored:
    from qc_pipeline.review.correct import correct_words
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.review.rescore import Rescored
    from qc_pipeline.review.transcript_editor import from_text
    from qc_pipeline.store.card_sources import made_from
    from qc_pipeline.workspace.people import INSPECTORS

    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    if not reason.strip():
        raise UsageError("give a reason: --reason TEXT")
    source = made_from(record, card)
    if words is None:
        looked = {"recording": card.recording_id, "transcript": card.transcript_sha256}
        record.tell("look.transcript", looked, why=reason)
        made = _edited(source.transcript, source.measures)
    else:
        text = _read(words)
        made = from_text(text, source.transcript, source.measures, name=str(words))
    if not made.edits:
        return Rescored(before=card, after=card, anew=())
    done = correct_words(
        record, settings, kept, actor, card, made, reason=reason, notice=notice, rubric=rubric
    )
    write_corrections(record, settings, kept.sample.period)
    return done


def _edited(transcript: Transcript, measures: Measures) -> Corrected:
    """The words as they come back from the editor; a text that cannot be taken in is kept."""
    from qc_pipeline.review.transcript_editor import as_text, from_text

    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    descriptor, name = tempfile.mkstemp(prefix="qc-words-", suffix=".txt")
    os.close(descriptor)
    path = Path(name)
    path.write_text(as_text(transcript), encoding="utf-8")
    try:
        ended = subprocess.run([*editor, name], check=False)  # noqa: S603 # nosec B603
    except OSError as error:
        path.unlink()
        raise UsageError(f"the editor {editor[0]!r} cannot be started: {error.strerror}") from None
    if ended.returncode != 0:
        path.unlink()
        raise UsageError(f"the editor ended with status {ended.returncode}: nothing was changed")
    try:
        made = from_text(_read(path), transcript, measures, name=name)
    except InputError as error:
        told = f"{error}\nyour text is kept in {name}; `--words {name}` takes it in once mended"
        raise UsageError(told) from None
    path.unlink()
    return made


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise UsageError(f"no such file: {path}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8 text") from None


def _criterion(
    settings: Settings,
    record: Record,
    criterion: str,
    period: str | None,
    rubric: str | None,
    name: str | None,
    on_behalf: str | None,
    reason: str,
    *,
    as_json: bool,
) -> None:
    from qc_pipeline.review.correct import appeal_reason, correct_criterion
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.review.rescore import find_rubric_named
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS

    if period is None:
        raise UsageError("--criterion needs --period PERIOD")
    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    kept = kept_sample(record, period)
    if kept is None:
        raise UsageError(f"{period} is not drawn in this workspace")
    other = None if rubric is None else find_rubric_named(record, rubric)
    why = reason or appeal_reason(record, period, criterion, settings.report.language)
    done = correct_criterion(record, settings, kept, actor, criterion, reason=why, rubric=other)
    write_corrections(record, settings, period)
    _print_corrections(done, criterion, as_json=as_json)


def _print_corrections(done: Corrections, criterion: str, *, as_json: bool) -> None:
    if as_json:
        print_json(
            {
                "changed": [
                    {
                        "recording_id": d.recording_id,
                        "total_before": d.before.total,
                        "total_after": d.after.total,
                    }
                    for d in done.changed
                ],
                "same": list(done.same),
                "worse": list(done.worse),
                "locked": list(done.locked),
            }
        )
        return
    for one in done.changed:
        totals = f"{figure(one.before.total)} → {figure(one.after.total)}"
        print(f"{plain(one.recording_id)} {criterion}: total {totals}")
    for recording in done.worse:
        print(f"{plain(recording)}: the rule would cost more now; left as it is")
    for recording in done.locked:
        print(f"{plain(recording)}: an objection decided it; left as it is")
    print(f"corrected {len(done.changed)}, still a hit {len(done.same)}")


def _print(
    done: Rescored,
    counted: Sequence[ArithmeticDifference],
    *,
    by_hand: bool,
    as_json: bool,
) -> None:
    if as_json:
        print_json(
            {
                "total_before": done.before.total,
                "total_after": done.after.total,
                "kept": done.kept,
                "judged_again": "all" if done.anew is None else list(done.anew),
                "card_before": done.before.sha256(),
                "card_after": done.after.sha256(),
                "arithmetic": [d.as_json() for d in counted],
                "differences": [_difference_json(d) for d in done.differences],
                "holding": {k: str(j.verdict) for k, j in done.holding.items()},
            }
        )
        return
    for line in (
        *_counted_lines(done, counted),
        *_lines(done),
        _judged_again(done, by_hand=by_hand),
    ):
        print(line)


def _judged_again(done: Rescored, *, by_hand: bool) -> str:
    """What of the call was judged again, and by which engine."""
    from qc_pipeline.scoring.score import ENGINE_VERSION

    every = len(done.after.criteria())
    if done.anew is None:
        return f"all {every} criteria judged again, by engine {ENGINE_VERSION}"
    if not done.anew and by_hand:
        return "no criterion judged again"
    if not done.anew:
        return "published: what nothing concerned since stands (--rubric judges all again)"
    told = f"judged again, by engine {ENGINE_VERSION}: {', '.join(done.anew)}"
    left = every - len(done.anew)
    return f"{told}; the other {left} stand as they were published" if left else told


def _counted_lines(done: Rescored, counted: Sequence[ArithmeticDifference]) -> Iterator[str]:
    """How the other rubric counts, a line for each rule that differs."""
    if not counted:
        return
    before, after = (f"{c.rubric_id} {c.rubric_version}" for c in (done.before, done.after))
    yield f"{plain(after)} counts otherwise than {plain(before)}:"
    for d in counted:
        title = f" ({plain(d.title)})" if d.title else ""
        yield f"  {d.what}{title}: {_counted(d.before)} → {_counted(d.after)}"


def _counted(value: Any) -> str:
    """A rule of counting as a terminal shows it."""
    match value:
        case None:
            return "none"
        case float() | int():
            return f"{value:g}"
        case [*items]:
            return ", ".join(f"{plain(i['label'])} from {i['from']:g}" for i in items)
        case dict():
            return ", ".join(f"{k} {_counted(v)}" for k, v in value.items())
        case _:
            return plain(str(value))


def _lines(done: Rescored) -> Iterator[str]:
    for d in done.differences:
        yield f"{d.criterion} ({plain(d.title)}): {_side(d.before)} → {_side(d.after)}"
        if d.why:
            yield f"      {plain(d.why)}"
    if not done.differences:
        yield "no criterion differs"
    lines = {c.id: c for c in done.after.criteria()}
    for name, now in done.holding.items():
        stands = lines[name]
        yield (
            f"{name} ({plain(stands.title)}): what was decided holds ({_side(stands)}); by the "
            f"corrected words the rule gives {now.verdict}: {plain(now.reason)}"
        )
    totals = f"{figure(done.before.total)} → {figure(done.after.total)}"
    yield f"{plain(done.before.recording_id)}: total {totals}"
    if done.kept == "what_if":
        yield (
            f"what if: kept as card {done.after.sha256()[:12]}, counts nowhere; the score stays "
            f"{figure(done.before.total)} (`--adopt --reason TEXT` puts the new one in force)"
        )


def _side(result: Any) -> str:
    if result is None:
        return "not in the rubric"
    return f"{result.verdict} -{result.lost:g}" if result.lost else str(result.verdict)


def _difference_json(difference: Any) -> dict[str, Any]:
    def side(result: Any) -> dict[str, Any] | None:
        return None if result is None else {"verdict": str(result.verdict), "lost": result.lost}

    return {
        "criterion": difference.criterion,
        "title": difference.title,
        "before": side(difference.before),
        "after": side(difference.after),
        "why": difference.why,
    }
