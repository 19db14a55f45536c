"""A rubric as a QA inspector writes it: the typed form of the keys of the rubric language.

These models say what each key is alone; what must agree between keys (sums of points, names,
contradictions) is checked by `rubric_checks`, and `rubric_parse.parse_rubric` puts both together.
All are frozen and strict, and unknown keys are errors.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from qc_pipeline.call import FieldValue, Speaker
from qc_pipeline.scoring.evidence.terms import Line, Params, Phrases, problem
from qc_pipeline.scoring.operators.operator import Condition, Operator

Id = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", description="a-z, 0-9 and '-' between them")
]
Text = Annotated[str, Field(min_length=1)]
Points = Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1, le=1_000_000)]
Severity = Literal["minor", "major", "fatal"]
ReportPart = Literal["服务礼仪", "服务流程"]
PERSON_FROM_POINTS = 5
"""So many points are never taken by a machine alone (docs/trust.md)."""
RESERVED_IDS = ("total", "band")


def _date(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        if len(value) == len("2026-11-01"):
            return date.fromisoformat(value)
    except ValueError:
        pass
    raise problem("date", "no such day", found=value, hint="write a day as 2026-11-01")


Day = Annotated[date, BeforeValidator(_date, json_schema_input_type=str)]


class Band(Params):
    """A score band: scores from `from` up to the next higher band."""

    from_: Annotated[float, Field(ge=0, alias="from", description="The lowest score of the band.")]
    label: Annotated[Text, Field(description="What the report calls it.")]


class ReviewBelow(Params):
    """Findings less certain than this are held for a person."""

    said: Annotated[Share, Field(description="For what was found.")] = 0.6
    not_said: Annotated[Share, Field(description="For what was not found.")] = 0.8
    heard: Annotated[
        Share,
        Field(
            description="Share of the speech searched that must have been understood for a pass to "
            "rest on what was not found."
        ),
    ] = 0.75


class ScorableFrom(Params):
    """How much must be said in a call for it to be judged by what was not said; at least one."""

    talk_s: Annotated[
        float | None,
        Field(
            gt=0,
            le=86_400,
            allow_inf_nan=False,
            description="Seconds of speech, of both parties together.",
        ),
    ] = None
    turns: Annotated[Count | None, Field(description="Turns of both parties.")] = None

    @model_validator(mode="after")
    def _some(self) -> ScorableFrom:
        if self.talk_s is None and self.turns is None:
            raise problem(
                "scorable_from", "needs seconds of talk, turns or both", allowed="talk_s turns"
            )
        return self


def _review(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"said": value, "not_said": value} if number else value


class Effective(Params):
    """Days of the call, both included, on which a criterion counts."""

    from_: Annotated[Day | None, Field(alias="from", description="The first day.")] = None
    until: Annotated[Day | None, Field(description="The last day.")] = None

    @model_validator(mode="after")
    def _rises(self) -> Effective:
        if self.from_ is None and self.until is None:
            raise problem("effective", "needs a first or a last day", allowed="from until")
        if self.from_ and self.until and self.from_ > self.until:
            raise problem(
                "effective",
                "the last day lies before the first, so the criterion never counts",
                found=f"from {self.from_} until {self.until}",
            )
        return self

    def holds(self, day: date) -> bool:
        return (self.from_ is None or day >= self.from_) and (
            self.until is None or day <= self.until
        )


def _step_keys(value: Any) -> Any:
    """The keys of a mapping are text to the reader of the file; these are counts."""
    if not isinstance(value, Mapping):
        return value
    return {
        int(k) if isinstance(k, str) and k.isascii() and k.isdigit() else k: v
        for k, v in value.items()
    }


class Deduct(Params):
    """How much a failed criterion costs; exactly one of the four. Without it: all its points."""

    fixed: Annotated[Points | None, Field(alias="=", description="A fixed number.")] = None
    each: Annotated[Points | None, Field(description="Points per hit.")] = None
    each_missing: Annotated[
        Points | None, Field(description="Points per member of `expect: {all: […]}` that failed.")
    ] = None
    steps: Annotated[
        Mapping[Count, Points] | None,
        BeforeValidator(_step_keys),
        Field(
            description="Points by the highest step not above the number of hits: {2: 1, 4: 3} "
            "costs 1 from the second hit on, 3 from the fourth."
        ),
    ] = None

    @model_validator(mode="after")
    def _one(self) -> Deduct:
        given = [f.alias or n for n, f in type(self).model_fields.items() if getattr(self, n)]
        if len(given) != 1:
            raise problem(
                "deduct",
                "'deduct' takes a number or exactly one way of counting",
                found=", ".join(given) or "none",
                allowed="a number, {each: n}, {steps: {hits: n, …}}, {each_missing: n}",
            )
        return self


def _deduct(value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return {"=": value} if number else value


class Criterion(Params):
    """One thing that is judged, with what it is worth and why it stands."""

    id: Annotated[Id, Field(description="Short name; tests, decisions and reports use it.")]
    title: Annotated[Text, Field(description="What the criterion asks, as agents read it.")]
    why: Annotated[
        Text | None, Field(description="Why it stands; shown beside every deduction.")
    ] = None
    ref: Annotated[Text | None, Field(description="Clause of the centre's own standard.")] = None
    say: Annotated[Text | None, Field(description="What should have been said.")] = None
    points: Annotated[Points | None, Field(description="What it is worth.")] = None
    bonus: Annotated[
        Points | None, Field(description="Added when `expect` holds; never above the full score.")
    ] = None
    applies: Annotated[
        Condition | None,
        Field(description="When it is judged at all; else the criterion is not applicable."),
    ] = None
    expect: Annotated[
        Condition | None, Field(description="Points are lost when this does not hold.")
    ] = None
    forbid: Annotated[Condition | None, Field(description="Points are lost when this holds.")] = (
        None
    )
    manual: Annotated[Literal[True] | None, Field(description="Only a person can judge it.")] = None
    deduct: Annotated[
        Deduct | None,
        BeforeValidator(_deduct),
        Field(description="Points per failure; without it all the criterion's points."),
    ] = None
    severity: Annotated[
        Severity,
        Field(
            description="minor: it costs its points; major: it is listed among the key problems "
            "as well; fatal: the score becomes 0."
        ),
    ] = "minor"
    scope: Annotated[
        Literal["rubric", "section"] | None,
        Field(
            description="What a fatal criterion zeroes: the whole score, or that of its section. "
            "Without it: rubric."
        ),
    ] = None
    confirm: Annotated[
        Literal["person", "machine"] | None,
        Field(
            description="person: a deduction counts in a published score once a person confirmed "
            "it; machine: it stands at once. Without it: person for fatal, major and five points "
            "or more, else machine."
        ),
    ] = None
    status: Annotated[
        Literal["scored", "trial"], Field(description="trial: judged and shown, costs nothing.")
    ] = "scored"
    only_held: Annotated[
        Literal[True] | None,
        Field(description="What fails is held for a person, never deducted by the machine."),
    ] = None
    same_fact: Annotated[
        Text | None,
        Field(description="Criteria of one name deduct once for one fact; 'none' unties."),
    ] = None
    effective: Annotated[
        Effective | None, Field(description="Days of the call on which it counts.")
    ] = None

    @property
    def fatal_scope(self) -> Literal["rubric", "section"] | None:
        """What a failure zeroes; None for a criterion that is not fatal."""
        return (self.scope or "rubric") if self.severity == "fatal" else None

    @property
    def needs_person(self) -> bool:
        """Whether a deduction is only proposed until a person confirmed it."""
        if self.confirm is not None:
            return self.confirm == "person"
        return self.severity != "minor" or (self.points or 0) >= PERSON_FROM_POINTS

    @property
    def condition(self) -> Operator | None:
        """What is looked for, expected or forbidden; None for a manual criterion."""
        return self.expect or self.forbid


class Section(Params):
    """Criteria that share points: a section never loses more than its own."""

    id: Annotated[Id, Field(description="Short name.")]
    title: Annotated[Text, Field(description="As the report shows it.")]
    report_part: Annotated[
        ReportPart | None, Field(description="The line of the report's part two.")
    ] = None
    points: Annotated[Points, Field(description="What the section can lose at most.")]
    applies: Annotated[
        Condition | None,
        Field(description="When the section counts; else all its criteria are not applicable."),
    ] = None
    criteria: Annotated[tuple[Criterion, ...], Field(description="What is judged.")]


def _turn(value: Any) -> Any:
    """`{agent: 您好}`, `{agent: [3.2, 5.0, 您好]}` or `{agent: {at: …, text: …}}` → fields."""
    if not isinstance(value, Mapping):
        return value
    if len(value) != 1 or next(iter(value)) not in tuple(Speaker):
        raise problem(
            "turn",
            "a turn has one speaker and what was said",
            found=", ".join(map(str, value)) or "{}",
            allowed=" ".join(Speaker),
        )
    speaker, said = next(iter(value.items()))
    if isinstance(said, str):
        return {"speaker": speaker, "text": said}
    if isinstance(said, tuple):
        if len(said) != 3 or not isinstance(said[2], str):
            raise problem(
                "turn",
                "a turn with times is [start, end, text]",
                found=f"{len(said)} entries",
                allowed="[3.2, 5.0, 请稍等]",
            )
        return {"speaker": speaker, "at": said[:2], "text": said[2]}
    if isinstance(said, Mapping) and "speaker" not in said:
        return {"speaker": speaker, **said}
    raise problem("turn", "what was said is a text", found=str(said)[:60], hint="quote it")


class TestTurn(Params):
    """What one party says in a test. `at`: start and end in seconds."""

    __test__ = False

    speaker: Literal["agent", "customer"]
    text: str
    at: tuple[float, float] | None = None
    confidence: Share = 1.0

    @model_validator(mode="after")
    def _forward(self) -> TestTurn:
        if self.at is not None and not 0 <= self.at[0] <= self.at[1] <= 1e6:
            start, end = self.at
            raise problem("turn", "a turn ends after it starts", found=f"[{start:g}, {end:g}]")
        return self


Figures = Mapping[str, Annotated[float, Field(allow_inf_nan=False)]]


class TestMeasures(Params):
    """Figures of the sound, by party."""

    __test__ = False

    agent: Figures = Field(default_factory=dict)
    customer: Figures = Field(default_factory=dict)
    call: Figures = Field(default_factory=dict)


class RubricTest(Params):
    """A call in a few lines and what the rubric shall make of it."""

    name: Annotated[Text, Field(description="What the test shows.")]
    call: Annotated[
        Mapping[str, FieldValue], Field(description="Fields of the call; others are missing.")
    ] = Field(default_factory=dict)
    turns: Annotated[
        tuple[Annotated[TestTurn, BeforeValidator(_turn)], ...],
        Field(description="Who said what, in order."),
    ]
    measures: Annotated[
        TestMeasures | None, Field(description="Figures of the sound; without them unscorable.")
    ] = None
    expect: Annotated[
        Mapping[str, str | float | None],
        Field(description="Verdict by criterion id; `total` and `band` of the call."),
    ]


class RubricText(Params):
    """The keys of a rubric file."""

    rubric: Annotated[Id, Field(description="Id of the rubric.")]
    version: Annotated[Text, Field(description="In quotes, such as '2026.11'.")]
    title: Annotated[Text, Field(description="As people read it.")]
    language: Annotated[
        Literal["zh", "en"], Field(description="Chooses normalisation and word units.")
    ]
    effective_from: Annotated[
        Day | None, Field(description="First day of the calls it is chosen for.")
    ] = None
    announced: Annotated[Day | None, Field(description="The day it was made known.")] = None
    points: Annotated[Points, Field(description="Full score; the sections' points add up to it.")]
    pass_mark: Annotated[float, Field(ge=0, description="The lowest score that passes.")]
    bands: Annotated[
        tuple[Band, ...], Field(description="Score bands, highest first; the last from 0.")
    ]
    not_applicable: Annotated[
        Literal["award", "redistribute"],
        Field(description="award: nothing is lost; redistribute: leaves the denominator."),
    ] = "award"
    min_scorable: Annotated[
        Share,
        Field(
            description="Share of the machine's points that must be judged for a call to have a "
            "total; manual criteria and what does not apply leave both sides."
        ),
    ] = 0.8
    review_below: Annotated[
        ReviewBelow,
        BeforeValidator(_review),
        Field(description="Findings less certain than this are held for a person."),
    ] = ReviewBelow()
    scorable_from: Annotated[
        ScorableFrom | None,
        Field(
            description="A call in which less was said has no total, and nothing is deducted for "
            "what was not done. Without it: no floor."
        ),
    ] = None
    phrases: Annotated[Mapping[str, Phrases], Field(description="Named lists, used as $name.")] = (
        Field(default_factory=dict)
    )
    scripts: Annotated[
        Mapping[str, Annotated[tuple[Line, ...], Field(min_length=1)]],
        Field(description="Named scripts: ordered lines, '|' between wordings of one line."),
    ] = Field(default_factory=dict)
    conditions: Annotated[
        Mapping[str, Condition], Field(description="Named conditions, used as $name.")
    ] = Field(default_factory=dict)
    exact_only: Annotated[
        tuple[Annotated[str, AfterValidator(str.strip)], ...],
        Field(description="Phrases that only the exact text may find."),
    ] = ()
    confusions: Annotated[
        tuple[Literal["f-h"], ...], Field(description="Further sounds that are confused.")
    ] = ()
    sections: Annotated[tuple[Section, ...], Field(description="Sections of criteria.")]
    tests: Annotated[
        tuple[RubricTest, ...], Field(description="Calls and what shall come of them.")
    ] = ()


class Rubric(RubricText):
    """A rubric that was read without error.

    `source` is the file's text, `sha256` (hex) the hash of its bytes: the identity of the rubric.
    """

    source: Annotated[str, Field(repr=False)]
    sha256: str

    def criteria(self) -> Iterator[Criterion]:
        """Every criterion, in the order of the file."""
        for section in self.sections:
            yield from section.criteria

    def band(self, total: float) -> str:
        """The label of the band that a total falls in."""
        return next((b.label for b in self.bands if total >= b.from_), self.bands[-1].label)


UNTIED = "none"
