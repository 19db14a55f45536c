"""decisions.json, as the review page hands it out: read and checked, every mistake at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from qc_pipeline.errors import InputError, Problem
from qc_pipeline.review.blind import BlindAnswer, BlindVerdict, decision_of
from qc_pipeline.scoring.decisions import Cause, Decision, DecisionVerdict, Place, Root
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.decisions import BLIND, LOOKED, NewDecision
from qc_pipeline.system.json_text import read_json

FORMAT = "qc-decisions/1"
CLOCKS_APART = timedelta(minutes=10)
"""By so much a reviewer's clock may be ahead of ours."""


def _with_zone(text: str) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("a time such as 2026-11-23T09:00:00+08:00") from None
    if at.tzinfo is None:
        raise ValueError("a time with its zone, such as 2026-11-23T09:00:00+08:00")
    return text


class DecisionLine(BaseModel):
    """One decision of the file. `card` is the card that was looked at, `token` names the act.

    `always`, with overturn: the sentence that was nearly worded as asked counts from now on.
    A `blind` one says what somebody heard who did not see what the machine found: overturn
    (fulfilled), points (not fulfilled), not_applicable or invalid (cannot be heard).
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    recording_id: str
    criterion: str | None
    verdict: Annotated[DecisionVerdict, Field(strict=False)]
    at: Annotated[str, AfterValidator(_with_zone)]
    points: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    cause: Annotated[Cause, Field(strict=False)] | None = None
    root: Annotated[Root, Field(strict=False)] | None = None
    place_s: Annotated[Place, Field(strict=False)] | None = None
    agent: Annotated[str, Field(min_length=1, max_length=64)] | None = None
    reason: str = ""
    card: str | None = None
    token: Annotated[str, Field(min_length=8, max_length=64)] | None = None
    blind: bool = False
    always: bool = False


class DecisionFile(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    format: Literal["qc-decisions/1"]
    period: str
    person: str = ""
    decisions: Annotated[
        tuple[DecisionLine, ...], BeforeValidator(lambda v: tuple(v) if isinstance(v, list) else v)
    ]


def read_decision_file(path: Path) -> DecisionFile:
    """Raises InputError with everything that is wrong with the file."""
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, IsADirectoryError):
        raise InputError([Problem(path=name, message="no such file")]) from None
    except UnicodeDecodeError:
        raise InputError([Problem(path=name, message="is not UTF-8 text")]) from None
    body = read_json(text, name)
    try:
        return DecisionFile.model_validate(body)
    except ValidationError as error:
        raise InputError([_problem(name, e) for e in error.errors()]) from None


def new_decisions(
    file: DecisionFile, *, path: Path, person: str, cards: Mapping[str, Scorecard]
) -> tuple[NewDecision, ...]:
    """Decisions in the name of `person`; raises InputError for those that mean nothing. `cards` are
    those in force, by recording: what was judged blind is held against them.
    """
    problems: list[Problem] = []
    found: list[NewDecision] = []
    for number, line in enumerate(file.decisions):
        place = ("decisions", number)
        try:
            if line.blind:
                decision = _blind(line, person, cards.get(line.recording_id))
            else:
                decision = _plain(line, person)
        except ValidationError as error:
            problems += [_problem(str(path), e, place) for e in error.errors()]
            continue
        if decision is None:
            body = {"loc": (), "msg": "this cannot be judged blind", "input": line.criterion}
            problems.append(_problem(str(path), body, place))
            continue
        found.append(
            NewDecision(
                recording_id=line.recording_id,
                decision=decision,
                source=BLIND if line.blind else LOOKED,
                seen=line.card,
                token=line.token,
            )
        )
    problems += _twice(file, str(path))
    if problems:
        raise InputError(problems)
    return tuple(found)


def refuse_times(
    file: DecisionFile, *, path: Path, first_day: date, now: datetime, zone: tzinfo
) -> None:
    """Raises InputError for decisions dated before the period's first day or later than now."""
    problems = []
    for number, line in enumerate(file.decisions):
        at = datetime.fromisoformat(line.at)
        early = at.astimezone(zone).date() < first_day
        if early or at > now + CLOCKS_APART:
            message = "before the period began" if early else "still to come"
            problems.append(
                Problem(path=str(path), message=f"decisions[{number}].at: {message}", found=line.at)
            )
    if problems:
        raise InputError(problems)


def _twice(file: DecisionFile, name: str) -> Iterator[Problem]:
    """Lines that decide on the same twice: the same again, or something else."""
    seen: dict[tuple[str, str | None], int] = {}
    for number, line in enumerate(file.decisions):
        key = (line.recording_id, line.criterion)
        first = seen.setdefault(key, number)
        if first != number:
            other = file.decisions[first].model_copy(update={"at": line.at, "token": line.token})
            said = "says the same as" if other == line else "contradicts"
            yield Problem(
                path=name,
                message=f"decisions[{number}] {said} decisions[{first}]: one decision on "
                f"{line.criterion or 'a recording'} of {line.recording_id}",
            )


def _plain(line: DecisionLine, person: str) -> Decision:
    return Decision(
        criterion=line.criterion,
        verdict=line.verdict,
        person=person,
        at=line.at,
        reason=line.reason,
        points=line.points,
        cause=line.cause,
        root=line.root,
        place_s=line.place_s,
        agent=line.agent,
    )


_HEARD = {
    DecisionVerdict.OVERTURN: BlindVerdict.FULFILLED,
    DecisionVerdict.POINTS: BlindVerdict.FAILED,
    DecisionVerdict.NOT_APPLICABLE: BlindVerdict.NOT_APPLICABLE,
    DecisionVerdict.INVALID: BlindVerdict.UNHEARD,
}


def _blind(line: DecisionLine, person: str, card: Scorecard | None) -> Decision | None:
    """What an answer without the machine's verdict is as a decision on it; None where there is no
    such criterion, or no such answer.
    """
    heard = _HEARD.get(line.verdict)
    machine = None
    if card is not None:
        machine = next((c for c in card.criteria() if c.id == line.criterion), None)
    if machine is None or heard is None or line.criterion is None:
        return None
    if heard is BlindVerdict.FAILED and not line.points:
        heard = BlindVerdict.FULFILLED
    answer = BlindAnswer(
        criterion=line.criterion,
        heard=heard,
        points=line.points or 0.0,
        place_s=line.place_s,
        root=None if line.root is None else str(line.root),
        agent=line.agent,
        reason=line.reason,
    )
    return decision_of(machine, answer, person=person, at=line.at, usual_reason="")


def _problem(name: str, error: object, head: tuple[str | int, ...] = ()) -> Problem:
    body = error if isinstance(error, dict) else {}
    place = "".join(
        f"[{part}]" if isinstance(part, int) else f".{part}" for part in (*head, *body["loc"])
    ).lstrip(".")
    return Problem(
        path=name,
        message=f"{place or 'the file'}: {str(body['msg']).removeprefix('Value error, ')}",
        found=repr(body["input"])[:60],
    )
