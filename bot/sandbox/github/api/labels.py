"""Labels of a repository and of an issue."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from bot.sandbox.github import access
from bot.sandbox.github.acts.labelling import add_labels, create_label, remove_label, replace_labels
from bot.sandbox.github.answers import Answer, malformed
from bot.sandbox.github.api.issues import LabelName, names
from bot.sandbox.github.call import Body, Call, created
from bot.sandbox.github.model import Issue
from bot.sandbox.github.paging import cut, listing


class NewLabel(Body):
    name: str
    color: str | None = None
    description: str | None = None


class LabelNames(Body):
    labels: list[str | LabelName]


_BODY: TypeAdapter[LabelNames | list[str | LabelName]] = TypeAdapter(LabelNames | list[str | LabelName])


def _names(call: Call) -> list[str]:
    """Either `{"labels": [...]}` or the bare list."""
    try:
        body = _BODY.validate_python(call.json)
    except ValidationError:
        raise malformed("For 'anyOf/0', the labels must be a list of names.") from None
    return names(body.labels if isinstance(body, LabelNames) else body)


def list_labels(call: Call) -> Answer:
    repo = call.repo().full_name
    page, headers = cut(call, call.world.labels(repo))
    return listing([call.shapes.label(repo, one) for one in page], headers)


def create(call: Call) -> Answer:
    repo = call.repo()
    access.may_push(call.token, repo)
    new = call.body(NewLabel)
    label = create_label(
        call.world,
        call.actor,
        repo.full_name,
        new.name,
        color=(new.color or "ededed").lower(),
        description=new.description,
    )
    call.change(changed=True)
    shape = call.shapes.label(repo.full_name, label)
    return created(shape, str(shape["url"]))


def read(call: Call) -> Answer:
    repo = call.repo().full_name
    return Answer(200, call.shapes.label(repo, call.world.label(repo, call.path["name"])))


def list_on_issue(call: Call) -> Answer:
    issue = call.issue()
    page, headers = cut(call, issue.labels)
    return listing([call.shapes.label(issue.repo, call.world.label(issue.repo, one)) for one in page], headers)


def add(call: Call) -> Answer:
    repo = call.repo()
    access.may_triage(call.token, repo)
    push = access.can_push(call.token, repo)
    issue, changed = add_labels(call.world, call.actor, call.issue(), _names(call), may_create=push)
    call.change(changed=changed)
    return _all(call, issue)


def remove(call: Call) -> Answer:
    access.may_triage(call.token, call.repo())
    issue = remove_label(call.world, call.actor, call.issue(), call.path["name"])
    call.change(changed=True)
    return _all(call, issue)


def replace_all(call: Call) -> Answer:
    """Present because github.com has it; the journal shows who used it."""
    repo = call.repo()
    access.may_triage(call.token, repo)
    push = access.can_push(call.token, repo)
    issue, changed = replace_labels(call.world, call.actor, call.issue(), _names(call), may_create=push)
    call.change(changed=changed)
    return _all(call, issue)


def _all(call: Call, issue: Issue) -> Answer:
    return Answer(200, [call.shapes.label(issue.repo, call.world.label(issue.repo, one)) for one in issue.labels])
