"""A draw laid open: tables from which anybody can draw it again, calls and agents by pseudonym.

Pseudonyms are hashes salted with all recording ids of the frame: who has the whole frame can tell
them, who sees the proof alone cannot. Nor do orders tell: a draw goes through agents in a salted
order, and calls stand here in that of their keys. `draw_again.py` reads the tables.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from qc_pipeline.call import canonical_json
from qc_pipeline.call_fields import BY_NAME
from qc_pipeline.call_table import DAY_US, CallTable
from qc_pipeline.errors import UsageError
from qc_pipeline.sampling.cells import frame_salt, order_seed
from qc_pipeline.sampling.draw import choose, seeded_order
from qc_pipeline.sampling.frame import frame_of
from qc_pipeline.sampling.history import History
from qc_pipeline.sampling.listening import (
    ListeningTable,
    choose_listened,
    drawn_table,
    kinds_of_calls,
    listening_keys,
)
from qc_pipeline.sampling.period import Period
from qc_pipeline.sampling.plan import SamplingPlan
from qc_pipeline.sampling.rounding import Push
from qc_pipeline.sampling.sample import Sample
from qc_pipeline.sampling.targets import DrawTargets, make_targets
from qc_pipeline.sampling.verify import KINDS

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

FORMAT = "qc-proof/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """`files` by name, UTF-8 text; `plan` is the content of plan.json."""

    plan: Mapping[str, Any]
    files: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Names:
    """Pseudonyms by a salt."""

    salt: str

    def call(self, recording_id: str) -> str:
        return "C" + self._hash("call", recording_id)[:12]

    def agent(self, agent_id: str | None) -> str:
        return "A" + self._hash("agent", agent_id)[:10] if agent_id else ""

    def _hash(self, kind: str, name: str) -> str:
        return hashlib.sha256(f"{self.salt}\n{kind}\n{name}".encode()).hexdigest()


def proof_of(sample: Sample, rows: CallTable, period: Period, *, replaced: int = 0) -> Proof:
    """The proof of a kept draw from the rows that were kept with it.

    `replaced` counts the drawn calls that proved invalid since. Raises UsageError for a sample by
    rules that kept no frame, or with no call to be drawn.
    """
    import numpy as np

    plan = SamplingPlan.from_json(sample.plan)
    if plan.rules == 1 or not sample.frame_table_sha256:
        raise UsageError(f"{sample.period} was drawn before frames were kept; draw it anew")
    _refuse_named_strata(plan)
    history, seed = History.from_json(sample.history), sample.seed
    calls = frame_of(rows, period, {}).calls
    if not len(calls):
        raise UsageError(f"{sample.period} has no call that was drawn at random")
    salt = frame_salt(calls.ids.tolist())
    names = _Names(salt)
    targets = make_targets(calls, plan, history, period=period)
    pushes: list[Push] = []
    counts = targets.counts(seed, pushes)
    order = order_seed(seed, calls.ids.tolist(), rules=plan.rules)
    digests = seeded_order(calls, order)
    chosen = choose(calls, targets, digests, seed, order=order)
    drawn = calls.take(chosen)
    chance = (targets.x / targets.cells.size)[targets.cells.of_call][chosen]
    kinds = kinds_of_calls(calls, plan, history)
    agents, table = drawn_table(drawn, kinds[chosen], chance, plan, history, period, salt=salt)
    heard_pushes: tuple[list[Push], list[Push]] = ([], [])
    heard = choose_listened(table, listening_keys(drawn, order), seed, pushes=heard_pushes)
    listening_cell = np.full(len(calls), -1, dtype=np.int64)
    listening_cell[chosen] = table.of_call
    files = {
        "frame.csv": _frame(calls, targets, digests, kinds, listening_cell, names, order),
        "cells.csv": _cells(targets, counts, names, order),
        "rounding.csv": _steps(pushes, _draw_edges(targets, names)),
        "listening_cells.csv": _listening_cells(table, agents, heard.random, heard.targeted, names),
        "listen_random.csv": _steps(heard_pushes[0], _listening_edges(table, agents, names)),
        "listen_targeted.csv": _steps(heard_pushes[1], _listening_edges(table, agents, names)),
        "picks.csv": _picks(sample, names),
    }
    body = {
        "format": FORMAT,
        "period": sample.period,
        "seed": seed,
        "seed_origin": sample.seed_origin,
        "seed_reason": sample.seed_reason,
        "plan": _plan_without_names(plan),
        "plan_sha256": sample.plan_sha256,
        "frame_sha256": sample.frame_sha256,
        "frame_table_sha256": sample.frame_table_sha256,
        "frame_size": sample.frame_size,
        "replaced_since": replaced,
        "bounds": _bounds(targets, names),
        "files": {
            name: hashlib.sha256(text.encode()).hexdigest() for name, text in sorted(files.items())
        },
    }
    return Proof(plan=body, files={**files, "plan.json": canonical_json(body) + "\n"})


def _refuse_named_strata(plan: SamplingPlan) -> None:
    named = sorted({"agent_id", "agent_name"} & set(plan.by))
    if named:
        raise UsageError(
            f"the plan cuts strata by {named[0]}, so that their names would be those of agents: "
            "such a draw cannot be laid open by pseudonym"
        )


def _plan_without_names(plan: SamplingPlan) -> dict[str, Any]:
    """The plan, without inspectors and without values of conditions on whoever they name."""
    body = {k: v for k, v in plan.as_json().items() if k != "inspectors"}

    def unnamed(condition: Mapping[str, Any]) -> dict[str, Any]:
        name = condition["field"]
        hidden = name in ("agent_id", "agent_name") or (name in BY_NAME and BY_NAME[name].personal)
        values = {k: None for k in ("in", "matches") if hidden and condition.get(k) is not None}
        return {**condition, **values}

    relisten = {**body["relisten"], "complaint": unnamed(body["relisten"]["complaint"])}
    return body | {"risk": [unnamed(c) for c in body["risk"]], "relisten": relisten}


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def _frame(
    calls: CallTable,
    targets: DrawTargets,
    digests: Array,
    kinds: Array,
    listening_cell: Array,
    names: _Names,
    order: str,
) -> str:
    """One line a call of the frame, in the order of its keys, which tells nothing of the calls."""
    cells = targets.cells
    of_cell = cells.of_call.tolist()
    days = (calls.local_us // DAY_US).astype("datetime64[D]").astype(str).tolist()
    keys = [key.hex()[:16] for key in listening_keys(calls, order)]
    rows = [
        (
            names.call(calls.ids[i]),
            names.agent(calls.agents[i]),
            targets.strata.strata[int(cells.stratum[c])].name,
            cells.class_names[int(cells.risk[c])],
            days[i],
            f"{int(digests[i]):016x}",
            KINDS[int(kinds[i])],
            "" if listening_cell[i] < 0 else int(listening_cell[i]),
            keys[i],
        )
        for i, c in enumerate(of_cell)
    ]
    head = "call agent stratum risk_class day key kind listening_cell listen_key"
    return _csv(head.split(), sorted(rows, key=lambda row: str(row[5])))


def _cells(targets: DrawTargets, counts: Array, names: _Names, order: str) -> str:
    cells = targets.cells
    rows = [
        (
            c,
            targets.strata.strata[int(cells.stratum[c])].name,
            cells.class_names[int(cells.risk[c])],
            names.agent(cells.agent_names[int(cells.agent[c])]),
            int(cells.size[c]),
            repr(float(targets.x[c])),
            f"{targets.cell_start(c, order):016x}",
            int(counts[c]),
        )
        for c in range(len(cells.size))
    ]
    head = ["cell", "stratum", "risk_class", "agent", "calls", "expected", "start", "drawn"]
    return _csv(head, rows)


def _edge(columns: str, *values: str) -> str:
    """A total as a step names it."""
    return f"{columns}:{'|'.join(quote(value, safe='') for value in values)}"


def _draw_edges(targets: DrawTargets, names: _Names) -> list[str]:
    """The edges of the rounding by number: cells, rows, agents, strata."""
    cells = targets.cells
    row, parent = targets.rows()
    strata = [s.name for s in targets.strata.strata]
    row_class = {int(r): int(cells.risk[c]) for c, r in enumerate(row.tolist())}
    return [
        *(f"cell:{c}" for c in range(len(cells.size))),
        *(
            _edge("stratum+risk_class", strata[int(parent[r])], cells.class_names[row_class[r]])
            for r in range(len(parent))
        ),
        *(
            _edge("agent", names.agent(cells.agent_names[a]))
            for a in range(int(cells.agent.max(initial=-1)) + 1)
        ),
        *(_edge("stratum", name) for name in strata),
    ]


def _listening_edges(table: ListeningTable, agents: Sequence[str], names: _Names) -> list[str]:
    kinds = [KINDS[k] for k in sorted(KINDS)]
    return [
        *(f"cell:{c}" for c in range(len(table.size))),
        *(_edge("kind", kind) for kind in kinds),
        *(
            _edge("agent", names.agent(agents[a]))
            for a in range(int(table.owner.max(initial=-1)) + 1)
        ),
        *(_edge("kinds", kind) for kind in kinds),
    ]


def _steps(pushes: Sequence[Push], edges: Sequence[str]) -> str:
    rows = (
        (
            number,
            "close" if push.closed else "push",
            " ".join(("+" if forward else "-") + edges[edge] for edge, forward in push.edges),
        )
        for number, push in enumerate(pushes)
    )
    return _csv(("step", "kind", "moves"), rows)


def _listening_cells(
    table: ListeningTable, agents: Sequence[str], random: Array, targeted: Array, names: _Names
) -> str:
    rows = [
        (
            c,
            names.agent(agents[int(table.owner[c])]),
            KINDS[int(table.kind[c])],
            int(table.size[c]),
            repr(float(table.chance[c])),
            repr(float(table.rate[c])),
            int(random[c]),
            int(targeted[c]),
        )
        for c in range(len(table.size))
    ]
    head = ["cell", "agent", "kind", "calls", "chance", "rate", "random", "targeted"]
    return _csv(head, rows)


def _picks(sample: Sample, names: _Names) -> str:
    rows = [
        (
            names.call(p.recording_id),
            names.agent(p.agent_id),
            p.origin,
            p.stratum,
            p.risk_class,
            "" if p.probability is None else repr(p.probability),
            p.relisten_part,
            "" if p.random_probability is None else repr(p.random_probability),
            "" if p.relisten_probability is None else repr(p.relisten_probability),
        )
        for p in sample.picks
    ]
    head = (
        "call,agent,origin,stratum,risk_class,probability,relisten_part,random_probability,"
        "relisten_probability"
    )
    return _csv(head.split(","), sorted(rows))


def _bounds(targets: DrawTargets, names: _Names) -> list[dict[str, Any]]:
    """Fewest and most calls of agents and strata, as far as there are any."""
    found: list[dict[str, Any]] = []
    agents = [names.agent(name) for name in targets.cells.agent_names]
    strata = [s.name for s in targets.strata.strata]
    for of, named, bounds in (
        ("agent", agents, targets.by_agent),
        ("stratum", strata, targets.by_stratum),
    ):
        for name, least, most in zip(
            named, bounds.least.tolist(), bounds.most.tolist(), strict=True
        ):
            if most > 0:
                found.append({"of": of, "name": name, "least": least, "most": most})
    return sorted(found, key=lambda bound: (bound["of"], bound["name"]))
