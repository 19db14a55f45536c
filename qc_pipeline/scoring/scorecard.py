"""The scorecard: verdict, points and evidence of every criterion of a rubric for one call.

`Scorecard.as_json` is the contract `qc-scorecard/1`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from qc_pipeline.call import Span, Speaker, content_sha256
from qc_pipeline.scoring.evidence.finding import (
    Evidence,
    EvidenceKind,
    Verdict,
    WorthHearing,
    worth_hearing_from_json,
)
from qc_pipeline.scoring.evidence.hearing import NotJudged
from qc_pipeline.scoring.evidence.opportunity import Talk, talk_from_json

SCORECARD_FORMAT = "qc-scorecard/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class CriterionResult:
    """One criterion's verdict. `points` is what it is worth, `lost` what it cost this call.

    `stake` is what a held, proposed or unjudged item would cost if a person confirmed it.
    `proposed` marks a deduction that stands in the draft only until a person confirms it.
    `covered_by` names the criterion that already deducted for the same words; `trial` marks one
    that is judged and shown but costs nothing. `hits` counts the sure hits of a deduction.

    `engine` names the engine that judged it, where that is not the card's. `spared` are the points
    that a covered one would have lost and have at stake. `facts` are the seconds that a deduction
    is for, where its evidence alone does not tell them (see `overlapping_deductions`).
    `zeroes` says what a fatal one zeroes: its section alone, or (None) the whole score.
    `automatic` marks a criterion that has earned to decide by itself (docs/trust.md). `agent` is in
    whose stretch of a transferred call it happened, where that is not the call's agent.
    """

    id: str
    title: str
    verdict: Verdict
    points: float
    lost: float
    certainty: float
    reason: str
    hits: int = 0
    evidence: tuple[Evidence, ...] = ()
    decided_by: str = "rule"
    severity: str = "minor"
    stake: float = 0.0
    proposed: bool = False
    manual: bool = False
    trial: bool = False
    covered_by: str | None = None
    bonus: float | None = None
    engine: str | None = None
    spared: tuple[float, float] | None = None
    facts: tuple[Span, ...] | None = None
    zeroes: Literal["section"] | None = None
    automatic: bool = False
    agent: str | None = None

    @property
    def awaits_person(self) -> bool:
        """Whether no person has decided what the machine could not settle by itself: what it
        could not judge, holds or proposes. What is on trial waits for nobody.
        """
        if self.trial or self.decided_by == "person":
            return False
        if self.verdict in (Verdict.UNSCORABLE, Verdict.HELD) or self.proposed:
            return True
        return self.verdict is Verdict.FAIL and self.stake > 0

    @property
    def filled_in(self) -> bool:
        """Whether an automatic criterion deducts it by itself: a person only changes it."""
        return self.automatic and self.verdict is Verdict.FAIL and not self.awaits_person

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "id": self.id,
            "title": self.title,
            "verdict": str(self.verdict),
            "points": self.points,
            "lost": self.lost,
            "certainty": round(self.certainty, 3),
            "reason": self.reason,
            "hits": self.hits,
            "evidence": [e.as_json() for e in self.evidence],
            "decided_by": self.decided_by,
            "severity": self.severity,
            "stake": self.stake,
            "proposed": self.proposed,
            "manual": self.manual,
            "trial": self.trial,
            "covered_by": self.covered_by,
        }
        if self.bonus is not None:
            body["bonus"] = self.bonus
        if self.engine is not None:
            body["engine"] = self.engine
        if self.spared is not None:
            body["spared"] = {"lost": self.spared[0], "stake": self.spared[1]}
        if self.facts is not None:
            body["facts"] = [list(span) for span in self.facts]
        if self.zeroes is not None:
            body["zeroes"] = self.zeroes
        if self.automatic:
            body["automatic"] = True
        if self.agent is not None:
            body["agent"] = self.agent
        return body


@dataclass(frozen=True, slots=True, kw_only=True)
class NotJudgedParty:
    """A party of whom too little was heard, why, and its hearing figure (`Hearing.as_json`)."""

    speaker: Speaker
    reason: NotJudged
    hearing: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionResult:
    """`points` is the section's worth in this call (D), `lost` what its criteria cost, capped."""

    id: str
    title: str
    points: float
    lost: float
    criteria: tuple[CriterionResult, ...]
    report_part: str | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "title": self.title,
            "report_part": self.report_part,
            "points": self.points,
            "lost": self.lost,
            "criteria": [c.as_json() for c in self.criteria],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class PurgeMark:
    """When a card's words were purged (ISO 8601), and the hash that the whole card had."""

    at: str
    sha256: str

    @property
    def day(self) -> str:
        return self.at[:10]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """What a total rests on, in points; `manual` are items, and how many of them were judged.

    `counted` is what the sections count together (D of RUBRIC.md), `lost` what they lost of it.
    `at_stake` and `judged`: of the criteria that a machine judges and that apply to the call.
    `awarded`: what does not apply to the call counts and loses nothing; else it is left out.
    """

    counted: float
    lost: float
    at_stake: float
    judged: float
    manual_items: int
    manual_decided: int
    awarded: bool

    def as_json(self) -> dict[str, Any]:
        return {
            "points_counted": self.counted,
            "points_lost": self.lost,
            "points_at_stake": self.at_stake,
            "points_judged": self.judged,
            "manual_items": self.manual_items,
            "manual_decided": self.manual_decided,
            "not_applicable": "award" if self.awarded else "redistribute",
        }


