"""report.json: the same numbers as the page, for other programs; `qc-report/1`."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from qc_pipeline.report.blocks import CommonProblems, ProblemCalls, Sentence, TableBlock
from qc_pipeline.report.model import Call
from qc_pipeline.report.sections.appeals import earlier_appeals, outcomes, own_appeals, waiting
from qc_pipeline.report.view import View

REPORT_FORMAT = "qc-report/1"


def report_json(view: View) -> str:
    """Numbers unrounded but for six decimals; shares in [0, 1]; null = nothing to divide by."""
    return json.dumps(_body(view), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _body(view: View) -> dict[str, Any]:
    inputs = view.model.inputs
    return {
        "format": REPORT_FORMAT,
        "title": view.title,
        "language": inputs.options.language,
        "audience": inputs.options.audience,
        "state": view.state,
        "final": _final(view),
        "period": {
            "name": inputs.period.name,
            "start": inputs.period.start.isoformat(),
            "end": inputs.period.end.isoformat(),
        },
        "head": _head(view),
        "deadlines": {
            "follow_ups": inputs.deadlines.follow_ups.isoformat(),
            "objections": inputs.deadlines.objections.isoformat(),
            "provisional": inputs.deadlines.provisional,
        },
        "objections": _objections(view),
        "sections": [
            {
                "id": s.id,
                "heading": s.heading,
                "sentences": [b.text for b in s.blocks if isinstance(b, Sentence)],
                "tables": [b.id for b in s.blocks if isinstance(b, TableBlock)],
            }
            for s in view.sections
        ],
        "tables": {
            b.id: _table(b) for s in view.sections for b in s.blocks if isinstance(b, TableBlock)
        },
        "common_problems": [
            _rounded(asdict(p))
            for s in view.sections
            for b in s.blocks
            if isinstance(b, CommonProblems)
            for p in b.items
        ],
        "problem_calls": [
            c.key
            for s in view.sections
            for b in s.blocks
            if isinstance(b, ProblemCalls)
            for c in b.items
        ],
        "calls": [_call(view, c) for c in view.calls],
    }


def _objections(view: View) -> dict[str, Any]:
    """How the objections to this period's calls and to earlier ones ended, each outcome by itself:
    those that this audience may see.
    """
    model = view.model
    counted = {
        "own": outcomes(own_appeals(model), waiting(model, own=True)),
        "earlier": outcomes(earlier_appeals(model), waiting(model, own=False)),
    }
    return {k: asdict(found) for k, found in counted.items()}


def _final(view: View) -> dict[str, Any] | None:
    """How the period became final; None before. Figures of the centre for who may know them."""
    final = view.model.inputs.final
    if final is None:
        return None
    body: dict[str, Any] = {
        "version": final.version,
        "day": final.day.isoformat(),
        "line": view.version_line,
    }
    if view.model.audience.sees_groups:
        body |= {
            "listened": {
                "before": {"mean": _rounded(final.before), "calls": final.before_calls},
                "after": {"mean": _rounded(final.after), "calls": final.after_calls},
            },
            "corrected": dict(final.corrected),
            "corrected_calls": final.corrected_calls,
        }
    return body


def _head(view: View) -> dict[str, Any]:
    body = _rounded(asdict(view.head))
    if view.model.audience.kind == "agent":
        return {}
    if view.model.audience.kind != "manager":
        body["apart"] = body.pop("mystery")
    health = view.head.health
    body["health"] = {
        "speech_heard": _rounded(health.speech_heard),
        "hearing_unknown": health.hearing_unknown,
        "points_judged": _rounded(health.points_judged),
        "open_items": health.open_items,
        "open_red_lines": health.open_red_lines,
        "open_majors": health.open_majors,
        "not_judged": health.not_judged,
        "listened_calls": health.listened_calls,
        "shown": health.shown,
        "withheld": list(health.withheld),
        "light": health.light,
        "sentence": view.light.text,
    }
    return dict(body)


def _table(table: TableBlock) -> dict[str, Any]:
    keys = [c.key for c in table.columns]
    return {
        "title": table.title,
        "columns": [{"key": c.key, "label": c.label, "kind": c.kind} for c in table.columns],
        "rows": [dict(zip(keys, _rounded(list(row)), strict=True)) for row in table.rows],
        "total": None
        if table.total is None
        else dict(zip(keys, _rounded(list(table.total)), strict=True)),
    }


def _call(view: View, call: Call) -> dict[str, Any]:
    card = call.card
    if card is None:
        return {}
    return {
        "key": call.key,
        "recording": view.model.identifier(call),
        "page": call.page,
        "start_time": call.recording.start_time.isoformat(),
        "team": call.team,
        "agent": view.model.agent(call),
        "business": call.business,
        "total": card.total,
        "machine_total": call.machine_total,
        "band": card.band,
        "passed": card.passed,
        "unjudged": card.unjudged,
        "not_judged": [
            {"speaker": str(p.speaker), "reason": str(p.reason)} for p in card.parties_not_judged
        ],
        "too_short": card.lacks_talk,
        "counted": call.counted,
        "listened": call.listened,
        "weight": _rounded(call.weight),
        "listened_weight": _rounded(call.listened_weight),
        "provisional": card.provisional,
        "fatal": list(card.fatal),
        "rubric": {"id": card.rubric_id, "version": card.rubric_version},
        "verdicts": {r.id: str(r.verdict) for r in call.results},
        "lost": {r.id: r.lost for r in call.results if r.lost},
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {k: _rounded(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value
