"""Webhooks of a repository and their deliveries: what a reconciler reads to find the lost ones."""

from __future__ import annotations

import json

from bot.sandbox.github import access
from bot.sandbox.github.answers import Answer, not_found
from bot.sandbox.github.call import Call
from bot.sandbox.github.model import Json, iso
from bot.sandbox.github.paging import cut, listing
from bot.sandbox.github.webhooks import Delivery, Hook, headers


def list_hooks(call: Call) -> Answer:
    repo = call.repo()
    access.may_see_hooks(call.token, repo)
    page, more = cut(call, call.parts.webhooks.hooks(repo.full_name))
    return listing([hook_shape(call.shapes.base, one) for one in page], more)


def deliveries(call: Call) -> Answer:
    """Newest first. github.com pages by cursor; here by page, through the same `Link` header."""
    hook = _hook(call)
    found = [one for one in call.parts.webhooks.deliveries.values() if one.hook.id == hook.id]
    page, more = cut(call, found[::-1])
    return listing([_shape(one) for one in page], more)


def delivery(call: Call) -> Answer:
    one = _delivery(call)
    request = {"headers": headers(one), "payload": json.loads(one.payload)}
    return Answer(200, _shape(one) | {"request": request, "response": {"headers": None, "payload": None}})


def redeliver(call: Call) -> Answer:
    """202 at once; the same GUID goes out again."""
    one = _delivery(call)
    call.parts.webhooks.redeliver_soon(one.id)
    call.change(changed=True)
    return Answer(202, {})


def _hook(call: Call) -> Hook:
    repo = call.repo()
    access.may_see_hooks(call.token, repo)
    wanted = call.number("hook")
    for one in call.parts.webhooks.hooks(repo.full_name):
        if one.id == wanted:
            return one
    raise not_found()


def _delivery(call: Call) -> Delivery:
    hook = _hook(call)
    found = call.parts.webhooks.deliveries.get(call.number("delivery"))
    if found is None or found.hook.id != hook.id:
        raise not_found()
    return found


def hook_shape(base: str, hook: Hook) -> Json:
    url = f"{base}/repos/{hook.repo}/hooks/{hook.id}"
    return {
        "type": "Repository",
        "id": hook.id,
        "name": "web",
        "active": hook.active,
        "events": list(hook.events),
        "config": {"content_type": "json", "insecure_ssl": "0", "url": hook.url, "secret": "********"},
        "created_at": iso(hook.created_at),
        "updated_at": iso(hook.created_at),
        "url": url,
        "test_url": f"{url}/test",
        "ping_url": f"{url}/pings",
        "deliveries_url": f"{url}/deliveries",
        "last_response": {"code": None, "status": "unused", "message": None},
    }


def _shape(one: Delivery) -> Json:
    return {
        "id": one.id,
        "guid": one.guid,
        "delivered_at": iso(one.at),
        "redelivery": one.redelivery,
        "duration": round(one.duration_s, 3),
        "status": one.status,
        "status_code": one.status_code,
        "event": one.event,
        "action": one.action,
        "installation_id": None,
        "repository_id": None,
        "throttled_at": None,
    }
