"""`qc review --listen`: whole calls one after the other – words, items beside their places, and a
decision on each of them; then the call is listened.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import clock, plain
from qc_pipeline.cli.listen_items import Show, Taker
from qc_pipeline.cli.listen_questions import (
    LeftError,
)
from qc_pipeline.cli.review_ask import ask_line, item_lines
from qc_pipeline.cli.review_blind import judge_blind
from qc_pipeline.cli.session import acting
from qc_pipeline.cli.wrap import fitted, print_fitted, terminal_width
from qc_pipeline.report.words.heard import unheard_lines
from qc_pipeline.report.words.translate import Translator

if TYPE_CHECKING:
    from qc_pipeline.review.listening import CallToListen
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings


def listen(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    *,
    recording: str | None,
    minutes: float | None,
    blind: float,
    name: str | None,
    on_behalf: str | None,
    show: Show,
) -> None:
    """Call by call (or the `recording` named), each decision kept at once, until the time is over,
    all are heard, or the person leaves. Says before how many calls that is. A share `blind` of the
    random calls is judged without what the machine found.
    """
    from qc_pipeline.review.blind import is_blind
    from qc_pipeline.workspace.people import INSPECTORS

    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    t = Translator(settings.report.language)
    mine, pace, left = _calls_of(settings, record, kept, actor)
    if left:
        print_fitted(t("listen.own_team", n=left))
    mine = [c for c in mine if recording in (None, c.recording_id)]
    chosen = within(mine, minutes, pace)
    whole = sum(c.minutes for c in chosen)
    rate = t("listen.own_pace", rate=f"{pace:.1f}") if pace else t("listen.usual_pace")
    print_fitted(t("listen.plan", n=len(chosen), of=len(mine), minutes=round(whole), rate=rate))
    try:
        for number, call in enumerate(chosen, start=1):
            if _taken_by_another(call, actor, t, settings.zone):
                continue
            head = f"{number}/{len(chosen)}"
            is_hidden = is_blind(kept.sample.period, call, blind)
            _one_call(
                settings, record, kept, call, actor, head=head, t=t, show=show, blind=is_hidden
            )
    except LeftError:
        print_fitted(t("listen.left"))


def calls_for(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    recording: str | None,
    minutes: float | None,
    name: str | None,
    on_behalf: str | None,
) -> tuple[str, tuple[CallToListen, ...]]:
    """(whose page it is, the calls on it): what nobody else took; "" where nobody is named."""
    from qc_pipeline.review.listening import calls_to_listen
    from qc_pipeline.workspace.people import INSPECTORS

    if name is None:
        risks = settings.targets.follow_up_criteria
        everyones = calls_to_listen(record, kept, complaint_risks=risks)
        mine = [c for c in everyones if recording in (None, c.recording_id)]
        return "", within(mine, minutes, None)
    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    mine, pace, _ = _calls_of(settings, record, kept, actor)
    free = [
        c
        for c in mine
        if recording in (None, c.recording_id) and (c.claim is None or c.claim.person == actor.name)
    ]
    return actor.name, within(free, minutes, pace)


def _calls_of(
    settings: Settings, record: Record, kept: KeptSample, actor: Actor
) -> tuple[list[CallToListen], float | None, int]:
    """(the calls that a person may listen to, their pace, how many are of their own team)."""
    from qc_pipeline.review.listening import calls_to_listen, minutes_for, pace_of
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.card_sources import calls_by_hash
    from qc_pipeline.store.decisions import decisions_of
    from qc_pipeline.store.outcomes import outcomes_of
    from qc_pipeline.workspace.people import is_own_team

    risks = settings.targets.follow_up_criteria
    everything = calls_to_listen(record, kept, complaint_risks=risks)
    mine = [c for c in everything if not is_own_team(settings, actor, c.team)]
    left = len(everything) - len(mine)
    mine = [c for c in mine if c.owner in (None, actor.name)] or mine
    cards = [o for o in outcomes_of(record, kept.seq).values() if isinstance(o, Scorecard)]
    allowances = {k: minutes_for(r.duration_s) for k, r in calls_by_hash(record, cards).items()}
    pace = pace_of(decisions_of(record, kept.sample.period), allowances, actor.name)
    return mine, pace, left


def within(
    calls: Sequence[CallToListen], minutes: float | None, pace: float | None
) -> tuple[CallToListen, ...]:
    from qc_pipeline.review.listening import within_minutes

    return within_minutes(calls, minutes, pace)


def _taken_by_another(call: CallToListen, actor: Actor, t: Translator, zone: tzinfo) -> bool:
    """Whether another took the call and this one leaves it to them; asked before it is heard."""
    claim = call.claim
    if claim is None or claim.person == actor.name:
        return False
    at = datetime.fromisoformat(claim.at).astimezone(zone).strftime("%Y-%m-%d %H:%M")
    print_fitted(t("listen.claimed", recording=plain(call.recording_id), who=claim.person, at=at))
    answer = ask_line(t("listen.take_over")).lower()[:1]
    if answer == "q":
        raise LeftError
    return answer != "y"


def _one_call(
    settings: Settings,
    record: Record,
    kept: KeptSample,
    call: CallToListen,
    actor: Actor,
    *,
    head: str,
    t: Translator,
    show: Show,
    blind: bool,
) -> None:
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.card_sources import made_from
    from qc_pipeline.store.claims import claim
    from qc_pipeline.store.outcomes import outcomes_of

    with record.transaction(alone=True) as tx:
        claim(tx, kept.sample.period, call.recording_id, actor.name)
    record.tell("look.listen", {"period": kept.sample.period, "recording": call.recording_id})
    card = outcomes_of(record, kept.seq).get(call.recording_id)
    if not isinstance(card, Scorecard):
        return
    for line in _call_lines(settings, record, card, call, head, t, blind=blind):
        print(line)
    if blind:
        judge_blind(settings, record, kept, card, actor, t=t, show=show)
        return
    row = made_from(record, card).recording
    taker = Taker(settings, record, kept, actor, t, show, row, card.rubric_id)
    for number, item in enumerate(call.items, start=1):
        print(f"[{number}/{len(call.items)}]")
        for line in item_lines(item, t.language, terminal_width()):
            print(line)
        if taker.ask(item, card.sha256()):
            return
    for item in call.filled_in:
        for line in item_lines(item, t.language, terminal_width()):
            print(line)
        if taker.ask(item, card.sha256()):
            return
    while True:
        answer = ask_line(t("listen.end")).lower()
        if answer == "q":
            raise LeftError
        if answer == "a":
            taker.add(card)
            continue
        if answer == "x":
            taker.whole_invalid(call)
            return
        if not answer:
            break
    taker.finish(call.recording_id)


def _call_lines(
    settings: Settings,
    record: Record,
    card: Scorecard,
    call: CallToListen,
    head: str,
    t: Translator,
    *,
    blind: bool,
) -> Iterator[str]:
    """The head of a call, where its sound lies, and its words with the items beside them; of one
    that is judged blind without.
    """
    from qc_pipeline.store.card_sources import made_from
    from qc_pipeline.text.masked_words import masked
    from qc_pipeline.text.masking.mask import NO_NAMES

    width = terminal_width()
    source = made_from(record, card)
    row = source.recording
    agent = row.text("agent_name") or row.agent_id or ""
    facts = (
        t(f"listen.why.{call.why}"),
        row.start_time.strftime("%Y-%m-%d %H:%M"),
        agent,
        call.team or "",
        clock(source.transcript.duration_s),
        t("listen.about", minutes=f"{call.minutes:.0f}"),
    )
    yield ""
    yield from fitted(f"── {head}  {plain(call.recording_id)}", width)
    yield from fitted(plain("  ".join(f for f in facts if f)), width)
    if row.path is not None:
        yield plain(str(settings.recordings_root / row.path))
    heard = masked(source.transcript, NO_NAMES)
    lines: list[tuple[float, int, str]] = [
        (turn.start_s, 1, f"{clock(turn.start_s)} {t(f'speaker.{turn.speaker}')}  {text}")
        for turn, text in zip(source.transcript.turns, heard.texts, strict=True)
    ]
    lines += [
        (p.start_s, 1, f"{clock(p.start_s)} {p.who}  {t('in_brackets', text=p.text)}")
        for p in unheard_lines(source.transcript, t)
    ]
    for number, item in enumerate(() if blind else call.items, start=1):
        for evidence in item.result.evidence[:1]:
            lines.append((evidence.start_s, 0, f"  ▶ [{number}] {item.title} -{item.stake:g}"))
    for item in () if blind else call.filled_in:
        lines += [
            (e.start_s, 0, f"  ▶ {item.title} -{item.stake:g}") for e in item.result.evidence[:1]
        ]
    for _, _, line in sorted(lines, key=lambda one: one[:2]):
        yield from fitted(plain(line), width)


def call_json(call: CallToListen) -> dict[str, Any]:
    return {
        "recording_id": call.recording_id,
        "agent_id": call.agent_id,
        "team": call.team,
        "why": str(call.why),
        "minutes": round(call.minutes, 1),
        "items": [item.criterion for item in call.items],
        "filled_in": [item.criterion for item in call.filled_in],
        "kinds": [item.kind for item in call.items],
        "inspector": call.owner,
        "claimed_by": None if call.claim is None else call.claim.person,
    }
