"""qc.toml → `Settings`: what a workspace's owner wrote, typed, with every mistake at its line."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    ValidationError,
)

from qc_pipeline.asr.options import AsrOptions
from qc_pipeline.errors import InputError, Problem, UsageError, did_you_mean
from qc_pipeline.report.targets import ServiceTargets
from qc_pipeline.sampling.plan import Listening, SamplingPlan
from qc_pipeline.system.settings_table import SettingsTable, as_tuple
from qc_pipeline.workspace.calendar import CHINA, WEEKDAYS, country_calendar
from qc_pipeline.workspace.toml_places import locate, quote_bare_keys

SETTINGS_FILE = "qc.toml"


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("a time zone of the IANA list, such as Asia/Shanghai") from None
    return name


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


ZoneName = Annotated[str, AfterValidator(_zone)]
Texts = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]
Days = Annotated[tuple[date, ...], BeforeValidator(as_tuple)]


class Paths(SettingsTable):
    """Where things lie, relative to the workspace. `traffic` is the daily traffic table, `marks`
    the other marks of agents' assessments; both may be missing."""

    calls: str
    recordings: str
    report: str = "report"
    traffic: str | None = None
    marks: str | None = None


def _digits(number: str) -> str:
    """A telephone number as its digits: the marks between them are nobody's business."""
    digits = re.sub(r"[\s()+./-]", "", unicodedata.normalize("NFKC", number))
    if not re.fullmatch(r"[0-9]{3,20}", digits):
        raise ValueError('a telephone number of 3 to 20 digits, such as "4008001234"')
    return digits


OwnNumber = Annotated[str, AfterValidator(_digits)]


class Calls(SettingsTable):
    """How the call list is read: zone of times without one, headers and values as they stand.

    `own_numbers` are the centre's own telephone numbers, kept as digits alone: to name one of them
    is no threat.
    """

    zone: ZoneName = "Asia/Shanghai"
    columns: dict[str, str] = Field(default_factory=dict)
    values: dict[str, dict[str, str | bool | int | float]] = Field(default_factory=dict)
    bad_rows: Literal["stop", "exclude"] = "stop"
    own_numbers: Annotated[tuple[OwnNumber, ...], BeforeValidator(as_tuple)] = ()


class Rubrics(SettingsTable):
    """Which rubric judges which calls: a file relative to the workspace or a shipped one's id."""

    default: str = "inbound-zh"
    business: dict[str, str] = Field(default_factory=dict)


class StoreTable(SettingsTable):
    url: str = "sqlite:///qc.sqlite"


class Report(SettingsTable):
    language: Literal["zh", "en"] = "zh"
    title: str = "服务质量监控质检报告"
    contact: str = ""
    audience: str = "manager"


class TargetSettings(ServiceTargets):
    """The service figures' targets, and what of follow-ups is set beside them.

    `follow_ups_a_week`: so many follow-ups rules open for a group's calls of one week, the rest
    is suggested. `follow_up_criteria`: failing one of these is a complaint that was not registered
    or not escalated.
    """

    follow_ups_a_week: Annotated[int, Field(ge=0)] = 5
    follow_up_criteria: Texts = ("complaint-record", "supervisor-request", "authority-threat")


class Person(SettingsTable):
    """Somebody who may decide; `deputy` (B角) may in their absence. `agent_id` is whose calls are
    their own, of an agent.
    """

    name: str
    roles: Annotated[
        tuple[Literal["inspector", "lead", "reviewer", "manager", "agent"], ...],
        BeforeValidator(as_tuple),
    ] = ()
    login: str | None = None
    team: str | None = None
    deputy: str | None = None
    agent_id: str | None = None


def _country(code: str) -> str:
    if code not in (CHINA, WEEKDAYS):
        try:
            country_calendar(code)
        except UsageError as error:
            raise ValueError(str(error)) from None
    return code


class Calendar(SettingsTable):
    """The working calendar of deadlines: a country's, with own days off and own working days.

    `country`: CN, none (weekdays), or another ISO code, with a subdivision as in DE-BY.
    """

    country: Annotated[str, AfterValidator(_country)] = "CN"
    holidays: Days = ()
    workdays: Days = ()
    window_days: Annotated[int, Field(ge=1, le=30)] = 2


class Retention(SettingsTable):
    """`clips_days`: days after a period's end till when its report's clips are to be deleted."""

    years: Annotated[float, Field(gt=0)] = 5.0
    clips_days: Annotated[int, Field(ge=1)] = 90


class Runner(SettingsTable):
    """Where the per-recording work runs. `processes` 0 means: as many as the machine's cores."""

    kind: Literal["inline", "processes"] = "processes"
    processes: Annotated[int, Field(ge=0, le=256)] = 0


class Review(SettingsTable):
    """What people have time for: `hours` of listening a week, all inspectors together (without it
    as many as the quotas ask for), and how many randomly drawn calls of each agent are listened to
    in a calendar month. What a period could not do is carried over within the month.
    """

    hours: Annotated[float, BeforeValidator(_number), Field(gt=0, le=10_000)] | None = None
    calls_an_agent_a_month: Annotated[int, Field(ge=1, le=1000)] = 4


def _without_listening(plan: SamplingPlan) -> SamplingPlan:
    if plan.listening != Listening():
        raise ValueError("listening: hours and calls_an_agent_a_month stand in [review]")
    if plan.rules > 1 and plan.relisten.agent_min == 0:
        raise ValueError("relisten.agent_min: at least 1, or calls would be out of reach")
    return plan


