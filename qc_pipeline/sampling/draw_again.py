"""Draws the sample of this folder again, from its tables alone, and says whether it is the same.

    python3 draw_again.py [FOLDER]

It needs nothing but Python. Calls and agents have pseudonyms. What it does, step by step:

1. cells.csv must count the calls of frame.csv: a cell is a stratum, a risk class and an agent.
2. The expected calls x of every cell must keep the bounds of strata and agents in plan.json.
3. rounding.csv makes whole numbers of them. A step moves some numbers up and others down by the
   same amount, until one of them is whole: up by `more` with the chance less / (more + less), else
   down by `less`. Which of the two follows from sha256 of the seed and the number of the step, so
   nobody chose it, and every number stays what it was in the mean.
4. In each cell the calls are put in order by day and, within a day, by `key`, the first 16 hex
   digits of sha256(seed, salt, recording id), the salt being a hash of all recording ids. Of N
   calls n are taken at equal steps from `start`.
5. The same rounding (listen_random.csv, then listen_targeted.csv) says how many calls of each cell
   of listening_cells.csv are listened to; they are the first by `listen_key`, the random part
   before the targeted one.
6. picks.csv must hold exactly these calls, with these probabilities.
"""

from __future__ import annotations

import csv
import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

ONE = 1 << 40  # numbers are whole multiples of this part of a call
NEAR = 1 << 12  # what is nearer to a whole number than this is whole

Row = dict[str, str]


class DiffersError(Exception):
    """What does not agree."""


def table(folder: Path, name: str) -> list[Row]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def check(agrees: bool, what: str) -> None:
    if not agrees:
        raise DiffersError(what)


def units(x: float) -> int:
    """An expected number of calls in parts of 2⁻⁴⁰ calls."""
    whole = round(x * ONE)
    near = round(whole / ONE) * ONE
    return near if abs(whole - near) <= NEAR else whole


def part(total: int) -> int:
    """What a number has beyond the whole one below it."""
    left = total % ONE
    return 0 if left <= NEAR or left >= ONE - NEAR else left


def goes_up(seed: str, step: int, less: int, more: int) -> bool:
    """Whether a step goes up: with the chance less / (more + less)."""
    digest = hashlib.sha256(f"{seed}\nrounding\n{step}".encode()).digest()
    return int.from_bytes(digest[:16], "big") * (more + less) < less << 128


