"""Looks into blocks, for tests that ask what is there and not how it is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.slack.blocks.message import Json


def walk(node: object) -> Iterator[Json]:
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from walk(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from walk(value)


def buttons(blocks: Sequence[Json]) -> list[Json]:
    return [node for node in walk(blocks) if node.get("type") == "button"]


def actions(blocks: Sequence[Json]) -> list[object]:
    return [button["action_id"] for button in buttons(blocks)]


def block(blocks: Sequence[Json], block_id: str) -> Json:
    return next(one for one in blocks if one.get("block_id") == block_id)


def mrkdwn_texts(blocks: Sequence[Json]) -> list[str]:
    return [str(node["text"]) for node in walk(blocks) if node.get("type") == "mrkdwn"]
