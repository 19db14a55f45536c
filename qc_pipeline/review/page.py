"""The page that reviewers open from disk: the queue with its sounds, and the download of decisions.

One file with everything in it but the sounds, which lie beside it; no server, no network.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from qc_pipeline.audio.clips import MAX_CLIP_S, cut_clip
from qc_pipeline.call import Recording, content_sha256
from qc_pipeline.report.words.catalog import texts_under
from qc_pipeline.report.words.heard import unheard_lines
from qc_pipeline.report.words.not_judged import not_judged_why, too_short_told
from qc_pipeline.report.words.total_line import total_line
from qc_pipeline.report.words.translate import Translator
from qc_pipeline.report.write.manifest import INDEX, HeldFiles, manifest_path, write_manifest
from qc_pipeline.review.queue import DECIDE_S, WHOLE_CALL, Item
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


def write_review_page(
    record: Reads,
    settings: Settings,
    kept: KeptSample,
    items: Sequence[Item],
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
        page, held = _page(record, settings, kept, items, fresh, step=step)
        (fresh / "index.html").write_text(page, encoding="utf-8")
        manifest_path(folder).unlink(missing_ok=True)
    write_manifest(folder, kind="review page", period=kept.sample.period, held=held)
    return (folder / "index.html").resolve()


def _page(
    record: Reads,
    settings: Settings,
    kept: KeptSample,
    items: Sequence[Item],
    folder: Path,
    *,
    step: Callable[[str], None],
) -> tuple[str, dict[str, HeldFiles]]:
    """The page, and what it and its clips hold of each recording."""
    outcomes = outcomes_of(record, kept.seq)
    sources: dict[str, tuple[MadeFrom, MaskedWords]] = {}
    clips: dict[tuple[str, float, float | None], list[str]] = {}
    shown: list[dict[str, Any]] = []
    words = Translator(settings.report.language)
    for item in items:
        card = outcomes[item.recording_id]
        if not isinstance(card, Scorecard):
            continue
        if item.recording_id not in sources:
            source = made_from(record, card)
            sources[item.recording_id] = (source, masked(source.transcript, NO_NAMES))
        source, heard = sources[item.recording_id]
        piece = (item.recording_id, item.start_s, item.end_s)
        if piece not in clips:
            step(item.recording_id)
            clips[piece] = _clips(settings, source, heard, item, folder)
        followed = mask(total_line(card, words))
        shown.append(_item(item, source, heard, clips[piece], words) | {"followed": followed})
    text = texts_under(settings.report.language, "review")
    body = {
        "name": content_sha256([kept.sample.period, kept.sample.frame_sha256])[:12],
        "period": kept.sample.period,
        "items": shown,
        "texts": text,
    }
    script = (HERE / "review.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    page = render(
        HERE / "review.html",
        language=settings.report.language,
        t=text,
        period=kept.sample.period,
        # `_safe_json` escapes "<"; the script is our own file.
        data=Markup(_safe_json(body)),  # noqa: S704 # nosec B704
        script=Markup(script),  # noqa: S704 # nosec B704
        script_hash=f"sha256-{digest}",
    )
    sounds: dict[str, set[str]] = {recording_id: set() for recording_id in sources}
    for (recording_id, *_), written in clips.items():
        sounds[recording_id].update(written)
    return page, {
        recording_id: HeldFiles(words=(INDEX,), clips=tuple(sorted(sounds[recording_id])))
        for recording_id in sounds
    }


def _safe_json(value: Any) -> str:
    """JSON that no text can break out of, inside a script element."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text


def _item(
    item: Item, source: MadeFrom, heard: MaskedWords, clips: Sequence[str], words: Translator
) -> dict[str, Any]:
    return {
        "key": f"{item.card[:16]} {item.criterion}",
        "recording_id": item.recording_id,
        "agent": _agent(source.recording),
        "when": source.recording.start_time.strftime("%Y-%m-%d %H:%M"),
        "criterion": item.criterion,
        "title": item.title,
        "kind": item.kind,
        "stake": item.stake,
        "points": item.points,
        "reason": mask(item.reason),
        "not_judged": not_judged_why(item.not_judged, words),
        "too_short": "" if item.too_short is None else too_short_told(item.too_short, words),
        "card": item.card,
        "seconds": round(item.listen_s + DECIDE_S, 1),
        "clips": list(clips),
        "turns": _lines(item, source, heard, words),
    }


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
