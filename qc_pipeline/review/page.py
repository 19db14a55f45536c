"""The page that reviewers open from disk: whole calls, and the download of decisions.

One file with everything in it but the sounds, which lie beside it; no server, no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from qc_pipeline.audio.clips import MAX_CLIP_S, cut_clip
from qc_pipeline.call import Recording, Transcript, content_sha256
from qc_pipeline.call_fields import is_transferred
from qc_pipeline.report.words.catalog import texts_under
from qc_pipeline.report.words.heard import unheard_lines
from qc_pipeline.report.words.not_judged import not_judged_why, too_short_told
from qc_pipeline.report.words.total_line import total_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.report.write.manifest import INDEX, HeldFiles, manifest_path, write_manifest
from qc_pipeline.review.blind import asked_blind, is_blind, most_of
from qc_pipeline.review.listening import CallToListen, passed_criterion
from qc_pipeline.review.queue import WHOLE_CALL, Item
from qc_pipeline.scoring.decisions import Cause
from qc_pipeline.scoring.evidence.finding import Verdict
from qc_pipeline.scoring.evidence.timing import union
from qc_pipeline.scoring.scorecard import Scorecard
from qc_pipeline.store.card_sources import MadeFrom, made_from
from qc_pipeline.store.outcomes import outcomes_of
from qc_pipeline.store.samples import KeptSample
from qc_pipeline.store.transaction import Reads
from qc_pipeline.system.files import fresh_folder
from qc_pipeline.system.html_page import render
from qc_pipeline.text.masked_words import MaskedWords, masked
from qc_pipeline.text.masking.mask import NO_NAMES, mask
from qc_pipeline.workspace.settings import Settings

HERE = Path(__file__).parent

MOST_CLIPS = 10
"""Pieces of a minute for a criterion that needs the whole call; the rest is heard elsewhere."""

MOST_WHOLE_S = 3600.0
"""Of a whole call so much is on the page at most."""

QUIET_S = 2.0
_FOUND = (Verdict.FAIL, Verdict.HELD)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageContent:
    """What is put on a page: whole `calls` to listen to, and the `rest` of the queue, open items of
    other calls. `person` is whom it is made for, "" where nobody is named. A share `blind` of the
    random calls is shown without what the machine found.
    """

    calls: Sequence[CallToListen]
    rest: Sequence[Item]
    person: str = ""
    blind: float = 0.0


def write_review_page(
    record: Reads,
    settings: Settings,
    kept: KeptSample,
    content: PageContent,
    folder: Path,
    *,
    step: Callable[[str], None],
) -> Path:
    """Write `folder`/index.html and its clips, replacing what was there; returns the page.

    Numbers and names are masked in the words and mute in the clips, as in the report. Raises
    OSError where the disk fails; then the former page stays.
    """
    with fresh_folder(folder) as fresh:
        (fresh / "clips").mkdir()
        maker = _PageMaker(record, settings, kept, fresh, step)
        page = maker.page(content)
        (fresh / "index.html").write_text(page, encoding="utf-8")
        manifest_path(folder).unlink(missing_ok=True)
    write_manifest(folder, kind="review page", period=kept.sample.period, held=maker.held())
    return (folder / "index.html").resolve()


class _PageMaker:
    """Makes one page; remembers what it and its clips hold of each recording."""

    def __init__(
        self,
        record: Reads,
        settings: Settings,
        kept: KeptSample,
        folder: Path,
        step: Callable[[str], None],
    ) -> None:
        self._record = record
        self._settings = settings
        self._kept = kept
        self._folder = folder
        self._step = step
        self._words = Translator(settings.report.language)
        self._outcomes = outcomes_of(record, kept.seq)
        self._sources: dict[str, tuple[MadeFrom, MaskedWords]] = {}
        self._pieces: dict[tuple[str, float, float | None], list[str]] = {}
        self._sounds: dict[str, set[str]] = {}

    def page(self, content: PageContent) -> str:
        texts = texts_under(self._settings.report.language, "review")
        causes = texts["causes"]
        texts |= {
            "causes": {str(c): causes[str(c)] for c in tuple(Cause)[:5]},
            "whole_causes": {str(c): causes[str(c)] for c in tuple(Cause)[5:]},
        }
        calls = [c for call in content.calls if (c := self._call(call, content)) is not None]
        items: list[dict[str, Any]] = []
        for call in calls:
            own = call["items"]
            call["items"] = list(range(len(items), len(items) + len(own)))
            items += own
        items += [i for item in content.rest if (i := self._item_of_rest(item)) is not None]
        body = {
            "name": content_sha256([self._kept.sample.period, self._kept.sample.frame_sha256])[:12],
            "period": self._kept.sample.period,
            "person": content.person,
            "calls": calls,
            "items": items,
            "texts": texts,
        }
        script = (HERE / "review.js").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        return render(
            HERE / "review.html",
            language=self._settings.report.language,
            t=texts,
            period=self._kept.sample.period,
            # `_safe_json` escapes "<"; the script is our own file.
            data=Markup(_safe_json(body)),  # noqa: S704 # nosec B704
            script=Markup(script),  # noqa: S704 # nosec B704
            script_hash=f"sha256-{digest}",
        )

    def held(self) -> dict[str, HeldFiles]:
        return {
            recording_id: HeldFiles(words=(INDEX,), clips=tuple(sorted(self._sounds[recording_id])))
            for recording_id in self._sources
        }

    def _card(self, recording_id: str) -> Scorecard | None:
        card = self._outcomes.get(recording_id)
        return card if isinstance(card, Scorecard) else None

    def _source(self, card: Scorecard) -> tuple[MadeFrom, MaskedWords]:
        if card.recording_id not in self._sources:
            source = made_from(self._record, card)
            self._sources[card.recording_id] = (source, masked(source.transcript, NO_NAMES))
            self._sounds[card.recording_id] = set()
        return self._sources[card.recording_id]

    def _call(self, call: CallToListen, content: PageContent) -> dict[str, Any] | None:
        """A whole call: its sound in one piece, its words with the items beside their places; of
        one that is judged blind nothing of what the machine found.
        """
        card = self._card(call.recording_id)
        if card is None:
            return None
        source, heard = self._source(card)
        self._step(call.recording_id)
        clip = self._whole_clip(source, heard)
        row, transcript = source.recording, source.transcript
        blind = is_blind(self._kept.sample.period, call, content.blind)
        everything = () if blind else (*call.items, *call.filled_in)
        titles: dict[float, list[str]] = {}
        for item in everything:
            for evidence in item.result.evidence[:1]:
                titles.setdefault(evidence.start_s, []).append(item.title)
        followed = mask(total_line(card, self._words))
        shown = [
            _item(item, source, self._words) | {"followed": followed, "place_s": _first_place(item)}
            for item in everything
        ]
        return {
            "recording_id": call.recording_id,
            "agent": _agent(row),
            "team": call.team or "",
            "when": row.start_time.strftime("%Y-%m-%d %H:%M"),
            "why": str(call.why),
            "minutes": round(call.minutes, 1),
            "duration_s": round(transcript.duration_s, 2),
            "clip": clip,
            "quiet": quiet_spans(transcript),
            "turns": _turns(source, heard, self._words, titles),
            "card": card.sha256(),
            "passed": None if blind else passed_criterion(card),
            "free": [
                {"criterion": c.id, "title": c.title, "points": c.points}
                for c in card.criteria()
                if not blind and c.verdict not in _FOUND and not c.trial and c.points > 0
            ],
            "blind": blind,
            "transferred": is_transferred(row),
            "items": _blind_items(card, source) if blind else shown,
        }

    def _item_of_rest(self, item: Item) -> dict[str, Any] | None:
        card = self._card(item.recording_id)
        if card is None:
            return None
        source, heard = self._source(card)
        piece = (item.recording_id, item.start_s, item.end_s)
        if piece not in self._pieces:
            self._step(item.recording_id)
            self._pieces[piece] = _clips(self._settings, source, heard, item, self._folder)
            self._sounds[item.recording_id].update(self._pieces[piece])
        return _item(item, source, self._words) | {
            "followed": mask(total_line(card, self._words)),
            "place_s": None,
            "clips": list(self._pieces[piece]),
            "turns": _lines(item, source, heard, self._words),
        }

    def _whole_clip(self, source: MadeFrom, heard: MaskedWords) -> str | None:
        path = source.recording.path
        if path is None:
            return None
        recording_id = source.recording.recording_id
        written = cut_clip(
            self._settings.recordings_root / path,
            start_s=0.0,
            end_s=source.transcript.duration_s,
            silenced=heard.silenced,
            target=self._folder / "clips" / content_sha256([recording_id, "whole"])[:16],
            most_s=MOST_WHOLE_S,
        )
        if written is None:
            return None
        self._sounds[recording_id].add(f"clips/{written.name}")
        return f"clips/{written.name}"


def quiet_spans(transcript: Transcript) -> list[list[float]]:
    """Stretches over two seconds in which nobody speaks, by the speech that was found (else by the
    turns): what a listener may skip.
    """
    spans = [span for regions in transcript.speech.values() for span in regions]
    spans += [(turn.start_s, turn.end_s) for turn in transcript.turns]
    ends = [0.0, *(end for _, end in union(spans))]
    starts = [*(start for start, _ in union(spans)), transcript.duration_s]
    return [
        [round(end, 2), round(start, 2)]
        for end, start in zip(ends, starts, strict=True)
        if start - end > QUIET_S
    ]


def _first_place(item: Item) -> float | None:
    return next((round(e.start_s, 2) for e in item.result.evidence), None)


def _turns(
    source: MadeFrom, heard: MaskedWords, words: Translator, titles: Mapping[float, Sequence[str]]
) -> list[dict[str, Any]]:
    """All turns of a call, and where somebody speaks and no words stand; `titles` are the items by
    the second at which each begins.
    """
    lines: list[dict[str, Any]] = [
        {
            "speaker": str(turn.speaker),
            "start_s": round(turn.start_s, 2),
            "end_s": round(turn.end_s, 2),
            "text": text,
        }
        for turn, text in zip(source.transcript.turns, heard.texts, strict=True)
    ]
    for start_s, own in titles.items():
        line = next((one for one in reversed(lines) if one["start_s"] <= start_s), None)
        if line is None and lines:
            line = lines[0]
        if line is not None:
            line["items"] = [*line.get("items", ()), *own]
            line["evidence"] = True
    lines += [
        {
            "speaker": str(place.speaker),
            "start_s": round(place.start_s, 2),
            "end_s": round(place.end_s, 2),
            "text": words("in_brackets", text=place.text),
            "unheard": True,
            "who": place.who,
        }
        for place in unheard_lines(source.transcript, words)
    ]
    return sorted(lines, key=lambda line: float(line["start_s"]))


def _safe_json(value: Any) -> str:
    """JSON that no text can break out of, inside a script element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _item(item: Item, source: MadeFrom, words: Translator) -> dict[str, Any]:
    near = item.near
    question = ""
    if near is not None:
        question = words("review.near", quote=mask(near.quote), phrase=near.phrase)
    return {
        "question": question,
        "near": near is not None,
        "key": f"{item.card[:16]} {item.criterion}",
        "recording_id": item.recording_id,
        "agent": _agent(source.recording),
        "when": source.recording.start_time.strftime("%Y-%m-%d %H:%M"),
        "criterion": item.criterion,
        "title": item.title,
        "kind": item.kind,
        "stake": item.stake,
        # A red line has no points of its own: all of them hang on it.
        "most": item.stake if item.severity == "fatal" else item.points,
        "reason": mask(item.reason),
        "not_judged": not_judged_why(item.not_judged, words),
        "too_short": "" if item.too_short is None else too_short_told(item.too_short, words),
        "card": item.card,
    }


