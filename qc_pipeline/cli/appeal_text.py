"""Objections and requests as lines of a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import by_whom, clock, figure, plain, rate_json
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.cases.appeals.acknowledge import SignoffState
    from qc_pipeline.cases.appeals.alike import AlikeDeduction
    from qc_pipeline.cases.appeals.effect import AppealEffect
    from qc_pipeline.cases.appeals.rates import AppealRates
    from qc_pipeline.store.appeal_requests import AppealRequest
    from qc_pipeline.store.appeals import KeptAppeal
    from qc_pipeline.store.transaction import Reads


def appeal_json(record: Reads, objection: KeptAppeal) -> dict[str, Any]:
    """An objection with its steps and both totals; numbers and names in the reasons are masked."""
    from qc_pipeline.cases.appeals.policy import instance_of
    from qc_pipeline.cases.appeals.requests import is_forwarded_late
    from qc_pipeline.text.masking.mask import mask

    before, after = totals_of(record, objection)
    return {
        "number": objection.number,
        "period": objection.period,
        "recording_id": objection.recording_id,
        "criterion": objection.criterion,
        "instance": instance_of(record, objection),
        "state": objection.state,
        "by": objection.person,
        "for": objection.on_behalf_of,
        "day": objection.day.isoformat(),
        "due": objection.due.isoformat(),
        "kind": objection.kind,
        "requested_at": objection.requested_at,
        "request": objection.request,
        "forwarded_late": is_forwarded_late(record, objection),
        "next_shift": None if objection.next_shift is None else objection.next_shift.isoformat(),
        "reason": mask(objection.reason),
        "total_before": before,
        "total_after": after,
        "events": [
            {
                "state": e.state,
                "person": e.person,
                "for": e.on_behalf_of,
                "at": e.at,
                "day": e.day.isoformat(),
                "reason": mask(e.reason),
                "final": e.final,
                "card": e.card,
            }
            for e in objection.events
        ],
    }


def totals_of(record: Reads, objection: KeptAppeal) -> tuple[float | None, float | None]:
    from qc_pipeline.store.decisions import cards_by_hash

    last = objection.events[-1].card if objection.events else objection.card
    cards = cards_by_hash(record, [objection.card, last])
    return cards[objection.card].total, cards[last].total


def appeal_lines(
    record: Reads, found: Sequence[KeptAppeal], language: str, width: int | None
) -> Iterator[str]:
    """Objections, one a line; with a width (columns of a terminal) as a table that fits it."""
    from qc_pipeline.cases.appeals.policy import instance_of
    from qc_pipeline.cases.appeals.requests import is_forwarded_late
    from qc_pipeline.store.appeals import CORRECTION
    from qc_pipeline.text.masking.mask import mask

    t, rows = Translator(language), []
    for objection in found:
        before, after = totals_of(record, objection)
        change = f"{figure(before)} → {figure(after)}"
        who = by_whom(objection.person, objection.on_behalf_of)
        state = t.or_raw("appeal_state", objection.state)
        if instance_of(record, objection) > 1:
            state = t("appeal_second", state=state)
        reason = plain(mask(objection.reason))
        remarks = []
        if objection.kind == CORRECTION:
            remarks.append(t("appeal_kind.correction"))
        if objection.requested_at is not None:
            remarks.append(t("appeal_requested", at=objection.requested_at[:16]))
        if is_forwarded_late(record, objection):
            remarks.append(t("appeal_late"))
        if remarks:
            reason = f"{t.listed(remarks)} {reason}"
        last = objection.events[-1] if objection.events else None
        answers: tuple[str, ...] = ()
        if last is not None and last.reason:
            answers = (f"{by_whom(last.person, last.on_behalf_of)}: {plain(mask(last.reason))}",)
        if width is None:
            yield (
                f"{objection.number}  {objection.period}  {plain(objection.recording_id)} "
                f"{objection.criterion}  [{state}]  {change}  "
                f"{who} {objection.day}, answer by {objection.due}: "
                f"{'; '.join((reason, *answers))}"
            )
            continue
        cells = (
            f"{objection.number}",
            state,
            objection.recording_id,
            objection.criterion or "",
            change,
            f"{objection.due}",
        )
        asked = f"{objection.period}  {objection.day} {who}: {reason}"
        rows.append(TerminalRow(cells=cells, below=(asked, *answers)))
    if width is not None:
        named = ids(t("col_state"), t("col_recording"), t("col_criterion"))
        scores = ids(t("col_before_after"), t("terminal.answer_by"))
        yield from table_lines((*figures(t("terminal.number")), *named, *scores), rows, width)


def print_appeal(record: Reads, objection: KeptAppeal, *, as_json: bool) -> None:
    if as_json:
        print_json(appeal_json(record, objection))
        return
    before, after = totals_of(record, objection)
    print(
        f"objection {objection.number} ({plain(objection.recording_id)} {objection.criterion}): "
        f"{objection.state}; total {figure(before)} → {figure(after)}; "
        f"answer by the end of {objection.due}"
    )


def rates_body(rates: AppealRates) -> dict[str, Any]:
    return {
        "objected": rate_json(rates.objected),
        "upheld": rate_json(rates.upheld),
        "in_time": rate_json(rates.in_time),
        "by_criterion": {k: rate_json(r) for k, r in rates.by_criterion.items()},
        "by_inspector": {k: rate_json(r) for k, r in rates.by_inspector.items()},
        "outcomes": dict(rates.outcomes),
        "corrections": rates.corrections,
    }


def effect_json(effect: AppealEffect) -> dict[str, Any]:
    """What an answer changed, by criterion, band and total."""
    return {
        "criteria": [
            {
                "id": now.id,
                "title": now.title,
                "verdict_before": str(was.verdict),
                "verdict_after": str(now.verdict),
                "lost_before": was.lost,
                "lost_after": now.lost,
            }
            for was, now in effect.changed
        ],
        "band_before": effect.before.band,
        "band_after": effect.after.band,
        "total_before": effect.before.total,
        "total_after": effect.after.total,
    }


def request_json(request: AppealRequest) -> dict[str, Any]:
    """A request; numbers and names in its reason are masked."""
    from qc_pipeline.text.masking.mask import mask

    return {
        "number": request.number,
        "period": request.period,
        "recording_id": request.recording_id,
        "criterion": request.criterion,
        "agent_id": request.agent_id,
        "requested_at": request.requested_at,
        "next_shift": None if request.next_shift is None else request.next_shift.isoformat(),
        "by": request.person,
        "for": request.on_behalf_of,
        "day": request.day.isoformat(),
        "forward_due": request.forward_due.isoformat(),
        "reason": mask(request.reason),
        "objection": request.objection,
    }


def request_line(request: AppealRequest, t: Translator) -> str:
    from qc_pipeline.text.masking.mask import mask

    return t(
        "appeal_request_waits",
        n=request.number,
        period=request.period,
        recording=plain(request.recording_id),
        criterion=request.criterion,
        at=request.requested_at[:16],
        due=request.forward_due,
        reason=plain(mask(request.reason)),
    )


def outcome_line(rates: AppealRates, t: Translator) -> str:
    """How many were upheld, partly upheld, rejected, and wait."""
    counts = {k: n for k, n in rates.outcomes.items() if k != "withdrawn"}
    return t("appeal_outcomes", corrections=rates.corrections, **counts)


def alike_json(one: AlikeDeduction) -> dict[str, Any]:
    return {
        "recording_id": one.card.recording_id,
        "agent": one.agent,
        "lost": one.result.lost,
        "total": one.card.total,
        "decided_by": one.result.decided_by,
    }


def alike_lines(
    objection: KeptAppeal, found: Sequence[AlikeDeduction], t: Translator
) -> Iterator[str]:
    """The deductions that are like one taken back, with where they were heard."""
    from qc_pipeline.text.masking.mask import mask

    if not found:
        yield t("appeal_alike.none")
        return
    yield t("appeal_alike.head", n=len(found))
    for one in found:
        heard = next((e for e in one.result.evidence if e.quote), None)
        yield "  " + t(
            "appeal_alike.line",
            recording=plain(one.card.recording_id),
            agent=plain(one.agent),
            lost=f"{one.result.lost:g}",
            at="" if heard is None else clock(heard.start_s),
            quote="" if heard is None else plain(mask(heard.quote)),
        )
    yield "  " + t(
        "appeal_alike.how", command=f"qc appeal alike {objection.number} --overturn --reason TEXT"
    )


def signoff_json(period: str | None, state: SignoffState) -> dict[str, Any]:
    """How far a period is seen by its agents."""
    head = {} if period is None else {"period": period}
    return head | {
        "calls": state.calls,
        "signed": state.signed,
        "deemed": state.deemed,
        "waiting": state.waiting,
        "due": state.due.isoformat(),
    }
