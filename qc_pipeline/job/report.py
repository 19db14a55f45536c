"""The last stage: what the record holds of a period, gathered for the report and written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from threading import Lock

from qc_pipeline import __version__
from qc_pipeline.audio.envelope import ENVELOPE_STEP_S
from qc_pipeline.call import AsrIdentity, Failure, Transcript
from qc_pipeline.cases.appeals.for_report import told_appeals, told_requests
from qc_pipeline.cases.coaching.for_report import told_coaching
from qc_pipeline.cases.followups.for_report import told_followups
from qc_pipeline.intake.tables import AssessmentMark, TrafficRow
from qc_pipeline.job.kept_clips import KeptClips
from qc_pipeline.job.past_periods import past_periods
from qc_pipeline.job.progress import Progress
from qc_pipeline.job.recording_checks import heard_twice
from qc_pipeline.message import Message
from qc_pipeline.period.state import period_in
from qc_pipeline.period.transcript_lookup import TranscriptionRef, load_transcriptions
from qc_pipeline.report.audience import parse_audience
from qc_pipeline.report.inputs import (
    ClipJob,
    Deadlines,
    Envelope,
    MakingFacts,
    PeriodFacts,
    ReplacedCall,
    ReportInputs,
    ReportOptions,
    RubricFacts,
)
from qc_pipeline.report.rubric_facts import rubric_facts
from qc_pipeline.report.view import build_view
from qc_pipeline.report.write.render import clip_plans, write_report
from qc_pipeline.review.corrections_page import write_corrections
from qc_pipeline.review.finalise import final_facts
from qc_pipeline.review.published_report import (
    CORRECTIONS,
    keep_report,
    published_cards,
    report_folder,
    report_kept,
    seal_where_missing,
    state_of,
)
from qc_pipeline.scoring.rubric.files import parse_rubric
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import MadeFrom, made_from_many
from qc_pipeline.store.decisions import cards_by_rules
from qc_pipeline.store.outcomes import with_cards
from qc_pipeline.store.publications import Publication, standing_publication
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.store.transcriptions import envelopes_of
from qc_pipeline.workspace.deadlines import calendar_of, window_end
from qc_pipeline.workspace.open_workspace import Workspace
from qc_pipeline.workspace.settings import Settings


def report_stage(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    *,
    progress: Progress,
    audience: str | None = None,
    audio: bool = True,
    unmasked: bool = False,
    objections: bool = False,
) -> Path:
    """Write `report/<period>/` and return the absolute path of its index.html.

    A published report that was written whole stays as it is until the period is final; then the
    final one takes its place and stays. `audience` other than the workspace's own gets a folder of
    its own beside it, made afresh, as does an `unmasked` one, and the workspace's own audience with
    `objections`: these tell of objections as they stand now, while the published report tells
    nothing that came after it. Without `audio` there are no clips.
    """
    period = kept.sample.period
    own = workspace.settings.report.audience
    if unmasked or objections or audience not in (None, own):
        plain = report_folder(workspace.settings, period).name
        name = parse_audience(audience or own).folder_name(plain)
        if objections:
            name = f"{name}-objections"
        with record.snapshot() as now:
            inputs = report_inputs(
                workspace,
                now,
                kept,
                audience=audience,
                audio=audio,
                unmasked=unmasked,
                cases_now=True,
            )
        return _write(
            workspace,
            inputs,
            workspace.settings.report_root / (f"{name}-unmasked" if unmasked else name),
            progress=progress,
        )
    folder = report_folder(workspace.settings, period)
    public = standing_publication(record, period)
    if public is not None and report_kept(record, public) and (folder / "index.html").is_file():
        said = "progress.final" if public.kind == "final" else "progress.published"
        progress.say(Message.of(said, period=period, day=str(public.day)))
        seal_where_missing(record, public, folder)
        write_corrections(record, workspace.settings, period)
        return (folder / "index.html").resolve()
    with record.snapshot() as now:
        inputs = report_inputs(workspace, now, kept, audio=audio)
    if public is not None:
        inputs = replace(inputs, options=replace(inputs.options, corrections=CORRECTIONS))
    path = _write(workspace, inputs, folder, progress=progress)
    if public is not None:
        if not report_kept(record, public):
            keep_report(record, public, folder)
        write_corrections(record, workspace.settings, period)
    return path


def rewrite_report(
    workspace: Workspace,
    record: Record,
    kept: KeptSample,
    folder: Path,
    *,
    audience: str | None,
    unmasked: bool,
    audio: bool,
    progress: Progress,
) -> None:
    """Write a report's folder anew from what the record holds now, a published one, too.

    Of the published report itself the new files are noted, so that a change by hand shows.
    """
    is_main = folder == report_folder(workspace.settings, kept.sample.period)
    with record.snapshot() as now:
        inputs = report_inputs(
            workspace,
            now,
            kept,
            audience=audience,
            audio=audio,
            unmasked=unmasked,
            cases_now=not is_main,
        )
    _write(workspace, inputs, folder, progress=progress)
    public = standing_publication(record, kept.sample.period)
    if public is not None and is_main:
        keep_report(record, public, folder)
        write_corrections(record, workspace.settings, public.period)


def _write(workspace: Workspace, inputs: ReportInputs, folder: Path, *, progress: Progress) -> Path:
    view = build_view(inputs)
    progress.stage("clips", len(clip_plans(view)))
    told = Lock()
    paths = {
        r.recording_id: workspace.settings.recordings_root / r.path
        for r in inputs.recordings
        if r.path is not None
    }
    clips = KeptClips(workspace.cache, folder)

    def make_clip(job: ClipJob) -> Path | None:
        with told:
            progress.step(job.recording_id)
        return clips.make(paths[job.recording_id], job)

    write_report(view, folder, make_clip=make_clip)
    return (folder / "index.html").resolve()


def report_inputs(
    workspace: Workspace,
    record: Reads,
    kept: KeptSample,
    *,
    audience: str | None = None,
    audio: bool = True,
    unmasked: bool = False,
    cases_now: bool = False,
) -> ReportInputs:
    """Everything the period's report is made from. `cases_now`: objections of a published period as
    they stand now, not as they stood then.
    """
    settings = workspace.settings
    period = period_in(workspace, record, kept)
    outcomes = with_cards(record, period.outcomes)
    public = period.publication
    if public is not None:
        public = standing_publication(record, public.period)
    final = public if public is not None and public.kind == "final" else None
    cards: Mapping[str, Scorecard] = {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}
    if public is not None:
        cards = published_cards(record, public)
    until = None if public is None else datetime.fromisoformat(public.at)
    objected_until = None if cases_now and final is None else until
    failures = tuple(o for o in outcomes.values() if isinstance(o, Failure))
    drawn, refs, identity = period.recordings, period.transcriptions, period.identity
    behind = made_from_many(record, cards.values())
    table = workspace.calls.recordings.between(kept.start_day, kept.end_day)
    inside = {r.recording_id: r for r in table}
    recordings = inside | dict(drawn)
    return ReportInputs(
        options=ReportOptions(
            language=settings.report.language,
            title=settings.report.title,
            contact=settings.report.contact,
            audience=audience or settings.report.audience,
            audio=audio,
            delete_clips_after=kept.end_day + timedelta(days=settings.retention.clips_days),
            unmasked=unmasked,
            agent_least_calls=settings.review.calls_an_agent_a_month,
        ),
        period=PeriodFacts(name=kept.sample.period, start=kept.start_day, end=kept.end_day),
        recordings=tuple(recordings[k] for k in sorted(recordings)),
        sample=kept.sample,
        scorecards=cards,
        drafts=cards_by_rules(record, cards),
        transcripts={k: m.transcript for k, m in behind.items()},
        measures={k: m.measures for k, m in behind.items()},
        envelopes=_envelopes(record, cards, refs, behind),
        rubrics=_rubrics(workspace, record, cards),
        deadlines=_deadlines(settings, kept, period.publication, final),
        state=state_of(public, decided=bool(period.decided)),
        final=None if final is None else final_facts(final),
        coaching=told_coaching(
            record,
            kept,
            cards,
            drawn,
            until=until,
        ),
        follow_ups=told_followups(
            record,
            settings,
            kept,
            until=until,
        ),
        objections=told_appeals(record, kept, zone=settings.zone, until=objected_until),
        requests=told_requests(record, kept, zone=settings.zone, until=objected_until),
        failures=failures,
        excluded_rows=workspace.calls.problems,
        past=past_periods(record, kept, workspace.calls.recordings, until=until),
        making=MakingFacts(
            recogniser=_recogniser_line(identity.identity),
            is_sample_model=identity.is_sample,
            model_sha256=None if identity.identity is None else identity.identity.model_sha256,
            versions={
                "qc-pipeline": __version__,
                "faster-whisper": version("faster-whisper"),
                "ctranslate2": version("ctranslate2"),
            },
            list_name=settings.calls_path.name,
            list_sha256=workspace.calls.sha256,
            zone=settings.calls.zone,
            notes=(
                *_notes(kept),
                *_published_note(period.publication, final),
                *heard_twice(record, {k: ref for k, ref in refs.items() if k in cards}),
            ),
        ),
        replaced=tuple(
            ReplacedCall(
                recording_id=k.replacement.invalid,
                reason=k.replacement.reason,
                text=k.text,
                by=k.replacement.by,
                broken=k.broken,
                apart=k.apart,
            )
            for k in kept.replacements
        ),
        targets=settings.targets,
        traffic=_traffic(workspace, kept),
        marks=_marks(workspace, kept),
        purged=frozenset(period.purged),
    )


def _recogniser_line(identity: AsrIdentity | None) -> Message:
    """Which model and precision; not where it lies, so that the page is the same everywhere."""
    if identity is None:
        return Message.of("making.elsewhere")
    precision = str(identity.options["precision"])
    return Message.of("making.recogniser", model=identity.model, precision=precision)


def _envelopes(
    record: Reads,
    cards: Mapping[str, Scorecard],
    refs: Mapping[str, TranscriptionRef],
    behind: Mapping[str, MadeFrom],
) -> Mapping[str, Envelope]:
    """Levels of the recordings as they lie there now: a card may be of words heard before, in
    other channels.
    """
    shown = {k: refs[k] for k in sorted(cards) if k in refs}
    bodies = envelopes_of(record, [ref.row.identity_sha256 for ref in shown.values()])
    shown = {k: ref for k, ref in shown.items() if bodies.get(ref.row.identity_sha256)}
    others = {
        k: ref
        for k, ref in shown.items()
        if k not in behind or ref.words_sha256 != cards[k].transcript_sha256
    }
    heard = load_transcriptions(record, others)
    return {
        k: _envelope(
            bodies[ref.row.identity_sha256],
            heard[k].transcript if k in heard else behind[k].transcript,
        )
        for k, ref in shown.items()
    }


def _envelope(body: bytes, transcript: Transcript) -> Envelope:
    """Levels (0 … 1) per 0.1 s; agent first, then customer, one column for both in a mono call."""
    levels = tuple(byte / 127 for byte in body)
    rate_hz = 1 / ENVELOPE_STEP_S
    if "mono" in transcript.channels.values():
        return Envelope(rate_hz=rate_hz, agent=levels)
    half = len(levels) // 2
    return Envelope(rate_hz=rate_hz, agent=levels[:half], customer=levels[half:])


def _rubrics(
    workspace: Workspace, record: Reads, cards: Mapping[str, Scorecard]
) -> tuple[RubricFacts, ...]:
    known = {r.sha256: r for group in workspace.rubrics.versions.values() for r in group}
    facts = []
    for sha256 in sorted({c.rubric_sha256 for c in cards.values()}):
        rubric = known.get(sha256) or parse_rubric(kept_rubric(record, sha256), name=sha256[:12])
        facts.append(rubric_facts(rubric))
    return tuple(sorted(facts, key=lambda f: (f.id, f.version, f.sha256)))


def _deadlines(
    settings: Settings, kept: KeptSample, public: Publication | None, final: Publication | None
) -> Deadlines:
    """Of a draft: as if it were published on the first working day after the period."""
    if public is not None:
        due, provisional = public.objections_due, window_end(settings, public.day)[1]
    else:
        first, _ = calendar_of(settings).add(kept.end_day, 1)
        due, provisional = window_end(settings, first)[0], True
    return Deadlines(
        follow_ups=due,
        objections=due if final is None else final.objections_due,
        window_days=settings.calendar.window_days,
        provisional=provisional and final is None,
    )


def _traffic(workspace: Workspace, kept: KeptSample) -> tuple[TrafficRow, ...]:
    """The days of the period, and those before it of the month it ends in: an answer rate is
    judged by the month."""
    first = min(kept.start_day, kept.end_day.replace(day=1))
    return tuple(r for r in workspace.traffic if first <= r.day <= kept.end_day)


def _marks(workspace: Workspace, kept: KeptSample) -> tuple[AssessmentMark, ...]:
    """The period's own marks, and those of no period where it has none."""
    own = [m for m in workspace.marks if m.period == kept.sample.period]
    named = {(m.agent_id, m.source) for m in own}
    other = [m for m in workspace.marks if not m.period and (m.agent_id, m.source) not in named]
    return tuple(sorted([*own, *other], key=lambda m: (m.agent_id, m.source)))


def _notes(kept: KeptSample) -> tuple[Message, ...]:
    if kept.number == 1 or kept.reason is None:
        return ()
    return (Message.of("making.drawn-again", number=kept.number, reason=kept.reason),)


def _published_note(public: Publication | None, final: Publication | None) -> tuple[Message, ...]:
    if public is None:
        return ()
    day = public.day.isoformat()
    if final is None:
        return (Message.of("making.published", day=day, person=public.person, page=CORRECTIONS),)
    return (
        Message.of("making.was-published", day=day, person=public.person, page=CORRECTIONS),
        Message.of("making.final", day=final.day.isoformat(), person=final.person),
    )
