"""Decisions asked for on the items of one call that somebody listens to, each kept at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from qc_pipeline.cli.card_text import plain
from qc_pipeline.cli.followup_open import follow_up
from qc_pipeline.cli.listen_questions import (
    ITEM_CAUSES,
    WHOLE_CAUSES,
    LeftError,
    ask_cause,
    ask_place,
    ask_points,
    ask_root,
    ask_whose,
)
from qc_pipeline.cli.review_ask import ask_line
from qc_pipeline.cli.rubric_wording import adopt
from qc_pipeline.cli.wrap import print_fitted
from qc_pipeline.errors import UsageError
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.near_sentence import proposed_text
from qc_pipeline.scoring.decisions import Cause
from qc_pipeline.text.masking.mask import mask

if TYPE_CHECKING:
    from qc_pipeline.call import Recording
    from qc_pipeline.review.listening import CallToListen
    from qc_pipeline.review.queue import Item
    from qc_pipeline.scoring.evidence.finding import Evidence
    from qc_pipeline.scoring.scorecard import Scorecard
    from qc_pipeline.store.decisions import Decided, NewDecision
    from qc_pipeline.store.record import Record
    from qc_pipeline.store.samples import KeptSample
    from qc_pipeline.workspace.people import Actor
    from qc_pipeline.workspace.settings import Settings

FINDING = {
    "c": "confirm",
    "o": "overturn",
    "p": "points",
    "e": "exempt",
    "n": "not_applicable",
    "i": "invalid",
}
BY_HAND = {"f": "overturn", "b": "points", "n": "not_applicable", "i": "invalid"}
"""Answers on an item that the machine found nothing about: 符合, 不符合, 不适用, 听不清."""
STANDING = ("confirm", "points", "deduct")

Show = Callable[[Sequence["Decided"]], None]


class Taker:
    """Asks for decisions on one call and keeps each at once."""

    def __init__(
        self,
        settings: Settings,
        record: Record,
        kept: KeptSample,
        actor: Actor,
        t: Translator,
        show: Show,
        call: Recording,
        rubric: str,
    ) -> None:
        self._settings = settings
        self._record = record
        self._kept = kept
        self._actor = actor
        self._t = t
        self._show = show
        self._call = call
        self._rubric = rubric
        self._decided = 0

    def ask(self, item: Item, card: str) -> bool:
        """One item; True where that takes the whole recording out."""
        t = self._t
        by_hand = item.kind in ("manual", "unheard", "unscorable")
        answers = BY_HAND if by_hand else FINDING
        # A red line has no points of its own: all of them hang on it.
        worth = item.stake if item.severity == "fatal" else item.points
        if item.near is not None:
            answered = self._ask_near(item, item.near, card)
            if answered is not None:
                return answered
        prompt = t("listen.by_hand" if by_hand else "listen.finding", points=f"{worth:g}")
        automatic = item.kind == "automatic"
        if automatic:
            prompt = t("listen.filled_in") + prompt
        while True:
            answer = ask_line(prompt).lower()[:1]
            if automatic and not answer:
                return False
            if answer in (*answers, "s", "q", "x"):
                break
        if answer == "q":
            raise LeftError
        if answer == "s":
            return False
        if answer == "x":
            self._keep(item.recording_id, None, "invalid", cause=ask_cause(t, WHOLE_CAUSES))
            return True
        verdict = answers[answer]
        values: dict[str, Any] = {}
        if verdict == "points":
            values["points"] = ask_points(t, worth, most_first=by_hand)
        if verdict == "points" and not values["points"]:
            verdict = "overturn"
            del values["points"]
        if verdict in STANDING:
            values["root"] = ask_root(t)
            values["agent"] = ask_whose(t, self._call)
        if verdict == "invalid" or (verdict in ("overturn", "exempt") and not by_hand):
            values["cause"] = ask_cause(t, ITEM_CAUSES)
        if by_hand and verdict in ("overturn", "not_applicable"):
            values["reason"] = t(f"listen.reason_{verdict}")
        else:
            values["reason"] = ask_line(t("listen.words"))
        if verdict not in ("confirm", "points") and not (
            values.get("reason") or values.get("cause")
        ):
            values["reason"] = t("listen.heard_so")
        if verdict == "points" and not values["reason"]:
            values["reason"] = t("listen.heard_so")
        self._keep(item.recording_id, item.criterion, verdict, seen=card, **values)
        return False

    def _ask_near(self, item: Item, near: Evidence, card: str) -> bool | None:
        """这句话算不算: what `ask` returns; None where another decision is wanted."""
        t = self._t
        names = {"quote": mask(near.quote), "phrase": near.phrase}
        while (answer := ask_line(t("listen.near", **names)).lower()[:1]) not in tuple("abnmsxq"):
            pass
        match answer:
            case "q":
                raise LeftError
            case "m":
                return None
            case "s":
                return False
            case "x":
                cause = ask_cause(t, WHOLE_CAUSES)
                self._keep(item.recording_id, None, "invalid", cause=cause)
                return True
            case "n":
                self._keep(
                    item.recording_id, item.criterion, "confirm", seen=card,
                    root=ask_root(t), agent=ask_whose(t, self._call),
                    reason=t("listen.near_not", **names),
                )  # fmt: skip
                return False
        if answer == "a" and not self._adopted(item, near):
            return self._ask_near(item, near, card)
        self._keep(
            item.recording_id, item.criterion, "overturn", seen=card, cause=Cause.RULE,
            reason=t("listen.near_reason", **names),
        )  # fmt: skip
        return False

    def _adopted(self, item: Item, near: Evidence) -> bool:
        """Whether a sentence was written into the rubric."""
        from qc_pipeline.job.new_wording import proposed_wording

        t, proposed = self._t, proposed_text(near.quote)
        text = ask_line(t("listen.wording", wording=plain(proposed))) or proposed
        try:
            new = proposed_wording(self._settings, self._rubric, item.criterion, text, near.phrase)
        except UsageError as error:
            print_fitted(str(error))
            return False
        return adopt(self._settings, self._record, self._actor, new, t)

    def add(self, card: Scorecard) -> None:
        """A deduction that the machine had not found (补扣)."""
        t = self._t
        free = {
            c.id: c
            for c in card.criteria()
            if not c.trial and str(c.verdict) not in ("fail", "held") and (c.points or 0) > 0
        }
        for one in free.values():
            print_fitted(f"  {one.id}  {plain(one.title)}  {one.points:g}")
        while (criterion := ask_line(t("listen.add_which"))) not in free:
            if not criterion:
                return
        points = ask_points(t, free[criterion].points, most_first=True)
        place = ask_place(t)
        reason = ask_line(t("listen.words")) or t("listen.heard_so")
        if points:
            self._keep(
                card.recording_id, criterion, "deduct",
                points=points, place_s=place, root=ask_root(t),
                agent=ask_whose(t, self._call), reason=reason,
            )  # fmt: skip

    def whole_invalid(self, call: CallToListen) -> None:
        t = self._t
        self._keep(call.recording_id, None, "invalid", cause=ask_cause(t, WHOLE_CAUSES))

    def finish(self, recording: str) -> None:
        """A call in which nothing waited is listened by saying so."""
        from qc_pipeline.review.listening import heard_without_more, passed_criterion
        from qc_pipeline.scoring.listened import is_listened
        from qc_pipeline.scoring.scorecard import Scorecard
        from qc_pipeline.store.decisions import NewDecision
        from qc_pipeline.store.outcomes import outcomes_of

        card = outcomes_of(self._record, self._kept.seq).get(recording)
        if isinstance(card, Scorecard) and not self._decided and not is_listened(card):
            at = self._record.now.isoformat(timespec="seconds")
            passed = passed_criterion(card)
            if passed is not None:
                decision = heard_without_more(
                    passed, self._actor.name, at, self._t("listen.nothing_more")
                )
                self._take(
                    NewDecision(recording_id=recording, decision=decision, seen=card.sha256())
                )
                card = outcomes_of(self._record, self._kept.seq)[recording]
        if isinstance(card, Scorecard):
            key = "listen.done" if is_listened(card) else "listen.not_done"
            print_fitted(self._t(key, recording=plain(recording)))

    def _keep(self, recording: str, criterion: str | None, verdict: str, **values: Any) -> None:
        from qc_pipeline.review.decide import one_decision
        from qc_pipeline.scoring.decisions import DecisionVerdict

        usual: Mapping[str, Any] = {"points": None, "cause": None, "reason": "", "seen": None}
        self._take(
            one_decision(
                recording_id=recording,
                criterion=criterion,
                verdict=DecisionVerdict(verdict),
                person=self._actor.name,
                at=self._record.now.isoformat(timespec="seconds"),
                **{**usual, **values},
            )
        )

    def _take(self, new: NewDecision) -> None:
        from qc_pipeline.review.decide import take_decisions

        decided = take_decisions(self._record, self._settings, self._kept, [new])
        self._decided += 1
        follow_up(self._settings, self._record, self._kept, self._actor, decided)
        self._show(decided)
