"""`qc score --rubric FILE --transcript FILE`: one card from files, no workspace needed.

Where there is one, its settings hold for scoring.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path

from qc_pipeline.asr.formats import read_transcript
from qc_pipeline.audio.measures import measure_without_sound
from qc_pipeline.call import FieldValue, Transcript
from qc_pipeline.cli.card_text import card_lines
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.wrap import terminal_width
from qc_pipeline.errors import InputError, Problem
from qc_pipeline.scoring.rubric.files import read_rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.terms_of_scoring import USUAL_TERMS, ScoringTerms
from qc_pipeline.system.json_text import read_json


def score_files(
    rubric: Path, transcript: Path, call: Path | None, *, folder: Path, as_json: bool
) -> None:
    """Score one transcript; every problem of the three files is told at once. `folder` may be a
    workspace.
    """
    problems: list[Problem] = []
    rules = words = None
    fields: Mapping[str, FieldValue] = {}
    try:
        rules = read_rubric(rubric)
    except InputError as error:
        problems += error.problems
    try:
        words = read_transcript(transcript)
    except InputError as error:
        problems += error.problems
    try:
        fields = _read_call(call)
    except InputError as error:
        problems += error.problems
    if rules is None or words is None or problems:
        raise InputError(problems)
    terms = _terms(folder, words)
    card = score(rules, words, fields, measure_without_sound(words), terms=terms)
    if as_json:
        print_json(card.as_json())
        return
    lines = card_lines(
        card,
        language=rules.language,
        recording=None,
        rubric=rules,
        # Who hands in a text that says nothing of its hearing knows that.
        heard=None if words.unheard is None else words,
        width=terminal_width(),
    )
    for line in lines:
        print(line)


def _terms(folder: Path, words: Transcript) -> ScoringTerms:
    """The terms of the workspace in `folder`, the usual ones where there is none."""
    from qc_pipeline.cli.session import open_record
    from qc_pipeline.store.migrate import HEAD, kept_revision
    from qc_pipeline.workspace.scoring_terms import terms_for
    from qc_pipeline.workspace.settings import SETTINGS_FILE, load_settings

    if not (folder / SETTINGS_FILE).is_file():
        return USUAL_TERMS
    settings = load_settings(folder)
    # A record is neither made nor brought up to date for the sake of two files.
    if words.asr.model_sha256 is None or kept_revision(settings.store_url()) != HEAD:
        return terms_for(settings, None, None).of(words.language)
    record = open_record(settings)
    try:
        return terms_for(settings, record, words.asr.model_sha256).of(words.language)
    finally:
        record.close()


def _read_call(path: Path | None) -> Mapping[str, FieldValue]:
    """Call fields: a JSON object of text, numbers and true/false."""
    if path is None:
        return {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise InputError([Problem(path=str(path), message="no such file")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(path=str(path), message="is not UTF-8 text")]) from None
    body = read_json(text, str(path))
    if not isinstance(body, dict):
        raise InputError([Problem(path=str(path), message="is not a JSON object of call fields")])
    wrong = [
        Problem(
            path=str(path),
            message=f"field {key!r} is not a single value",
            found=json.dumps(value, ensure_ascii=False)[:60],
            allowed="text, a number, true or false",
        )
        for key, value in body.items()
        if not _is_field(value)
    ]
    if wrong:
        raise InputError(wrong)
    return {k: v for k, v in body.items() if v is not None}


def _is_field(value: object) -> bool:
    if isinstance(value, float):
        return isfinite(value)
    return value is None or isinstance(value, str | int | bool)
