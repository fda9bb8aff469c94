"""A GitHub App's door: who am I, where am I installed, a token please."""

from __future__ import annotations

from bot.sandbox.github.answers import Answer, not_found
from bot.sandbox.github.apps import Installation
from bot.sandbox.github.call import Body, Call, created
from bot.sandbox.github.model import Json, iso
from bot.sandbox.github.repository_shape import node_id

EVENTS = ["issues", "issue_comment", "label"]


class Narrowing(Body):
    repositories: list[str] | None = None
    repository_ids: list[int] | None = None
    permissions: dict[str, str] | None = None


def app(call: Call) -> Answer:
    one = call.parts.apps.by_jwt(call.authorization)
    at = iso(call.world.clock())
    html = f"{call.shapes.base}/apps/{one.slug}"
    shape: Json = {
        "id": one.app_id,
        "node_id": node_id("A", one.app_id),
        "slug": one.slug,
        "client_id": one.client_id,
        "name": one.slug,
        "owner": call.shapes.user(call.world.repository(one.repos[0]).owner),
        "description": None,
        "external_url": html,
        "html_url": html,
        "created_at": at,
        "updated_at": at,
        "permissions": dict(one.permissions),
        "events": EVENTS,
    }
    return Answer(200, shape)


def installation_of_repository(call: Call) -> Answer:
    signer = call.parts.apps.by_jwt(call.authorization)
    repo = call.world.repository(f"{call.path['owner']}/{call.path['repo']}").full_name
    found = call.parts.apps.covering(repo)
    if found is None or found.app_id != signer.app_id:
        raise not_found()
    return Answer(200, _shape(call, found))


def _shape(call: Call, one: Installation) -> Json:
    at = iso(call.world.clock())
    base, owner = call.shapes.base, call.world.repository(one.repos[0]).owner
    return {
        "id": one.id,
        "account": call.shapes.user(owner),
        "target_id": owner.id,
        "target_type": owner.type,
        "app_id": one.app_id,
        "app_slug": one.slug,
        "permissions": dict(one.permissions),
        "repository_selection": "selected",
        "events": EVENTS,
        "single_file_name": None,
        "suspended_at": None,
        "suspended_by": None,
        "access_tokens_url": f"{base}/app/installations/{one.id}/access_tokens",
        "repositories_url": f"{base}/installation/repositories",
        "html_url": f"{base}/organizations/{owner.login}/settings/installations/{one.id}",
        "created_at": at,
        "updated_at": at,
    }


def mint(call: Call) -> Answer:
    """A token for at most the installed permissions and repositories, good for one hour."""
    signer = call.parts.apps.by_jwt(call.authorization)
    installation = call.parts.apps.find(call.number("installation"), signer)
    asked = call.body(Narrowing)
    token, permissions, repos = call.parts.apps.narrowed(installation, _bare_names(call, asked), asked.permissions)
    shape: Json = {
        "token": call.parts.tokens.grant(token),
        "expires_at": iso(token.expires_at or 0.0),
        "permissions": permissions,
        "repository_selection": "selected",
    }
    if asked.repositories is not None or asked.repository_ids is not None:
        shape["repositories"] = [call.shapes.repository(call.world.repository(one)) for one in repos]
    return created(shape)


def _bare_names(call: Call, asked: Narrowing) -> list[str] | None:
    if asked.repositories is None and asked.repository_ids is None:
        return None
    by_id = [call.world.repository_by_id(one) for one in asked.repository_ids or ()]
    return [*(asked.repositories or ()), *("" if one is None else one.name for one in by_id)]
