"""Drawing a blind set and putting the figures together: what the record and the workspace hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from qc_pipeline.calibration.draw import Candidate, draw_calibration
from qc_pipeline.calibration.figures import Calibration, calibrate
from qc_pipeline.calibration.read import ReadSheet, read_sheets
from qc_pipeline.calibration.sheets import (
    AskedCall,
    rows_of,
    write_csv_sheet,
    write_xlsx_sheet,
)
from qc_pipeline.errors import Problem, UsageError
from qc_pipeline.report.inputs import CriterionFacts, RubricFacts
from qc_pipeline.report.rubric_facts import rubric_facts
from qc_pipeline.scoring.decisions import NO_DECISIONS
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.rubric.files import parse_rubric
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.calibrations import (
    BlindCall,
    BlindSet,
    add_set,
    answers_of,
    blind_sets,
    keep_sheet,
    next_name,
    sheets_of,
)
from qc_pipeline.store.calls import kept_call
from qc_pipeline.store.decisions import cards_by_hash, cards_of, decisions_of
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.record import Record
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.people import Actor
from qc_pipeline.workspace.settings import Settings

FORMATS = ("xlsx", "csv")
DEFAULT_CALLS = 10


def draw_set(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    *,
    inspectors: Sequence[str],
    calls: int,
    seed: str | None,
    only: Sequence[str],
    out: Path | None,
    kind: str,
) -> tuple[BlindSet, tuple[Path, ...]]:
    """Draw a blind set from a period's scored calls, write a sheet for each inspector, keep it.

    Left out are test calls, and calls that one of the inspectors has decided on: they know what
    the machine said. `only` names the criteria to be asked, all where empty. Raises UsageError
    where too few people or calls are there.
    """
    people = list(dict.fromkeys(inspectors))
    if len(people) < 2:
        raise UsageError(
            "a calibration needs two inspectors or more: --inspector NAME --inspector NAME"
        )
    if calls < 1:
        raise UsageError(f"--calls {calls}: at least 1")
    period = kept.sample.period
    with record.transaction() as tx:
        cards = _machine_cards(tx, kept, people)
        if not cards:
            raise UsageError(
                f"{period} has no scored call that these inspectors have not decided on already"
            )
        rubrics = _rubrics(tx, cards.values())
        unknown = sorted(set(only) - {c.id for card in cards.values() for c in card.criteria()})
        if unknown:
            raise UsageError(f"no call of {period} was judged by a criterion {unknown[0]!r}")
        name = next_name(tx, period)
        chosen_seed = seed or name
        chosen = draw_calibration(
            [_candidate(k, c, only) for k, c in cards.items()], calls=calls, seed=chosen_seed
        )
        made = BlindSet(
            name=name,
            period=period,
            seed=chosen_seed,
            inspectors=tuple(people),
            calls=tuple(
                BlindCall(
                    recording_id=k,
                    card=cards[k].sha256(),
                    criteria=tuple(c.id for c in cards[k].criteria() if not only or c.id in only),
                )
                for k in chosen
            ),
            person=actor.name,
        )
        # The sheets first: a set in the record without its sheets would help nobody.
        files = _write_sheets(tx, settings, made, cards, rubrics, out=out, kind=kind)
        add_set(tx, made, sample_seq=kept.seq)
    return made, files


def _machine_cards(
    record: Reads, kept: KeptSample, inspectors: Sequence[str]
) -> Mapping[str, Scorecard]:
    """The card that the rules alone gave, of every call that may be in a blind set."""
    decided = decisions_of(record, kept.sample.period)
    test_calls = {p.recording_id for p in kept.sample.picks if p.origin == "mystery"}
    found: dict[str, Scorecard] = {}
    for recording_id, outcome in sorted(outcomes_of(record, kept.seq).items()):
        judges = {k.decision.person for k in decided.get(recording_id, ())}
        if (
            not isinstance(outcome, Scorecard)
            or recording_id in test_calls
            or judges & set(inspectors)
        ):
            continue
        own = [
            card
            for period, card in cards_of(record, recording_id)
            if period == kept.sample.period
            and card.inputs["decisions"] == NO_DECISIONS
            and card.rubric_sha256 == outcome.rubric_sha256
        ]
        if own:
            found[recording_id] = own[-1]
    return found


def _candidate(recording_id: str, card: Scorecard, only: Sequence[str]) -> Candidate:
    return Candidate(
        recording_id=recording_id,
        band=card.band or "",
        deducted=frozenset(
            c.id
            for c in card.criteria()
            if c.verdict in (Verdict.FAIL, Verdict.HELD) and (not only or c.id in only)
        ),
    )


def _rubrics(record: Reads, cards: Iterable[Scorecard]) -> Mapping[str, RubricFacts]:
    hashes = sorted({c.rubric_sha256 for c in cards})
    return {h: rubric_facts(parse_rubric(kept_rubric(record, h), name=h[:12])) for h in hashes}


def _write_sheets(
    record: Reads,
    settings: Settings,
    made: BlindSet,
    cards: Mapping[str, Scorecard],
    rubrics: Mapping[str, RubricFacts],
    *,
    out: Path | None,
    kind: str,
) -> tuple[Path, ...]:
    language = settings.report.language
    folder = settings.root / "calibration" / folder_name(made.name) if out is None else out
    calls: list[AskedCall] = []
    asked: dict[str, CriterionFacts] = {}
    for call in made.calls:
        recording = kept_call(record, call.recording_id)
        criteria = tuple(
            c
            for c in rubrics[cards[call.recording_id].rubric_sha256].criteria
            if c.id in call.criteria
        )
        asked |= {c.id: c for c in criteria}
        calls.append(
            AskedCall(
                recording_id=call.recording_id,
                start=None if recording is None else recording.start_time,
                duration_s=None if recording is None else recording.duration_s,
                path="" if recording is None else recording.path or "",
                criteria=criteria,
            )
        )
    files = []
    for inspector in made.inspectors:
        rows = rows_of(calls, calibration=made.name, inspector=inspector)
        path = folder / f"{_file_name(inspector)}.{kind}"
        if path.exists():
            raise UsageError(f"{path} is there already; name another folder with --out")
        if kind == "csv":
            write_csv_sheet(path, rows, language)
        else:
            write_xlsx_sheet(path, rows, tuple(asked.values()), language)
        files.append(path)
    return tuple(files)


def folder_name(name: str) -> str:
    """A calibration's name as a folder: of a range of days without its dots."""
    return name.replace("..", "_")


