"""From draft to published: what was not looked at is closed and costs nothing, the report stays.

A published period is not scored again by the weekly job; what is decided later makes new cards,
and the page `corrections.html` beside the report tells them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qc_pipeline.call import Failure
from qc_pipeline.config import Settings
from qc_pipeline.errors import InputError, Problem, UsageError
from qc_pipeline.files import write_text
from qc_pipeline.judging import Judge
from qc_pipeline.pages import render
from qc_pipeline.replacing import found_invalid
from qc_pipeline.review import Item, is_undecided, queue_of
from qc_pipeline.scoring.decisions import Decision, Ruling
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.corrections import corrections_of
from qc_pipeline.store.made_from import calls_by_hash
from qc_pipeline.store.outcomes import keep_outcome
from qc_pipeline.store.publications import (
    Publication,
    add_publication,
    publications_of,
    published,
    published_in,
)
from qc_pipeline.store.record import KeptSample, Record
from qc_pipeline.store.rescorings import ADOPTED, rescorings_of
from qc_pipeline.store.rulings import (
    KeptDecision,
    NewDecision,
    add_decisions,
    cards_by_hash,
    decisions_of,
)
from qc_pipeline.text.masking import mask, mask_identifier
from qc_pipeline.window import today_in, window_end

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from qc_pipeline.people import Actor

CORRECTIONS = "corrections.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`fresh`: published just now; `closed`: items that nobody had looked at."""

    publication: Publication
    fresh: bool
    closed: int


def state_of(record: Record, period: str) -> str:
    """draft, in_review from the first decision on, published."""
    if published(record.door, period) is not None:
        return "published"
    return "in_review" if decisions_of(record.door, period) else "draft"


def publish(
    record: Record,
    settings: Settings,
    kept: KeptSample,
    actor: Actor,
    *,
    also: Callable[[Connection], None] | None = None,
) -> Published:
    """Close what is open and publish the period's scores; a second time changes nothing.

    `also` is done in the same transaction, where anything is published.

    Raises UsageError where calls of the sample are not scored yet, InputError with every fatal
    or major proposal that nobody decided.
    """
    period = kept.sample.period
    with record.door.writing() as connection:
        record.door.alone(connection)
        former = published_in(connection, period)
        if former is not None:
            return Published(publication=former, fresh=False, closed=0)
        outcomes = record.outcomes(kept.seq)
        missing = [p.recording_id for p in kept.sample.picks if p.recording_id not in outcomes]
        if missing:
            raise UsageError(
                f"{period}: {len(missing)} drawn calls have neither score nor failure yet "
                f"({missing[0]} is one); `qc run -p {period}` finishes them"
            )
        waiting = sorted(found_invalid(record, kept))
        if waiting:
            raise UsageError(
                f"{period}: {', '.join(waiting)} found invalid and not replaced yet; "
                f"`qc run -p {period}` takes the next of the reserve"
            )
        outcomes = {**outcomes, **_never_decided(connection, kept, outcomes)}
        items = queue_of(record, kept)
        _refuse_undecided(items)
        judge = Judge(record, assumed_confidence=settings.asr.assumed_confidence, published=True)
        closed = add_decisions(
            connection,
            record.door,
            period=period,
            sample_seq=kept.seq,
            new=[
                _closing(item, actor.name, record.door.now.isoformat(), settings.report.language)
                for item in items
            ],
            make=judge.again,
        )
        if also is not None:
            also(connection)
        cards = {k: o.sha256() for k, o in outcomes.items() if isinstance(o, Scorecard)}
        cards |= {d.recording_id: d.after.sha256() for d in closed}
        today = today_in(settings, record.door.now)
        due, _ = window_end(settings, today)
        add_publication(
            connection,
            record.door,
            period=period,
            sample_seq=kept.seq,
            kind="published",
            person=actor.name,
            day=today,
            objections_due=due,
            body={"cards": dict(sorted(cards.items())), "closed": len(items)},
        )
        fresh = published_in(connection, period)
    if fresh is None:
        raise RuntimeError("the publication just kept is not there")
    return Published(publication=fresh, fresh=True, closed=len(items))


def _never_decided(
    connection: Connection, kept: KeptSample, outcomes: Mapping[str, Scorecard | Failure]
) -> dict[str, Failure]:
    """Purged cards with open questions, kept as failures: nobody can hear them any more, and what
    was not looked at is not deducted.
    """
    found = {
        k: Failure(
            recording_id=k, stage="find", reason=f"purged on {o.purged.day} before it was reviewed"
        )
        for k, o in outcomes.items()
        if isinstance(o, Scorecard) and o.purged is not None and is_undecided(o)
    }
    for failure in found.values():
        keep_outcome(connection, kept.seq, failure)
    return found


def _refuse_undecided(items: Sequence[Item]) -> None:
    blocking = [
        Problem(
            path=item.recording_id,
            message=f"{item.criterion} ({item.title}) is {item.severity}, proposed and undecided",
            hint=f"`qc review {item.recording_id} {item.criterion} --confirm` or --overturn",
        )
        for item in items
        if item.blocks
    ]
    if blocking:
        raise InputError(blocking)


def _closing(item: Item, person: str, at: str, language: str) -> NewDecision:
    decision = Decision(
        criterion=item.criterion,
        verdict=Ruling.NOT_LOOKED_AT,
        person=person,
        at=at,
        reason=TEXTS[language]["closed"],
    )
    return NewDecision(
        recording_id=item.recording_id, decision=decision, source="publish", seen=item.card
    )


def published_cards(record: Record, public: Publication) -> Mapping[str, Scorecard]:
    """The cards as they were published."""
    hashes: Mapping[str, str] = public.body["cards"]
    cards = cards_by_hash(record.door, sorted(set(hashes.values())))
    return {k: cards[h] for k, h in sorted(hashes.items())}


