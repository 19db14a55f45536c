"""What a composed dialogue is, and the builder that the flows of `dialogue.py` write it with."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from tools.samples.wording import Pick, sentence

SpeakerName = Literal["agent", "customer"]

# Words an agent says only where a flow wants them: a hold, a promise, comfort.
_NAMED = frozenset({"sur", "gn"})
_PAUSE_S = 0.6
CHARACTERS_PER_S = 4.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One turn before it has a place in time.

    `pause_s`: silence before it, None where the timeline may draw one. `overlap_s`: how long
    before the end of the former turn it starts. `inside`: a feedback word within the former turn.
    """

    speaker: SpeakerName
    acts: tuple[str, ...]
    sentences: tuple[str, ...]
    pause_s: float | None = None
    overlap_s: float = 0.0
    inside: bool = False
    music: bool = False

    @property
    def text(self) -> str:
        return "".join(self.sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A fault put in on purpose: at lines `first` to `last` (both included).

    `before_last`: the fault is the silence that ends where line `last` begins.
    `longer_than_s`: it is one only in a call that lasts longer.
    """

    criterion: str
    first: int
    last: int
    note: str
    before_last: bool = False
    longer_than_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialogue:
    """A composed call: its lines in order, and the faults in it."""

    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """What stays the same through a call. `slots` gives what may fill the bank's templates."""

    sex: Literal["male", "female"]
    number: str
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))


class Script:
    """Writes lines one after another, with what must not be said kept in view.

    `ban` forbids the agent a pattern: for good, or for a number of the agent's turns.
    """

    def __init__(self, caller: Caller, rng: random.Random) -> None:
        self.rng = rng
        self.caller = caller
        self.name_known = False
        self.lines: list[Line] = []
        self.marks: list[Mark] = []
        self._said: set[str] = set()
        self._bans: list[tuple[str, int | None]] = []
        other_title = "女士" if caller.sex == "male" else "先生"
        self._always = {"agent": other_title, "customer": f"爱人|{other_title}"}

    @property
    def seconds(self) -> float:
        """A rough length so far, to know when a call is long enough."""
        speech = sum(len(line.text) / CHARACTERS_PER_S for line in self.lines if not line.inside)
        return speech + sum(
            _PAUSE_S if line.pause_s is None else line.pause_s for line in self.lines
        )

    def ban(self, pattern: str, agent_turns: int | None = None) -> None:
        self._bans.append((pattern, agent_turns))

    def agent(self, *picks: Pick, pause_s: float | None = None, overlap_s: float = 0.0) -> int:
        """The agent says one turn of one sentence a pick; returns the line's index."""
        avoid = "|".join([self._always["agent"], *(pattern for pattern, _ in self._bans)])
        self._bans = [(p, n if n is None else n - 1) for p, n in self._bans if n is None or n > 1]
        return self._say("agent", picks, avoid, pause_s, overlap_s)

    def customer(self, *picks: Pick, pause_s: float | None = None, overlap_s: float = 0.0) -> int:
        """The customer says one turn; returns the line's index."""
        return self._say("customer", picks, self._always["customer"], pause_s, overlap_s)

    def feedback(self, speaker: SpeakerName) -> None:
        """A feedback word of the listener, within the line that stands last."""
        index = self._say(
            speaker,
            (Pick(act="backchannel" if speaker == "customer" else "feedback"),),
            "",
            None,
            0,
        )
        self.lines[index] = replace(self.lines[index], inside=True)

    def music_before(self, index: int) -> None:
        """Hold music plays in the silence before a line."""
        self.lines[index] = replace(self.lines[index], music=True)

    def mark(
        self,
        criterion: str,
        first: int,
        last: int,
        note: str,
        *,
        before_last: bool = False,
        longer_than_s: float = 0.0,
    ) -> None:
        self.marks.append(
            Mark(
                criterion=criterion,
                first=first,
                last=last,
                note=note,
                before_last=before_last,
                longer_than_s=longer_than_s,
            )
        )

    def slot(self, name: str) -> str:
        """The one thing that stands in a slot through this call."""
        (value,) = self.caller.slots[name]
        return value

    def done(self) -> Dialogue:
        return Dialogue(lines=tuple(self.lines), marks=tuple(self.marks))

    def _say(
        self,
        speaker: SpeakerName,
        picks: tuple[Pick, ...],
        avoid: str,
        pause_s: float | None,
        overlap_s: float,
    ) -> int:
        banned = frozenset() if self.name_known or speaker == "customer" else _NAMED
        said = tuple(
            sentence(
                speaker,
                wanted,
                fixed=self.caller.slots,
                banned_slots=banned,
                avoid=avoid,
                said=self._said,
                rng=self.rng,
            )
            for wanted in picks
        )
        if speaker == "customer" and any(p.act == "give-name" for p in picks):
            self.name_known = True
        self.lines.append(
            Line(
                speaker=speaker,
                acts=tuple(p.act for p in picks),
                sentences=said,
                pause_s=pause_s,
                overlap_s=overlap_s,
            )
        )
        return len(self.lines) - 1


def contains(pattern: str, text: str) -> bool:
    """Whether the pattern is found in the text."""
    return re.search(pattern, text) is not None
