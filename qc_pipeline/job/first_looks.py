"""What people's first looks say of a rubric's criteria, over the kept periods: see `earned`.

Only calls that were drawn at random to be listened to, and were, count: elsewhere people look where
they expect faults.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from qc_pipeline.errors import InputError, UsageError
from qc_pipeline.scoring.compile import CompiledRubric
from qc_pipeline.scoring.criterion_identity import identities_of
from qc_pipeline.scoring.earned import (
    FOUND,
    Earned,
    Shown,
    proof_of,
    same_evidence,
    shown_by,
)
from qc_pipeline.scoring.listened import is_listened
from qc_pipeline.scoring.rubric.model import Criterion
from qc_pipeline.scoring.rubric.parse import parse_rubric
from qc_pipeline.scoring.score import ENGINE_VERSION, score
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.store.card_sources import made_from, recogniser_of
from qc_pipeline.store.decisions import BLIND, LOOKS, KeptDecision, cards_by_hash, decisions_of
from qc_pipeline.store.outcomes import outcome_rows, with_cards
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.samples import drawn_periods, kept_samples
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import Settings


@dataclass(slots=True, kw_only=True)
class CriterionLooks:
    """What the listened calls show of one criterion, in the order in which they were finished.

    `own` are the first looks at findings of the criterion as it is, `carried` those at findings
    of former lists that it still makes on the same evidence; `dropped` of these it makes no more.
    `missed` and `passed` count calls that it passed: with a fault that a person added, and
    without. `blind` counts, of the looks at findings, those without the machine's verdict before
    one's eyes: that stood, that did not. `wordings` counts by wording of the rubric the findings
    that rest on it: those that stood, those that did not.
    """

    own: list[bool] = field(default_factory=list)
    carried: list[bool] = field(default_factory=list)
    dropped: int = 0
    missed: int = 0
    passed: int = 0
    blind: Counter[bool] = field(default_factory=Counter)
    wordings: dict[str, Counter[bool]] = field(default_factory=lambda: defaultdict(Counter))

    @property
    def faults(self) -> int:
        """The faults that people know of: found, and added."""
        return sum(self.own) + sum(self.carried) + self.missed


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstLooks:
    """What people's first looks say of a rubric. `calls` were listened to, `blind` of them with the
    machine's verdicts hidden; of them `other_calls`
    were heard by another model or judged by another engine than now: they say nothing.
    `model_sha256` is the model that heard the newest of them, None where it has no name.
    """

    periods: tuple[str, ...]
    calls: int
    blind: int
    other_calls: int
    model_sha256: str | None
    criteria: Mapping[str, CriterionLooks]

    def earned(self, criterion: Criterion) -> Earned:
        looks = self.criteria[criterion.id]
        return proof_of(criterion, looks.own, looks.carried)


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListenedCall:
    """A listened call, and of every criterion that was decided on the first decision. `finished`:
    the number of the last of these that was taken in review; calls count in its order, so that
    what is listened to later changes nothing that was proved before.
    """

    card: Scorecard
    first: Mapping[str, KeptDecision]
    finished: int

    @property
    def is_blind(self) -> bool:
        """Whether all of it was judged without the machine's verdicts."""
        return all(k.source == BLIND for k in self.first.values() if k.source in LOOKS)


def first_looks(
    record: Reads,
    settings: Settings,
    ready: CompiledRubric,
    *,
    periods: Collection[str] | None = None,
    model_sha256: str | None = None,
) -> FirstLooks:
    """The first looks at a rubric's findings, of the periods named or of all that were drawn, as
    heard by the model named, else by the one that heard the newest of them.

    Findings of former lists are judged again by the rubric, from the words they were made of; of
    what was purged meanwhile only the looks at the list as it is count.
    """
    names = [n for n, _, _ in drawn_periods(record) if periods is None or n in periods]
    calls = _listened_calls(record, ready.rubric.rubric, names)
    models = recogniser_of(record, {c.card.transcript_sha256 for c in calls})
    known = [m for c in calls if (m := models.get(c.card.transcript_sha256))]
    model = model_sha256 or (known[-1] if known else None)
    hashes = {k.card_before for c in calls for k in c.first.values()}
    before = cards_by_hash(record, sorted(hashes))
    gathered = _Gathered(record, settings, ready, model)
    other = 0
    for call in calls:
        if models.get(call.card.transcript_sha256) != model or model is None:
            other += 1
        else:
            other += not gathered.take(call, before)
    return FirstLooks(
        periods=tuple(names),
        calls=len(calls),
        blind=sum(c.is_blind for c in calls),
        other_calls=other,
        model_sha256=model,
        criteria=gathered.criteria,
    )


