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
_FISCAL_ODD = (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23)
"""What a digit or a letter counts in an odd place of a codice fiscale."""
_HETU_MARKS = "0123456789ABCDEFHJKLMNPRSTUVWXY"
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


def italian_code(match: re.Match[str]) -> bool:
    """Codice fiscale. Letters in place of digits (omocodia) are not read."""
    code = match[0]
    total = sum(_even(char) if at % 2 else _FISCAL_ODD[_even(char)] for at, char in enumerate(code[:15]))
    return code[15] == chr(ord("A") + total % 26)


def _even(char: str) -> int:
    return int(char) if char.isdigit() else ord(char) - ord("A")


def korean_rrn(match: re.Match[str]) -> bool:
    digits = [int(char) for char in match[0] if char.isdigit()]
    total = sum(digit * (2 + at % 8) for at, digit in enumerate(digits[:12]))
    return (11 - total % 11) % 10 == digits[12]


def finnish_hetu(match: re.Match[str]) -> bool:
    return _HETU_MARKS[int(match[0][:6] + match[0][7:10]) % 31] == match[0][10]


def polish_pesel(match: re.Match[str]) -> bool:
    digits = [int(char) for char in value(match)]
    return sum(digit * (1, 3, 7, 9)[at % 4] for at, digit in enumerate(digits[:10])) + digits[10] in range(0, 500, 10)


def german_tax_id(match: re.Match[str]) -> bool:
    """ISO 7064, MOD 11,10."""
    digits = [int(char) for char in value(match) if char.isdigit()]
    product = 10
    for digit in digits[:10]:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == digits[10]


def canadian_sin(match: re.Match[str]) -> bool:
    return luhn(re.sub(r"\D", "", value(match)))


def british_nhs(match: re.Match[str]) -> bool:
    digits = [int(char) for char in value(match) if char.isdigit()]
    return (11 - sum(digit * (10 - at) for at, digit in enumerate(digits[:9])) % 11) % 11 == digits[9]


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
