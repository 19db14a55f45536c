"""What comes back out of stored JSON: samples and call rows as the values they were."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qc_pipeline.call import FieldValue, Recording
from qc_pipeline.message import read_message
from qc_pipeline.sampling.sample import Exclusion, Pick, PlanRow, RiskCount, Sample, StratumRow


def sample_from_json(body: Mapping[str, Any]) -> Sample:
    """The inverse of `Sample.as_json`."""
    own = ("picks", "strata", "excluded", "notes", "risk", "risk_plan")
    rest = {k: v for k, v in body.items() if k not in own}
    lists: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in rest.items()}
    return Sample(
        **lists,
        picks=tuple(Pick(**p) for p in body["picks"]),
        strata=tuple(
            StratumRow(**{**s, "merged_from": tuple(s["merged_from"])}) for s in body["strata"]
        ),
        excluded=tuple(
            Exclusion(recording_id=e["recording_id"], reason=read_message(e["reason"]))
            for e in body["excluded"]
        ),
        notes=tuple(read_message(n) for n in body.get("notes", ())),
        risk=tuple(RiskCount(**r) for r in body.get("risk", ())),
        risk_plan=tuple(PlanRow(**r) for r in body.get("risk_plan", ())),
    )


def recording_from_json(body: Mapping[str, Any]) -> Recording:
    """The inverse of `Recording.as_json`."""
    named = ("recording_id", "path", "start_time", "agent_id")
    fields: dict[str, FieldValue] = {k: v for k, v in body.items() if k not in named}
    return Recording(
        recording_id=body["recording_id"],
        path=body["path"],
        start_time=datetime.fromisoformat(body["start_time"]),
        agent_id=body["agent_id"],
        fields=fields,
    )
