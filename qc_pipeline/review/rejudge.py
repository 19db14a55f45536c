"""A card judged again from the record alone: the second way through the same core.

Neither call list nor recordings nor rubric files are read: the card names its call row, words,
measures and rubric by hash, and the record has them. So an old call is judged by the rubric in
force then, whatever has become of the files since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from qc_pipeline.call import Measures, Transcript
from qc_pipeline.scoring.compile import CompiledRubric, compile_rubric
from qc_pipeline.scoring.decisions import Decision
from qc_pipeline.scoring.rubric.files import parse_rubric
from qc_pipeline.scoring.rubric.model import Rubric
from qc_pipeline.scoring.score import score
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import MadeFrom, made_from
from qc_pipeline.store.rescorings import adopted_rubrics
from qc_pipeline.store.rubrics import kept_rubric
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.scoring_terms import terms_for
from qc_pipeline.workspace.settings import Settings


def rubrics_by_choice(record: Reads, period: str) -> Mapping[str, Rubric]:
    """The rubrics that people put calls of a period under, by recording."""
    return {
        recording_id: parse_rubric(source, name=sha256[:12])
        for recording_id, (sha256, source) in adopted_rubrics(record, period).items()
    }


class Judge:
    """Judges cards of one record again; rubrics are compiled once.

    `published` as in `scoring.score`; the rest that scoring is told is as `settings` have it.
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
        """The card that follows from decisions on the same call, words and rubric."""
        return self.with_words(card, decisions)

    def with_words(
        self,
        card: Scorecard,
        decisions: Sequence[Decision],
        *,
        transcript: Transcript | None = None,
        measures: Measures | None = None,
        rubric: Rubric | CompiledRubric | None = None,
    ) -> Scorecard:
        """The same with other words, other measures or another rubric."""
        source = self.sources(card)
        words = source.transcript if transcript is None else transcript
        return score(
            self.rubric_of(card) if rubric is None else rubric,
            words,
            source.recording,
            source.measures if measures is None else measures,
            decisions,
            terms=terms_for(
                self._settings,
                self._record,
                words.asr.model_sha256,
                published=self._published,
            ).of(words.language),
            parent=card.sha256(),
        )
