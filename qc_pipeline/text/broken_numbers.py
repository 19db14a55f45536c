"""Numbers that came through broken: what a misheard digit may have been an identity card of."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from qc_pipeline.text.masking.check_digits import CHECKS, Kind

# Of bank cards those alone whose number itself tells of one: UnionPay's, and Visa's and
# Mastercard's of 16 digits. Any number of that length may be made one by changing a digit.
_CARD_STARTS = {"62": (16, 17, 18, 19), "4": (16,), "5": (16,)}
_LENGTHS: dict[Kind, tuple[int, ...]] = {"id_card": (18,), "bank_card": (), "phone": (11,)}


def may_have_been(digits: str, doubtful: Sequence[bool], what: Collection[Kind]) -> Kind | None:
    """The kind of number that `digits`, which prove nothing, are but for one doubtful digit.

    One digit may be another one, or have been lost or put in beside a doubtful one: where that
    makes the number prove itself (GB 11643; ISO/IEC 7812-1; the form of a mobile), it may have been
    said. `doubtful` by digit; None where no single doubtful digit explains it.
    """
    if not any(doubtful):
        return None
    for kind in ("id_card", "bank_card", "phone"):
        if kind in what and any(CHECKS[kind](n) for n in _others(digits, doubtful, kind)):
            return kind
    return None


def _others(digits: str, doubtful: Sequence[bool], kind: Kind) -> Iterator[str]:
    """What the number may have been, of the lengths that such numbers have."""
    lengths = _lengths(digits, kind)
    if len(digits) in lengths:
        for at, unsure in enumerate(doubtful):
            if unsure:
                last = kind == "id_card" and at == len(digits) - 1
                for value in "0123456789X" if last else "0123456789":
                    yield digits[:at] + value + digits[at + 1 :]
    if len(digits) + 1 in lengths:
        for at in range(len(digits) + 1):
            if any(doubtful[max(0, at - 1) : at + 1]):
                for value in "0123456789":
                    yield digits[:at] + value + digits[at:]
    if len(digits) - 1 in lengths:
        for at, unsure in enumerate(doubtful):
            if unsure:
                yield digits[:at] + digits[at + 1 :]


def _lengths(digits: str, kind: Kind) -> tuple[int, ...]:
    if kind != "bank_card":
        return _LENGTHS[kind]
    for start, lengths in _CARD_STARTS.items():
        if digits.startswith(start):
            # A digit lost or too many proves nothing of a card: one in ten passes by chance.
            return tuple(n for n in lengths if n == len(digits))
    return ()
