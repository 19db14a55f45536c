"""What the calls of a drawn period came to, in numbers that add up."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.call import Failure
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.outcomes import outcome_rows, with_cards
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`scored` calls have a total, of `not_judged` ones too little was heard (they wait in the
    review queue), in `too_short` ones too little was said, of `no_total` ones too little could be
    judged; the rest failed.
    """

    scored: int
    not_judged: int
    too_short: int
    no_total: int
    failures: tuple[Failure, ...]

    @property
    def sum_text(self) -> str:
        """scored 5 + not judged 1 + failed 0: kinds that there are none of are left out, but for
        the first and the last.
        """
        parts = [f"scored {self.scored}"]
        if self.not_judged:
            parts.append(f"not judged {self.not_judged}")
        if self.too_short:
            parts.append(f"too short {self.too_short}")
        if self.no_total:
            parts.append(f"too little judged {self.no_total}")
        return " + ".join([*parts, f"failed {len(self.failures)}"])


def standing_of(record: Reads, kept: KeptSample) -> Standing:
    """How the calls of a sample stand; cards are read of those without a total only."""
    rows = outcome_rows(record, kept.seq)
    failures = tuple(r.failure for r in rows.values() if r.failure is not None)
    without = {k: r for k, r in rows.items() if r.failure is None and r.total is None}
    cards = [c for c in with_cards(record, without).values() if isinstance(c, Scorecard)]
    not_judged = sum(c.unjudged for c in cards)
    too_short = sum(c.lacks_talk for c in cards)
    return Standing(
        scored=len(rows) - len(failures) - len(without),
        not_judged=not_judged,
        too_short=too_short,
        no_total=len(without) - not_judged - too_short,
        failures=failures,
    )
