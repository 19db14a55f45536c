"""Follow-ups as JSON and as lines of a terminal; what people wrote is masked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import by_whom, plain
from qc_pipeline.cli.tables import TerminalRow, figures, ids, table_lines, texts
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.text.masking.mask import mask

if TYPE_CHECKING:
    from qc_pipeline.store.followups import Feedback, KeptFollowup

WORDS_OF_PEOPLE = ("problem", "required", "result", "reason")


def seen(body: dict[str, Any], *, unmasked: bool) -> dict[str, Any]:
    """The JSON with numbers and names taken out of what people wrote."""
    if unmasked:
        return body
    shown: dict[str, Any] = {}
    for key, value in body.items():
        if isinstance(value, str) and key in WORDS_OF_PEOPLE:
            shown[key] = mask(value)
        elif isinstance(value, dict):
            shown[key] = seen(value, unmasked=False)
        elif isinstance(value, list):
            shown[key] = [seen(v, unmasked=False) if isinstance(v, dict) else v for v in value]
        else:
            shown[key] = value
    return shown


def followup_json(item: KeptFollowup, today: date) -> dict[str, Any]:
    """A follow-up with its steps; `state` as it stands today."""
    given = item.feedback
    return {
        "number": item.number,
        "period": item.period,
        "recording_id": item.recording_id,
        "group": item.team,
        "handler": item.handler,
        "state": item.state_on(today),
        "rules": list(item.rules),
        "by": item.person,
        "for": item.on_behalf_of,
        "day": item.day.isoformat(),
        "due": None if item.due is None else item.due.isoformat(),
        "problem": item.problem,
        "required": item.required,
        "feedback": _feedback_json(None if given is None else given.feedback),
        "events": [
            {
                "state": e.state,
                "person": e.person,
                "for": e.on_behalf_of,
                "at": e.at,
                "day": e.day.isoformat(),
                "due": None if e.due is None else e.due.isoformat(),
                "reason": e.note,
                "feedback": _feedback_json(e.feedback),
            }
            for e in item.events
        ],
    }


def _feedback_json(given: Feedback | None) -> dict[str, Any] | None:
    return None if given is None else given.as_json()


def followup_lines(
    items: Sequence[KeptFollowup],
    today: date,
    language: str,
    *,
    unmasked: bool,
    width: int | None = None,
) -> Iterator[str]:
    """One a line; with a width (columns of a terminal) as a table that fits it. Words of people are
    masked unless `unmasked`.
    """
    hide = plain if unmasked else _masked
    t, rows = Translator(language), []
    for item in items:
        state = t.or_raw("followup_state", item.state_on(today))
        said = (hide(item.problem), *_answer(item, hide))
        if width is None:
            due = "" if item.due is None else f", due {item.due}"
            yield (
                f"{item.number}  [{state}]  {item.period}  {plain(item.recording_id)}  "
                f"{plain(item.team)} {plain(item.handler)}{due}: {'; '.join(said)}"
            )
            continue
        due = "" if item.due is None else f"{item.due}"
        cells = (f"{item.number}", state, item.recording_id, item.team, item.handler, due)
        rows.append(TerminalRow(cells=cells, below=(f"{item.period}  {said[0]}", *said[1:])))
    if width is not None:
        heads = (
            *figures(t("terminal.number")),
            *ids(t("col_state"), t("col_recording")),
            *texts(t("col_team"), t("terminal.handler")),
            *ids(t("col_due")),
        )
        yield from table_lines(heads, rows, width)


def _answer(item: KeptFollowup, hide: Callable[[str], str]) -> tuple[str, ...]:
    """What was done or said of it last, if anything."""
    last = item.events[-1] if item.events else None
    if last is not None and last.feedback is not None:
        number = last.feedback.callback_number
        return (hide(last.feedback.result) + (f" ({plain(number)})" if number else ""),)
    if last is not None and last.note:
        return (f"{by_whom(last.person, last.on_behalf_of)}: {hide(last.note)}",)
    return ()


def _masked(text: str) -> str:
    return mask(plain(text))
