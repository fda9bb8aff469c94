"""Checksums written from published tables, unlike the product's: the two check each other."""

from __future__ import annotations

import string


def fiscal_sum(body: str) -> int:
    """The odd places from the table as it is published, unlike the product's."""
    odd = dict(zip(string.digits, (1, 0, 5, 7, 9, 13, 15, 17, 19, 21), strict=True)) | dict(
        zip(
            string.ascii_uppercase,
            (1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23),
            strict=True,
        )
    )
    even = {char: int(char) if char.isdigit() else ord(char) - ord("A") for char in odd}
    return sum((even if at % 2 else odd)[char] for at, char in enumerate(body))


def verhoeff(digits: str) -> bool:
    """Written from tables, unlike the product's, so that the two check each other."""
    times = [[(i + j) % 5 if i < 5 and j < 5 else 0 for j in range(10)] for i in range(10)]
    for i in range(10):
        for j in range(10):
            turn = (i % 5 - j % 5) % 5 if i >= 5 else (i % 5 + j % 5) % 5
            times[i][j] = turn + (5 if (i >= 5) != (j >= 5) else 0)
    swap = [list(range(10)), [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]]
    while len(swap) < 8:
        swap.append([swap[-1][swap[1][at]] for at in range(10)])
    check = 0
    for place, digit in enumerate(reversed(digits)):
        check = times[check][swap[place % 8][int(digit)]]
    return check == 0
