"""Each role as processes of its own on one record: the story comes out, one of them may die, one switch stops all."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import httpx

from bot.demo.town import free_port
from tests.crash.account import check, quiet
from tests.crash.bots import KILLED, LOOK_S, BotProcess
from tests.crash.night import PATIENCE_S, Night

GITHUB_TOKENS = {"GITHUB_READ_TOKEN", "GITHUB_WRITE_TOKEN"}


def role(night: Night, name: str, *without: str) -> BotProcess:
    """One role with its health port, not started, and with nothing of what it does not need."""
    port = free_port()
    environment = {key: value for key, value in night.town.bot.env.items() if not key.startswith(without)}
    one = BotProcess(
        night.bot.forker,
        night.folder,
        environment,
        (name, "--health-port", str(port)),
        f"http://127.0.0.1:{port}",
    )
    night.others.append(one)
    return one


async def ready(one: BotProcess) -> dict[str, str]:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"{one.url}/readyz")
    assert answer.is_success
    parts: dict[str, str] = answer.json()["parts"]
    return parts


async def strata(night: Night, *arguments: str) -> None:
    command = BotProcess(night.bot.forker, night.folder, night.bot.environment, arguments)
    command.launch()
    assert await command.ended() == 0, command.tail()


async def test_the_roles_work_together_and_one_switch_stops_them_all(night: Night) -> None:
    web = {key: value for key, value in night.bot.environment.items() if key not in GITHUB_TOKENS}
    night.bot = replace(night.bot, environment=web, arguments=("web",))
    workers = [role(night, "worker", "GITHUB_WRITE", "GITHUB_WEBHOOK") for _ in range(2)]
    executor = role(night, "executor", "SLACK", "GITHUB_READ", "GITHUB_WEBHOOK")
    scheduler = role(night, "scheduler", "SLACK", "GITHUB_READ", "GITHUB_WRITE", "GITHUB_WEBHOOK")
    roles = [night.bot, *workers, executor, scheduler]
    for one in roles:
        await one.start()
        assert one.running, one.tail()
        assert (await ready(one))["record"] == "ok"

    first, second = await night.file("The first"), await night.file("The second")
    await night.approve(first)
    await night.written(first)
    assert await workers[0].kill() == KILLED
    await strata(night, "pause", "--why", "the tracker is being moved")
    for one in (night.bot, workers[1], executor):
        await until_it_says(one, "paused")
    await night.card(second)
    before = len(night.town.github.writes())
    third = await night.file("Filed while paused")
    async with httpx.AsyncClient(trust_env=False) as http:
        assert (await http.get(f"{executor.url}/readyz")).is_success
    await night.town.github.settle()
    assert night.cards(third) == []
    await strata(night, "resume")
    for one in (night.bot, workers[1], executor):
        await until_it_says(one, "ok")
    for case in (second, third):
        await night.finish(case)
    assert len(night.town.github.writes()) > before
    await quiet(night)
    for one in (night.bot, workers[1], executor, scheduler):
        assert await one.stop() == 0, one.tail()
    await check(night)


async def until_it_says(one: BotProcess, state: str) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while (await ready(one))["triage"] != state:  # noqa: ASYNC110  # another process's doing
            await asyncio.sleep(LOOK_S)
