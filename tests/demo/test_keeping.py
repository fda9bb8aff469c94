"""What the demo leaves behind when it stops, and finds again when it starts."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx
import pytest

from bot.demo.keeping import FILE, FolderProblem, Keeper, Kept, locked, restore
from bot.demo.town import CHANNEL, Bot, Town
from bot.sandbox.github.local import LocalGitHub
from bot.sandbox.github.seed import REPOSITORY, demo_repository
from bot.sandbox.slack.server import LocalSlack
from tests.cli.strata import ROOT
from tests.demo.screen import Screen

PATIENCE_S = 90


async def test_everything_people_saw_comes_back(tmp_path: Path) -> None:
    async with LocalSlack() as slack, LocalGitHub() as github:
        repo = demo_repository(github)
        number = await github.file(repo, "reporter-1", "ü <b>", "a\nb\u200b")
        await github.label_as(repo, number, "on-duty", "wontfix")
        comment = await github.comment_as(repo, number, "on-duty", "words")
        await github.delete(repo, await github.file(repo, "reporter-2", "gone", None), "on-duty")
        top = slack.say("on-duty", CHANNEL, "top")
        slack.say("ml-lead", CHANNEL, "reply", thread_ts=top.ts)
        slack.world.store.dm("U01ONDUTY")
        Keeper(tmp_path, "seal", Town(slack, github, repo, Bot(0, {}, tmp_path), "")).keep()
        said, issue = slack.messages(CHANNEL), github.issue(repo, number)
    with locked(tmp_path, reset=False) as kept:
        again, tracker = LocalSlack(clock=lambda: 1.0), LocalGitHub()  # a clock that was set back
        restore(kept, again, tracker)
    assert again.messages(CHANNEL) == said
    assert again.world.store.rooms[CHANNEL].thread(top.ts) == said
    assert again.world.store.next_ts() > said[-1].ts
    assert tracker.issue(REPOSITORY, number) == issue
    assert tracker.labels(REPOSITORY) == github.labels(repo)
    assert [one.number for one in tracker.issues(REPOSITORY)] == [number]
    assert tracker.world.issue_of_comment(comment).number == number
    async with tracker:
        assert await tracker.file(REPOSITORY, "reporter-1", "next", None) == 3
        taken = {one.id for one in github.world.every_issue(repo)} | {line.id for line in issue.history}
        assert tracker.issue(REPOSITORY, 3).id > max(taken)


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    with locked(tmp_path / "demo", reset=False) as kept:
        assert kept.seal not in repr(kept)
    assert (tmp_path / "demo").stat().st_mode & 0o77 == 0


def test_two_demos_never_share_a_folder(tmp_path: Path) -> None:
    with (
        locked(tmp_path, reset=False),
        pytest.raises(FolderProblem, match="another demo"),
        locked(tmp_path, reset=True),
    ):
        pass


def test_reset_forgets_and_does_not_follow_links(tmp_path: Path) -> None:
    folder, other = tmp_path / "demo", tmp_path / "other"
    other.mkdir()
    (other / "mine").write_text("stays")
    folder.mkdir()
    (folder / FILE).write_text(Kept(seal="old").model_dump_json())
    (folder / "record.db").write_text("x")
    (folder / "link").symlink_to(other)
    with locked(folder, reset=True) as kept:
        assert kept.seal != "old"
    assert not (folder / "record.db").exists()
    assert (other / "mine").read_text() == "stays"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 99}', '{"slack": 1}', '{"github": {"next_id": "x"}}'])
def test_an_unreadable_file_is_named_and_kept(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(FolderProblem, match="--reset"), locked(tmp_path, reset=False) as kept:
        restore(kept, LocalSlack(), LocalGitHub())
    assert (tmp_path / FILE).read_text() == text


class Demo:
    """`strata demo` as a process in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self._env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(folder), "PYTHONUTF8": "1"}
        self._folder = folder
        self._process: Process | None = None

    async def start(self, *arguments: str) -> str:
        """The address it prints."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "demo", "--port", "0", *arguments),
            cwd=self._folder,
            env=self._env,
            stdout=PIPE,
            stderr=PIPE,
            start_new_session=True,
        )
        assert self._process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            async for line in self._process.stderr:
                if b"http://" in line:
                    return line.decode().rsplit(maxsplit=1)[-1]
        raise AssertionError("it printed no address")

    async def stop(self) -> int:
        """Ctrl-C: a terminal sends it to the demo and to the bot alike."""
        assert self._process is not None
        group = os.getpgid(self._process.pid)
        os.killpg(group, signal.SIGINT)
        await asyncio.wait_for(self._process.communicate(), PATIENCE_S)
        with pytest.raises(ProcessLookupError):
            os.killpg(group, 0)
        return self._process.returncode or 0


async def test_reset_starts_anew_and_a_second_start_continues(tmp_path: Path) -> None:
    kept = tmp_path / ".strata" / "demo" / FILE
    kept.parent.mkdir(parents=True)
    kept.write_text("broken")
    demo = Demo(tmp_path)
    url = await demo.start("--reset")
    assert url.startswith("http://127.0.0.1:")
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        screen = Screen(http, "on-duty")
        await screen.until(lambda page: len(page.all("article", class_="message")) == 3)
        assert len(screen.page.region("tickets").all("li")) == 3
    assert await demo.stop() == 0
    assert kept.stat().st_mode & 0o77 == 0
    assert len(json.loads(kept.read_text())["github"]["issues"]) == 3

    url = await demo.start()
    async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
        screen = Screen(http, "on-duty")
        await screen.look()
        assert len(screen.page.region("tickets").all("li")) == 3, "nothing is filed twice"
        await screen.press("Approve", within=screen.page.all("article", class_="message")[0])
        await screen.until(lambda page: "All of it is set" in page.region("messages").text)
    assert await demo.stop() == 0