class Settings(SettingsTable):
    """A workspace as its qc.toml describes it. `root` is the folder, absolute."""

    root: Path
    paths: Paths
    calls: Calls = Calls()
    asr: AsrOptions = AsrOptions()
    sampling: Annotated[SamplingPlan, AfterValidator(_without_listening)] = SamplingPlan()
    review: Review = Review()
    rubrics: Rubrics = Rubrics()
    store: StoreTable = StoreTable()
    report: Report = Report()
    targets: TargetSettings = TargetSettings()
    people: dict[str, Person] = Field(default_factory=dict)
    calendar: Calendar = Calendar()
    retention: Retention = Retention()
    runner: Runner = Runner()

    @property
    def plan(self) -> SamplingPlan:
        """The plan of [sampling] with what [review] says of listening. An `agent_min` a period that
        [sampling.relisten] names takes the place of the month's quota.
        """
        own = "agent_min" in self.sampling.relisten.model_fields_set
        listening = Listening(
            hours=self.review.hours,
            calls_an_agent_a_month=None if own else self.review.calls_an_agent_a_month,
        )
        return self.sampling.model_copy(update={"listening": listening})

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.calls.zone)

    def resolve(self, path: str) -> Path:
        return self.root / path

    @property
    def calls_path(self) -> Path:
        return self.resolve(self.paths.calls)

    @property
    def recordings_root(self) -> Path:
        return self.resolve(self.paths.recordings)

    @property
    def report_root(self) -> Path:
        return self.resolve(self.paths.report)

    def store_url(self, url: str | None = None) -> str:
        """The database URL, or another; a relative SQLite path is meant from the workspace."""
        prefix = "sqlite:///"
        url = self.store.url if url is None else url
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str(self.root / url[len(prefix) :])
        return url


def load_settings(root: Path) -> Settings:
    """Read `root/qc.toml`; raises InputError with every mistake in it, each at its line."""
    settings, problems = read_settings(root)
    if settings is None or problems:
        raise InputError(problems)
    return settings


def read_settings(root: Path) -> tuple[Settings | None, list[Problem]]:
    """Read `root/qc.toml` as far as it goes.

    With problems, the settings have defaults in the tables that are wrong, so that the files they
    name can be checked in the same go; None where not even [paths] can be used.
    """
    path = root / SETTINGS_FILE
    name = str(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        hint = "`qc init` writes one here, `-C DIR` names another folder"
        return None, [
            Problem(path=name, message="no such file: this folder is not a workspace", hint=hint)
        ]
    except (IsADirectoryError, NotADirectoryError):
        return None, [Problem(path=name, message="is not a file")]
    except UnicodeDecodeError as error:
        return None, [Problem(path=name, message=f"is not UTF-8 text (byte {error.start})")]
    return parse_settings(text, root=root.resolve(), name=name)


def parse_settings(
    text: str, *, root: Path, name: str = SETTINGS_FILE
) -> tuple[Settings | None, list[Problem]]:
    """Settings from the text of a qc.toml, and what is wrong with it (see `read_settings`)."""
    try:
        body = tomllib.loads(quote_bare_keys(text))
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        message = "not TOML: " + re.sub(r" \(at .*\)$", "", str(error))
        return None, [
            Problem(
                path=name,
                line=int(place[1]) if place else None,
                column=int(place[2]) if place else None,
                message=message,
            )
        ]
    try:
        return Settings(**(body | {"root": root})), _root_key(body, name, text)
    except ValidationError as error:
        problems = [_problem(name, text, e) for e in error.errors()] + _root_key(body, name, text)
        wrong = {e["loc"][0] for e in error.errors()}
    sound = {k: v for k, v in body.items() if k not in wrong} | {"root": root}
    try:
        return Settings(**sound), problems
    except ValidationError:
        return None, problems


def _root_key(body: Mapping[str, Any], name: str, text: str) -> list[Problem]:
    """`root` is ours, not a key of the file."""
    if "root" not in body:
        return []
    return [Problem(path=name, line=locate(text, ["root"]), message="unknown key 'root'")]


def _problem(name: str, text: str, error: Any) -> Problem:
    loc = [str(part) for part in error["loc"]]
    line = locate(text, loc)
    dotted = ".".join(loc)
    kind = error["type"]
    if kind == "extra_forbidden":
        known = _known_keys(loc[:-1])
        return Problem(
            path=name,
            line=line,
            message=f"unknown key {dotted!r}",
            allowed=", ".join(known) or None,
            hint=did_you_mean(loc[-1], known),
        )
    if kind == "missing":
        return Problem(path=name, line=line, message=f"{dotted!r} is missing")
    allowed = error["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    return Problem(
        path=name,
        line=line,
        message=f"{dotted!r} is not right",
        # A rule between keys concerns a whole table, which nobody wants to see again.
        found=None if isinstance(error["input"], dict) else repr(error["input"]),
        allowed=allowed,
    )


def _known_keys(loc: list[str]) -> tuple[str, ...]:
    model: type[BaseModel] = Settings
    for part in loc:
        field = model.model_fields.get(part)
        inner = field.annotation if field is not None else None
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return ()
        model = inner
    return tuple(sorted(k for k in model.model_fields if not (model is Settings and k == "root")))


def settings_json(settings: Settings) -> Mapping[str, Any]:
    """The settings that shape results, for the record: without the folder they lie in."""
    return settings.model_dump(mode="json", exclude={"root"})
