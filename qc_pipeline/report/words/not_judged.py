"""Why a call has no total, in words: who was not heard, how little was said or could be judged."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from qc_pipeline.report import formats
from qc_pipeline.report.words.heard import whole_percents
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.scoring.evidence.opportunity import Talk
from qc_pipeline.scoring.scorecard import NotJudgedParty, Scorecard

if TYPE_CHECKING:  # the command line shows cards, and needs no report for it
    from qc_pipeline.report.model import Call


def not_judged_why(parties: Iterable[NotJudgedParty], t: Translator) -> str:
    """坐席12.3秒没听清（听清62%）；客户… – "" where everybody was heard."""
    return t("not_judged_joint").join(dict.fromkeys(_one(party, t) for party in parties))


def not_judged_line(card: Scorecard, t: Translator) -> str:
    """What the card of a call says of it: that it is not judged and needs a person, that it was
    published before anybody listened, or that people have judged it; "" where everybody was heard.
    """
    why = not_judged_why(card.parties_not_judged, t)
    if not why:
        return ""
    if not card.unjudged:
        return t("not_judged_once", why=why)
    return t("not_judged_banner" if card.provisional else "not_judged_closed", why=why)


def too_short_told(talk: Talk, t: Translator) -> str:
    """通话过短：双方共说 9.4 秒、3 轮。…"""
    return t("too_short_why", talk=formats.fixed(talk.talk_s, 1), n=talk.turns)


def too_short_line(card: Scorecard, t: Translator) -> str:
    """What the card of a call says in which too little was said; "" where it was enough."""
    return "" if card.too_short is None else too_short_told(card.too_short, t)


def why_no_total(card: Scorecard, t: Translator) -> str:
    """未评, 通话过短 or 无总分: the line on which a call without a total is counted."""
    if card.unjudged:
        return t("not_judged_calls")
    return t("too_short_calls" if card.lacks_talk else "no_total_calls")


def judged_share_line(card: Scorecard, t: Translator) -> str:
    """How much the machine could judge of a card that has no total for having been too little."""
    if card.total is not None or card.unjudged or card.lacks_talk:
        return ""
    share = formats.percent(card.scorable_share, 0)
    if card.basis is None:
        return t("no_total_why", share=share)
    return t(
        "no_total_why_points",
        judged=formats.points(card.basis.judged),
        stake=formats.points(card.basis.at_stake),
        share=share,
    )


def band_or_why_none(call: Call, t: Translator) -> str:
    """A call's band; where it has no total, why."""
    if call.card is None:
        return ""
    return call.card.band or why_no_total(call.card, t)


def _one(party: NotJudgedParty, t: Translator) -> str:
    confidence = party.hearing.get("confidence")
    return t(
        f"not_judged.{party.reason}",
        who=t(f"speaker.{party.speaker}"),
        seconds=formats.fixed(float(party.hearing.get("unheard_s", 0.0)), 1),
        share=f"{whole_percents(float(party.hearing.get('heard', 0.0)))}%",
        confidence=formats.NOT_AVAILABLE if confidence is None else formats.fixed(confidence, 2),
    )
