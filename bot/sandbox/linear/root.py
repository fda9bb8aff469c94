"""What the local Linear does for each question and each mutation: the resolvers at the root of its schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from graphql import GraphQLError

from bot.sandbox.board.asked import Asked
from bot.sandbox.board.model import Project, Ticket
from bot.sandbox.linear.connections import Info, Json, connection, fits, page
from bot.sandbox.linear.shapes import comment_id, id_of

if TYPE_CHECKING:
    from bot.sandbox.linear.local import LocalLinear

Resolver = Callable[..., object]


class Root:
    """Of one request: it knows whose it is."""

    def __init__(self, linear: LocalLinear, asked: Asked) -> None:
        self._linear, self._asked = linear, asked
        self._board, self._shapes = linear.board, linear.shapes

    def fields(self) -> dict[str, Resolver]:
        return {
            "viewer": lambda _: self._shapes.person(self._asked.token.login),
            "issue": self._issue,
            "issues": self._issues,
            "issueLabels": self._labels,
            "teams": self._teams,
            "users": self._users,
            "issueAddLabel": self._add_label,
            "issueRemoveLabel": self._remove_label,
            "issueUpdate": self._update,
            "issueLabelCreate": self._create_label,
            "commentCreate": self._comment,
            "commentDelete": self._delete_comment,
        }

    # Questions

    def _issue(self, _: Info, id: str) -> Json:  # noqa: A002  # the argument's name in the schema
        return self._shapes.issue(self._ticket(id))

    def _issues(
        self,
        _: Info,
        sort: list[dict[str, dict[str, str]]] | None = None,
        first: int = 50,
        after: str | None = None,
        **asked: object,
    ) -> Json:
        shown = [self._shapes.issue(one) for place in self._seen() for one in place.tickets if not one.gone]
        found = [one for one in shown if fits(one, asked.get("filter"))]
        for name, how in (sort or [{}])[0].items():
            found.sort(key=lambda one: str(one[name]), reverse=how["order"] == "Descending")  # used at once
        return page(found, first, after)

    def _labels(self, _: Info, first: int = 50, after: str | None = None, **asked: object) -> Json:
        shown = [self._shapes.label(name, place) for place in self._seen() for name in place.labels]
        shown += [self._shapes.label(name, None) for name in self._linear.workspace_labels]
        return page([one for one in shown if fits(one, asked.get("filter"))], first, after)

    def _teams(self, info: Info, **asked: object) -> object:
        found = [self._shapes.team(one) for one in self._seen()]
        return connection([one for one in found if fits(one, asked.get("filter"))])(info)

    def _users(self, info: Info, **asked: object) -> object:
        found = [self._shapes.person(one) for one in self._board.people]
        return connection([one for one in found if fits(one, asked.get("filter"))])(info)

    # Mutations

    def _add_label(self, _: Info, id: str, labelId: str) -> Json:  # noqa: A002, N803  # the schema's names
        one = self._ticket(id, write=True)
        label = self._label_named(one, labelId)
        if not self._linear.drops_labels:
            self._asked.changed |= self._board.add_label(one, self._asked.actor, label)
        return {"success": True, "issue": self._shapes.issue(one)}

    def _remove_label(self, _: Info, id: str, labelId: str) -> Json:  # noqa: A002, N803  # the schema's names
        one = self._ticket(id, write=True)
        label = self._label_named(one, labelId)
        if not self._linear.drops_labels:
            self._asked.changed |= self._board.remove_label(one, self._asked.actor, label)
        return {"success": True, "issue": self._shapes.issue(one)}

    def _update(self, _: Info, id: str, input: dict[str, object]) -> Json:  # noqa: A002  # the schema's names
        one = self._ticket(id, write=True)
        if "assigneeId" in input:
            who = [] if input["assigneeId"] is None else [self._member(one, str(input["assigneeId"]))]
            self._asked.changed |= self._board.set_assignees(one, self._asked.actor, who)
        return {"success": True, "issue": self._shapes.issue(one)}

    def _create_label(self, _: Info, input: dict[str, str]) -> Json:  # noqa: A002  # the schema's name
        self._must_write()
        team = next((one for one in self._seen() if id_of("team", one.name) == input.get("teamId")), None)
        if team is None:
            raise missing("Team")
        if input["name"].casefold() in {one.casefold() for one in self._linear.labels_of(team)}:
            raise invalid("Duplicate label name")
        team.labels.append(input["name"])
        self._asked.changed = True
        return {"success": True, "issueLabel": self._shapes.label(input["name"], team)}

    def _comment(self, _: Info, input: dict[str, str]) -> Json:  # noqa: A002  # the schema's name
        one, chosen = self._ticket(input["issueId"], write=True), input.get("id", "")
        if chosen and self._linear.find(chosen) is not None:
            raise invalid("Entity already exists: Comment")
        self._asked.changed = True
        made = self._board.comment(one, self._asked.actor, input.get("body", ""), chosen)
        return {"success": True, "comment": self._shapes.comment(made)}

    def _delete_comment(self, _: Info, id: str) -> Json:  # noqa: A002  # the argument's name in the schema
        one = self._ticket(id, write=True)
        for comment in [it for it in one.comments if comment_id(it) == id]:
            self._board.delete_comment(one, self._asked.actor, comment)
            self._asked.changed = True
        return {"success": True}

    # Who sees what

    def _seen(self) -> list[Project]:
        token = self._asked.token
        return [one for one in self._board.projects.values() if not one.private or one.name in token.projects]

    def _must_write(self) -> None:
        if not self._asked.token.writes:
            raise GraphQLError("Invalid scope: `write` required", extensions={"type": "forbidden", "code": "FORBIDDEN"})

    def _ticket(self, name: str, *, write: bool = False) -> Ticket:
        found = self._linear.find(name)
        if found is None or all(one.name != found.project for one in self._seen()):
            raise missing("Issue")
        if write:
            self._must_write()
        return found

    def _label_named(self, one: Ticket, wanted: str) -> str:
        names = self._linear.labels_of(self._board.projects[one.project])
        found = [name for name in {*names, *one.labels} if id_of("label", name) == wanted]
        if not found:
            raise missing("IssueLabel")
        return found[0]

    def _member(self, one: Ticket, wanted: str) -> str:
        members = self._board.projects[one.project].members
        found = [login for login in members if id_of("person", login) == wanted]
        if not found:
            raise invalid("assigneeId must be a member of the team")
        return found[0]


def invalid(why: str) -> GraphQLError:
    about = {"type": "invalid input", "code": "INPUT_ERROR", "userError": True, "userPresentableMessage": why}
    return GraphQLError("Argument Validation Error", extensions=about)


def missing(what: str) -> GraphQLError:
    about = {"type": "invalid input", "code": "INPUT_ERROR", "userError": True}
    shown = f"Could not find referenced {what}."
    return GraphQLError("Entity not found", extensions={**about, "userPresentableMessage": shown})
