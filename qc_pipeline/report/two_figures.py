"""The two figures of a report with their intervals: listened score and machine reference. Pure.

The machine reference is the weighted mean of what the rules alone made of the counted calls,
corrected by what listening showed: the difference estimator of `sampling.two_phase`. It stands as
the machine has it where that is no ground to correct it on (`Uncorrected`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from qc_pipeline.report import stats
from qc_pipeline.report.health import LEAST_LISTENED
from qc_pipeline.report.model import Call, ReportModel
from qc_pipeline.sampling.estimation import estimate_mean, share_interval
from qc_pipeline.sampling.two_phase import TwoPhaseMean, phases_of, two_phase_mean
from qc_pipeline.scoring.listened import undecided

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

LEAST_DONE = 0.9
"""Share of the calls chosen to be listened to that must be done before what they show stands for
all: who works through them begins with red lines and complaints, so that a half is no sample."""

Uncorrected = Literal["few", "unfinished", "chances"]
"""Why the machine reference stands uncorrected: too few listened calls, calls chosen for it that
nobody has listened to yet, or chances of being listened to that are not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListeningProgress:
    """Of the `chosen` calls that can be listened to, `done` are: everything in them is decided."""

    chosen: int
    done: int

    @property
    def share(self) -> float:
        return self.done / self.chosen if self.chosen else 1.0

    @property
    def enough(self) -> bool:
        return self.share >= LEAST_DONE


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenedScore:
    """Mean (points) and pass rate of the listened calls, each weighted, with 95 % intervals.

    Intervals are None under eight calls, before the chosen calls are done (`LEAST_DONE`), and where
    chances are not known.
    """

    mean: float | None
    low: float | None
    high: float | None
    pass_share: float | None
    pass_low: float | None
    pass_high: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineReference:
    """The machine reference of the centre or of a group, in points.

    `uncorrected` is the machine's own mean and `difference` what is added to it. `corrected` says
    by which listened calls: the part's "own", or those of the whole "centre"; None with the reason
    in `why`. `low` and `high` are the 95 % interval; uncorrected it tells what the machine would
    make of all calls, and a group that is corrected by the centre has none.
    """

    value: float | None
    low: float | None = None
    high: float | None = None
    uncorrected: float | None
    difference: float = 0.0
    corrected: Literal["own", "centre"] | None = None
    why: Uncorrected | None = None
    listened: int = 0


def listening_progress(calls: Sequence[Call]) -> ListeningProgress:
    """Of the calls that were chosen to be listened to by a known chance. What cannot be listened to
    – no card, too little said, a test call – is not asked for.
    """
    chosen = [
        c
        for c in calls
        if c.pick.origin == "drawn"
        and c.pick.relisten
        and c.pick.relisten_probability
        and not c.recording.mystery
        and c.card is not None
        and not c.lacks_talk
    ]
    return ListeningProgress(chosen=len(chosen), done=sum(_is_done(c) for c in chosen))


def _is_done(call: Call) -> bool:
    """Listened to; or decided to the end, and still without a total."""
    if call.listened or call.card is None or call.total is not None:
        return call.listened
    decided = any(r.decided_by == "person" and not r.trial for r in call.results)
    return decided and next(undecided(call.card), None) is None


def listened_score(model: ReportModel, of: Sequence[Call] | None = None) -> ListenedScore:
    """The listened score of all, or of the calls `of`."""
    heard = model.listened_drawn if of is None else [c for c in of if c.listened_weight > 0]
    weights = [c.listened_weight for c in heard]
    passes = [bool(c.card and c.card.passed) for c in heard]
    mean = stats.mean([c.total or 0.0 for c in heard], weights)
    share = stats.weighted_share(passes, weights)
    low = high = pass_low = pass_high = None
    enough = listening_progress(model.calls if of is None else of).enough
    if mean is not None and share is not None and enough and _chances_known(model):
        found = _two_phase(model, [c.total or 0.0 for c in model.counted], of=of)
        passed = _two_phase(model, [bool(c.card and c.card.passed) for c in model.counted], of=of)
        if found is not None and passed is not None and found.low is not None:
            low, high = _point(found.low), _point(found.high)
            pass_low, pass_high = _share_interval(heard, share, passed, passes)
    return ListenedScore(
        mean=mean,
        low=low,
        high=high,
        pass_share=share,
        pass_low=pass_low,
        pass_high=pass_high,
    )


def _share_interval(
    heard: Sequence[Call], share: float, found: TwoPhaseMean, passes: Sequence[bool]
) -> tuple[float, float]:
    import numpy as np

    weights = [
        1.0 / ((c.pick.probability or 1) * (c.pick.relisten_probability or 1)) for c in heard
    ]
    return share_interval(
        share, found.variance, np.array(weights), np.array(passes, dtype=np.float64)
    )


def machine_reference(model: ReportModel) -> MachineReference:
    """The centre's; as it is, whether or not the health of the period lets it be given."""
    uncorrected, own = _machine_mean(model, model.counted)
    progress = listening_progress(model.calls)
    if len(model.listened_drawn) < LEAST_LISTENED:
        why: Uncorrected | None = "few"
    elif not _chances_known(model):
        why = "chances"
    else:
        why = None if progress.enough else "unfinished"
    if why is not None or uncorrected is None:
        return _by_machine(model, model.counted, uncorrected, why)
    return _corrected(model, own, None) or _by_machine(model, model.counted, uncorrected, "few")


