"""What a purge leaves of a body: all that scores, decisions and figures need, no word of a call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from qc_pipeline.call_fields import BY_NAME

Body = Mapping[str, Any]

KEPT_KINDS = frozenset({"rubric", "settings", "sample", "measures", "calibration", "model-trial"})
"""Kinds of body without words or personal fields of a call: rubrics, plans, figures, ids."""

NOT_LEFT = frozenset({"path", "work_order", "transferred_to", "transferred_from", "ticket_error"})
"""Fields of a call that are not personal by name but may hold a number or a sentence."""


def call_left(body: Body) -> Body:
    """A call row with the fields that figures are made of: of columns that nobody knows, none."""
    kept = {
        k: v
        for k, v in body.items()
        if k in BY_NAME and not BY_NAME[k].personal and k not in NOT_LEFT
    }
    return {**kept, "path": None}


def card_left(body: Body) -> Body:
    """A scorecard without quotations, the wordings they matched, and reasons, which quote."""
    return {
        **body,
        "sections": [
            {**s, "criteria": [_criterion_left(c) for c in s["criteria"]]} for s in body["sections"]
        ],
    }


def _criterion_left(body: Body) -> Body:
    evidence = [{**e, "quote": "", "phrase": None} for e in body["evidence"]]
    return {**body, "reason": "", "evidence": evidence}


def decision_left(body: Body) -> Body:
    """A decision without its reason in words; verdict, points, person, time and cause stay."""
    return {**body, "reason": ""}


def notice_left(body: Body) -> Body:
    """A correction notice without its text."""
    return {**body, "text": ""} if "text" in body else body


LEFT: Mapping[str, Callable[[Body], Body]] = {
    "call": call_left,
    "scorecard": card_left,
    "decision": decision_left,
    "publication": notice_left,
}
"""By kind of body; of kinds that are not here nothing is left but the hash."""
