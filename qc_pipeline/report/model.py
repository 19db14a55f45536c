"""The inputs joined and counted once: what every section of a report starts from. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from qc_pipeline.call import Failure, Recording, Transcript
from qc_pipeline.call_fields import customer_names
from qc_pipeline.message import Message
from qc_pipeline.report.audience import Audience, parse_audience
from qc_pipeline.report.counts import Count, count, count_past
from qc_pipeline.report.duration_and_slot import Places, places_of
from qc_pipeline.report.health import Health, health_of
from qc_pipeline.report.inputs import CriterionFacts, PastPeriod, PeriodFacts, ReportInputs
from qc_pipeline.report.stats import mean
from qc_pipeline.report.weighting import (
    Weights,
    listened_weights,
    machine_weights,
    makes_personal_score,
    personal_weights,
)
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.quota import month_of
from qc_pipeline.sampling.sample import Pick
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.line_gain import (
    NOTHING_USUAL,
    UsualLevels,
    call_levels,
    usual_levels,
)
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.text.masked_words import MaskedWords, masked
from qc_pipeline.text.masking import mask
from qc_pipeline.text.masking.mask import HiddenNames

GROUP_LEAST_CALLS = 8
KEY_CHARS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One sampled recording with what became of it.

    `key` names its page and clips. `counted`: enters the means (drawn at random with a known
    chance, scored, with a total, no test call). `weight` and `listened_weight` are what it weighs
    in the machine reference and in the listened score, 0 where it is not in it. `machine_total` is
    the total that the rules alone gave, None where they gave none. `shown`: the audience may open
    it.
    """

    key: str
    recording: Recording
    pick: Pick
    card: Scorecard | None
    failure: Failure | None
    transcript: Transcript | None
    team: str
    business: str
    agent_id: str | None
    day: date
    counted: bool
    weight: float
    listened_weight: float
    shown: bool
    results: tuple[CriterionResult, ...]
    machine_total: float | None

    @property
    def recording_id(self) -> str:
        return self.recording.recording_id

    @property
    def page(self) -> str:
        return f"calls/{self.key}.html"

    @property
    def settled(self) -> bool:
        """Whether nothing on the card waits for a person: what nobody had looked at by the time of
        publication stands there, is closed, and costs nothing."""
        return self.card is not None and not self.card.provisional

    @property
    def unjudged(self) -> bool:
        """Whether the call is not judged: too little of it was heard, and nobody has listened."""
        return self.card is not None and self.card.unjudged

    @property
    def lacks_talk(self) -> bool:
        """Whether too little was said in the call for it to have a total."""
        return self.card is not None and self.card.lacks_talk

    @property
    def listened(self) -> bool:
        """Whether a person decided everything in it that is a person's (复听)."""
        return self.card is not None and is_listened(self.card)

    def waits(self, result: CriterionResult) -> bool:
        """Whether a held item waits for a person; else it is on trial, or was closed unseen."""
        return result.verdict is Verdict.HELD and not result.trial and not self.settled

    @property
    def total(self) -> float | None:
        return None if self.card is None else self.card.total


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """What a personal mean is made from: `totals` of the counted calls that a person listened to,
    with their `weights`, out of `counted`. What a machine alone judged is no figure for a person.
    """

    counted: int = 0
    totals: tuple[float, ...] = ()
    weights: tuple[float, ...] = ()

    @classmethod
    def of(cls, made: Iterable[tuple[float, bool, float | None]]) -> Personal:
        """From the total of each counted call, whether a person listened to it, and its chance of
        being drawn."""
        made = tuple(made)
        heard = [(total, probability) for total, listened, probability in made if listened]
        return cls(
            counted=len(made),
            totals=tuple(total for total, _ in heard),
            weights=personal_weights([probability for _, probability in heard]),
        )

    @property
    def mean(self) -> float | None:
        return mean(self.totals, self.weights)

    @property
    def weighted(self) -> bool:
        """Whether the calls had different chances, so that the mean is no plain one."""
        return len(set(self.weights)) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportModel:
    """`calls` are the sampled ones in order of recording id; `former` is the period before.

    `weighted`: the drawn calls had different chances, so that every figure that speaks of all calls
    weighs them; `listened_weighted` the same of those chosen to be listened to.
    """

    inputs: ReportInputs
    words: Translator
    audience: Audience
    calls: tuple[Call, ...]
    by_id: Mapping[str, Call]
    criteria: Mapping[str, CriterionFacts]
    counts: Mapping[str, Count]
    former: PastPeriod | None
    former_counts: Mapping[str, Count]
    hidden_names: HiddenNames
    month: Mapping[str, Personal]
    places: Places
    health: Health
    weighted: bool
    listened_weighted: bool
    usual_levels: UsualLevels = NOTHING_USUAL
    heard_calls: dict[str, MaskedWords] = field(default_factory=dict)

    def heard(self, call: Call) -> MaskedWords | None:
        """The call's words with what must not be seen taken out; made once a call."""
        if call.transcript is None:
            return None
        found = self.heard_calls.get(call.key)
        if found is None and self.inputs.options.unmasked:
            found = MaskedWords(texts=tuple(t.text for t in call.transcript.turns), silenced=())
        elif found is None:
            found = masked(call.transcript, self.names_in(call))
        self.heard_calls[call.key] = found
        return found

    @property
    def scored(self) -> tuple[Call, ...]:
        return tuple(c for c in self.calls if c.card is not None)

    @property
    def counted(self) -> tuple[Call, ...]:
        return tuple(c for c in self.calls if c.counted)

    @property
    def listened(self) -> tuple[Call, ...]:
        """The counted calls that a person listened to."""
        return tuple(c for c in self.counted if c.listened)

    @property
    def listened_drawn(self) -> tuple[Call, ...]:
        """Those of them that were chosen for it by chance: the listened score is made of these."""
        return tuple(c for c in self.listened if c.listened_weight > 0)

    @property
    def shown(self) -> tuple[Call, ...]:
        return tuple(c for c in self.calls if c.shown and c.card is not None)

    @property
    def teams(self) -> tuple[str, ...]:
        """Groups with ordinary sampled calls, 二组 before 三组 and 2 before 10."""
        found = {c.team for c in self.calls if not c.recording.mystery}
        return tuple(sorted(found, key=natural_key))

    def mask(self, text: str, call: Call | None = None) -> str:
        """A text without numbers and names; of a call also without its customer's name."""
        if self.inputs.options.unmasked:
            return text
        return mask.mask(text, self.hidden_names if call is None else self.names_in(call))

    def names_in(self, call: Call) -> HiddenNames:
        """What must not be seen of this call: its customer's names in the list, and agents'."""
        own = customer_names(call.recording)
        if not own:
            return self.hidden_names
        return mask.names_of(self.hidden_names.words | own)

    def identifier(self, call: Call) -> str:
        """The recording id as it may be shown."""
        if self.inputs.options.unmasked:
            return call.recording_id
        return mask.hide(
            mask.mask_identifier(call.recording_id),
            mask.exact_spans(call.recording_id, self.hidden_names),
        )

    def agent(self, call: Call) -> str:
        """The agent as the audience may know them: name and number, or nothing."""
        if not self.audience.names_agents or call.agent_id is None:
            return ""
        return agent_label(call.recording)

    def personal(self, calls: Iterable[Call]) -> Personal:
        """The counted ones among an agent's calls of this period."""
        return Personal.of(
            (c.total, self.makes_score(c), c.pick.personal_chance)
            for c in calls
            if c.counted and c.total is not None
        )

    def makes_score(self, call: Call) -> bool:
        """Whether a call was listened to and counts for its agent."""
        return call.listened and makes_personal_score(self.inputs.sample, call.pick)

    def rubric_language(self, sha256: str) -> str:
        """The language of the reasons on a rubric's cards; Chinese where it is not known."""
        return next((r.language for r in self.inputs.rubrics if r.sha256 == sha256), "zh")

    def speaks_own_language(self, call: Call) -> bool:
        """Whether the reasons on the call's card are in the report's language."""
        sha256 = None if call.card is None else call.card.rubric_sha256
        return sha256 is None or self.rubric_language(sha256) == self.words.language

    def title(self, criterion_id: str) -> str:
        facts = self.criteria.get(criterion_id)
        return criterion_id if facts is None else facts.title


