"""All patterns of a rubric in one pass over syllables that may each be read in several ways.

Aho-Corasick's automaton takes one symbol a place. A character with several readings, in the text
or in a phrase, makes each place a set; two places match where the sets share a reading. This is
the same automaton for sets: states are the sets of places that may come next, worked out when a
text first leads there and kept (as RE2 does for regular expressions). After that a character costs
one look-up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import getitem

# A rubric meets some thousand states; a hostile text may not fill the memory.
MOST_STATES = 50_000


class _State(dict[str, "_State"]):
    __slots__ = ("automaton", "ends", "places")

    def __init__(self, automaton: SetAutomaton, places: frozenset[int], ends: tuple[int, ...]):
        super().__init__()
        self.automaton = automaton
        self.places = places
        self.ends = ends

    def __missing__(self, symbol: str) -> _State:
        return self.automaton.step(self, symbol)


class SetAutomaton:
    """Finds every pattern (a sequence of sets of classes) in strings of symbols.

    `classes_of` gives the classes of a symbol of the text; a symbol with none matches nothing.
    """

    def __init__(
        self,
        patterns: Sequence[Sequence[frozenset[str]]],
        classes_of: Callable[[str], frozenset[str]],
    ) -> None:
        self._classes_of = classes_of
        self._places_of: dict[str, set[int]] = {}
        self._last: dict[int, int] = {}
        starts: set[int] = set()
        place = 0
        for number, pattern in enumerate(patterns):
            if not pattern:
                continue
            starts.add(place)
            for wanted in pattern:
                for name in wanted:
                    self._places_of.setdefault(name, set()).add(place)
                place += 1
            self._last[place - 1] = number
        self._starts = frozenset(starts)
        self._accepts: dict[str, tuple[frozenset[int], frozenset[int]]] = {}
        self._reset()

    def _reset(self) -> None:
        self._states: dict[tuple[frozenset[int], tuple[int, ...]], _State] = {}
        self._root = self._state(frozenset(), ())

    def _state(self, places: frozenset[int], ends: tuple[int, ...]) -> _State:
        key = (places, ends)
        state = self._states.get(key)
        if state is None:
            state = self._states[key] = _State(self, places, ends)
        return state

    def _accepting(self, symbol: str) -> tuple[frozenset[int], frozenset[int]]:
        """The places a symbol may take: all of them, and those that begin a pattern."""
        found: set[int] = set()
        for name in self._classes_of(symbol):
            found |= self._places_of.get(name, set())
        accepts = frozenset(found)
        return accepts, accepts & self._starts

    def step(self, state: _State, symbol: str) -> _State:
        pair = self._accepts.get(symbol)
        if pair is None:
            pair = self._accepts[symbol] = self._accepting(symbol)
        accepts, begins = pair
        if len(self._states) > MOST_STATES:
            self._reset()  # the states so far go as soon as this text has left them
        passed = (state.places & accepts) | begins
        last = self._last
        ends = tuple(sorted(last[p] for p in passed if p in last))
        after = self._state(frozenset(p + 1 for p in passed if p not in last), ends)
        state[symbol] = after
        return after

    def find(self, text: str) -> Iterator[tuple[int, tuple[int, ...]]]:
        """(position after the last symbol, patterns that end there), in order of position."""
        for end, state in enumerate(accumulate(text, getitem, initial=self._root)):
            if state.ends:
                yield end, state.ends
