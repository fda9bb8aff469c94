"""The web application: webhook doors, health, and whatever else is mounted (Slack's HTTP door)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.intake.hooks import Hooks

Ready = Callable[[], Awaitable[dict[str, str]]]
"""What each part says of itself: `ok`, or why it is not."""


def build(hooks: Hooks, ready: Ready, more: Sequence[BaseRoute] = ()) -> Starlette:
    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        parts = await ready()
        # Paused is a wish of the operator, not a fault: the bot still takes in what arrives.
        fine = all(state in ("ok", "paused") for state in parts.values())
        return JSONResponse({"status": "ok" if fine else "not ready", "parts": parts}, status_code=200 if fine else 503)

    routes: list[BaseRoute] = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        hooks.route(),
        *more,
    ]
    return Starlette(routes=routes)