_NUMERALS = str.maketrans("一二三四五六七八九", "123456789")


def natural_key(name: str) -> tuple[tuple[int, str], ...]:
    """A sort key that reads the numbers in a name as numbers, Chinese ones up to nine too."""
    parts = re.findall(r"\d+|\D+", name.translate(_NUMERALS))
    return (*((int(p), "") if p.isdecimal() else (-1, p) for p in parts), (-1, name))


def agent_label(recording: Recording) -> str:
    name = recording.text("agent_name")
    number = mask.mask_identifier(recording.agent_id or "")
    return f"{name} {number}" if name else number


def build_model(inputs: ReportInputs) -> ReportModel:
    """Join picks, rows, cards and transcripts; raises KeyError where a pick has no row."""
    audience = parse_audience(inputs.options.audience)
    words = Translator(inputs.options.language)
    rows = {r.recording_id: r for r in inputs.recordings}
    failures = {f.recording_id: f for f in inputs.failures}
    keys = short_keys(p.recording_id for p in inputs.sample.picks)
    own = {
        k: card
        for k, card in inputs.scorecards.items()
        if card.total is not None and k in rows and not rows[k].mystery
    }
    machine = machine_weights(inputs.sample, own)
    heard = listened_weights(inputs.sample, [k for k, card in own.items() if is_listened(card)])
    calls = tuple(
        _call(
            inputs,
            audience,
            words,
            rows[p.recording_id],
            p,
            failures,
            keys[p.recording_id],
            (machine, heard),
        )
        for p in sorted(inputs.sample.picks, key=lambda p: p.recording_id)
    )
    criteria = _criteria(inputs, calls)
    former = inputs.past[-1] if inputs.past else None
    hidden = mask.NO_NAMES
    if not audience.names_agents:
        hidden = mask.names_of(_agents_words(inputs.recordings))
    return ReportModel(
        inputs=inputs,
        words=words,
        audience=audience,
        calls=calls,
        by_id={c.recording_id: c for c in calls},
        criteria=criteria,
        counts=count(c for c in calls if c.counted),
        former=former,
        former_counts=count_past(former.calls) if former else {},
        hidden_names=hidden,
        month=_month(inputs, calls),
        places=places_of(inputs, words),
        health=health_of(calls),
        weighted=machine.differ,
        listened_weighted=heard.differ,
        usual_levels=usual_levels(
            levels
            for c in calls
            if (levels := call_levels(c.agent_id, inputs.measures.get(c.recording_id)))
        ),
    )


