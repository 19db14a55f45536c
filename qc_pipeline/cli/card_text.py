"""A scorecard as lines of text that a person reads in twenty seconds."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from qc_pipeline.call import Recording, Speaker, Transcript, measures_from_json
from qc_pipeline.call_fields import Rate
from qc_pipeline.cli.wrap import fitted, packed, terminal_width
from qc_pipeline.report.words.not_judged import (
    judged_share_line,
    not_judged_line,
    too_short_line,
    why_no_total,
)
from qc_pipeline.report.words.total_line import basis_line, total_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.finding import Evidence, Verdict
from qc_pipeline.scoring.scorecard import CriterionResult, Scorecard

if TYPE_CHECKING:
    from qc_pipeline.scoring.rubric.model import Criterion, Rubric

EVIDENCE_SHOWN = 3
UNHEARD_SHOWN = 20


def card_lines(
    card: Scorecard,
    *,
    language: str,
    recording: Recording | None,
    rubric: Rubric | None = None,
    heard: Transcript | None = None,
    width: int | None = None,
) -> Iterator[str]:
    """The card's lines: head, deductions with evidence, what waits for a person, the rest.

    With its rubric every deduction says why it stands and what should have been said; with the
    words it was made from it says how much was heard, and where nothing was. With a width (columns
    of a terminal) lines are broken to fit, and the measures stand side by side.
    """
    t = Translator(language)
    for line in _whole_lines(card, t, recording, rubric):
        yield from fitted(line, width)
    for line in () if heard is None else _heard_lines(heard, t):
        yield from fitted(line, width)
    yield from measure_lines(card, language, width)


def _whole_lines(
    card: Scorecard, t: Translator, recording: Recording | None, rubric: Rubric | None
) -> Iterator[str]:
    results = card.criteria()
    yield _head(card, t, recording)
    not_judged = not_judged_line(card, t)
    for line in (not_judged, too_short_line(card, t), judged_share_line(card, t)):
        if line:
            yield line
    if card.fatal:
        titles = [c.title for c in results if c.id in card.fatal]
        yield f"{t('card.fatal')}{t('card.colon')}{t('card.sep').join(titles)}"
    followed = total_line(card, t)
    if followed:
        yield plain(followed)
    asked = {} if rubric is None else {c.id: c for c in rubric.criteria()}
    lost = [c for c in results if c.verdict is Verdict.FAIL]
    lost.sort(key=lambda c: (c.trial, c.id not in card.fatal, -c.lost, c.id))
    held = [c for c in results if c.verdict is Verdict.HELD]
    open_ones = [c for c in results if c.verdict is Verdict.UNSCORABLE]
    # Of a call that is too short nobody is asked for anything that was not found.
    manual = [c for c in open_ones if c.manual and not card.lacks_talk]
    unscorable = [c for c in open_ones if c not in manual]
    if not lost:
        yield t("card.nothing")
    for title, group in ((t("card.lost"), lost), (t("card.held"), held)):
        if group:
            yield ""
            yield f"{title} ({len(group)})"
            for result in group:
                yield from _finding(result, card, t)
                if not result.trial:
                    yield from _asked(asked.get(result.id), t)
    if unscorable:
        yield ""
        yield f"{t('card.unscorable')} ({len(unscorable)})"
        for reason in dict.fromkeys(c.reason for c in unscorable):
            titles = [c.title for c in unscorable if c.reason == reason]
            yield f"  {t('card.sep').join(titles)}"
            yield f"      {plain(reason)}"
    yield ""
    rests_on = basis_line(card, t)
    if rests_on:
        yield rests_on
    for title, group in (
        (t("card.manual"), manual),
        (t("card.fine"), [c for c in results if c.verdict is Verdict.PASS]),
        (t("card.na"), [c for c in results if c.verdict is Verdict.NOT_APPLICABLE]),
    ):
        if group:
            listed = t("card.sep").join(c.title for c in group)
            yield f"{title} {len(group)}{t('card.colon')}{listed}"
    titles_of = {c.id: c.title for c in results}
    if card.worth_hearing:
        yield t("card.worth_hearing")
    for one in card.worth_hearing:
        where = f"{clock(one.start_s)}–{clock(one.end_s)}"
        key = "card.worth_hearing_unheard" if one.phrase is None else "card.worth_hearing_like"
        title = titles_of.get(one.criterion, one.criterion)
        yield f"  {t(key, where=where, title=title, phrase=one.phrase or '')}"
    for engine in dict.fromkeys(c.engine for c in results if c.engine is not None):
        later = t("card.sep").join(c.title for c in results if c.engine == engine)
        first = card.inputs.get("engine", "")
        yield t("card.judged_later", engine=engine, titles=later, first=first)


def _heard_lines(heard: Transcript, t: Translator) -> Iterator[str]:
    """How much of both was heard, then the places where somebody speaks and no words stand."""
    from qc_pipeline.report.words.heard import hearing_told, unheard_lines

    places = unheard_lines(heard, t)
    yield ""
    yield hearing_told(heard, t)
    for place in places[:UNHEARD_SHOWN]:
        span = f"{clock(place.start_s)}–{clock(place.end_s)}"
        yield f"  {span} {place.who}{t('card.brackets', text=place.text)}"
    if len(places) > UNHEARD_SHOWN:
        yield f"  … +{len(places) - UNHEARD_SHOWN}"


def measure_lines(card: Scorecard, language: str, width: int | None = None) -> Iterator[str]:
    """How it was said, in a few lines: both parties side by side, then the call, then silences."""
    if not card.measures:
        return
    from qc_pipeline.report.pages.sound_profile import silence_told, told

    measures, t = measures_from_json(card.measures), Translator(language)
    rows = list(told(measures, t))
    if not rows:
        return
    colon = t("card.colon")
    both = f"{t('speaker.agent')} | {t('speaker.customer')}"
    yield ""
    yield f"{t('measures')}{t('card.brackets', text=both)}"
    pieces = [
        f"{one.label}{colon}{one.agent}" + ("" if one.of_call else f" | {one.customer}")
        for one in rows
    ]
    yield from (f"  {p}" for p in pieces) if width is None else packed(pieces, width)
    for event in measures.events.get("silences", ()):
        when, after, asked, thanked = silence_told(event, t)
        line = (
            f"  {t('measure.silence')} {when}  {t('col_silence_after')}{colon}{after}  "
            f"{t('col_told_to_wait')}{colon}{asked}  {t('col_thanked_after')}{colon}{thanked}"
        )
        yield from fitted(line, width)


def clock(seconds: float) -> str:
    """1:02.4 for 62.4 seconds."""
    minutes, rest = divmod(round(seconds, 1), 60)
    return f"{int(minutes)}:{rest:04.1f}"


def plain(text: str) -> str:
    """Text from a call made safe for a terminal: no control characters, one line."""
    return "".join(
        " " if unicodedata.category(ch) in ("Cc", "Cf", "Zl", "Zp") else ch for ch in text
    )


def print_plain(line: str) -> None:
    """Print a line with names that others gave: at a terminal made safe and to fit, else as it is.

    Into a pipe they go whole, so that they can be looked for again.
    """
    width = terminal_width()
    print(*fitted(line if width is None else plain(line), width), sep="\n")


def figure(total: float | None) -> str:
    """A card's total; a dash where it has none."""
    return "–" if total is None else f"{total:.2f}"


