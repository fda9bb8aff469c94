"""Draws the README's pictures: `python -m tests.demo.pictures FOLDER`. Needs Chromium and an emoji font."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from functools import partial
from pathlib import Path

from bot.demo.keeping import Kept
from bot.demo.live import FIRST, open_kept_town, open_page
from bot.demo.town import CHANNEL, Town
from bot.sandbox.slack.serving import listen
from bot.sandbox.stories import prepared
from tests.demo.chromium import Tab, open_tab

PICTURES = (
    ("demo-light", 1400, 900, False, "as=on-duty&ticket=1"),
    ("demo-dark", 1400, 900, True, "as=on-duty&ticket=1"),
    ("demo-phone", 390, 844, False, "as=on-duty"),
)


async def draw(folder: Path) -> None:
    """One ticket approved, two waiting; as the page is drawn on a screen and on a phone."""
    with tempfile.TemporaryDirectory() as room:
        data = Path(room)
        async with open_kept_town(data, Kept()) as (town, _), open_page(town, listen()) as url:
            await _play(town)
            async with open_tab(data / "chromium") as tab:
                for name, width, height, dark, query in PICTURES:
                    await tab.window(width, height, dark=dark)
                    await tab.go(f"{url}?{query}")
                    (folder / f"{name}.png").write_bytes(await tab.picture())
                await _form(tab, url, folder)


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


async def _form(tab: Tab, url: str, folder: Path) -> None:
    await tab.window(1400, 900)
    await tab.go(f"{url}?as=on-duty")
    press = "[...document.querySelectorAll('button')].filter(b => b.textContent == 'Edit…').at(-1)"
    for _ in range(3):
        await tab.click(press)
        await tab.until("document.querySelector('.modal')")
        if await tab.script("!!document.querySelector('.modal select')"):
            break
        await tab.key("Escape")
        await tab.until("!document.querySelector('.modal')")
    (folder / "demo-form.png").write_bytes(await tab.picture())


if __name__ == "__main__":
    asyncio.run(draw(Path(sys.argv[1])))
