"""The web application: webhook doors, health, and whatever else is mounted (Slack's HTTP door)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from bot.intake.hooks import Hooks

Ready = Callable[[], Awaitable[dict[str, str]]]
"""What each part says of itself: `ok…`, `paused`, `degraded: why` (it works on), or why it does not."""

NOT_READY = "not ready"
DEGRADED = "degraded"


def build(hooks: Hooks, ready: Ready, more: Sequence[BaseRoute] = ()) -> Starlette:
    async def healthz(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readyz(_request: Request) -> Response:
        parts = await ready()
        # Paused is a wish of the operator, not a fault: the bot still takes in what arrives.
        status = _status(list(parts.values()))
        return JSONResponse({"status": status, "parts": parts}, status_code=503 if status == NOT_READY else 200)

    routes: list[BaseRoute] = [
        Route("/healthz", healthz, methods=["GET"]),
        Route("/readyz", readyz, methods=["GET"]),
        hooks.route(),
        *more,
    ]
    return Starlette(routes=routes)


def _status(states: Sequence[str]) -> str:
    if not all(state == "paused" or state.startswith(("ok", DEGRADED)) for state in states):
        return NOT_READY
    return DEGRADED if any(state.startswith(DEGRADED) for state in states) else "ok"