def report_kept(record: Record, period: str) -> bool:
    """Whether the published report was written whole."""
    return any(p.kind == "report" for p in publications_of(record.door, period))


def keep_report(record: Record, public: Publication, folder: Path) -> None:
    """Note the files of the published report, so that a change by hand shows."""
    files = {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.name != CORRECTIONS
    }
    with record.door.writing() as connection:
        add_publication(
            connection,
            record.door,
            period=public.period,
            sample_seq=public.sample_seq,
            kind="report",
            person=public.person,
            day=public.day,
            objections_due=public.objections_due,
            body={"files": files},
        )


def report_folder(settings: Settings, period: str) -> Path:
    return settings.report_root / period.replace("..", "_")


def write_corrections(record: Record, settings: Settings, period: str) -> Path | None:
    """Write the page of corrections beside a published report; None where there is no report."""
    public = published(record.door, period)
    folder = report_folder(settings, period)
    if public is None or not folder.is_dir():
        return None
    former = published_cards(record, public)
    now = {
        k: o
        for k, o in record.outcomes(public.sample_seq).items()
        if isinstance(o, Scorecard) and k in former and o.sha256() != former[k].sha256()
    }
    calls = calls_by_hash(record.door, list(now.values()))
    text = TEXTS[settings.report.language]
    page = render(
        CORRECTIONS,
        language=settings.report.language,
        t=text,
        period=period,
        day=public.day.isoformat(),
        calls=[
            {
                "name": mask_identifier(k),
                "agent": calls[k].text("agent_name") or "" if k in calls else "",
                "before": _figure(former[k].total),
                "after": _figure(now[k].total),
                "notices": _notices(record, public, k),
                "rows": changes(record, public, former[k], now[k]),
            }
            for k in sorted(now)
        ],
    )
    path = folder / CORRECTIONS
    write_text(path, page)
    return path


def changes(
    record: Record, public: Publication, before: Scorecard, after: Scorecard
) -> list[dict[str, Any]]:
    """Criterion by criterion: what it cost when published, what it costs now, why, by whom."""
    former = {c.id: c for c in before.criteria()}
    kept = decisions_of(record.door, public.period, before.recording_id)
    last = {k.decision.criterion: k for k in kept.get(before.recording_id, ())}
    other = _other_changes(record, public, before.recording_id)
    rows = []
    for result in after.criteria():
        old = former.get(result.id)
        if old is not None and (old.verdict, old.lost) == (result.verdict, result.lost):
            continue
        why, by = _cause(last.get(result.id) or last.get(None), other, public)
        rows.append(
            {
                "criterion": result.id,
                "title": result.title,
                "was": "–" if old is None else f"{old.lost:g}",
                "now": f"{result.lost:g}",
                "why": mask(why),
                "by": by,
            }
        )
    return rows


def _other_changes(
    record: Record, public: Publication, recording_id: str
) -> list[tuple[datetime, str, str]]:
    """(when, why, by whom) words were corrected or another rubric chosen after publication."""
    found = [
        (str(c["at"]), str(c["reason"]), str(c["person"]))
        for c in corrections_of(record.door, recording_id)
    ]
    found += [
        (r.at, r.reason, r.person)
        for r in rescorings_of(record.door, recording_id)
        if r.kind == ADOPTED and r.period == public.period
    ]
    since = datetime.fromisoformat(public.at).replace(microsecond=0)
    told = [(datetime.fromisoformat(at), why, by) for at, why, by in found]
    return sorted(row for row in told if row[0] >= since)


def _cause(
    decided: KeptDecision | None, other: Sequence[tuple[datetime, str, str]], public: Publication
) -> tuple[str, str]:
    """Why a criterion differs from the published card: a decision on it, else what else changed."""
    if decided is not None and decided.source != "publish":
        later = datetime.fromisoformat(decided.decision.at) > datetime.fromisoformat(public.at)
        if later or not other:
            return decided.decision.reason, decided.decision.person
    if other:
        return other[-1][1], other[-1][2]
    return "", ""


def _notices(record: Record, public: Publication, recording_id: str) -> list[dict[str, str]]:
    return [
        {
            "day": p.day.isoformat(),
            "due": p.objections_due.isoformat(),
            "text": mask(str(p.body["text"])),
        }
        for p in publications_of(record.door, public.period)
        if p.kind == "notice" and p.recording_id == recording_id
    ]


def _figure(total: float | None) -> str:
    return "–" if total is None else f"{total:.2f}"


TEXTS: Mapping[str, Mapping[str, str]] = {
    "zh": {
        "title": "发布后更正说明",
        "intro": "本期报告于 {day} 发布,发布的报告保持原样;发布后的更正列在这里。",
        "closed": "发布时未复核,不扣分",
        "back": "返回报告",
        "none": "发布后没有更正。",
        "total": "总分",
        "notice": "更正通知({day}),可在 {due} 当日结束前提出异议:",
        "criterion": "质检项",
        "was": "发布时扣分",
        "now": "现扣分",
        "why": "原因",
        "by": "经办人",
    },
    "en": {
        "title": "Corrections after publication",
        "intro": "The report was published on {day} and stays as it was; what was corrected later"
        " stands here.",
        "closed": "not looked at before publication, not deducted",
        "back": "Back to the report",
        "none": "Nothing was corrected after publication.",
        "total": "total",
        "notice": "Correction notice of {day}, open to objections until the end of {due}:",
        "criterion": "Criterion",
        "was": "Cost when published",
        "now": "Costs now",
        "why": "Why",
        "by": "By",
    },
}