def _blind_items(card: Scorecard, source: MadeFrom) -> list[dict[str, Any]]:
    """Every criterion that a person can decide, and nothing of what the machine makes of it."""
    sha256, row = card.sha256(), source.recording
    return [
        {
            "key": f"{sha256[:16]} {one.id}",
            "recording_id": card.recording_id,
            "agent": _agent(row),
            "when": row.start_time.strftime("%Y-%m-%d %H:%M"),
            "criterion": one.id,
            "title": one.title,
            "kind": "blind",
            "stake": most_of(card, one),
            "most": most_of(card, one),
            "reason": "",
            "not_judged": "",
            "too_short": "",
            "card": sha256,
            "followed": "",
            "place_s": None,
        }
        for one in asked_blind(card)
    ]


def _lines(
    item: Item, source: MadeFrom, heard: MaskedWords, words: Translator
) -> list[dict[str, Any]]:
    """The turns of an item's piece of the call, and where somebody speaks and no words stand."""
    evidence = () if item.kind in WHOLE_CALL else item.result.evidence
    end_s = source.transcript.duration_s if item.end_s is None else item.end_s
    lines = [
        {
            "speaker": str(turn.speaker),
            "start_s": round(turn.start_s, 2),
            "text": text,
            "evidence": any(
                turn.start_s < e.end_s
                and turn.end_s > e.start_s
                and e.speaker in (None, turn.speaker)
                for e in evidence
            ),
        }
        for turn, text in zip(source.transcript.turns, heard.texts, strict=True)
        if turn.start_s <= end_s and turn.end_s >= item.start_s
    ]
    lines += [
        {
            "speaker": str(place.speaker),
            "start_s": round(place.start_s, 2),
            "text": words("in_brackets", text=place.text),
            "evidence": False,
            "unheard": True,
            "who": place.who,
        }
        for place in unheard_lines(source.transcript, words)
        if place.start_s <= end_s and place.end_s >= item.start_s
    ]
    return sorted(lines, key=lambda line: float(line["start_s"]))


def _agent(recording: Recording) -> str:
    return recording.text("agent_name") or recording.agent_id or ""


def _clips(
    settings: Settings, source: MadeFrom, heard: MaskedWords, item: Item, folder: Path
) -> list[str]:
    """The piece of the recording that an item needs, a minute a file at most."""
    path = source.recording.path
    if path is None:
        return []
    end_s = source.transcript.duration_s if item.end_s is None else item.end_s
    name = content_sha256([item.recording_id, item.start_s, end_s])[:16]
    found: list[str] = []
    start_s = item.start_s
    while start_s < end_s and len(found) < MOST_CLIPS:
        written = cut_clip(
            settings.recordings_root / path,
            start_s=start_s,
            end_s=min(end_s, start_s + MAX_CLIP_S),
            silenced=heard.silenced,
            target=folder / "clips" / f"{name}-{len(found)}",
        )
        if written is None:
            break
        found.append(f"clips/{written.name}")
        start_s += MAX_CLIP_S
    return found
