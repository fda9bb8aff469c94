"""Draws the README's pictures: `python -m tests.demo.pictures FOLDER`. Needs Chromium and an emoji font."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bot.demo.keeping import Kept
from bot.demo.live import FIRST, open_kept_town, open_page
from bot.demo.town import CHANNEL, Town
from bot.sandbox.slack.serving import listen
from bot.sandbox.stories import prepared
from tests.demo.chromium import CHROMIUM, MISSING, Tab, open_tab
from tests.demo.palette import shrunk


@dataclass(frozen=True)
class Picture:
    name: str
    ticket: int
    """Its card is scrolled to; the tracker shows it too if there is room for two sides."""
    width: int = 1280
    height: int = 800
    is_dark: bool = False
    press: str = ""
    """The button of the card that opens a form."""


PLAIN, HARD, HOSTILE = 1, 2, 3
PICTURES = (
    Picture("approved", PLAIN),
    Picture("hostile-dark", HOSTILE, is_dark=True),
    Picture("phone", HARD, 390, 844),
    Picture("edit", HARD, press="Edit…"),  # last: the form stays open
)


async def draw(folder: Path) -> None:
    """One ticket approved, two waiting; as the page is drawn on a screen and on a phone."""
    with tempfile.TemporaryDirectory() as room:
        data = Path(room)
        async with open_kept_town(data, Kept()) as (town, _), open_page(town, listen()) as url:
            await _play(town)
            async with open_tab(data / "chromium") as tab:
                drawn = [(one, await _draw(tab, url, one)) for one in PICTURES]
        for one, png in drawn:
            (folder / f"{one.name}.png").write_bytes(shrunk(png))


async def _play(town: Town) -> None:
    slack = town.slack
    await town.bot.start()
    town.connect_webhook()
    for story in (prepared()[name] for name in FIRST):
        before = len(slack.messages(CHANNEL))
        await town.github.file(town.repository, story.author, story.title, story.body)
        await slack.until(partial(_more_than, town, before), 60)
    await slack.click("on-duty", CHANNEL, slack.messages(CHANNEL)[0].ts, "approve")
    await slack.until(lambda: "All of it is set" in slack.messages(CHANNEL)[0].all_text, 60)


def _more_than(town: Town, count: int) -> bool:
    return len(town.slack.messages(CHANNEL)) > count


async def _draw(tab: Tab, url: str, wanted: Picture) -> bytes:
    await tab.window(wanted.width, wanted.height, dark=wanted.is_dark)
    await tab.go(f"{url}?as=on-duty&ticket={wanted.ticket}")
    card = f"document.querySelector('article:has(a[href*=\"ticket={wanted.ticket}#\"])')"
    await tab.script(f"{card}.scrollIntoView({{block: 'start'}}); scrollTo(0, 0)")
    if wanted.press:
        await _open(tab, f"[...{card}.querySelectorAll('button')].find(b => b.textContent == '{wanted.press}')")
    await tab.until("!document.getAnimations().length")
    return await tab.picture()


async def _open(tab: Tab, button: str) -> None:
    """A person whom the bot does not know yet is asked to press again."""
    for _ in range(3):
        await tab.click(button)
        await tab.until("document.querySelector('.modal')")
        if await tab.script("!!document.querySelector('.modal select')"):
            break
        await tab.key("Escape")
        await tab.until("!document.querySelector('.modal')")


if __name__ == "__main__":
    if not CHROMIUM:
        sys.exit(MISSING)
    asyncio.run(draw(Path(sys.argv[1])))
