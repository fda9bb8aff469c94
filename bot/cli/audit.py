"""`strata audit`: does the chain verify, is it the one that was anchored, what does it say of a ticket."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import key_of, printable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.record.anchors import Anchor, AnchorFile
    from bot.record.audit import Head, Numbered
    from bot.record.record import Transaction

audit = typer.Typer(
    help="Verify the audit chain, anchor and export it, and show what it says of a ticket.", no_args_is_help=True
)


@audit.command()
def verify(
    *,
    anchors: Annotated[
        Path | None, typer.Option(help="A file of anchors; without it the one of STRATA_ANCHORS, if there is one.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(help="A head's hash that you kept: the chain must pass through it.")
    ] = None,
) -> None:
    """Check every entry, and that the chain is the one whose heads were signed and kept outside the record.

    Exit 0 with the number of entries and the head's hash; 1 where the chain is broken, was replaced or cut, or an
    anchor was not signed by this installation; 2 where a file that was named cannot be read.
    """
    if anchors is not None and not anchors.is_file():
        sys.stderr.write(f"strata: {anchors} is no file of anchors\n")
        raise typer.Exit(WRONG)
    found, kept = asyncio.run(_verify(settings(), anchors, head))
    if kept:
        sys.stdout.write(f"The chain passes through all {len(kept)} anchors, the last of {_moment(kept[-1].at)}.\n")
    else:
        sys.stdout.write("No anchor was kept: a chain that was replaced as a whole would verify too.\n")
    # The head is worth keeping elsewhere as well.
    sys.stdout.write(f"{found.seq} entries verify. Head: {found.hash}\n")


async def _verify(found: Settings, named: Path | None, kept_head: str | None) -> tuple[Head, list[Anchor]]:
    from bot.record.anchors import compare
    from bot.record.audit import AuditBroken

    kept = _anchors(found, named).read()
    async with _reading(found) as tx:
        await tx.audit.verify()
        await compare(tx.audit, kept)
        if kept_head is not None and not await tx.audit.holds(kept_head.strip().lower()):
            raise AuditBroken("the chain has no entry with the hash that you kept: it was replaced")
        return await tx.audit.head(), kept


@audit.command()
def anchor() -> None:
    """Sign the chain's head now and add it to the file of anchors; `strata run` does so every ten minutes.

    Exit 0 with the line to copy elsewhere, 1 where the file cannot be written. The line speaks of nobody.
    """
    sys.stdout.write(asyncio.run(_anchor(settings())))


async def _anchor(found: Settings) -> str:
    from bot.record.opening import open_record
    from bot.work.delivery import InProcess

    record = await open_record(found, InProcess())
    try:
        made = await _anchors(found, None).anchor(record)
    finally:
        await record.close()
    return made.line() if made else "Nothing was added since the last anchor.\n"


@audit.command()
def export(
    *,
    out: Annotated[Path | None, typer.Option(help="Write here; without it, to standard output.")] = None,
    without_facts: Annotated[
        bool, typer.Option("--without-facts", help="Leave out what may speak of a person; the hashes hold as well.")
    ] = False,
) -> None:
    """Write the whole chain, one JSON object a line, oldest first: `seq`, `prev`, `hash`, `entry`, `salt`, `sealed`.

    `hash` is the SHA-256 of `entry` followed by `prev`, so that anybody can check it. The chain is verified first:
    exit 1 where it is broken, 2 where the file cannot be written.
    """
    if out is None:
        asyncio.run(_export(settings(), sys.stdout, with_facts=not without_facts))
        return
    try:
        with out.open("w", encoding="utf-8") as file:
            asyncio.run(_export(settings(), file, with_facts=not without_facts))
    except OSError as error:
        sys.stderr.write(f"strata: {out} cannot be written: {error.strerror}\n")
        raise typer.Exit(WRONG) from None


async def _export(found: Settings, file: TextIO, *, with_facts: bool) -> None:
    async with _reading(found) as tx:
        await tx.audit.verify()
        async for line in tx.audit.exported(with_facts=with_facts):
            file.write(f"{line}\n")


@asynccontextmanager
async def _reading(found: Settings) -> AsyncIterator[Transaction]:
    """One moment of the record."""
    from bot.record.opening import open_record
    from bot.work.delivery import InProcess

    record = await open_record(found, InProcess())
    try:
        async with record.read() as tx:
            yield tx
    finally:
        await record.close()


def _anchors(found: Settings, named: Path | None) -> AnchorFile:
    from bot.keys import derived, root_key
    from bot.record.anchors import AnchorFile, Signer

    key = root_key(found.strata_secret, found.strata_directory)
    return AnchorFile(named or found.anchors_path, Signer(derived(key, "anchor")))


@audit.command()
def show(
    ticket: Annotated[str, typer.Argument(help="A ticket's address, owner/repo#12, or its key in the record.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array instead.")] = False,
) -> None:
    """Print what was done about a ticket, by whom and why, oldest first. Exit 1 when there is nothing."""
    found = asyncio.run(_entries(settings(), ticket))
    if not found:
        sys.stderr.write(f"strata: the audit has nothing about {printable(ticket)}\n")
        raise typer.Exit(REFUSED)
    if as_json:
        sys.stdout.write(json.dumps([one.model_dump(mode="json") for one in found], indent=2) + "\n")
        return
    for one in found:
        sys.stdout.write(printable(_line(one)) + "\n")


async def _entries(found: Settings, ticket: str) -> list[Numbered]:
    from bot.bootstrap.core import open_core

    async with open_core(found) as core:
        key = key_of(core, ticket)
        if key is None:
            sys.stderr.write(f"strata: {printable(ticket)} is no ticket: use its address or owner/repo#12\n")
            raise typer.Exit(WRONG)
        async with core.record.read() as tx:
            return await tx.audit.numbered(key)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(sep=" ", timespec="seconds")


def _line(one: Numbered) -> str:
    when = _moment(one.at)
    facts = " ".join(f"{name}={fact}" for name, fact in sorted(one.entry.facts.items()) if fact)
    erased = "  (facts erased)" if one.entry.is_erased else ""
    return f"{one.seq:>8}  {when}  {one.entry.actor}  {one.entry.action}  {facts}{erased}"
