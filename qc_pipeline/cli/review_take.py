"""Decisions by flags or from a file of the review page: taken in and told."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import by_whom, figure, plain
from qc_pipeline.cli.followup_open import follow_up
from qc_pipeline.cli.progress import print_json
from qc_pipeline.cli.session import acting
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.near_sentence import near_sentence, proposed_text

if TYPE_CHECKING:
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.decisions import Decided, KeptDecision
    from qc_pipeline.store.record import Record
    from qc_pipeline.workspace.settings import Settings


def take_one(
    settings: Settings,
    record: Record,
    recording: str,
    criterion: str | None,
    verdict: str,
    *,
    period: str | None,
    name: str | None,
    on_behalf: str | None,
    points: float | None,
    place_s: tuple[float, float] | None,
    root: str | None,
    agent: str | None,
    because: str | None,
    reason: str,
    alike: bool,
    notice: str | None,
    as_json: bool,
) -> None:
    from qc_pipeline.period.calls import find_kept
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.review.decide import one_decision, take_decisions
    from qc_pipeline.review.queue import found_alike
    from qc_pipeline.scoring.decisions import STANDS, DecisionVerdict, Root
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.card_sources import teams_of
    from qc_pipeline.store.decisions import ALIKE, LOOKED
    from qc_pipeline.store.outcomes import outcomes_of
    from qc_pipeline.workspace.people import INSPECTORS, refuse_own_team

    actor = acting(settings, record, name, on_behalf, may=INSPECTORS)
    kept = find_kept(record, recording, period)
    outcomes = outcomes_of(record, kept.seq)
    cards = {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}
    names = [recording]
    if alike:
        if criterion is None or verdict in ("invalid", "deduct"):
            raise UsageError("--alike goes with a finding: CRITERION and a decision on it")
        others = found_alike(cards, recording, criterion)
        if not others:
            print(f"note: no other call has the same finding of {criterion}", file=sys.stderr)
        names += others
    refuse_own_team(settings, actor, teams_of(record, [cards[n] for n in names if n in cards]))
    decided = take_decisions(
        record,
        settings,
        kept,
        [
            one_decision(
                recording_id=one,
                criterion=criterion,
                verdict=DecisionVerdict(verdict),
                person=actor.name,
                at=record.now.isoformat(timespec="seconds"),
                points=points,
                place_s=place_s,
                root=root,
                agent=agent,
                cause=because,
                reason=reason,
                seen=cards[one].sha256() if one in cards else None,
                source=LOOKED if one == recording else ALIKE,
            )
            for one in names
        ],
        notice=notice,
    )
    write_corrections(record, settings, kept.sample.period)
    follow_up(settings, record, kept, actor, decided)
    print_decided(decided, as_json=as_json)
    stands = verdict in STANDS and points != 0
    if stands and root is None:
        roots = ", ".join(Root)
        print(f"note: nobody said what lies behind it: --root {roots}", file=sys.stderr)


def take_file(
    settings: Settings,
    record: Record,
    path: Path,
    *,
    name: str | None,
    on_behalf: str | None,
    notice: str | None,
    as_json: bool,
) -> None:
    from qc_pipeline.review.corrections_page import write_corrections
    from qc_pipeline.review.decide import take_decisions
    from qc_pipeline.review.decision_file import new_decisions, read_decision_file, refuse_times
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.card_sources import teams_of
    from qc_pipeline.store.outcomes import outcomes_of
    from qc_pipeline.store.samples import kept_sample
    from qc_pipeline.workspace.people import INSPECTORS, names_of, refuse_own_team

    file = read_decision_file(path)
    said = file.person.strip()
    actor = acting(settings, record, name or said or None, on_behalf, may=INSPECTORS)
    if said and not names_of(settings, said) & {*names_of(settings, actor.name), *actor.people}:
        raise UsageError(
            f"{path}: its decisions are {said}'s, not {actor.name}'s: `--as {said}`, or `--for "
            f"{said}` where {actor.name} hands them in"
        )
    kept = kept_sample(record, file.period)
    if kept is None:
        raise UsageError(f"{path}: its period {file.period} is not drawn in this workspace")
    refuse_times(file, path=path, first_day=kept.start_day, now=record.now, zone=settings.zone)
    outcomes = outcomes_of(record, kept.seq)
    cards = {k: o for k, o in outcomes.items() if isinstance(o, Scorecard)}
    new = new_decisions(file, path=path, person=actor.name, cards=cards)
    concerned = [cards[k] for k in dict.fromkeys(n.recording_id for n in new) if k in cards]
    refuse_own_team(settings, actor, teams_of(record, concerned))
    decided = take_decisions(record, settings, kept, new, notice=notice)
    write_corrections(record, settings, file.period)
    follow_up(settings, record, kept, actor, decided)
    print_decided(decided, as_json=as_json)
    if not as_json:
        for line in file.decisions:
            if line.always and line.recording_id in cards:
                _say_how_to_adopt(settings, cards[line.recording_id], line.criterion)


def print_decided(decided: Sequence[Decided], *, as_json: bool) -> None:
    """What became of decisions, and what others had decided before."""
    if as_json:
        print_json({"decided": [_decided_json(d) for d in decided]})
        return
    for one in decided:
        for earlier in one.meanwhile:
            print(f"note: {_told(earlier)}", file=sys.stderr)
        for decision in one.known:
            print(f"{plain(one.recording_id)} {decision.criterion or ''}: known already")
        if one.kept:
            items = ", ".join(d.criterion or "recording" for d in one.kept)
            print(
                f"{plain(one.recording_id)} {items}: kept; "
                f"total {figure(one.before.total)} → {figure(one.after.total)}"
            )
    kept = sum(len(d.kept) for d in decided)
    print(f"kept {kept}, known already {sum(len(d.known) for d in decided)}")


def print_listened(decided: Sequence[Decided], t: Translator) -> None:
    """The same in a line, in the words of the dialogue in which it was decided."""
    for one in decided:
        for earlier in one.meanwhile:
            print(f"note: {_told(earlier)}", file=sys.stderr)
        for key, decisions in (("listen.known", one.known), ("listen.kept", one.kept)):
            if decisions:
                titles = {c.id: c.title for c in one.after.criteria()}
                names = [
                    titles[d.criterion] if d.criterion else t("listen.whole") for d in decisions
                ]
                values = {"before": figure(one.before.total), "after": figure(one.after.total)}
                print_fitted(t(key, items=plain(t.listed(names)), **values))


def _told(earlier: KeptDecision) -> str:
    d = earlier.decision
    what = f"{d.verdict} {d.points:g}" if d.points is not None else str(d.verdict)
    return (
        f"before you, {by_whom(d.person, earlier.on_behalf_of)} decided {what} on "
        f"{d.criterion or 'the recording'} of {plain(earlier.recording_id)} at {d.at}"
        + (f": {plain(d.reason)}" if d.reason else "")
    )


def _decided_json(one: Decided) -> dict[str, Any]:
    return {
        "recording_id": one.recording_id,
        "total_before": one.before.total,
        "total_after": one.after.total,
        "card_before": one.before.sha256(),
        "card": one.after.sha256(),
        "kept": [d.as_json() for d in one.kept],
        "known": [d.as_json() for d in one.known],
        "meanwhile": [
            {**k.decision.as_json(), "source": k.source, "seq": k.seq} for k in one.meanwhile
        ],
    }


def _say_how_to_adopt(settings: Settings, card: Scorecard, criterion: str | None) -> None:
    """The command that lets a sentence count from now on: a page writes no rubric."""
    near = near_sentence(card, criterion)
    if near is None:
        return
    words = (
        card.rubric_id,
        criterion or "",
        proposed_text(near.quote),
        "--like",
        near.phrase or "",
    )
    t = Translator(settings.report.language)
    print_fitted(t("wording.to_write", command="qc rubric wording " + shlex.join(words)))
