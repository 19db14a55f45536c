"""Numbers that carry their own proof: identity card, bank card; and the mobile phone's form."""

from __future__ import annotations

from datetime import date
from typing import Literal

Kind = Literal["id_card", "bank_card", "phone"]

# GB 11643-1999: weights 2^(18 - i) mod 11 and the check characters by remainder.
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"
# GB/T 2260: the first two figures of the division code.
_PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
        "91",
    ]
)
BANK_CARD_DIGITS = (16, 17, 18, 19)
# Major industry identifiers under which banks issue (ISO/IEC 7812-1): UnionPay 62, old cards 9,
# Visa 4, Mastercard 5, JCB and Diners 3.
_BANK_FIRST = "34569"


def is_id_card(digits: str) -> bool:
    """18 characters with a valid province, birth date and check character (GB 11643)."""
    if len(digits) != 18 or not (digits[:17].isascii() and digits[:17].isdigit()):
        return False
    if digits[:2] not in _PROVINCES:
        return False
    try:
        born = date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    if not 1880 <= born.year <= 2099:
        return False
    total = sum(int(d) * w for d, w in zip(digits, _ID_WEIGHTS, strict=False))
    return digits[17].upper() == _ID_CHECKS[total % 11]


def is_bank_card(digits: str) -> bool:
    """16 to 19 digits, issued by a bank, with a valid last digit (Luhn, ISO/IEC 7812-1)."""
    if len(digits) not in BANK_CARD_DIGITS or not (digits.isascii() and digits.isdigit()):
        return False
    return digits[0] in _BANK_FIRST and luhn(digits)


def luhn(digits: str) -> bool:
    total = 0
    for i, char in enumerate(reversed(digits)):
        value = int(char)
        if i % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_mobile(digits: str) -> bool:
    """A mobile number of the mainland: 11 digits, 13 to 19 (with 86 before it: 13)."""
    if not (digits.isascii() and digits.isdigit()):
        return False
    if len(digits) == 13 and digits.startswith("86"):
        digits = digits[2:]
    return len(digits) == 11 and digits[0] == "1" and digits[1] in "3456789"


CHECKS = {"id_card": is_id_card, "bank_card": is_bank_card, "phone": is_mobile}
