"""The answer to an objection as text files to be sent: to the agent and lead, and to who judged."""

from __future__ import annotations

from pathlib import Path

from qc_pipeline.cases.appeals.policy import inspector_of, instance_of
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.review.never_worse import figure_of
from qc_pipeline.store.appeals import CORRECTION, KeptAppeal
from qc_pipeline.store.card_sources import calls_by_hash
from qc_pipeline.store.decisions import cards_by_hash, decisions_of
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import write_text
from qc_pipeline.text.masking.mask import mask
from qc_pipeline.workspace.deadlines import window_end
from qc_pipeline.workspace.people import lead_of
from qc_pipeline.workspace.settings import Settings

FOLDER = "notices"


def write_notices(reads: Reads, settings: Settings, objection: KeptAppeal) -> tuple[Path, ...]:
    """Write both notices of an answered objection into `notices/` of the workspace; numbers and
    names in what was said are masked.
    """
    t = Translator(settings.report.language)
    body = _body(reads, settings, objection, t)
    card = cards_by_hash(reads, [objection.card])[objection.card]
    call = calls_by_hash(reads, [card]).get(objection.recording_id)
    agent = "" if call is None else call.text("agent_name") or call.agent_id or ""
    team = "" if call is None else call.text("team") or ""
    lead = lead_of(settings.people.values(), team) or objection.person
    decided = decisions_of(reads, objection.period, objection.recording_id)
    who = inspector_of(objection, decided.get(objection.recording_id, ())) or "–"
    heads = {
        "agent": t("notice.agent", agent=agent, lead=lead),
        "inspector": t("notice.inspector", inspector=who),
    }
    written = []
    for side, head in heads.items():
        path = settings.root / FOLDER / f"appeal-{objection.number}-{side}.txt"
        write_text(path, "\n".join((head, "", *body)) + "\n")
        written.append(path)
    return tuple(written)


def _body(reads: Reads, settings: Settings, objection: KeptAppeal, t: Translator) -> list[str]:
    decided = objection.decided
    if decided is None:
        raise ValueError(f"objection {objection.number} has no answer")
    cards = cards_by_hash(reads, [objection.card, decided.card])
    before, after = cards[objection.card], cards[decided.card]
    title = next((c.title for c in before.criteria() if c.id == objection.criterion), "")
    second = t("appeal_ask.second") if instance_of(reads, objection) > 1 else ""
    outcome = t(f"appeal_state.{decided.state}")
    if objection.kind == CORRECTION:
        score = t("notice.no_score")
    else:
        score = t("notice.score", before=figure_of(before), after=figure_of(after))
    last = t("notice.final")
    if not decided.final:
        last = t("notice.second", day=window_end(settings, decided.day)[0])
    return [
        t("notice.subject", n=objection.number, second=second, outcome=outcome),
        t("notice.call", recording=objection.recording_id, period=objection.period, title=title),
        t("notice.claim", reason=mask(objection.reason)),
        t("notice.answer", person=decided.person, day=decided.day, reason=mask(decided.reason)),
        score,
        last,
        t("notice.never_worse"),
    ]
