"""Which pieces of a recording go with its page, and what in them is made silent."""

from __future__ import annotations

from dataclasses import dataclass

from qc_pipeline.call import Span
from qc_pipeline.report import formats
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.scoring.evidence.finding import Verdict

CLIP_MOST_S = 60.0
CLIP_LEAD_S = 5.0
CLIPS_A_CALL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipPlan:
    """A clip to be cut: `name` is its file's name without suffix, in clips/."""

    name: str
    recording_id: str
    start_s: float
    end_s: float
    silenced: tuple[Span, ...]
    label: str


def planned_clips(model: ReportModel, call: Call) -> tuple[ClipPlan, ...]:
    """The whole call where it is short; else up to three pieces around what cost most."""
    if call.card is not None and call.card.purged is not None:
        return ()
    transcript, words = call.transcript, model.heard(call)
    length = transcript.duration_s if transcript is not None else call.recording.duration_s
    if not length:
        return ()
    spans: list[Span] = []
    if length <= CLIP_MOST_S:
        spans = [(0.0, length)]
    else:
        wanted = sorted(
            (r.severity != "fatal", -(r.lost + r.stake), e.start_s)
            for r in call.results
            if r.verdict in (Verdict.FAIL, Verdict.HELD) and not r.trial
            for e in r.evidence[:2]
        )
        for _, _, at in wanted:
            if len(spans) == CLIPS_A_CALL:
                break
            if any(a <= at < b - 2 for a, b in spans):
                continue
            start = max(0.0, at - CLIP_LEAD_S)
            end = min(length, start + CLIP_MOST_S)
            for a, b in spans:  # pieces do not overlap: the later one begins where another ends
                if a < end <= b:
                    end = a
                if a <= start < b:
                    start = b
            if end - start > 1:
                spans.append((start, end))
        spans.sort()
        if not spans:
            spans = [(0.0, CLIP_MOST_S)]
    silenced = () if words is None else words.silenced
    t = model.words
    return tuple(
        ClipPlan(
            name=f"{call.key}-{i}",
            recording_id=call.recording_id,
            start_s=round(a, 2),
            end_s=round(b, 2),
            silenced=tuple(s for s in silenced if s[0] < b and s[1] > a),
            label=t("clip_span", n=i, start=formats.clock(a), end=formats.clock(b)),
        )
        for i, (a, b) in enumerate(spans, start=1)
    )