def _listened_calls(record: Reads, rubric_id: str, periods: Sequence[str]) -> list[_ListenedCall]:
    """The calls of a rubric that were drawn at random in the periods to be listened to and were,
    in the order in which people finished them; one that was drawn twice counts once.
    """
    kept = kept_samples(record, periods)
    found: dict[str, _ListenedCall] = {}
    for name in periods:
        personal = {p.recording_id for p in kept[name].sample.picks if p.personal}
        rows = outcome_rows(record, kept[name].seq)
        cards = with_cards(record, {k: r for k, r in rows.items() if k in personal})
        decided = decisions_of(record, name)
        for recording_id, card in sorted(cards.items()):
            listened = isinstance(card, Scorecard) and is_listened(card)
            if not isinstance(card, Scorecard) or not listened or card.rubric_id != rubric_id:
                continue
            first: dict[str, KeptDecision] = {}
            for decision in decided.get(recording_id, ()):
                if decision.decision.criterion is not None:
                    first.setdefault(decision.decision.criterion, decision)
            looked = [k.seq for k in first.values() if k.source in LOOKS]
            if looked:
                call = _ListenedCall(card=card, first=first, finished=max(looked))
                found.setdefault(recording_id, call)
    return sorted(found.values(), key=lambda c: c.finished)


class _Gathered:
    """The looks of listened calls by criterion; kept rubrics are read once."""

    def __init__(
        self, record: Reads, settings: Settings, ready: CompiledRubric, model: str | None
    ) -> None:
        self._record = record
        self._ready = ready
        self._terms = terms_for(settings, record, model)
        self._now = identities_of(ready.rubric)
        self._then: dict[str, Mapping[str, str]] = {ready.rubric.sha256: self._now}
        self.criteria = {c.id: CriterionLooks() for c in ready.rubric.criteria()}

    def take(self, call: _ListenedCall, before: Mapping[str, Scorecard]) -> bool:
        """Take what a call shows; False where another engine judged all of it."""
        again: dict[str, Mapping[str, CriterionResult]] = {}
        counted = False
        for result in call.card.criteria():
            looks = self.criteria.get(result.id)
            first = call.first.get(result.id)
            if looks is None or (first is not None and first.source not in LOOKS):
                continue
            card = call.card if first is None else before[first.card_before]
            line = _line(card, result.id)
            if line is None or (line.engine or card.inputs.get("engine")) != ENGINE_VERSION:
                continue
            counted = True
            shown = shown_by(line, None if first is None else first.decision)
            if shown is None:
                continue
            same = self._identities(card).get(result.id) == self._now[result.id]
            if shown in (Shown.PASSED, Shown.MISSED):
                # What a former list passed says nothing of what this one does.
                looks.passed += same and shown is Shown.PASSED
                looks.missed += same and shown is Shown.MISSED
                continue
            stood = shown is Shown.STOOD
            if same:
                looks.own.append(stood)
            elif self._still_found(card, line, again):
                looks.carried.append(stood)
            else:
                looks.dropped += 1
                continue
            looks.blind[stood] += first is not None and first.source == BLIND
            for phrase in {e.phrase for e in line.evidence if e.phrase}:
                looks.wordings[phrase][stood] += 1
        return counted

    def _identities(self, card: Scorecard) -> Mapping[str, str]:
        """What the criteria of the card's rubric were found by; nothing of one that is no longer
        read.
        """
        sha256 = card.rubric_sha256
        if sha256 not in self._then:
            found: Mapping[str, str] = {}
            with suppress(InputError, KeyError):
                source = kept_rubric(self._record, sha256)
                found = identities_of(parse_rubric(source, sha256[:12]))
            self._then[sha256] = found
        return self._then[sha256]

    def _still_found(
        self,
        card: Scorecard,
        line: CriterionResult,
        again: dict[str, Mapping[str, CriterionResult]],
    ) -> bool:
        """Whether the rubric as it is makes the same finding in the words of then."""
        sha256 = card.transcript_sha256
        if sha256 not in again:
            again[sha256] = self._judged_now(card)
        now = again[sha256].get(line.id)
        return (
            now is not None and now.verdict in FOUND and same_evidence(line.evidence, now.evidence)
        )

    def _judged_now(self, card: Scorecard) -> Mapping[str, CriterionResult]:
        try:
            source = made_from(self._record, card)
        except UsageError:
            return {}
        made = score(
            self._ready,
            source.transcript,
            source.recording,
            source.measures,
            terms=self._terms.of(source.transcript.language),
        )
        return {c.id: c for c in made.criteria()}


def _line(card: Scorecard, criterion: str) -> CriterionResult | None:
    return next((c for c in card.criteria() if c.id == criterion), None)
