"""Open items as lines of a terminal, and asking for a decision on each."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import clock, plain
from qc_pipeline.cli.followup_open import follow_up
from qc_pipeline.cli.session import acting
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.cli.wrap import fitted, print_fitted, terminal_width
from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.not_judged import not_judged_why, too_short_told
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.review.queue import Item
    from qc_pipeline.store.decisions import Decided
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.settings import Settings


def item_json(item: Item) -> dict[str, Any]:
    return {
        "recording_id": item.recording_id,
        "criterion": item.criterion,
        "title": item.title,
        "kind": item.kind,
        "severity": item.severity,
        "stake": item.stake,
        "points": item.points,
        "start_s": item.start_s,
        "end_s": item.end_s,
        "reason": item.reason,
        "card": item.card,
        "not_judged": [
            {
                "speaker": str(one.speaker),
                "reason": str(one.reason),
                "unheard_s": one.hearing.get("unheard_s"),
                "heard": one.hearing.get("heard"),
            }
            for one in item.not_judged
        ],
        "too_short": None if item.too_short is None else item.too_short.as_json(),
    }


def queue_lines(items: Sequence[Item], language: str, width: int | None) -> Iterator[str]:
    """Open items; with a width (columns of a terminal) as a table that fits it."""
    t = Translator(language)
    if width is None:
        for item in items:
            yield from item_lines(item, language)
        return
    rows = [
        TerminalRow(
            cells=(
                f"-{item.stake:g}",
                item.recording_id,
                item.criterion,
                item.title,
                _kind(item, t),
                _place(item),
            ),
            below=tuple(_reasons(item, t)),
        )
        for item in items
    ]
    heads = (
        *figures(t("terminal.stake")),
        *ids(t("col_recording"), t("col_criterion")),
        *texts(t("terminal.title")),
        *ids(t("col_kind"), t("col_at")),
    )
    yield from table_lines(heads, rows, width)


def item_lines(item: Item, language: str, width: int | None = None) -> Iterator[str]:
    """One item, broken to fit a terminal's width."""
    t = Translator(language)
    yield from fitted(
        f"-{item.stake:g}  {plain(item.recording_id)}  {item.criterion}  {plain(item.title)}  "
        f"[{_kind(item, t)}]  {_place(item)}",
        width,
    )
    for line in _reasons(item, t):
        yield from fitted(f"      {plain(line)}", width)


def _kind(item: Item, t: Translator) -> str:
    return t(f"review_kind.{item.kind}")


def _place(item: Item) -> str:
    end = "" if item.end_s is None else f"–{clock(item.end_s)}"
    return f"{clock(item.start_s)}{end}"


def _reasons(item: Item, t: Translator) -> Iterator[str]:
    if item.not_judged:
        yield t("review.not_judged", why=not_judged_why(item.not_judged, t))
    if item.too_short is not None:
        yield too_short_told(item.too_short, t)
    if item.reason:
        yield item.reason
    for evidence in item.result.evidence[:2]:
        if evidence.quote:
            yield f"{clock(evidence.start_s)} {evidence.quote}"


CHOICES = "[c]onfirm [o]verturn [n]ot applicable [p]oints [i]nvalid recording [s]kip [q]uit: "
ANSWERS = {
    "c": "confirm",
    "o": "overturn",
    "n": "not_applicable",
    "p": "points",
    "i": "invalid",
}
CAUSES = {"r": "recogniser", "c": "customer", "s": "system", "u": "rule", "b": "special"}
INVALID_CAUSES = {**CAUSES, "m": "silent", "w": "wrong_number", "t": "test", "i": "internal"}


def ask_all(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    items: Sequence[Item],
    *,
    name: str | None,
    on_behalf: str | None,
    show: Callable[[Sequence[Decided]], None],
) -> None:
    """One item at a time; each decision is kept at once, so that leaving loses nothing."""
    from qc_pipeline.review.decide import one_decision, take_decisions
    from qc_pipeline.scoring.decisions import DecisionVerdict
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.card_sources import teams_of
    from qc_pipeline.store.outcomes import outcomes_of
    from qc_pipeline.workspace.people import INSPECTORS, is_own_team

    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    taken_out: set[str] = set()
    outcomes = outcomes_of(record, kept.seq)
    asked = {i.recording_id for i in items}
    teams = teams_of(
        record, [o for k, o in outcomes.items() if k in asked and isinstance(o, Scorecard)]
    )
    others = [i for i in items if not is_own_team(settings, actor, teams[i.recording_id])]
    if len(others) < len(items):
        left = len({i.recording_id for i in items} - {i.recording_id for i in others})
        print_fitted(Translator(settings.report.language)("listen.own_team", n=left))
    items = others
    for number, item in enumerate(items, start=1):
        if item.recording_id in taken_out:
            continue
        print(f"({number}/{len(items)})")
        for line in item_lines(item, settings.report.language, terminal_width()):
            print(line)
        answer = _answer(CHOICES)
        if answer == "q":
            return
        if answer == "s":
            continue
        points = _number(f"points, 0 to {item.points:g}: ", item.points) if answer == "p" else None
        known = INVALID_CAUSES if answer == "i" else CAUSES
        cause, reason = (None, "") if answer == "c" else _why(known)
        if answer == "i":
            taken_out.add(item.recording_id)
        decided = take_decisions(
            record,
            settings,
            kept,
            [
                one_decision(
                    recording_id=item.recording_id,
                    criterion=None if answer == "i" else item.criterion,
                    verdict=DecisionVerdict(ANSWERS[answer]),
                    person=actor.name,
                    at=record.now.isoformat(timespec="seconds"),
                    points=points,
                    cause=cause,
                    reason=reason,
                    seen=item.card,
                )
            ],
        )
        follow_up(settings, record, kept, actor, decided)
        show(decided)


def ask_line(prompt: str) -> str:
    """What a person answers, without blanks around it. Raises UsageError where the input ends."""
    print(prompt, end="", flush=True)
    text = sys.stdin.readline()
    if not text:
        raise UsageError("the input ended; what was decided is kept")
    return text.strip()


def _answer(prompt: str) -> str:
    while True:
        answer = ask_line(prompt).lower()[:1]
        if answer in (*ANSWERS, "s", "q"):
            return answer


def _why(causes: Mapping[str, str]) -> tuple[str | None, str]:
    """A reason from the list, or in words, or both; one of them is needed."""
    kinds = " ".join(f"[{key}] {word}" for key, word in causes.items())
    while True:
        answer = ask_line(f"why? {kinds}, or in words: ")
        if answer.lower() in causes:
            return causes[answer.lower()], ask_line("in words (may be empty): ")
        if answer:
            return None, answer


def _number(prompt: str, most: float) -> float:
    while True:
        try:
            value = float(ask_line(prompt))
        except ValueError:
            continue
        if 0 <= value <= most:
            return value


def place_of(text: str) -> tuple[float, float]:
    """Seconds from "1:23-1:30" or "83"; a single moment is a place of no length."""
    start, _, end = text.replace("–", "-").partition("-")
    try:
        first = _seconds(start)
        return first, _seconds(end) if end.strip() else first
    except ValueError:
        raise UsageError(f"--at takes a place such as 1:23-1:30 or 83, not {text!r}") from None


def _seconds(text: str) -> float:
    seconds = 0.0
    for part in text.strip().replace("\uff1a", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