def group_reference(
    model: ReportModel, calls: Sequence[Call], centre: MachineReference
) -> MachineReference:
    """A group's: corrected where the centre's is, so that groups stand side by side. By its own
    listened calls where there are enough, else by the difference of the whole centre (the synthetic
    estimator of small domains): what this group's own difference is beside that is not known, so it
    has no interval.
    """
    counted = [c for c in calls if c.counted]
    uncorrected, own = _machine_mean(model, counted)
    if centre.corrected is None or uncorrected is None:
        return _by_machine(model, counted, uncorrected, centre.why)
    heard = sum(c.listened_weight > 0 for c in counted)
    if heard >= LEAST_LISTENED and listening_progress(calls).enough:
        found = _corrected(model, own, counted)
        if found is not None:
            return found
    return MachineReference(
        value=_point(uncorrected + centre.difference),
        uncorrected=uncorrected,
        difference=centre.difference,
        corrected="centre",
        listened=heard,
    )


def _corrected(
    model: ReportModel, own: Sequence[float], of: Sequence[Call] | None
) -> MachineReference | None:
    """By the listened calls of a part (None: of all), `own` being what the machine made of its
    calls; None where there are none."""
    calls = model.counted if of is None else of
    by_id = {c.recording_id: m for c, m in zip(calls, own, strict=True)}
    machine = [by_id.get(c.recording_id, 0.0) for c in model.counted]
    found = _two_phase(model, [c.total or 0.0 for c in model.counted], machine, of=of)
    if found is None:
        return None
    return MachineReference(
        value=_point(found.value),
        low=_point(found.low),
        high=_point(found.high),
        uncorrected=found.machine,
        difference=found.difference,
        corrected="own",
        listened=found.heard,
    )


def _by_machine(
    model: ReportModel, calls: Sequence[Call], mean: float | None, why: Uncorrected | None
) -> MachineReference:
    low = high = None
    counted = model.counted
    totals = {c.recording_id: c.machine_total for c in counted if c.machine_total is not None}
    if mean is not None and all(c.pick.probability for c in counted):
        found = estimate_mean(model.inputs.sample, totals, of={c.recording_id for c in calls})
        if found.value is not None and found.low is not None and found.high is not None:
            # Where chances are alike the figure is the plain mean, by a hair another.
            low = _point(found.low + mean - found.value)
            high = _point(found.high + mean - found.value)
    return MachineReference(
        value=mean,
        low=low,
        high=high,
        uncorrected=mean,
        why=why,
        listened=sum(c.listened_weight > 0 for c in calls),
    )


def _machine_mean(model: ReportModel, calls: Sequence[Call]) -> tuple[float | None, list[float]]:
    """(the weighted mean, what each call is worth in it): a call that the machine gave no total –
    too little of it was heard, and then a person listened – is worth what the others of its stratum
    are, or of all where chances are alike, since its weight is theirs.
    """
    known = [c for c in calls if c.machine_total is not None]
    whole = _mean(known)
    if whole is None:
        return None, []
    by_stratum: dict[str, float] = {}
    if model.weighted:
        for stratum in sorted({c.pick.stratum for c in known}):
            mean = _mean([c for c in known if c.pick.stratum == stratum])
            by_stratum[stratum] = whole if mean is None else mean
    worth = [
        by_stratum.get(c.pick.stratum, whole) if c.machine_total is None else c.machine_total
        for c in calls
    ]
    return stats.mean(worth, [c.weight for c in calls]), worth


def _mean(calls: Sequence[Call]) -> float | None:
    return stats.mean([c.machine_total or 0.0 for c in calls], [c.weight for c in calls])


def _two_phase(
    model: ReportModel,
    person: Sequence[float],
    machine: Sequence[float] | None = None,
    *,
    of: Collection[Call] | None = None,
) -> TwoPhaseMean | None:
    """Of values by counted call, with the weights that the report's figures have."""
    import numpy as np

    calls = model.counted
    if not calls:
        return None
    phases = phases_of(
        [c.pick for c in calls], [c.weight for c in calls], [c.listened_weight for c in calls]
    )
    part = None
    if of is not None:
        inside = {c.recording_id for c in of}
        part = np.array([c.recording_id in inside for c in calls], dtype=bool)
    return two_phase_mean(
        phases,
        np.array(person, dtype=np.float64),
        None if machine is None else np.array(machine, dtype=np.float64),
        part=part,
    )


def _chances_known(model: ReportModel) -> bool:
    """Whether every counted call's chance of being drawn is known, and that of being listened to
    above 0 for nearly all that the counted calls stand for."""
    counted = model.counted
    if not all(c.pick.probability for c in counted):
        return False
    if not all(c.pick.relisten_probability for c in model.listened_drawn):
        return False
    reached = sum(c.weight for c in counted if c.pick.relisten_probability)
    return reached >= LEAST_DONE * sum(c.weight for c in counted)


def _point(value: float | None) -> float | None:
    """A mean or an end of its interval, within what a score can be."""
    return None if value is None else min(100.0, max(0.0, value))