def period_of(span: PeriodFacts | PastPeriod) -> Period:
    """A period of the report as the calendar knows it."""
    return Period(name=span.name, start=span.start, end=span.end)


def month_before(inputs: ReportInputs) -> tuple[PastPeriod, ...]:
    """The earlier periods of the calendar month that the period counts in, oldest first."""
    month = month_of(period_of(inputs.period))
    if month is None:
        return ()
    return tuple(p for p in inputs.past if month_of(period_of(p)) == month)


def _month(inputs: ReportInputs, calls: Sequence[Call]) -> dict[str, Personal]:
    """By agent: counted calls of the calendar month that the period counts in, up to it; of a final
    period those of the month's final periods alone: a month is the sum of its 定稿 weeks.
    """
    found: dict[str, list[tuple[float, bool, float | None]]] = {}
    for past in month_before(inputs):
        if inputs.final is not None and past.state != "final":
            continue
        for call in past.calls:
            if call.agent_id and call.counts and call.total is not None:
                made = (call.total, call.listened and call.personal, call.probability)
                found.setdefault(call.agent_id, []).append(made)
    for own in calls:
        if own.agent_id and own.counted and own.total is not None:
            personal = own.listened and makes_personal_score(inputs.sample, own.pick)
            made = (own.total, personal, own.pick.personal_chance)
            found.setdefault(own.agent_id, []).append(made)
    return {agent: Personal.of(made) for agent, made in found.items()}


