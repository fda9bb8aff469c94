"""Chromium driven over its own debugging protocol, with nothing but the websockets library: keys, clicks, pictures.

Needs Debian's `chromium`. Its profile is a folder of the test, its network is this machine alone.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from websockets.asyncio.client import ClientConnection, connect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
MISSING = "Chromium is missing, so NO BROWSER HAS SEEN THE PAGE: apt-get install chromium fonts-noto-color-emoji"
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
)
PATIENCE_S, LOOK_S = 60.0, 0.05
KEYS = {"Enter": (13, "\r"), "Tab": (9, ""), "Escape": (27, "")}
Json = dict[str, object]


@dataclass
class Tab:
    socket: ClientConnection
    complaints: list[str] = field(default_factory=list)
    """What the console said: a policy that stopped something, an error of the script."""
    _sent: int = 0

    async def command(self, method: str, **parameters: object) -> Json:
        self._sent += 1
        await self.socket.send(json.dumps({"id": self._sent, "method": method, "params": parameters}))
        while True:
            said: Json = json.loads(await self.socket.recv())
            if said.get("method") in {"Runtime.exceptionThrown", "Log.entryAdded"}:
                self.complaints.append(json.dumps(said["params"]))
            if said.get("id") == self._sent:
                assert "result" in said, said
                result = said["result"]
                assert isinstance(result, dict)
                return result

    async def script(self, expression: str) -> object:
        """The value of an expression in the page."""
        answer = await self.command("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, (expression, answer["exceptionDetails"])
        result = answer["result"]
        assert isinstance(result, dict)
        return result.get("value")

    async def until(self, condition: str) -> None:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await self.script(f"!!({condition})"):  # noqa: ASYNC110  # the page cannot wake us
                    await asyncio.sleep(LOOK_S)
        except TimeoutError:
            raise AssertionError(
                f"never came true: {condition}\n{await self.script('document.body.innerText')}"
            ) from None

    async def go(self, url: str) -> None:
        await self.command("Page.navigate", url=url)
        await self.until(f"location.href == {json.dumps(url)} && document.readyState == 'complete'")

    async def key(self, name: str) -> None:
        code, text = KEYS[name]
        pressed = {"key": name, "code": name, "windowsVirtualKeyCode": code}
        kind = "keyDown" if text else "rawKeyDown"
        await self.command("Input.dispatchKeyEvent", type=kind, **pressed, **({"text": text} if text else {}))
        await self.command("Input.dispatchKeyEvent", type="keyUp", **pressed)

    async def write(self, text: str) -> None:
        await self.command("Input.insertText", text=text)

    async def click(self, element: str, times: int = 1) -> None:
        """With the mouse, in the middle of the element that the expression gives."""
        middle = "(e => {e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect();"
        spot = await self.script(f"{middle} return [r.x + r.width / 2, r.y + r.height / 2]}})({element})")
        assert isinstance(spot, list)
        for count in range(1, times + 1):
            for kind in ("mousePressed", "mouseReleased"):
                place = {"x": spot[0], "y": spot[1], "button": "left", "clickCount": count}
                await self.command("Input.dispatchMouseEvent", type=kind, **place)

    async def window(self, width: int, height: int, *, dark: bool = False) -> None:
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < height}
        await self.command("Emulation.setDeviceMetricsOverride", **size)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        await self.command("Emulation.setEmulatedMedia", features=[scheme])

    async def picture(self) -> bytes:
        answer = await self.command("Page.captureScreenshot", format="png")
        return base64.b64decode(str(answer["data"]))


@asynccontextmanager
async def open_tab(profile: Path) -> AsyncIterator[Tab]:
    """A new browser with one tab."""
    process = await asyncio.create_subprocess_exec(
        *(CHROMIUM, *FLAGS, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        async with connect(await _address(profile), max_size=None, proxy=None) as socket:
            tab = Tab(socket)
            for domain in ("Page", "Runtime", "Log"):
                await tab.command(f"{domain}.enable")
            await tab.window(1400, 900)
            yield tab
    finally:
        process.terminate()
        await process.wait()


async def _address(profile: Path) -> str:
    """Of the first tab; the browser writes its port into its profile when it listens."""
    file = profile / "DevToolsActivePort"
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as http:
        while True:
            try:
                port = file.read_text().split()[0]
                tabs = (await http.get(f"http://127.0.0.1:{port}/json")).json()
                return next(str(one["webSocketDebuggerUrl"]) for one in tabs if one["type"] == "page")
            except (OSError, IndexError, StopIteration, httpx.HTTPError):
                await asyncio.sleep(LOOK_S)
