"""Make the sample calls: recordings, call list and truth files, the same from the same seed.

`python -m tools.samples.make --out samples` (needs the library espeak-ng; see README.md here).
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.samples import call_list, plan
from tools.samples.checks import HeardCall, HeardTurn, found_faults
from tools.samples.dialogue import compose
from tools.samples.plan import CallPlan
from tools.samples.render import SUFFIX, Line, recording, write
from tools.samples.script import Dialogue
from tools.samples.summary import counts_text, write_counts
from tools.samples.timeline import PlacedCall, Speech, guess, place, voices
from tools.samples.wheel import wheel_ids
from tools.samples.wording import NoWordingError
from tools.speech.voices import HELD_OUT_VOICES

SEED = 20261109
TRIES = 400
_BY_LENGTH = frozenset({"ask-name", "confirm-need"})
# A call's length keeps this far from the limits of criteria that apply only to longer calls.
_LIMITS_S, _CLEAR_S = (60.0, 120.0), 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MadeCall:
    """A call with its words in time, before it is recorded."""

    plan: CallPlan
    placed: PlacedCall
    agent: Speech
    customer: Speech
    number: str
    lead_s: float
    hold_s: float


def make_call(call_plan: CallPlan, seed: int) -> MadeCall:
    """Compose and speak one call, again and again until its labels are beyond doubt.

    A dialogue counts when the planned faults, the labels and an independent check agree.
    Raises RuntimeError when no try does: the plan asks for something the bank cannot say.
    """
    last = "no dialogue"
    for attempt in range(TRIES):
        rng = random.Random(f"{seed}/call/{call_plan.index}/{attempt}")
        topic = plan.topic_for(call_plan.kind, rng)
        agent, customer = plan.speech_for(call_plan.agent, rng)
        caller = plan.caller_for(call_plan, topic, customer, rng)
        lead_s = rng.uniform(5.8, 7.0) if "ring" in call_plan.kind.features else rng.uniform(0.4, 1)
        try:
            dialogue = compose(call_plan.kind, topic, caller, rng)
        except NoWordingError as error:
            last = str(error)
            continue
        wanted = call_plan.kind.faults
        guessed = found_faults(_heard(place(dialogue, guess, lead_s, rng), call_plan))
        if guessed - _BY_LENGTH != wanted - _BY_LENGTH:
            last = f"planned {sorted(wanted)}, found in the words {sorted(guessed)}"
            continue
        say = voices({"agent": agent, "customer": customer})
        placed = place(dialogue, say, lead_s, rng)
        labels = {f.criterion for f in placed.faults}
        found = found_faults(_heard(placed, call_plan))
        if labels == found == wanted and _clear(placed.duration_s):
            return MadeCall(plan=call_plan, placed=placed, agent=agent, customer=customer,
                            number=caller.number, lead_s=lead_s,
                            hold_s=_hold_s(dialogue))  # fmt: skip
        last = f"planned {sorted(wanted)}, labels {sorted(labels)}, found {sorted(found)}"
    raise RuntimeError(f"call {call_plan.index} {call_plan.kind}: {last}")


def truth(made: MadeCall, rec_id: str, duration_s: float) -> dict[str, object]:
    """Return the content of a call's truth file."""
    turns = sorted(made.placed.turns, key=lambda t: (t.start_s, t.speaker))
    parties = {"agent": made.agent, "customer": made.customer}
    return {
        "format": "qc-truth/1",
        "recording_id": rec_id,
        "duration_s": round(duration_s, 2),
        "voices": {
            name: {
                "voice": party.voice.name,
                "speed_wpm": party.manner.speed_wpm,
                "pitch": party.manner.pitch,
                "held_out": party.voice in HELD_OUT_VOICES,
            }
            for name, party in parties.items()
        },
        "turns": [
            {"speaker": t.speaker, "start_s": t.start_s, "end_s": t.end_s, "text": t.text}
            for t in turns
        ],
        "faults": [
            {"criterion": f.criterion, "start_s": f.start_s, "end_s": f.end_s, "note": f.note}
            for f in made.placed.faults
        ],
        "held_out_voice": any(p.voice in HELD_OUT_VOICES for p in parties.values()),
    }


