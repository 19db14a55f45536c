"""A calibration's figures as JSON values, lines of a terminal, and a page for the meeting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from qc_pipeline.calibration.agreement import Agreement, Coefficient
from qc_pipeline.calibration.figures import AgainstMachine, Calibration
from qc_pipeline.calibration.texts import page_texts, verdict_words
from qc_pipeline.scoring.decisions import InspectorVerdict
from qc_pipeline.store.calibrations import BlindSet
from qc_pipeline.system.html_page import render
from qc_pipeline.text.masking.mask import mask, mask_identifier

HERE = Path(__file__).parent

CALLS_SHOWN = 10


def calibration_json(made: BlindSet, result: Calibration) -> dict[str, Any]:
    return {
        "calibration": made.name,
        "period": made.period,
        "seed": made.seed,
        "calls": len(made.calls),
        "answers": dict(result.answers),
        "overall": _agreement_json(result.overall),
        "deductions": _agreement_json(result.deductions),
        "pairs": [
            {"inspectors": list(pair), **_agreement_json(a)} for pair, a in result.pairs.items()
        ],
        "machine": _machine_json(result.machine)
        | {
            "points_difference": _rounded(result.points_difference),
            "points_apart": _rounded(result.points_apart),
        },
        "criteria": [
            {
                "id": c.id,
                "title": c.title,
                **_agreement_json(c.agreement),
                "machine": _machine_json(c.machine),
            }
            for c in result.criteria
        ],
        "most_disputed": [
            {
                "recording_id": call.recording_id,
                "judged": call.judged,
                "disputed": [
                    {
                        "criterion": d.criterion,
                        "title": d.title,
                        "verdicts": {k: str(a.verdict) for k, a in d.answers.items()},
                        "notes": {k: a.note for k, a in d.answers.items() if a.note},
                        "machine": None if d.machine is None else str(d.machine),
                    }
                    for d in call.disputed
                ],
                "points": dict(call.points),
                "points_machine": call.points_machine,
            }
            for call in result.calls
        ],
    }


def _agreement_json(a: Agreement) -> dict[str, Any]:
    return {
        "units": a.units,
        "pairs_of_answers": a.pairs,
        "raw": _figure_json(a.raw),
        "kappa": _figure_json(a.kappa),
        "alpha": _figure_json(a.alpha),
    }


def _figure_json(f: Coefficient) -> dict[str, float | None] | None:
    """None where the figure is not defined."""
    if f.value is None:
        return None
    return {"value": _rounded(f.value), "low": _rounded(f.low), "high": _rounded(f.high)}


def _machine_json(m: AgainstMachine) -> dict[str, Any]:
    return {
        "compared": m.compared,
        "machine_deducts": m.machine,
        "majority_deducts": m.people,
        "both_deduct": m.both,
        "held_where_majority_deducts": m.held,
        "precision": _rounded(m.precision),
        "recall": _rounded(m.recall),
        "points_machine": m.points_machine,
        "points_majority": m.points_people,
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def figure(f: Coefficient) -> str:
    """0.74 (0.51–0.90); n/a where it is not defined."""
    if f.value is None:
        return "n/a"
    interval = "" if f.low is None or f.high is None else f" ({f.low:.2f}–{f.high:.2f})"
    return f"{f.value:.2f}{interval}"


def percent(value: float | None) -> str:
    return "n/a" if value is None else f"{100 * value:.0f} %"


def share(f: Coefficient) -> str:
    """Raw agreement with its interval, in percent."""
    if f.value is None:
        return "n/a"
    interval = "" if f.low is None or f.high is None else f" ({100 * f.low:.0f}–{100 * f.high:.0f})"
    return f"{percent(f.value)}{interval}"


def points(value: float | None) -> str:
    return "n/a" if value is None else f"{value:+.2f}"


def calibration_lines(made: BlindSet, result: Calibration, language: str) -> Iterator[str]:
    """What a QA manager reads at a terminal."""
    t, words = page_texts(language), verdict_words(language)
    yield f"{t['title']} {made.name}"
    yield _intro(made, t)
    yield "  ".join(f"{k}: {t['answers']} {n}" for k, n in result.answers.items())
    yield ""
    yield f"{t['overall']}"
    for label, a in ((t["all"], result.overall), (t["deductions"], result.deductions)):
        yield f"  {label}: {_agreement_line(a, t, kappa=len(result.inspectors) == 2)}"
    if len(result.pairs) > 1:
        for pair, a in result.pairs.items():
            yield f"  {' / '.join(pair)}: {_agreement_line(a, t, kappa=True)}"
    m = result.machine
    yield ""
    yield t["machine"]
    yield (
        f"  {t['compared']} {m.compared}  {t['by_machine']} {m.machine}  "
        f"{t['by_people']} {m.people}  {t['both']} {m.both}  {t['held']} {m.held}"
    )
    yield (
        f"  {t['precision']} {percent(m.precision)}  {t['recall']} {percent(m.recall)}  "
        f"{t['difference']} {points(result.points_difference)}  "
        f"{t['apart']} {_plain(result.points_apart)}"
    )
    yield ""
    yield t["criteria"]
    for c in result.criteria:
        yield (
            f"  {c.title} ({c.id}): {_agreement_line(c.agreement, t, kappa=len(result.pairs) == 1)}"
            f"  {t['precision']} {percent(c.machine.precision)}"
            f"  {t['recall']} {percent(c.machine.recall)}"
        )
    yield ""
    yield t["calls"]
    shown = [c for c in result.calls if c.disputed][:CALLS_SHOWN]
    if not shown:
        yield f"  {t['none']}"
    for call in shown:
        said = t["call"].format(
            id=call.recording_id, judged=call.judged, disputed=len(call.disputed)
        )
        costs = "  ".join(f"{k} {v:g}" for k, v in call.points.items())
        yield f"  {said}  {t['points']}: {costs}  {t['system']} {call.points_machine:g}"
        for d in call.disputed:
            verdicts = "  ".join(f"{k} {words[a.verdict]}" for k, a in d.answers.items())
            machine = "" if d.machine is None else f"  {t['system']} {words[d.machine]}"
            yield f"      {d.title} ({d.criterion}): {verdicts}{machine}"


def _intro(made: BlindSet, t: Mapping[str, str]) -> str:
    return t["intro"].format(
        period=made.period,
        calls=len(made.calls),
        seed=made.seed,
        inspectors=", ".join(made.inspectors),
    )


def _agreement_line(a: Agreement, t: Mapping[str, str], *, kappa: bool) -> str:
    parts = [f"{t['raw']} {share(a.raw)}"]
    if kappa:
        parts.append(f"{t['kappa']} {figure(a.kappa)}")
    parts += [f"{t['alpha']} {figure(a.alpha)}", f"{t['units']} {a.units}"]
    return "  ".join(parts)


def _plain(value: float | None) -> str:
    return "n/a" if value is None else f"{value:.2f}"


def calibration_page(made: BlindSet, result: Calibration, language: str) -> str:
    """The page for the calibration meeting; numbers and names in notes are masked."""
    t, words = page_texts(language), verdict_words(language)
    two = len(result.pairs) == 1

    def row(label: str, a: Agreement, *, kappa: bool) -> dict[str, str | int]:
        return {
            "label": label,
            "units": a.units,
            "raw": share(a.raw),
            "kappa": figure(a.kappa) if kappa else "–",
            "alpha": figure(a.alpha),
        }

    def said(answer: InspectorVerdict) -> dict[str, str]:
        cost = "" if answer.points is None else f" -{answer.points:g}"
        return {"verdict": words[answer.verdict] + cost, "note": mask(answer.note)}

    return render(
        HERE / "calibration.html",
        language=language,
        t=t,
        calibration=made.name,
        intro=_intro(made, t),
        answers=dict(result.answers),
        overall=[
            row(t["all"], result.overall, kappa=two),
            row(t["deductions"], result.deductions, kappa=two),
            *([] if two else [row(" / ".join(p), a, kappa=True) for p, a in result.pairs.items()]),
        ],
        machine=_machine_row(result.machine),
        difference=points(result.points_difference),
        apart=_plain(result.points_apart),
        criteria=[
            row(c.title, c.agreement, kappa=two) | {"id": c.id, "m": _machine_row(c.machine)}
            for c in result.criteria
        ],
        inspectors=result.inspectors,
        calls=[
            {
                "head": t["call"].format(
                    id=mask_identifier(call.recording_id),
                    judged=call.judged,
                    disputed=len(call.disputed),
                ),
                "points": {k: f"{v:g}" for k, v in call.points.items()},
                "points_machine": f"{call.points_machine:g}",
                "rows": [
                    {
                        "title": d.title,
                        "machine": "" if d.machine is None else words[d.machine],
                        "answers": {k: said(a) for k, a in d.answers.items()},
                    }
                    for d in call.disputed
                ],
            }
            for call in result.calls
            if call.disputed
        ],
    )


def _machine_row(m: AgainstMachine) -> dict[str, Any]:
    return {
        "compared": m.compared,
        "machine": m.machine,
        "people": m.people,
        "both": m.both,
        "held": m.held,
        "precision": percent(m.precision),
        "recall": percent(m.recall),
    }