def by_whom(person: str, on_behalf_of: str | None) -> str:
    """Who acted, and on whose behalf."""
    return plain(person) if on_behalf_of is None else f"{plain(person)} (for {plain(on_behalf_of)})"


def share_text(rate: Rate) -> str:
    """50% (1 of 2)."""
    text = "n/a" if rate.share is None else f"{rate.share:.0%}"
    return f"{text} ({rate.part} of {rate.whole})"


def rate_json(rate: Rate) -> dict[str, Any]:
    return {"part": rate.part, "whole": rate.whole, "share": rate.share}


def _head(card: Scorecard, t: Translator, recording: Recording | None) -> str:
    parts = [plain(card.recording_id)]
    if recording is not None:
        parts.append(recording.start_time.strftime("%Y-%m-%d %H:%M"))
        names = (recording.text("agent_name") or recording.agent_id, recording.text("team"))
        parts += [plain(n) for n in (*names, recording.text("business")) if n]
    if card.total is None:
        is_other = card.unjudged or card.lacks_talk
        parts.append(why_no_total(card, t) if is_other else t("card.none"))
    else:
        verdict = t("card.passed") if card.passed else t("card.failed")
        told = "" if card.band == verdict else t("card.brackets", text=verdict)
        parts.append(f"{t('card.total')} {card.total:.2f}/{card.points:g} {card.band}{told}")
    if card.provisional:
        parts.append(t("card.provisional"))
    parts.append(f"{card.rubric_id} {card.rubric_version}")
    return "  ".join(parts)


def _finding(result: CriterionResult, card: Scorecard, t: Translator) -> Iterator[str]:
    if result.verdict is Verdict.HELD:
        cost = f"{t('card.stake')} {result.stake:g}"
    elif result.id in card.fatal:
        cost = t("card.fatal")
    elif result.trial:
        cost = t("card.on_trial")
    else:
        cost = f"-{result.lost:g}"
    covered = "card.fell_with" if card.fell_with_cover(result) else "card.covered"
    remarks = [
        text
        for text, holds in (
            (t("card.proposed"), result.proposed),
            (t("card.trial"), result.trial),
            (
                t(covered) + t("card.brackets", text=result.covered_by),
                result.covered_by is not None,
            ),
        )
        if holds
    ]
    tail = f"  [{t('card.semicolon').join(remarks)}]" if remarks else ""
    yield f"  {cost}  {result.title} ({result.id}){tail}"
    if result.reason:
        yield f"      {plain(result.reason)}"
    # A figure that the reason tells already is not told twice; what costs nothing is told short.
    told = [e for e in result.evidence if str(e.kind) != "measure" or e.quote not in result.reason]
    shown = 0 if result.trial and result.verdict is Verdict.FAIL else EVIDENCE_SHOWN
    for evidence in told[:shown]:
        yield f"      {_evidence(evidence, t)}"
    if len(told) > EVIDENCE_SHOWN and shown:
        yield f"      … +{len(told) - EVIDENCE_SHOWN}"


def _asked(criterion: Criterion | None, t: Translator) -> Iterator[str]:
    """Why a deduction stands and what should have been said, as the rubric has it."""
    if criterion is not None:
        for label, text in ((t("card.say"), criterion.say), (t("card.why"), criterion.why)):
            if text:
                yield f"      {label}{t('card.colon')}{plain(text)}"


def _evidence(evidence: Evidence, t: Translator) -> str:
    span = f"{clock(evidence.start_s)}–{clock(evidence.end_s)}"
    gap, quote = t.gap, plain(evidence.quote)
    who = "" if evidence.speaker is None else t(f"card.{Speaker(evidence.speaker)}") + gap
    quoted = f"{t('card.open')}{quote}{t('card.close')}"
    match str(evidence.kind):
        case "absent":
            heard = f"{t('card.semicolon')}{t('card.heard')}{gap}{quoted}" if quote else ""
            return f"{span} {who}{t('card.absent')}{heard}"
        case "said":
            return f"{span} {who}{quoted}"
        case _:
            return f"{span} {quote}" if not who else f"{span} {who.strip()}{t('card.colon')}{quote}"