def _basis(body: Mapping[str, Any]) -> Basis | None:
    if "points_at_stake" not in body:
        return None
    return Basis(
        counted=body["points_counted"],
        lost=body["points_lost"],
        at_stake=body["points_at_stake"],
        judged=body["points_judged"],
        manual_items=body["manual_items"],
        manual_decided=body["manual_decided"],
        awarded=body["not_applicable"] == "award",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """One call judged by one rubric.

    `total` and `band` are None where too little could be judged (see `scorable_share`) and where
    the call is not judged or too short. `hearing` says by party how well it was heard
    (`Hearing.as_json`; empty where that is not known), `not_judged` of whom too little was heard,
    and why; `too_short` how little was said, where it was less than the rubric asks for (None: it
    was enough). `basis` is what the total rests on; cards of former engines have none. `inputs`
    names the six things a scorecard follows from, by hash: call, transcript, measures, rubric,
    decisions, engine; `terms` are the settings and state that it was judged under
    (`ScoringTerms.as_json`, empty on cards that were made before terms were kept). `parent` is the
    scorecard this one replaces, by hash, if any. `purged` says that its quotations and reasons are
    gone; its hash is still that of the whole card.
    """

    recording_id: str
    rubric_id: str
    rubric_version: str
    rubric_sha256: str
    transcript_sha256: str
    points: float
    total: float | None
    band: str | None
    passed: bool | None
    scorable_share: float
    provisional: bool
    fatal: tuple[str, ...]
    sections: tuple[SectionResult, ...]
    measures: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, Any] = field(default_factory=dict)
    parent: str | None = None
    purged: PurgeMark | None = None
    hearing: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    not_judged: Mapping[Speaker, NotJudged] = field(default_factory=dict)
    too_short: Talk | None = None
    basis: Basis | None = None
    worth_hearing: tuple[WorthHearing, ...] = ()

    @property
    def unjudged(self) -> bool:
        """Whether the call is not judged (未评): too little was heard, and no person has decided
        everything that the machine could not.
        """
        return bool(self.not_judged) and self.total is None and self.awaits_person

    @property
    def lacks_talk(self) -> bool:
        """Whether the call has no total because too little was said in it (通话过短). One that is
        not judged besides is listened to first.
        """
        return self.too_short is not None and self.total is None and not self.unjudged

    @property
    def judged_by_person(self) -> bool:
        """Whether too little was heard for the machine, and people judged the call instead."""
        return bool(self.not_judged) and not self.unjudged

    @property
    def parties_not_judged(self) -> tuple[NotJudgedParty, ...]:
        """Of whom too little was heard, the agent first, whether or not people judged it since."""
        return tuple(
            NotJudgedParty(speaker=s, reason=self.not_judged[s], hearing=self.hearing.get(s, {}))
            for s in Speaker
            if s in self.not_judged
        )

    @property
    def awaits_person(self) -> bool:
        return any(c.awaits_person for s in self.sections for c in s.criteria)

    def criteria(self) -> tuple[CriterionResult, ...]:
        return tuple(c for s in self.sections for c in s.criteria)

    def fell_with_cover(self, result: CriterionResult) -> bool:
        """Whether what covers a criterion costs nothing any more: a person took it back, and what
        it covered stayed covered.
        """
        by_id = {c.id: c for c in self.criteria()}
        seen: set[str] = set()
        while result.covered_by in by_id and result.id not in seen:
            seen.add(result.id)
            result = by_id[result.covered_by]
        return bool(seen) and result.lost <= 0 and result.id not in self.fatal

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {
            "format": SCORECARD_FORMAT,
            "recording_id": self.recording_id,
            "rubric": {
                "id": self.rubric_id,
                "version": self.rubric_version,
                "sha256": self.rubric_sha256,
            },
            "transcript_sha256": self.transcript_sha256,
            "total": self.total,
            "points": self.points,
            "band": self.band,
            "passed": self.passed,
            "scorable_share": round(self.scorable_share, 4),
            "provisional": self.provisional,
            "fatal": list(self.fatal),
            "sections": [s.as_json() for s in self.sections],
            "measures": dict(self.measures),
            "inputs": self.inputs_json(),
            "parent": self.parent,
        }
        if self.hearing:
            body["hearing"] = {k: dict(self.hearing[k]) for k in sorted(self.hearing)}
        if self.not_judged:
            body["not_judged"] = [
                {"speaker": str(s), "reason": str(self.not_judged[s])}
                for s in Speaker
                if s in self.not_judged
            ]
        if self.too_short is not None:
            body["too_short"] = self.too_short.as_json()
        if self.basis is not None:
            body |= self.basis.as_json()
        if self.worth_hearing:
            body["worth_hearing"] = [one.as_json() for one in self.worth_hearing]
        if self.purged is not None:
            body["purged"] = {"at": self.purged.at, "sha256": self.purged.sha256}
        return body

    def inputs_json(self) -> dict[str, Any]:
        """What the card was made from: hashes by name, and the terms."""
        body: dict[str, Any] = {k: self.inputs[k] for k in sorted(self.inputs)}
        return {**body, "terms": dict(self.terms)} if self.terms else body

    def sha256(self) -> str:
        if self.purged is not None:
            return self.purged.sha256
        return content_sha256(self.as_json())


