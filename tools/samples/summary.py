"""Count what the sample calls hold and write it into `samples/README.md`, between its marks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

BEGIN, END = "<!-- counts: begin -->", "<!-- counts: end -->"


def counts_text(
    rows: Sequence[Mapping[str, str]],
    truths: Sequence[Mapping[str, object]],
    sizes: Mapping[str, int],
) -> str:
    """Return the tables of formats and faults as Markdown. `sizes` in bytes by recording id."""
    answered = [r for r in rows if r["path"]]
    lengths_s = [float(r["duration_s"]) for r in answered]
    faults = [cast("Sequence[Mapping[str, Any]]", t["faults"]) for t in truths]
    out = [
        f"{len(answered)} recordings, {sum(lengths_s) / 60:.0f} minutes "
        f"({min(lengths_s):.0f} to {max(lengths_s):.0f} s, mean {_mean(lengths_s):.0f} s), "
        f"{sum(sizes.values()) / 1e6:.1f} MB; {len(rows) - len(answered)} unanswered calls in the "
        f"list. {sum(not f for f in faults)} calls have no fault, "
        f"{sum(len({x['criterion'] for x in f}) == 1 for f in faults)} have one, the others more.",
        "",
        "| file | channels | recordings | MB |",
        "|---|---|---|---|",
    ]
    kinds: dict[tuple[str, str], list[int]] = {}
    for row in answered:
        channels = "1" if row["agent_channel"] == "mono" else "2"
        kinds.setdefault((row["path"][-3:], channels), []).append(sizes[row["recording_id"]])
    for (suffix, channels), bytes_ in sorted(kinds.items()):
        out.append(f"| {suffix} | {channels} | {len(bytes_)} | {sum(bytes_) / 1e6:.1f} |")
    calls = Counter(c for f in faults for c in {x["criterion"] for x in f})
    places = Counter(x["criterion"] for f in faults for x in f)
    agents: dict[str, set[str]] = {}
    for row, found in zip(answered, _by_rows(answered, truths), strict=True):
        for criterion in found:
            agents.setdefault(criterion, set()).add(row["agent_id"])
    out += ["", "| criterion | calls | places | agents |", "|---|---|---|---|"]
    out += [f"| {c} | {calls[c]} | {places[c]} | {len(agents[c])} |" for c in sorted(calls)]
    by_business = Counter(r["business"] for r in answered)
    out += ["", "By business: " + ", ".join(f"{b} {n}" for b, n in sorted(by_business.items()))]
    return "\n".join(out) + "."


def write_counts(readme: Path, text: str) -> None:
    """Put the text between the marks of the file; does nothing where there is no such file."""
    if not readme.exists():
        return
    head, _, rest = readme.read_text(encoding="utf-8").partition(BEGIN)
    _, _, tail = rest.partition(END)
    readme.write_text(f"{head}{BEGIN}\n{text}\n{END}{tail}", encoding="utf-8", newline="\n")


def _by_rows(
    rows: Sequence[Mapping[str, str]], truths: Sequence[Mapping[str, object]]
) -> list[set[str]]:
    found = {
        str(t["recording_id"]): {
            str(x["criterion"]) for x in cast("Sequence[Mapping[str, Any]]", t["faults"])
        }
        for t in truths
    }
    return [found[r["recording_id"]] for r in rows]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
