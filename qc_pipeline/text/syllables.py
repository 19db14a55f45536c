"""Characters as syllables: every reading a character may have, without tone.

Tables are pypinyin's. Sets of readings are encoded as one private-use character each, so that a
text of characters becomes a string of the same length on which string algorithms work.
"""

from __future__ import annotations

import os
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from qc_pipeline.text.polyphones import READINGS_IN_USE

CONFUSIONS = ("f-h",)
SEPARATOR = "\n"

# Readings that are heard in calls and stand in no table: 幺 is how 一 is said in numbers.
_EXTRA = {"幺": ("yi",)}
_INITIALS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))
_FINALS = ("ing", "eng", "ang")
_F_H = {
    "fa": "hua", "fan": "huan", "fang": "huang", "fei": "hui", "fen": "hun", "feng": "hong",
    "fo": "huo", "fou": "hou", "fu": "hu", "fiao": "hiao",
}  # fmt: skip


@lru_cache(maxsize=1)
def _table() -> dict[int, str]:
    # Only single characters are looked up here; without its phrases pypinyin loads in a tenth of
    # the time. Both switches are pypinyin's own and change nothing where it is loaded already.
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
    from pypinyin.constants import PINYIN_DICT

    table: dict[int, str] = PINYIN_DICT
    return table


def _toneless(reading: str) -> str:
    out: list[str] = []
    for char in unicodedata.normalize("NFD", reading.replace("ê", "e")):
        if char == "\u0308":
            out[-1] = "v"
        elif not unicodedata.combining(char):
            out.append(char)
    syllable = "".join(out)
    # nve, lve are written nue, lue as often; one spelling for both.
    return syllable.replace("ve", "ue") if syllable in ("nve", "lve") else syllable


@lru_cache(maxsize=65536)
def readings(char: str) -> tuple[str, ...]:
    """The syllables of one character without tone, the usual one first; () where it has none."""
    entry = _table().get(ord(char))
    if entry is None:
        return ()
    found = [_toneless(r) for r in entry.split(",") if r]
    return tuple(dict.fromkeys((*found, *_EXTRA.get(char, ()))))


@lru_cache(maxsize=65536)
def usual_readings(char: str) -> tuple[str, ...]:
    """Those of `readings` that are in daily use."""
    return tuple(
        dict.fromkeys((*readings(char)[:1], *READINGS_IN_USE.get(char, ()), *_EXTRA.get(char, ())))
    )


@lru_cache(maxsize=4096)
def confused(syllable: str, confusions: tuple[str, ...] = ()) -> str:
    """The class of syllables that are usually confused with this one.

    z/zh c/ch s/sh n/l in/ing en/eng an/ang, and f/h (before u) with "f-h" in `confusions`.
    """
    if not syllable.isascii() or not syllable.isalpha():
        return syllable
    out = syllable
    for initial, same in _INITIALS:
        if out.startswith(initial) and len(out) > len(initial):
            out = same + out[len(initial) :]
            break
    if out.endswith(_FINALS) and len(out) > len("ng"):
        out = out[:-1]
    if "f-h" in confusions:
        out = _confused_f_h(out)
    return out


def _confused_f_h(syllable: str) -> str:
    folded = {confused(f): confused(h) for f, h in _F_H.items()}
    return folded.get(syllable, syllable)


class Sounds(NamedTuple):
    """What a character may sound like: its readings in daily use (`same`, tier 2), and what is
    taken for the same beside them (`like`, tier 3; in English the stem of a word).

    A reading that nobody uses makes a likeness that nobody hears: 接 is no *cha*, 能 no *tai*.
    """

    same: frozenset[str]
    like: frozenset[str]

    def classes(self, confusions: tuple[str, ...] = ()) -> frozenset[str]:
        """Names that two characters share where tiers 2 or 3 take them for the same.

        A syllable itself, and "~" before the class that it is confused in.
        """
        return self.same | {"~" + confused(s, confusions) for s in self.like}


YOU = frozenset("你您")
POLITE_YOU = Sounds(frozenset(("ni", "nin")), frozenset(("ni", "nin")))
"""What either of the two sounds like where they are one."""


@lru_cache(maxsize=65536)
def sounds(char: str) -> Sounds:
    """A character without readings (a letter, a digit) sounds like itself."""
    usual = frozenset(usual_readings(char) or (char,))
    return Sounds(usual, usual)


class SymbolTable(dict[int, str]):
    """For `str.translate`: code point of a character → the symbol of its sounds.

    Characters that sound the same have the same symbol. The line feed stays. Symbols are given
    out as they are needed and mean nothing outside the process.
    """

    def __init__(self) -> None:
        super().__init__()
        self._symbol_of: dict[Sounds, str] = {}
        self._sounds_of: dict[str, Sounds] = {SEPARATOR: Sounds(frozenset(), frozenset())}

    def __missing__(self, code: int) -> str:
        char = chr(code)
        symbol = char if char == SEPARATOR else self.symbol(sounds(char))
        self[code] = symbol
        return symbol

    def symbol(self, heard: Sounds) -> str:
        symbol = self._symbol_of.get(heard)
        if symbol is None:
            symbol = self._symbol_of.setdefault(heard, chr(0xF0000 + len(self._symbol_of)))
            self._sounds_of[symbol] = heard
        return symbol

    def sounds(self, symbol: str) -> Sounds:
        """What a symbol stands for."""
        return self._sounds_of[symbol]


SYMBOLS = SymbolTable()


def usual_symbol(syllable: str) -> str:
    """One symbol for one syllable."""
    alone = frozenset((syllable,))
    return SYMBOLS.symbol(Sounds(alone, alone))


class MainReadings(dict[int, str]):
    """For `str.translate`: code point → one symbol for the first reading of the character."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        found = readings(char)
        symbol = usual_symbol(found[0]) if found else char
        self[code] = symbol
        return symbol


MAIN = MainReadings()


def syllable_string(text: str) -> str:
    """Normalised text as one symbol a character, by each character's first reading."""
    return text.translate(MAIN)


def syllables_of(text: str) -> tuple[str, ...]:
    """The first reading of every character; letters and digits stand for themselves."""
    return tuple((readings(c) or (c,))[0] for c in text)


def sound_alike(one: str, other: str) -> bool:
    """Whether two characters have readings in daily use that are the same or usually confused."""
    classes = [{confused(s) for s in usual_readings(c) or (c,)} for c in (one, other)]
    return bool(classes[0] & classes[1])
