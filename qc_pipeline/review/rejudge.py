"""A card judged again from the record alone: the second way through the same core.

Neither call list nor recordings nor rubric files are read: the card names its call row, words,
measures and rubric by hash, and the record has them. So an old call is judged by the rubric in
force then, whatever has become of the files since.

In a draft the whole call is judged again. A published card is carried: what a decision or corrected
words concern changes, the rest stays as it was published (`scoring.carry`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from qc_pipeline.call import Measures, Transcript
from qc_pipeline.scoring.carry import (
    NewWords,
    carried,
    decided_since,
    decisions_known,
    judgement_on,
)
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Decision, DecisionVerdict, in_force
from qc_pipeline.scoring.judgement import Judgement
from qc_pipeline.scoring.rubric.files import parse_rubric
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.score import JudgedCall, ToScore, judged, score
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard
from qc_pipeline.scoring.terms_of_scoring import ScoringTerms, terms_from_json
from qc_pipeline.scoring.words_corrected import concerned_by_words, heard_now, turns_kept
from qc_pipeline.store.card_sources import MadeFrom, made_from, refuse_purged
from qc_pipeline.store.decisions import former_cards
from qc_pipeline.store.rescorings import adopted_rubrics
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import Settings

_NEEDS_FINDING = (DecisionVerdict.CONFIRM, DecisionVerdict.NOT_LOOKED_AT)
"""Decisions that rest on what the machine had found; the others stand in its place."""


def rubrics_by_choice(record: Reads, period: str) -> Mapping[str, Rubric]:
    """The rubrics that people put calls of a period under, by recording."""
    return {
        recording_id: parse_rubric(source, name=sha256[:12])
        for recording_id, (sha256, source) in adopted_rubrics(record, period).items()
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejudged:
    """A card that follows from another. `anew` are the criteria that were judged just now, in the
    rubric's order; None where that was the whole call. `holding`: of criteria that corrected words
    concern and people decided on, what the rule would now give; their decision holds.
    """

    card: Scorecard
    anew: tuple[str, ...] | None
    holding: Mapping[str, Judgement] = field(default_factory=dict)


class Judge:
    """Judges cards of one record again; rubrics are compiled once.

    `published`: the period is, or is being, published, and its cards are carried. What scoring is
    told is as the `settings` have it, of a published card as it was when the card was made.
    """

    def __init__(self, record: Reads, settings: Settings, *, published: bool) -> None:
        self._record = record
        self._settings = settings
        self._published = published
        self._compiled: dict[str, CompiledRubric] = {}

    def sources(self, card: Scorecard) -> MadeFrom:
        """What the card was made from. Raises UsageError where it was purged."""
        return made_from(self._record, card)

    def rubric_of(self, card: Scorecard) -> CompiledRubric:
        """The rubric that judged the card, from the record."""
        if card.rubric_sha256 not in self._compiled:
            source = kept_rubric(self._record, card.rubric_sha256)
            rubric = parse_rubric(source, name=f"{card.rubric_id} {card.rubric_version}")
            self._compiled[card.rubric_sha256] = compile_rubric(rubric)
        return self._compiled[card.rubric_sha256]

    def again(self, card: Scorecard, decisions: Sequence[Decision]) -> Scorecard:
        """The card that follows from decisions (all on the call, in order) on the same words and by
        the same rubric. Raises UsageError where the card was purged.
        """
        if self._published:
            return self._decided(card, decisions).card
        return self.whole(card, decisions)

    def with_words(
        self,
        card: Scorecard,
        decisions: Sequence[Decision],
        transcript: Transcript,
        measures: Measures,
        *,
        locked: Collection[str] = (),
    ) -> Rejudged:
        """The card that follows from corrected words and their measures, by the same rubric. On a
        published card what people decided on holds, and so do the criteria that are `locked`.
        """
        if self._published:
            return self._reworded(card, decisions, transcript, measures, locked)
        whole = self.whole(card, decisions, transcript=transcript, measures=measures)
        return Rejudged(card=whole, anew=None)

    def back_to(
        self, former: Scorecard, card: Scorecard, decisions: Sequence[Decision]
    ) -> Rejudged:
        """The card by the rubric of a `former` one, which was published: of the former's lines what
        nothing concerned since.
        """
        if card.rubric_sha256 == former.rubric_sha256:
            return self._decided(card, decisions)
        if card.transcript_sha256 == former.transcript_sha256:
            made = self._decided(former, decisions)
        else:
            now = self.sources(card)
            made = self._reworded(former, decisions, now.transcript, now.measures)
        return replace(made, card=replace(made.card, parent=card.sha256()))

    def whole(
        self,
        card: Scorecard,
        decisions: Sequence[Decision],
        *,
        transcript: Transcript | None = None,
        measures: Measures | None = None,
        rubric: Rubric | CompiledRubric | None = None,
    ) -> Scorecard:
        """The card that follows from judging every criterion again, by today's engine: by another
        rubric, of other words, or just so.
        """
        source = self.sources(card)
        words = source.transcript if transcript is None else transcript
        return score(
            self.rubric_of(card) if rubric is None else rubric,
            words,
            source.recording,
            source.measures if measures is None else measures,
            decisions,
            terms=self._terms(card, words),
            parent=card.sha256(),
        )

    def _terms(self, card: Scorecard, words: Transcript) -> ScoringTerms:
        """What scoring is told: of a published card as it was told then, whatever the settings say
        now. A card from before that was kept goes by the settings.
        """
        frozen = _frozen(card) if self._published else None
        if frozen is not None:
            return frozen
        model, record = words.asr.model_sha256, self._record
        terms = terms_for(self._settings, record, model, published=self._published)
        return terms.of(words.language)

    def _decided(self, card: Scorecard, decisions: Sequence[Decision]) -> Rejudged:
        refuse_purged(card)
        ready = self.rubric_of(card)
        concerned, anew = self._findings(ready, card, decisions, decided_since(card, decisions))
        terms = _frozen(card)
        if anew and terms is None:
            terms = self._terms(card, self.sources(card).transcript)
        made = carried(ready, card, decisions, concerned, anew=anew, terms=terms)
        return Rejudged(card=made, anew=anew)

    def _findings(
        self,
        ready: CompiledRubric,
        card: Scorecard,
        decisions: Sequence[Decision],
        names: frozenset[str],
    ) -> tuple[dict[str, Judgement], tuple[str, ...]]:
        """What the machine had found of criteria that were decided on since, and which of them it
        had to judge anew for that: those of which no card tells it any more.
        """
        ruled = in_force(decisions)
        criteria = {c.id: c for c in ready.rubric.criteria()}
        concerned: dict[str, Judgement] = {}
        lost: list[str] = []
        for result in card.criteria():
            if result.id not in names:
                continue
            found = self._finding(card, result, decisions)
            ruling = ruled.get(result.id, ruled.get(None))
            if found is None and (ruling is None or ruling.verdict in _NEEDS_FINDING):
                lost.append(result.id)
            else:
                concerned[result.id] = judgement_on(criteria[result.id], found or result)
        if lost:
            source = self.sources(card)
            now = self._judged(ready, card, source, source.transcript, source.measures)
            by_id = {d.plan.id: d.judgement for own in now.drafts for d in own}
            concerned |= {k: by_id[k] for k in lost}
        return concerned, tuple(lost)

    def _finding(
        self, card: Scorecard, result: CriterionResult, decisions: Sequence[Decision]
    ) -> CriterionResult | None:
        """The criterion's line before anybody decided on it: on the card, or on the last one that
        it replaced which judged the same words by the same rubric and engine.
        """
        engine = result.engine or card.inputs.get("engine")
        for former in chain((card,), former_cards(self._record, card)):
            same = (former.transcript_sha256, former.rubric_sha256)
            if same != (card.transcript_sha256, card.rubric_sha256):
                return None
            line = next((c for c in former.criteria() if c.id == result.id), None)
            if line is None or (line.engine or former.inputs.get("engine")) != engine:
                return None
            known = decisions_known(former, decisions)
            if known is not None:
                ruled = in_force(decisions[:known])
                if result.id not in ruled and None not in ruled:
                    return line
        return None

    def _judged(
        self,
        ready: CompiledRubric,
        card: Scorecard,
        source: MadeFrom,
        transcript: Transcript,
        measures: Measures,
    ) -> JudgedCall:
        """What today's engine makes of words of the card's call, were it not for people."""
        one = ToScore(
            transcript=transcript,
            call=source.recording,
            measures=measures,
            terms=self._terms(card, transcript),
        )
        return judged(ready, (one,))[0]

    def _reworded(
        self,
        card: Scorecard,
        decisions: Sequence[Decision],
        transcript: Transcript,
        measures: Measures,
        locked: Collection[str] = (),
    ) -> Rejudged:
        ready, source = self.rubric_of(card), self.sources(card)
        old = self._judged(ready, card, source, source.transcript, source.measures)
        new = self._judged(ready, card, source, transcript, measures)
        concerned = concerned_by_words(card, source.transcript, transcript, old, new)
        ruled = in_force(decisions)
        held = {k for k in concerned if k in locked or _holds(ruled.get(k))}
        by_words = {k: v for k, v in concerned.items() if k not in held}
        others = decided_since(card, decisions) - by_words.keys()
        by_people, lost = self._findings(ready, card, decisions, others)
        anew = {*by_words, *lost}
        made = carried(
            ready,
            card,
            decisions,
            {**by_people, **by_words},
            anew=anew,
            words=NewWords(
                transcript=transcript,
                measures=measures,
                heard=heard_now(card, old, new),
                turns=turns_kept(source.transcript, transcript),
                found={d.plan.id: d.judgement for own in new.drafts for d in own},
                concerned=by_words.keys(),
            ),
            terms=self._terms(card, transcript),
        )
        return Rejudged(
            card=made,
            anew=tuple(c.id for c in card.criteria() if c.id in anew),
            holding={c.id: concerned[c.id] for c in card.criteria() if c.id in held},
        )


def _holds(decision: Decision | None) -> bool:
    """Whether a person decided, not merely publishing."""
    return decision is not None and decision.verdict is not DecisionVerdict.NOT_LOOKED_AT


def _frozen(card: Scorecard) -> ScoringTerms | None:
    """What a published card was judged under; None for one from before that was kept."""
    return replace(terms_from_json(card.terms), published=True) if card.terms else None