def _file_name(inspector: str) -> str:
    """A person's name as a file name on every system."""
    return "".join("_" if c in '\\/:*?"<>|' or ord(c) < 32 else c for c in inspector).strip(". ")


def take_sheets(
    record: Record, files: Sequence[Path], actor: Actor
) -> tuple[tuple[tuple[ReadSheet, bool], ...], tuple[Problem, ...]]:
    """Read sheets and keep them: each with whether it is new; and the rows of no sheet.

    Raises InputError where a file is no sheet; then nothing is kept.
    """
    sets = {s.name: s for s in blind_sets(record)}
    worth = {
        (s.name, call.recording_id, c.id): c.points
        for s in sets.values()
        for call, card in zip(s.calls, _cards(record, s), strict=True)
        for c in card.criteria()
    }
    sheets, strays = read_sheets(files, sets, worth)
    with record.transaction() as tx:
        kept = [
            (s, keep_sheet(tx, s.calibration, s.inspector, s.answers, person=actor.name))
            for s in sheets
            if s.taken or s.bad
        ]
    rest = [(s, False) for s in sheets if not (s.taken or s.bad)]
    return (*kept, *rest), strays


def _cards(record: Reads, made: BlindSet) -> list[Scorecard]:
    found = cards_by_hash(record, [c.card for c in made.calls])
    return [found[c.card] for c in made.calls]


def result_of(record: Reads, made: BlindSet, *, seed: str | None) -> Calibration:
    """The figures of a calibration. Raises UsageError until two inspectors have handed in."""
    handed_in = sheets_of(record, made)
    if sum(n > 0 for n in handed_in.values()) < 2:
        waiting = ", ".join(k for k, n in handed_in.items() if not n)
        raise UsageError(
            f"{made.name}: two sheets at least are needed; not handed in yet: {waiting} "
            "(`qc calibrate read FILE`)"
        )
    cards = {c.recording_id: card for c, card in zip(made.calls, _cards(record, made), strict=True)}
    return calibrate(cards, answers_of(record, made), seed=seed or made.seed)
