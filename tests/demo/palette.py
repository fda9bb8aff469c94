"""Makes a picture of a page small: a PNG of at most 256 colours, with nothing but the standard library.

Owns reading and writing of the one kind of PNG that Chromium makes (8 bits, no interlace). Colours that are nearly
the same become one; a page has few, but the edges of its letters have thousands.
"""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

Colour = tuple[int, int, int]

START = b"\x89PNG\r\n\x1a\n"
COLOURS, FAMILY = 256, 12
RGB, RGBA, PALETTE = 2, 6, 3


def shrunk(png: bytes) -> bytes:
    """The same picture, less exact."""
    width, height, pixels = _read(png)
    place, kept = _palette(Counter(pixels))
    drawn = bytes(place[one] for one in pixels)
    rows = b"".join(b"\0" + drawn[at : at + width] for at in range(0, width * height, width))
    head = struct.pack(">IIBBBBB", width, height, 8, PALETTE, 0, 0, 0)
    colours = b"".join(bytes(colour) for colour in kept)
    body = zlib.compress(rows, 9)
    return START + _chunk(b"IHDR", head) + _chunk(b"PLTE", colours) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _palette(counted: Counter[Colour]) -> tuple[dict[Colour, int], list[Colour]]:
    """Families of colours, each drawn as its most frequent member; the nearest of those for the smallest families."""
    families: dict[tuple[int, ...], list[Colour]] = {}
    for colour, _ in counted.most_common():
        families.setdefault(tuple(part // FAMILY for part in colour), []).append(colour)
    largest = sorted(families.values(), key=lambda family: -sum(counted[one] for one in family))
    kept = [family[0] for family in largest[:COLOURS]]
    place: dict[Colour, int] = {}
    for number, family in enumerate(largest):
        near = number if number < COLOURS else _nearest_of(kept, family[0])
        place |= dict.fromkeys(family, near)
    return place, kept


def _nearest_of(kept: list[Colour], wanted: Colour) -> int:
    return min(range(len(kept)), key=lambda number: _apart(kept[number], wanted))


def _read(png: bytes) -> tuple[int, int, list[Colour]]:
    chunks = list(_chunks(png))
    width, height, depth, kind, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[0][1])
    assert (depth, interlaced) == (8, 0)
    assert kind in {RGB, RGBA}
    step = 3 if kind == RGB else 4
    raw = zlib.decompress(b"".join(body for name, body in chunks if name == b"IDAT"))
    above, stride = bytearray(width * step), width * step + 1
    pixels: list[Colour] = []
    for start in range(0, height * stride, stride):
        above = _row(raw[start], bytearray(raw[start + 1 : start + stride]), above, step)
        pixels += zip(above[::step], above[1::step], above[2::step], strict=True)
    return width, height, pixels


def _row(how: int, row: bytearray, above: bytearray, step: int) -> bytearray:
    """Each byte was stored as its distance from a guess; `how` says which guess."""
    for at in range(len(row)):
        left = row[at - step] if at >= step else 0
        corner = above[at - step] if at >= step else 0
        guess = (0, left, above[at], (left + above[at]) // 2, _nearest(left, above[at], corner))[how]
        row[at] = (row[at] + guess) & 0xFF
    return row


def _nearest(left: int, up: int, corner: int) -> int:
    return min((left, up, corner), key=lambda one: abs(left + up - corner - one))


def _apart(one: Colour, other: Colour) -> int:
    return sum((left - right) ** 2 for left, right in zip(one, other, strict=True))


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    assert png.startswith(START)
    at = len(START)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        yield png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
