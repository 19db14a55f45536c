"""Which calls a model is tried on: a few of the period's, of all lengths and many agents."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from qc_pipeline.asr.language import AUTO
from qc_pipeline.call import Recording, content_sha256
from qc_pipeline.errors import UsageError
from qc_pipeline.period.calls import recordings_of
from qc_pipeline.period.state import recording_path
from qc_pipeline.sampling.allocation import budget_calls
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.period import Period
from qc_pipeline.store.purging import purged_calls
from qc_pipeline.store.samples import kept_sample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.workspace.open_workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """What listening to a period would take: its calls and their hours of sound. `drawn`: those of
    its draw, else as many as the plan's budget says, of the frame's mean length.
    """

    calls: int
    audio_h: float
    drawn: bool


def week_of(workspace: Workspace, reads: Reads, period: Period) -> Week:
    """The period's calls to be transcribed; those of unknown length count as long as the others."""
    kept = kept_sample(reads, period.name)
    if kept is not None:
        drawn = recordings_of(workspace, reads, kept.sample.picks)
        lengths = [r.duration_s for r in drawn.values() if r.duration_s is not None]
        mean_s = sum(lengths) / len(lengths) if lengths else 0.0
        count = len(kept.sample.picks)
        return Week(calls=count, audio_h=count * mean_s / 3600, drawn=True)
    calls = frame_of(workspace.calls.recordings, period, {}).calls
    lengths = [c.duration_s for c in calls if c.duration_s is not None]
    mean_s = sum(lengths) / len(lengths) if lengths else 0.0
    count = budget_calls(calls, workspace.settings.sampling, 0, mean_s) if lengths else 0
    return Week(calls=count, audio_h=count * mean_s / 3600, drawn=False)


def trial_calls(
    workspace: Workspace, reads: Reads, period: Period, count: int, language: str
) -> tuple[Recording, ...]:
    """Calls of the period's frame whose recording is there, in the language (`auto`: in any).

    Raises UsageError where there is none.
    """
    purged = purged_calls(reads)
    suited = [
        c
        for c in frame_of(workspace.calls.recordings, period, {}).calls
        if c.path is not None
        and c.recording_id not in purged
        and language in (AUTO, _short(c.text("language") or language))
    ]
    chosen = spread_calls(
        suited, count, seed=period.name, there=lambda c: recording_path(workspace, c).is_file()
    )
    if not chosen:
        raise UsageError(
            f"{period.name} has no call in the language {language!r} whose recording is there; "
            "name another period with --period"
        )
    return chosen


def _short(language: str) -> str:
    return language.split("-")[0].lower()


def spread_calls(
    calls: Sequence[Recording], count: int, *, seed: str, there: Callable[[Recording], bool]
) -> tuple[Recording, ...]:
    """`count` of the calls (all, where there are fewer), the same every time, by length.

    The calls are put in order of length and divided into as many bands as are wanted; each gives
    the call of the agent who has fewest so far, between several by lot. Only those whose recording
    is `there` are taken; a band without one is made up for by others. Calls of unknown length count
    as the shortest.
    """
    lots = {c.recording_id: content_sha256([seed, c.recording_id]) for c in calls}
    left = sorted(calls, key=lambda c: (c.duration_s or 0.0, lots[c.recording_id]))
    agents: Counter[str | None] = Counter()
    taken: list[Recording] = []
    missing: set[str] = set()
    while len(taken) < count and left:
        bands = min(count - len(taken), len(left))
        ends = [len(left) * n // bands for n in range(bands + 1)]
        for first, last in pairwise(ends):
            band = left[first:last]
            for one in sorted(band, key=lambda c: (agents[c.agent_id], lots[c.recording_id])):
                if there(one):
                    taken.append(one)
                    agents[one.agent_id] += 1
                    break
                missing.add(one.recording_id)
        gone = missing | {c.recording_id for c in taken}
        left = [c for c in left if c.recording_id not in gone]
    return tuple(sorted(taken, key=lambda c: (c.start_time, c.recording_id)))
