"""A real browser on the page: keys and clicks, the script, the policy, the layout at every width.

Needs Debian's `chromium`; without it these tests are skipped and say so.
"""

from __future__ import annotations

import struct
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from bot.sandbox.stories import prepared
from tests.demo.chromium import CHROMIUM, MISSING, Tab, open_tab
from tests.demo.conftest import Playing

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("demo-browser"),
    pytest.mark.skipif(not CHROMIUM, reason=MISSING),
]
MODAL = "document.querySelector('.modal')"
FOCUSED = "document.activeElement"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def tab(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Tab]:
    async with open_tab(tmp_path_factory.mktemp("chromium")) as opened:
        yield opened


@pytest.fixture(autouse=True)
def quiet(tab: Tab) -> None:
    tab.complaints.clear()


def card(number: int) -> str:
    """The last message that links to this ticket."""
    about = f"[...document.querySelectorAll('article')].filter(a => a.querySelector('a[href*=\"ticket={number}#\"]'))"
    return f"{about}.at(-1)"


def button(number: int, words: str) -> str:
    return f"[...{card(number)}.querySelectorAll('button')].find(b => b.textContent == '{words}')"


async def new_card(playing: Playing, tab: Tab, name: str, user: str = "on-duty") -> int:
    """Files a ticket while the browser looks; the script brings the card."""
    await tab.go(f"{playing.http.base_url}?as={user}")
    story, town = prepared()[name], playing.town
    number = await town.github.file(town.repository, story.author, story.title, story.body)
    await tab.until(card(number))
    return number


async def open_form(tab: Tab, number: int, words: str) -> None:
    """By keyboard. A person whom the bot does not know yet is asked to press again."""
    for _ in range(20):
        await tab.script(f"{button(number, words)}.focus()")
        await tab.key("Enter")
        await tab.until(f"{MODAL} && {MODAL}.contains({FOCUSED})")
        if await tab.script(f"!!{MODAL}.querySelector('select')"):
            return
        await tab.key("Escape")
        await tab.until(f"!{MODAL}")
    raise AssertionError(f"no form for {words}")


async def test_approve_by_keyboard(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "plain")
    await tab.script(f"{button(number, 'Approve')}.focus()")
    await tab.key("Enter")
    await tab.until(f"{card(number)}.innerText.includes('All of it is set')")
    await tab.until("document.querySelector('#tickets').innerText.includes('layer: retrieval and context')")
    assert await tab.script(f"{card(number)}.contains({FOCUSED})"), "the focus is not thrown to the top"
    assert not tab.complaints


async def test_edit_in_a_form_that_holds_and_returns_the_focus(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "hard")
    await open_form(tab, number, "Edit…")
    for _ in range(12):
        await tab.key("Tab")
        assert await tab.script(f"{FOCUSED} == document.body || {MODAL}.contains({FOCUSED})"), (
            "what is beneath is out of reach"
        )
    await tab.key("Escape")
    await tab.until(f"!{MODAL} && {FOCUSED} == {button(number, 'Edit…')}")
    await open_form(tab, number, "Edit…")
    await tab.script(f"{MODAL}.querySelectorAll('select')[1].value = 'task'")
    await tab.click(f"{MODAL}.querySelector('footer .primary')")
    await tab.until(f"!{MODAL} && {card(number)}.innerText.includes('All of it is set')")
    assert "kind: task" in playing.town.github.issue(playing.town.repository, number).labels
    assert not tab.complaints


async def test_reject_after_an_error_that_keeps_what_was_typed(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "duplicate")
    await open_form(tab, number, "Reject…")
    await tab.script(f"{MODAL}.querySelector('textarea').focus()")
    await tab.write("seen <i>before</i>")
    await tab.click(f"{MODAL}.querySelector('footer .primary')")
    await tab.until(f"{MODAL}.querySelector('.error')")
    assert await tab.script(f"{FOCUSED} == {MODAL}.querySelector('select')")
    assert await tab.script(f"{MODAL}.querySelector('textarea').value") == "seen <i>before</i>"
    await tab.script(f"{MODAL}.querySelector('select').value = 'duplicate'")
    await tab.click(f"{MODAL}.querySelector('footer .primary')")
    await tab.until(f"!{MODAL} && {card(number)}.innerText.includes('seen <i>before</i>')")
    assert not playing.town.github.effects(playing.town.repository, number)
    assert not tab.complaints


async def test_a_double_click_writes_once(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "plain")
    await tab.click(button(number, "Approve"), times=2)
    await tab.until(f"{card(number)}.innerText.includes('All of it is set')")
    assert not playing.town.github.duplicate_writes()


async def test_a_guest_is_refused(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "plain", "guest")
    await tab.click(button(number, "Approve"))
    await tab.until("document.querySelector('.whispered')?.innerText.includes('guests cannot decide')")
    assert not playing.town.github.effects(playing.town.repository, number)


async def test_what_one_types_stays_while_the_page_moves(playing: Playing, tab: Tab) -> None:
    await new_card(playing, tab, "plain")
    await tab.script("document.querySelector('#composer').focus()")
    await tab.write("/triage li")
    story, town = prepared()["plain"], playing.town
    number = await town.github.file(town.repository, story.author, story.title, story.body)
    await tab.until(card(number))
    assert await tab.script(f"{FOCUSED}.value") == "/triage li"
    await tab.write("st")
    await tab.key("Enter")
    whispered = "[...document.querySelectorAll('.whispered')]"
    await tab.until(f"{whispered}.some(one => one.innerText.includes('waiting for a decision'))")
    assert await tab.script("document.querySelector('#composer').value") == ""


async def test_a_hostile_ticket_is_text_to_a_browser_too(playing: Playing, tab: Tab) -> None:
    number = await new_card(playing, tab, "hostile")
    await tab.go(f"{playing.http.base_url}?as=on-duty&ticket={number}")
    assert await tab.script("document.querySelector('#ticket pre').textContent") == prepared()["hostile"].body
    assert await tab.script("document.querySelectorAll('img, iframe, script:not([src=\"/script.js\"])').length") == 0
    outside = "[...document.querySelectorAll('a')].filter(a => a.origin != location.origin).length"
    assert await tab.script(outside) == 0
    assert not tab.complaints, "a policy that had to stop something means that an escape is missing"


@pytest.mark.parametrize(("width", "height"), [(1400, 900), (834, 1112), (360, 740)])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_fits(playing: Playing, tab: Tab, width: int, height: int, scheme: str) -> None:
    await tab.window(width, height, dark=scheme == "dark")
    number = await new_card(playing, tab, "secret")
    await tab.go(f"{playing.http.base_url}?as=on-duty&ticket={number}")
    assert await tab.script("document.documentElement.scrollWidth <= innerWidth"), "nothing to scroll sideways"
    ground = str(await tab.script("getComputedStyle(document.body).backgroundColor"))
    assert (sum(int(part) for part in ground[4:-1].split(",")) < 300) == (scheme == "dark")
    await open_form(tab, number, "Edit…")
    inside = "r.left >= 0 && r.right <= innerWidth && r.top >= 0 && r.bottom <= innerHeight"
    frame = f"(r => {inside})({MODAL}.getBoundingClientRect())"
    assert await tab.script(frame), "a form's buttons can be reached"
    drawn = await tab.picture()
    assert struct.unpack(">II", drawn[16:24]) == (width, height)
    await tab.key("Escape")
    await tab.until(f"!{MODAL}")
    await tab.window(1400, 900)
