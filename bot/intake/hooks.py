"""`POST /hooks/<provider>/<install>`: a tracker's webhook.

Answers 2xx only after the delivery was committed. An unknown install gets the same 404 as a path that does not
exist, so nobody can find out which installs there are.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.body import TRACKER_CAP, Encoded, HungUp, Room, TooLarge, TooSlow
from bot.events import Malformed, NotAuthentic
from bot.record.inbox import Outcome
from bot.record.outages import RecordUnavailable

log = structlog.get_logger(__name__)

Arrived = Callable[[Mapping[str, str], bytes], Awaitable[Outcome]]
"""Verifies and stores one delivery of one install: `bot.service.arrivals`."""

RETRY_AFTER_S = "10"
_STATUS: dict[type[Exception], int] = {TooLarge: 413, Encoded: 415, HungUp: 400, TooSlow: 408}


class Hooks:
    """The webhook doors of all installs, by provider and install id."""

    def __init__(
        self, installs: Mapping[tuple[str, str], Arrived], answers: Mapping[tuple[str, str], int] | None = None
    ) -> None:
        """`answers`: the status of a delivery that was taken, where a sender wants another than 202."""
        self._installs = installs
        self._answers = answers or {}
        self._room = Room()

    def route(self) -> Route:
        return Route("/hooks/{provider}/{install}", self._receive, methods=["POST"])

    async def _receive(self, request: Request) -> Response:
        install = (request.path_params["provider"], request.path_params["install"])
        arrived = self._installs.get(install)
        if arrived is None:
            raise HTTPException(404)
        try:
            async with self._room.body(request, TRACKER_CAP) as body:
                return await _take(arrived, request, body, self._answers.get(install, 202))
        except (TooLarge, Encoded, HungUp, TooSlow) as error:
            return _no(_STATUS[type(error)], str(error))


async def _take(arrived: Arrived, request: Request, body: bytes, taken: int) -> Response:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in request.headers.raw}
    try:
        outcome = await arrived(headers, body)
    except NotAuthentic as error:
        log.info("delivery refused", why=str(error))
        return _no(401, "the signature is missing or wrong")
    except Malformed as error:
        return _no(400, str(error))
    except RecordUnavailable as error:
        log.error("the record cannot be written", error=str(error))  # noqa: TRY400  # no payload in logs
        return _no(503, "the record cannot be written just now", retry=True)
    except (DBAPIError, SQLAlchemyError, OSError) as error:
        log.error("the record cannot be written", error=type(error).__name__)  # noqa: TRY400  # no payload in logs
        return _no(503, "the record cannot be written just now", retry=True)
    return JSONResponse({"outcome": str(outcome)}, status_code=taken)


def _no(status: int, why: str, *, retry: bool = False) -> Response:
    headers = {"Retry-After": RETRY_AFTER_S} if retry else None
    return JSONResponse({"error": why}, status_code=status, headers=headers)