def rounded(
    numbers: dict[str, float], totals: dict[str, list[str]], steps: list[Row], seed: str
) -> dict[str, int]:
    """Whole numbers for all cells, by the steps; `totals` are sums of cells that move with them."""
    exact = {name: units(x) for name, x in numbers.items()}
    open_parts = {name: exact[name] % ONE for name in exact if exact[name] % ONE}
    for name, cells in totals.items():
        left = part(sum(exact[cell] % ONE for cell in cells))
        if left:
            open_parts[name] = left
    up: set[str] = set()

    def close(name: str) -> None:
        if open_parts.pop(name) * 2 >= ONE:
            up.add(name)

    pushes = 0
    for row in steps:
        moves = [(move[0] == "+", move[1:]) for move in row["moves"].split(" ")]
        for _, name in moves:
            check(name in open_parts, f"rounding step {row['step']} moves {name}, which is whole")
        if row["kind"] == "close":
            close(moves[0][1])
            continue
        # Every total that a step touches is moved by what its own cells are moved.
        rooms = [
            (ONE - open_parts[name], open_parts[name])
            if forward
            else (open_parts[name], ONE - open_parts[name])
            for forward, name in moves
        ]
        more, less = min(room[0] for room in rooms), min(room[1] for room in rooms)
        amount = more if goes_up(seed, pushes, less, more) else -less
        pushes += 1
        for forward, name in moves:
            open_parts[name] += amount if forward else -amount
            if open_parts[name] <= NEAR or open_parts[name] >= ONE - NEAR:
                close(name)
    check(not open_parts, f"{len(open_parts)} numbers are not whole after the last step")
    whole = {name: exact[name] // ONE + (name in up) for name in exact}
    for name, cells in totals.items():
        exactly = sum(exact[cell] for cell in cells) / ONE
        check(
            abs(sum(whole[cell] for cell in cells) - exactly) < 1 + 1e-6,
            f"the total of {name} was rounded by a call or more",
        )
    return whole


def groups(cells: Iterable[Row], *columns: str) -> dict[str, list[str]]:
    """Cell names by the values of columns, named as in the steps: "row:…", "agent:…"."""
    found: dict[str, list[str]] = defaultdict(list)
    for cell in cells:
        key = "|".join(quote(cell[name], safe="") for name in columns)
        found[f"{'+'.join(columns)}:{key}"].append(f"cell:{cell['cell']}")
    return found


def drawn_calls(folder: Path, plan: dict[str, object], seed: str) -> dict[str, float]:
    """The drawn calls by pseudonym, with their probability of being drawn."""
    frame, cells = table(folder, "frame.csv"), table(folder, "cells.csv")
    counted: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for call in frame:
        counted[call["stratum"], call["risk_class"], call["agent"]].append(call)
    named = {(c["stratum"], c["risk_class"], c["agent"]): c for c in cells}
    check(counted.keys() == named.keys(), "cells.csv has other cells than frame.csv")
    for place, calls in counted.items():
        check(len(calls) == int(named[place]["calls"]), f"cell {place}: another number of calls")
    expected = {f"cell:{c['cell']}": float(c["expected"]) for c in cells}
    for bound in plan["bounds"]:  # type: ignore[attr-defined]
        total = sum(float(c["expected"]) for c in cells if c[bound["of"]] == bound["name"])
        check(
            bound["least"] - 1e-6 <= total <= bound["most"] + 1e-6,
            f"{bound['of']} {bound['name']}: {total:.3f} calls expected, "
            f"{bound['least']:g} to {bound['most']:g} planned",
        )
    sums = (
        groups(cells, "stratum", "risk_class") | groups(cells, "agent") | groups(cells, "stratum")
    )
    whole = rounded(expected, sums, table(folder, "rounding.csv"), seed)
    drawn: dict[str, float] = {}
    for place, calls in counted.items():
        cell = named[place]
        n, size, start = whole[f"cell:{cell['cell']}"], len(calls), int(cell["start"], 16)
        order = sorted(calls, key=lambda call: (call["day"], call["key"]))
        for k in range(n):
            chosen = order[((start + (k << 64)) * size // n) >> 64]
            drawn[chosen["call"]] = float(cell["expected"]) / size
        check(n == int(cell["drawn"]), f"cell {cell['cell']}: {n} drawn, not {cell['drawn']}")
    return drawn


def listened_calls(
    folder: Path, drawn: dict[str, float], seed: str
) -> dict[str, tuple[str, float, float]]:
    """By drawn call: its part ("" where nobody listens), its chance of the random part and of
    being listened to at all.
    """
    cells = table(folder, "listening_cells.csv")
    by_cell: dict[str, list[Row]] = defaultdict(list)
    for call in table(folder, "frame.csv"):
        if call["call"] in drawn:
            by_cell[call["listening_cell"]].append(call)
    numbers, rates = {}, {}
    for cell in cells:
        name = f"cell:{cell['cell']}"
        check(len(by_cell[cell["cell"]]) == int(cell["calls"]), f"listening {name}: other calls")
        numbers[name] = int(cell["calls"]) * float(cell["chance"])
        rates[name] = float(cell["rate"])
    sums = groups(cells, "kind") | groups(cells, "agent")
    sums |= {
        name.replace("kind:", "kinds:"): cells_ for name, cells_ in groups(cells, "kind").items()
    }
    random = rounded(numbers, sums, table(folder, "listen_random.csv"), f"{seed}\nlistened")
    left = {
        name: float(int(cell["calls"]) - random[name]) * rates[name]
        for cell in cells
        for name in (f"cell:{cell['cell']}",)
    }
    targeted = rounded(left, sums, table(folder, "listen_targeted.csv"), f"{seed}\ntargeted")
    found: dict[str, tuple[str, float, float]] = {}
    for cell in cells:
        name = f"cell:{cell['cell']}"
        chance, rate = float(cell["chance"]), rates[name]
        order = sorted(by_cell[cell["cell"]], key=lambda call: call["listen_key"])
        for rank, call in enumerate(order):
            own = "targeted" if rank < random[name] + targeted[name] else ""
            own = "random" if rank < random[name] else own
            found[call["call"]] = (own, chance, chance + (1 - chance) * rate)
    return found


def main(folder: Path) -> int:
    plan = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    seed = plan["seed"]
    try:
        for name, sha256 in plan["files"].items():
            found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
            check(found == sha256, f"{name} was changed")
        drawn = drawn_calls(folder, plan, seed)
        heard = listened_calls(folder, drawn, seed)
        picks = {row["call"]: row for row in table(folder, "picks.csv") if row["origin"] == "drawn"}
        check(picks.keys() == drawn.keys(), "picks.csv holds other calls than are drawn again")
        for call, row in picks.items():
            own, chance, overall = heard[call]
            check(abs(float(row["probability"]) - drawn[call]) < 1e-9, f"{call}: probability")
            check(row["relisten_part"] == own, f"{call}: listened to as {own or 'none'}")
            check(abs(float(row["random_probability"] or 0) - chance) < 1e-9, f"{call}: chance")
            check(
                abs(float(row["relisten_probability"] or 0) - overall) < 1e-9,
                f"{call}: chance of being listened to",
            )
    except DiffersError as fault:
        print(f"不一致 differs: {fault}")
        return 1
    parts = [own for own, _, _ in heard.values()]
    print(
        f"一致 identical: {len(drawn)} calls drawn, {parts.count('random')} listened to at random, "
        f"{parts.count('targeted')} targeted; seed {seed}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent))