def make_all(out: Path, seed: int) -> None:
    """Write recordings, truth, `calls.csv` and `wheel.txt` under `out`; what was there goes."""
    made = _each_alone(plan.plans(seed), seed)
    lines = plan.lines_for([m.plan for m in made], [m.placed.duration_s for m in made], seed)
    for folder in (out / "recordings", out / "truth"):
        folder.mkdir(parents=True, exist_ok=True)
        for former in sorted(folder.glob("C*-*")):
            former.unlink()
    rows: list[call_list.Row] = []
    truths: list[Mapping[str, object]] = []
    for number, (call, line) in enumerate(zip(made, lines, strict=True), start=1):
        rec_id = call_list.recording_id(number, f"{call.plan.start_time:%Y%m%d}")
        duration_s = _record(call, line, out / "recordings", rec_id)
        row = call_list.answered_row(
            call.plan, line, rec_id, call.number, duration_s, call.hold_s, seed
        )
        rows.append(row)
        truths.append(truth(call, rec_id, duration_s))
        _write_text(out / "truth" / f"{rec_id}.json", _json(truths[-1]))
    for number, row in enumerate(call_list.unanswered_rows(seed), start=len(rows) + 1):
        day = row["start_time"][:10].replace("-", "")
        rows.append(row | {"recording_id": call_list.recording_id(number, day)})
    rows.sort(key=lambda r: (r["start_time"], r["recording_id"]))
    _write_text(out / "calls.csv", call_list.as_csv(rows))
    sizes = {r["recording_id"]: (out / "recordings" / r["path"]).stat().st_size
             for r in rows if r["path"]}  # fmt: skip
    _write_text(out / "wheel.txt", "".join(f"{i}\n" for i in wheel_ids(rows, truths, sizes)))
    write_counts(out / "README.md", counts_text(rows, truths, sizes))


def main() -> None:
    """Read the options and make everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder, for instance samples")
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    make_all(options.out, options.seed)
    sys.stdout.write(f"{options.out}\n")


def _each_alone(plans: Sequence[CallPlan], seed: int) -> list[MadeCall]:
    """Make every call in a process of its own: espeak-ng's sound depends on what it said before."""
    with multiprocessing.get_context("fork").Pool(1, maxtasksperchild=1) as pool:
        return pool.starmap(make_call, [(p, seed) for p in plans], chunksize=1)


def _record(call: MadeCall, line: Line, folder: Path, rec_id: str) -> float:
    sound = recording(call.placed, line, call.lead_s)
    path = folder / f"{rec_id}.{SUFFIX[line.codec]}"
    return write(sound, line.codec, path, serial=line.seed)


def _heard(placed: PlacedCall, call_plan: CallPlan) -> HeardCall:
    turns = [
        HeardTurn(speaker=t.speaker, start_s=t.start_s, end_s=t.end_s, text=t.text)
        for t in placed.turns
    ]
    return HeardCall(
        turns=tuple(sorted(turns, key=lambda t: (t.start_s, t.speaker))),
        duration_s=placed.duration_s,
        contact=call_plan.kind.contact,
        business=call_plan.kind.business,
        hangup_by=call_plan.kind.hangup_by,
    )


def _clear(duration_s: float) -> bool:
    return all(abs(duration_s - limit) > _CLEAR_S for limit in _LIMITS_S)


def _hold_s(dialogue: Dialogue) -> float:
    return sum(x.pause_s for x in dialogue.lines if x.pause_s is not None and x.pause_s > 5)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write_text(path: Path, text: str) -> None:
    part = path.with_suffix(path.suffix + ".part")
    part.write_text(text, encoding="utf-8", newline="\n")
    part.replace(path)


if __name__ == "__main__":
    main()
