"""The draw: a period's calls, a plan and a seed → the sample. The same inputs, the same bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qc_pipeline.call import Recording
from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.call_table import DAY_US, CallTable
from qc_pipeline.errors import InputError, Problem, did_you_mean
from qc_pipeline.message import Message
from qc_pipeline.sampling.allocation import SETTINGS
from qc_pipeline.sampling.cells import Cells, frame_salt, order_seed
from qc_pipeline.sampling.frame import Frame, empty_period, forced_calls, frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.inspectors import split_over_inspectors
from qc_pipeline.sampling.listening import choose_parts, kinds_of_drawn
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import FieldCondition, SamplingPlan
from qc_pipeline.sampling.risk_conditions import SLOT, known_field, risk_counts, unknown_slots
from qc_pipeline.sampling.sample import Pick, PlanRow, Sample, StratumRow
from qc_pipeline.sampling.second_tier import choose_relistened
from qc_pipeline.sampling.targets import DrawTargets, agent_bounds, make_targets

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

RESERVE_LEAST = 3
"""Since 2 the reserve holds calls of a drawn call's agent from any stratum, with what each was
planned as."""


def draw(
    frame: Sequence[Recording],
    plan: SamplingPlan,
    *,
    period: Period,
    seed: str | None = None,
    include: Sequence[str] = (),
    exclude: Mapping[str, Message] | None = None,
    history: History | None = None,
    again: bool = False,
) -> Sample:
    """Draw the sample of a period from a call list: the first part of `draw_and_plan`."""
    drawn, _ = draw_and_plan(
        frame,
        plan,
        period=period,
        seed=seed,
        include=include,
        exclude=exclude,
        history=history,
        again=again,
    )
    return drawn


def draw_and_plan(
    frame: Sequence[Recording],
    plan: SamplingPlan,
    *,
    period: Period,
    seed: str | None = None,
    include: Sequence[str] = (),
    exclude: Mapping[str, Message] | None = None,
    history: History | None = None,
    again: bool = False,
) -> tuple[Sample, tuple[PlanRow, ...]]:
    """Draw the sample of a period from a call list; with it the plan as `plan_table` has it.

    `include` names recordings put in by a person (marked, never in estimates), `exclude` those
    that must not be drawn, with the reason. The seed is the argument's, else the plan's, else
    made from plan and period. `again` repeats a kept draw: a condition on a slot that there is not
    is taken as it was then, met by no call. Raises InputError where the plan cannot be met,
    UsageError where the period holds no call.
    """
    exclude = exclude or {}
    history = history or History()
    parts = frame_of(frame, period, exclude)
    if not len(parts.calls) and not len(parts.mystery):
        raise empty_period(CallTable.of(frame), period)
    origin = "given" if seed else "settings" if plan.seed else "derived"
    seed = seed or plan.seed or plan.seed_for(period.name)
    forced = forced_calls(CallTable.of(frame), parts, include, exclude)
    check_columns(plan, parts.calls)
    if not again:
        check_slots(plan, parts.calls)
    picks: list[Pick] = []
    strata: tuple[StratumRow, ...] = ()
    notes: tuple[Message, ...] = ()
    reserve: list[int] = []
    planned: list[tuple[str, float]] = []
    least: dict[str, int] = {}
    names: list[str] = []
    rows: tuple[PlanRow, ...] = ()
    risky = plan.allocation == "risk"
    kinds: Array | None = None
    if len(parts.calls):
        targets = make_targets(parts.calls, plan, history, period=period)
        names = [s.name for s in targets.strata.strata]
        notes = targets.notes
        order = order_seed(seed, parts.calls.ids.tolist(), rules=plan.rules)
        digests = seeded_order(parts.calls, order)
        chosen = choose(parts.calls, targets, digests, seed, order=order)
        picks += _picks(parts.calls, targets, chosen)
        strata = _rows(targets, chosen)
        rows = targets.table()
        reserve = _reserve(targets.cells, chosen, digests, rules=plan.rules)
        kinds = kinds_of_drawn(parts.calls, chosen, plan, history)
        if plan.rules > 1:
            planned = [_planned(targets, i) for i in reserve]
            least = _agent_least(targets.cells, plan)
    drawn = {p.recording_id for p in picks}
    picks += [p for p in _apart(parts, forced) if p.recording_id not in drawn]
    codes = targets.strata.codes if len(parts.calls) else None
    picks = sorted(picks, key=lambda p: p.recording_id)
    ordered, more = _hand_out(
        picks, frame, plan, history, period, kinds=kinds, ids=parts.calls.ids.tolist(), seed=seed
    )
    drawn_sample = Sample(
        period=period.name,
        seed=seed,
        plan=plan.as_json(),
        plan_sha256=plan.sha256(),
        frame_sha256=_frame_sha256(parts.calls, codes, names),
        frame_size=len(parts.calls),
        picks=ordered,
        strata=strata,
        excluded=parts.excluded,
        reserve=tuple(parts.calls.ids[i] for i in reserve),
        reserve_strata=tuple(names[targets.strata.codes[i]] for i in reserve),
        reserve_agents=tuple(parts.calls.agents[i] or "" for i in reserve),
        reserve_classes=tuple(risk_class for risk_class, _ in planned),
        reserve_probabilities=tuple(probability for _, probability in planned),
        agent_least=least,
        notes=(*notes, *more),
        risk=risk_counts(plan, parts.calls, history.agent_means) if risky else (),
        risk_plan=rows if risky else (),
        history=_told(plan, history),
        seed_origin=origin if plan.rules > 1 else "",
    )
    return drawn_sample, rows


def _told(plan: SamplingPlan, history: History) -> dict[str, Any]:
    """The parts of the history that the plan asks for."""
    risky = plan.allocation == "risk" and any(r.field == "agent_last_score" for r in plan.risk)
    heard = plan.relisten.after_fail > 0 or plan.relisten.complaint.field == "agent_last_score"
    return history.as_json(
        scores=plan.allocation == "neyman" and plan.neyman_by is None,
        agent_means=risky or heard,
        heard=plan.listening.calls_an_agent_a_month is not None,
        machine=plan.machine_hours is not None,
    )


def plan_table(
    frame: Sequence[Recording],
    plan: SamplingPlan,
    *,
    period: Period,
    exclude: Mapping[str, Message] | None = None,
    history: History | None = None,
) -> tuple[PlanRow, ...]:
    """What the plan means for a period, by stratum and risk class, before any seed."""
    parts = frame_of(frame, period, exclude or {})
    if not len(parts.calls):
        raise empty_period(CallTable.of(frame), period)
    check_columns(plan, parts.calls)
    check_slots(plan, parts.calls)
    return make_targets(parts.calls, plan, history or History(), period=period).table()


def _hand_out(
    picks: Sequence[Pick],
    frame: Sequence[Recording],
    plan: SamplingPlan,
    history: History,
    period: Period,
    *,
    kinds: Array | None,
    ids: Sequence[str],
    seed: str,
) -> tuple[tuple[Pick, ...], tuple[Message, ...]]:
    """Which picks a person hears in full, and who hears which; `kinds` of the drawn ones, `ids` of
    the whole frame.
    """
    import numpy as np

    calls = CallTable.of(frame)
    where = calls.places([p.recording_id for p in picks])
    places = [where[p.recording_id] for p in picks]
    table = calls.take(np.array(places, dtype=np.int64))
    if plan.rules == 1 or kinds is None:
        tier = choose_relistened(picks, table, plan, history, seed=seed)
    else:
        salt = frame_salt(ids)
        tier = choose_parts(
            picks, table, kinds, plan, history, period, salt=salt, seed=seed,
            order=order_seed(seed, ids, rules=plan.rules),
        )  # fmt: skip
    names = table.ids.tolist()
    split = split_over_inspectors(
        tier.picks,
        plan,
        teams={n: t for n, t in zip(names, table.texts("team").tolist(), strict=True) if t},
        minutes=dict(zip(names, (table.numbers("duration_s") / 60).tolist(), strict=True)),
        seed=seed,
    )
    return split.picks, (*tier.notes, *split.notes)


def check_columns(plan: SamplingPlan, table: CallTable) -> None:
    """Raise InputError where the plan names columns that the call list does not have."""
    asked = [("by", name, name in table.columns or name == "agent_id") for name in plan.by]
    if plan.neyman_by is not None:
        asked.append(("neyman_by", plan.neyman_by, plan.neyman_by in table.columns))
    if plan.allocation == "risk":
        asked += [("risk", r.field, known_field(table, r.field)) for r in plan.risk]
    columns = sorted(table.columns)
    named = [*plan.by] + ([] if plan.neyman_by is None else [plan.neyman_by])
    personal = [n for n in named if n in BY_NAME and BY_NAME[n].personal]
    if personal and plan.rules > 1:
        message = f'[sampling] strata are not cut by what names a customer ("{personal[0]}")'
        raise InputError([Problem(path=SETTINGS, message=message)])
    problems = [
        Problem(
            path=SETTINGS,
            message=f"[sampling] {key} names a column that the call list does not have",
            found=f'"{name}"',
            allowed=", ".join(columns),
            hint=did_you_mean(name, columns),
        )
        for key, name, there in asked
        if not there
    ]
    if problems:
        raise InputError(problems)


def check_slots(plan: SamplingPlan, table: CallTable) -> None:
    """Raise InputError where a condition on `slot` names none of the plan's time slots; a list with
    a column of that name has its own, and plans by rules 1 are taken as they were then.
    """
    if plan.rules == 1 or SLOT in table.columns:
        return
    asked: list[tuple[str, FieldCondition]] = [("relisten.complaint", plan.relisten.complaint)]
    if plan.allocation == "risk":
        asked += [("risk", condition) for condition in plan.risk]
    names = [s.name for s in plan.slots]
    problems = [
        Problem(
            path=SETTINGS,
            message=f"[sampling] {key} is about a time slot that the plan does not have",
            found=found,
            allowed=", ".join(names) or "none: the plan has no slots",
            hint=did_you_mean(near, names),
        )
        for key, condition in asked
        if condition.field == SLOT
        for found, near in unknown_slots(condition, names)
    ]
    if problems:
        raise InputError(problems)


def seeded_order(table: CallTable, seed: str) -> Array:
    """The first eight bytes of sha256(seed, recording_id), uint64."""
    import numpy as np

    sha256, head = hashlib.sha256, f"{seed}\n".encode()
    digests = b"".join([sha256(head + name.encode()).digest() for name in table.ids.tolist()])
    return np.frombuffer(digests, dtype=">u8").reshape(-1, 4)[:, 0].astype(np.uint64)


def choose(
    table: CallTable, targets: DrawTargets, digests: Array, seed: str, *, order: str | None = None
) -> Array:
    """A mask of the drawn calls: in each cell by days, within a day by hash, systematically.

    `order` (else the seed) is what `digests` were hashed with and cells' starts are.

    A cell's n calls out of N are those at ⌊(u + k) N / n⌋, k = 0 … n-1, of its order, with u in
    [0, 1) from the seed: every call has the probability n / N and the picks spread over the days.
    """
    import numpy as np

    cells, counts = targets.cells, targets.counts(seed)
    place = np.lexsort((digests, table.local_us // DAY_US, cells.of_call))
    first = np.searchsorted(cells.of_call[place], np.arange(len(cells.size)))
    chosen = np.zeros(len(table), dtype=bool)
    for c in np.flatnonzero(counts).tolist():
        n, size = int(counts[c]), int(cells.size[c])
        start = targets.cell_start(c, seed if order is None else order)
        # In whole numbers, so that no rounding can pick a place twice or none.
        places = [((start + (k << 64)) * size // n) >> 64 for k in range(n)]
        chosen[place[first[c] + np.array(places, dtype=np.int64)]] = True
    return chosen


def _picks(table: CallTable, targets: DrawTargets, chosen: Array) -> list[Pick]:
    import numpy as np

    strata = targets.strata
    picks: list[Pick] = []
    for i in np.flatnonzero(chosen).tolist():
        risk_class, probability = _planned(targets, i)
        picks.append(
            Pick(
                recording_id=table.ids[i],
                stratum=strata.strata[int(strata.codes[i])].name,
                probability=probability,
                risk_class=risk_class,
                agent_id=table.agents[i],
            )
        )
    return picks


def _planned(targets: DrawTargets, i: int) -> tuple[str, float]:
    """Risk class and inclusion probability of call i, those of its cell."""
    cells = targets.cells
    c = int(cells.of_call[i])
    return cells.class_names[int(cells.risk[c])], round(float(targets.x[c] / cells.size[c]), 12)


def _agent_least(cells: Cells, plan: SamplingPlan) -> dict[str, int]:
    """Fewest calls of the agents whose quota is above `agent_min`."""
    quotas = agent_bounds(cells, plan, []).least.tolist()
    agents = zip(cells.agent_names, quotas, strict=True)
    return {name: int(quota) for name, quota in agents if quota > plan.agent_min}


def _rows(targets: DrawTargets, chosen: Array) -> tuple[StratumRow, ...]:
    import numpy as np

    strata = targets.strata
    count = len(strata.strata)
    allocated = np.bincount(targets.cells.stratum, weights=targets.x, minlength=count)
    drawn = np.bincount(strata.codes[chosen], minlength=count)
    return tuple(
        StratumRow(
            stratum=s.name,
            duration_band=s.duration_band,
            slot=s.slot,
            frame=s.size,
            allocated=round(float(allocated[i]), 6),
            drawn=int(drawn[i]),
            merged_from=s.merged_from,
        )
        for i, s in enumerate(strata.strata)
    )


def _reserve(cells: Cells, chosen: Array, digests: Array, *, rules: int) -> list[int]:
    """The calls that would come next, by hash: of each cell with picks, of each stratum, and – not
    under rules 1 – of each agent with picks: as many as were drawn, three at least.
    """
    import numpy as np

    rest = np.flatnonzero(~chosen)
    by_hash = rest[np.argsort(digests[rest], kind="stable")]
    wanted = np.zeros(len(chosen), dtype=bool)
    groups = [
        (cells.of_call, np.bincount(cells.of_call[chosen], minlength=len(cells.size))),
        (
            cells.stratum[cells.of_call],
            np.maximum(
                RESERVE_LEAST,
                np.bincount(cells.stratum[cells.of_call][chosen], minlength=1) // 2,
            ),
        ),
    ]
    if rules > 1:
        agent = cells.agent[cells.of_call]
        drawn = np.bincount(agent[chosen], minlength=len(cells.agent_names))
        drawn[-1] = 0  # calls of nobody known are not one agent's
        groups.append((agent, np.where(drawn > 0, np.maximum(RESERVE_LEAST, drawn), 0)))
    for group, counts in groups:
        members = group[by_hash]
        order = np.argsort(members, kind="stable")
        sorted_members = members[order]
        rank = np.arange(len(order)) - np.searchsorted(sorted_members, sorted_members)
        wanted[by_hash[order[rank < counts[sorted_members]]]] = True
    return [int(i) for i in by_hash[wanted[by_hash]]]


def _apart(parts: Frame, forced: CallTable) -> list[Pick]:
    """Test calls, always in; then calls that a person put in."""
    test_calls = set(parts.mystery.ids.tolist())
    picks = [
        Pick(recording_id=name, stratum="", origin="mystery", agent_id=agent)
        for name, agent in zip(
            parts.mystery.ids.tolist(), parts.mystery.agents.tolist(), strict=True
        )
    ]
    picks += [
        Pick(recording_id=name, stratum="", origin="forced", agent_id=agent)
        for name, agent in zip(forced.ids.tolist(), forced.agents.tolist(), strict=True)
        if name not in test_calls
    ]
    return picks


def _frame_sha256(table: CallTable, codes: Array | None, names: Sequence[str]) -> str:
    """Hash of the frame's (recording_id, stratum, agent), in order of recording_id."""
    digest = hashlib.sha256()
    if codes is not None:
        lines = [
            f"{name}\t{names[code]}\t{agent or ''}\n"
            for name, code, agent in zip(
                table.ids.tolist(), codes.tolist(), table.agents.tolist(), strict=True
            )
        ]
        digest.update("".join(lines).encode())
    return digest.hexdigest()