def _call(
    inputs: ReportInputs,
    audience: Audience,
    words: Translator,
    row: Recording,
    pick: Pick,
    failures: Mapping[str, Failure],
    key: str,
    weights: tuple[Weights, Weights],
) -> Call:
    card = inputs.scorecards.get(row.recording_id)
    failure = failures.get(row.recording_id) if card is None else None
    if card is None and failure is None:
        failure = Failure(
            recording_id=row.recording_id, stage="scoring", reason=Message.of("job.not-scored")
        )
    team = row.text("team") or words("no_team")
    machine, heard = (w.of(row.recording_id) for w in weights)
    by_rules = inputs.drafts.get(row.recording_id, card)
    drawn = pick.origin == "drawn" and not row.mystery and machine > 0
    counted = drawn and card is not None and card.total is not None
    return Call(
        key=key,
        recording=row,
        pick=pick,
        card=card,
        failure=failure,
        transcript=inputs.transcripts.get(row.recording_id),
        team=team,
        business=row.text("business") or words("no_business"),
        agent_id=row.agent_id,
        day=row.start_time.date(),
        counted=counted,
        weight=machine if counted else 0.0,
        listened_weight=heard if counted and card is not None and is_listened(card) else 0.0,
        shown=audience.sees_call(team=team, agent_id=row.agent_id, mystery=row.mystery),
        results=() if card is None else card.criteria(),
        machine_total=None if by_rules is None else by_rules.total,
    )


def short_keys(recording_ids: Iterable[str]) -> dict[str, str]:
    """A short hash a recording: 12 hex characters of its id's sha256, more where two are alike."""
    full = {r: hashlib.sha256(r.encode()).hexdigest() for r in sorted(set(recording_ids))}
    length = KEY_CHARS
    while len({h[:length] for h in full.values()}) < len(full):
        length += 4
    return {r: h[:length] for r, h in full.items()}


def agent_key(agent_id: str) -> str:
    """The name of an agent's page."""
    return hashlib.sha256(b"agent:" + agent_id.encode()).hexdigest()[:KEY_CHARS]


def _criteria(inputs: ReportInputs, calls: Sequence[Call]) -> dict[str, CriterionFacts]:
    """Criteria in the order of the rubrics; those of cards alone (no facts given) at the end."""
    found: dict[str, CriterionFacts] = {}
    for rubric in inputs.rubrics:
        for criterion in rubric.criteria:
            found.setdefault(criterion.id, criterion)
    for call in calls:
        if call.card is None:
            continue
        for section in call.card.sections:
            for result in section.criteria:
                if result.id not in found:
                    found[result.id] = CriterionFacts(
                        id=result.id,
                        title=result.title,
                        points=result.points,
                        section=section.title,
                        report_part=section.report_part,
                        severity=result.severity,
                        manual=result.manual,
                        trial=result.trial,
                    )
    return found


def _agents_words(recordings: Iterable[Recording]) -> set[str]:
    """Names and numbers of agents, digits also as they are spoken."""
    found: set[str] = set()
    for row in recordings:
        for value in (row.text("agent_name"), row.agent_id):
            if value and len(value) > 1:
                found.add(value)
                if value.isdigit():
                    found.update(_spoken(value))
    return found


def _spoken(digits: str) -> tuple[str, str]:
    plain = digits.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    return plain, plain.replace("一", "幺")
