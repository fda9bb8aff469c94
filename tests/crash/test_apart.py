"""The agent and the executor as two processes: the one that reads tickets cannot write, and the story comes out."""

from __future__ import annotations

import signal
from pathlib import Path

from bot.demo.town import BOT_LOGIN
from tests.crash.account import check, quiet
from tests.crash.bots import KILLED, Outright
from tests.crash.night import WRITE_TOKEN, open_night


async def test_the_agents_process_holds_no_write_token(tmp_path: Path) -> None:
    async with open_night(tmp_path, Outright(), "") as night:
        token = night.town.bot.env[WRITE_TOKEN]
        night.split()
        executor = night.executor()
        executor.launch()
        await night.bot.start()
        case = await night.file()
        await night.approve(case)
        await night.written(case)
        environment = Path(f"/proc/{night.bot.pid}/environ")
        if environment.exists():
            assert b"GITHUB_READ_TOKEN" in environment.read_bytes()
            assert token.encode() not in environment.read_bytes()
        assert {one.login for one in night.town.github.writes()} == {BOT_LOGIN}
        assert {one.login for one in night.town.github.journal.reads} == {BOT_LOGIN, "strata-reader[bot]"}

        late = await night.file("Approved while no executor runs")
        assert await executor.kill() == KILLED
        await night.approve(late)
        await night.until(lambda: "Writing to the tracker" in night.says(late))
        assert late.acked
        executor.launch()
        await night.written(late)
        await quiet(night)
        for one in (night.bot, executor):
            one.signal(signal.SIGINT)  # a second signal changes nothing
            assert await one.stop() == 0
        assert "Traceback" not in night.bot.log()
        await check(night)