def scorecard_from_json(body: Mapping[str, Any], *, purged: PurgeMark | None = None) -> Scorecard:
    """The inverse of `Scorecard.as_json`, for text that we wrote ourselves; `purged` where the
    text is what a purge left.
    """
    if body["format"] != SCORECARD_FORMAT:
        raise ValueError(f"not {SCORECARD_FORMAT}: {body['format']!r}")
    return Scorecard(
        recording_id=body["recording_id"],
        rubric_id=body["rubric"]["id"],
        rubric_version=body["rubric"]["version"],
        rubric_sha256=body["rubric"]["sha256"],
        transcript_sha256=body["transcript_sha256"],
        points=body["points"],
        total=body["total"],
        band=body["band"],
        passed=body["passed"],
        scorable_share=body["scorable_share"],
        provisional=body["provisional"],
        fatal=tuple(body["fatal"]),
        sections=tuple(_section(s) for s in body["sections"]),
        measures=body["measures"],
        inputs={k: v for k, v in body["inputs"].items() if k != "terms"},
        terms=body["inputs"].get("terms", {}),
        parent=body["parent"],
        purged=purged,
        hearing=body.get("hearing", {}),
        not_judged={
            Speaker(one["speaker"]): NotJudged(one["reason"]) for one in body.get("not_judged", ())
        },
        too_short=talk_from_json(body["too_short"]) if "too_short" in body else None,
        worth_hearing=tuple([worth_hearing_from_json(w) for w in body.get("worth_hearing", ())]),
        basis=_basis(body),
    )


def _section(body: Mapping[str, Any]) -> SectionResult:
    return SectionResult(
        id=body["id"],
        title=body["title"],
        report_part=body["report_part"],
        points=body["points"],
        lost=body["lost"],
        criteria=tuple(_criterion(c) for c in body["criteria"]),
    )


_READ_APART = ("verdict", "evidence", "spared", "facts")


def _criterion(body: Mapping[str, Any]) -> CriterionResult:
    plain = {k: v for k, v in body.items() if k not in _READ_APART}
    spared, facts = body.get("spared"), body.get("facts")
    return CriterionResult(
        verdict=Verdict(body["verdict"]),
        evidence=tuple(_evidence(e) for e in body["evidence"]),
        spared=None if spared is None else (spared["lost"], spared["stake"]),
        facts=None if facts is None else tuple((start_s, end_s) for start_s, end_s in facts),
        **plain,
    )


def _evidence(body: Mapping[str, Any]) -> Evidence:
    speaker = body["speaker"]
    plain = {k: v for k, v in body.items() if k not in ("kind", "speaker")}
    return Evidence(
        kind=EvidenceKind(body["kind"]),
        speaker=None if speaker is None else Speaker(speaker),
        **plain,
    )
