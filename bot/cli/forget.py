"""`strata forget`: what a person said is erased on request; what was decided stays, and the audit verifies."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot.cli.exits import REFUSED, WRONG
from bot.cli.setup import settings
from bot.cli.tickets import key_of, looks_like_one, printable
from bot.settings import Settings

if TYPE_CHECKING:
    from bot.bootstrap.core import Core
    from bot.service.forgetting import Forgetting, Forgotten, Found, Whom

TRIES = 20
PAUSE_S = 1.0
"""Between two tries, while something of that person is being worked on."""


def forget(  # options of a command
    who: Annotated[str, typer.Argument(help="An account in the tracker, a person's id in Slack, or one ticket.")],
    *,
    why: Annotated[str, typer.Option(help="Kept in the audit for ever: name nobody in it.")],
    install: Annotated[str, typer.Option(help="The tracker account, as its *_INSTALL setting names it.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased; change nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Erase what a person wrote, from the record and the cards. It cannot be undone.

    The tracker's own copy and your backups are not touched.
    """
    asyncio.run(_forget(settings(), who.strip(), why.strip(), install, dry_run=dry_run, yes=yes))


async def _forget(found: Settings, who: str, why: str, install: str, *, dry_run: bool, yes: bool) -> None:
    from bot.bootstrap.core import open_core
    from bot.keys import derived
    from bot.service.forgetting import Forgetting

    async with open_core(found) as core:
        whom = _whom(core, who, install)
        _check(core, whom, why)
        forgetting = Forgetting(core.record, derived(core.key, "reporter"))
        sys.stdout.write(_told(await forgetting.find(whom)))
        if dry_run:
            sys.stdout.write("Dry run: nothing was changed.\n")
            return
        if not yes and not typer.confirm("Erase this for ever?", err=True):
            raise typer.Exit(REFUSED)
        forgotten = await _until_done(forgetting, whom, why)
    sys.stdout.write(_done(forgotten))
    if forgotten.busy:
        sys.stderr.write(f"strata: still being worked on: {', '.join(forgotten.busy)}. Ask again in a while.\n")
        raise typer.Exit(REFUSED)


def _whom(core: Core, who: str, install: str) -> Whom:
    from bot.service.forgetting import Whom
    from graphs.model import InstallId

    named = InstallId(install) if install else None
    if looks_like_one(who):
        key = key_of(core, who, named)
        if key is None:
            _wrong(f"{who} is no ticket: use its address or owner/repo#12")
        return Whom(install=named or InstallId(key.split(":")[1]), ticket=key)
    installs = [one.id for one in core.trackers.installs] or [InstallId(core.settings.github_install)]
    if named is None and len(installs) > 1:
        _wrong(f"say in which tracker: --install {' or --install '.join(installs)}")
    return Whom(install=named or installs[0], account=who.removeprefix("@"))


def _check(core: Core, whom: Whom, why: str) -> None:
    from bot.record.eraser import whole_word

    account = whom.account
    if not account and whom.ticket is None:
        _wrong("say who is to be forgotten")
    if not why:
        _wrong("--why is kept in the audit: say something, but no name")
    if account and whole_word(account).search(why):
        _wrong("--why is kept in the audit for ever: leave the name out of it")
    if account.casefold() in _owners(core):
        _wrong(f"{account} owns tickets: take this account out of owners.yaml first")


def _owners(core: Core) -> set[str]:
    """Accounts that proposals name because our own policies do."""
    from graphs.model import TrackerName

    choices = [one for tracker in TrackerName for one in core.owners.choices(tracker)]
    return {name.casefold() for one in choices for name in (one.login, one.slack_user) if name}


async def _until_done(forgetting: Forgetting, whom: Whom, why: str) -> Forgotten:
    """Asks again while something of that person is being worked on, and adds up."""
    done = await forgetting.forget(whom, why)
    for _ in range(TRIES):
        if not done.busy:
            break
        await asyncio.sleep(PAUSE_S)
        done = (await forgetting.forget(whom, why)).after(done)
    return done


def _told(found: Found) -> str:
    lines = [
        f"Tickets: {len(found.tickets)}",
        *(f"  {one}{' (its proposal is taken back)' * (one in found.waiting)}" for one in found.tickets),
        f"Audit entries that lose what they say of the person: {found.entries}",
    ]
    return "".join(printable(line) + "\n" for line in lines)


def _done(forgotten: Forgotten) -> str:
    return (
        f"Erased. Tickets: {forgotten.tickets}, proposals taken back: {forgotten.withdrawn},"
        f" audit entries: {forgotten.entries}, clicks and commands: {forgotten.deliveries}.\n"
        "The running bot redraws the cards. The tracker's own copy and your backups are not touched.\n"
    )


def _wrong(what: str) -> NoReturn:
    sys.stderr.write(printable(f"strata: {what}") + "\n")
    raise typer.Exit(WRONG)
