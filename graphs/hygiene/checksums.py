"""Checksums of numbers that name a person, a card or an account.

Owns the arithmetic only. Each takes the match of its rule and says whether the number could be a real one.
"""

from __future__ import annotations

import re

from graphs.hygiene.rule import value

_IBAN_LENGTHS = {
    "AD": 24, "AE": 23, "AT": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "CH": 21, "CY": 28, "CZ": 24, "DE": 22,
    "DK": 18, "EE": 20, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18, "GR": 27,
    "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IS": 26, "IT": 27, "KW": 30, "KZ": 20, "LB": 28, "LI": 21, "LT": 20,
    "LU": 20, "LV": 21, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PK": 24, "PL": 28, "PT": 25, "QA": 29, "RO": 24,
    "RS": 22, "SA": 24, "SE": 24, "SI": 19, "SK": 24, "SM": 27, "TN": 24, "TR": 26, "UA": 29,
}  # fmt: skip
_DNI_LETTERS = "TRWAGMYFPDXBNJZSQVHLCKE"
_CN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
# Verhoeff: multiplication in the dihedral group of ten elements, and a permutation of order eight.
_VERHOEFF_SWAP = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (1 + place % 2)
        total += doubled - 9 if doubled > 9 else doubled  # noqa: PLR2004  # the digits of a two-digit product
    return total % 10 == 0


def iban(match: re.Match[str]) -> bool:
    number = match[0].replace(" ", "")
    if _IBAN_LENGTHS.get(number[:2]) != len(number):
        return False
    return int("".join(str(int(char, 36)) for char in number[4:] + number[:4])) % 97 == 1


def brazilian_cpf(match: re.Match[str]) -> bool:
    digits = [int(char) for char in match[0] if char.isdigit()]
    if len(set(digits)) == 1:
        return False
    for size in (9, 10):
        rest = sum(digit * (size + 1 - at) for at, digit in enumerate(digits[:size])) * 10 % 11 % 10
        if rest != digits[size]:
            return False
    return True


def chinese_id(match: re.Match[str]) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(match[0], _CN_WEIGHTS, strict=False))
    return "10X98765432"[total % 11] == match[0][-1]


def spanish_id(match: re.Match[str]) -> bool:
    number = match[0].replace("-", "")
    digits = number[:-1].translate(str.maketrans("XYZ", "012"))
    return _DNI_LETTERS[int(digits) % 23] == number[-1]


def french_nir(match: re.Match[str]) -> bool:
    number = match[0].replace(" ", "")
    body = number[:-2].replace("2A", "19").replace("2B", "18")
    return body.isdigit() and 97 - int(body) % 97 == int(number[-2:])


def dutch_bsn(match: re.Match[str]) -> bool:
    digits = [int(char) for char in value(match)]
    total = sum(digit * (9 - at) for at, digit in enumerate(digits[:8])) - digits[8]
    return total % 11 == 0 and any(digits)


def aadhaar(match: re.Match[str]) -> bool:
    check = 0
    for place, digit in enumerate(reversed(match[0].replace(" ", ""))):
        swapped = int(digit)
        for _ in range(place % 8):
            swapped = _VERHOEFF_SWAP[swapped]
        check = _dihedral(check, swapped)
    return check == 0


def _dihedral(left: int, right: int) -> int:
    """Turns (0..4) and flips (5..9) of a pentagon, one after the other."""
    turned = (left - right if left > 4 else left + right) % 5  # noqa: PLR2004  # 5 and up are flips
    return turned + 5 * ((left > 4) != (right > 4))  # noqa: PLR2004
