"""The tracker's values as GitHub's JSON: users, repositories, labels, issues, comments, history.

Owns field names and URLs. Must not change anything, nor decide who may see what.
Not filled in: milestones, projects, issue types and fields, sub-issues, reactions beyond zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from bot.sandbox.github.model import Account, Comment, Happening, Issue, Json, Label, Repository, iso
from bot.sandbox.github.repository_shape import node_id, repository_shape
from bot.sandbox.github.world import World


def _reactions(url: str) -> Json:
    kinds = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")
    return {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(kinds, 0)


@dataclass(frozen=True, slots=True)
class Shapes:
    """Knows the world and the address it is served from."""

    world: World
    base: str

    def user(self, who: Account | str) -> Json:
        one = who if isinstance(who, Account) else self.world.account(who)
        url = f"{self.base}/users/{quote(one.login)}"
        return {
            "login": one.login,
            "id": one.id,
            "node_id": node_id("U", one.id),
            "avatar_url": f"{self.base}/avatars/{one.id}",
            "gravatar_id": "",
            "url": url,
            "html_url": f"{self.base}/{quote(one.login)}",
            "followers_url": f"{url}/followers",
            "following_url": f"{url}/following{{/other_user}}",
            "gists_url": f"{url}/gists{{/gist_id}}",
            "starred_url": f"{url}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{url}/subscriptions",
            "organizations_url": f"{url}/orgs",
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events{{/privacy}}",
            "received_events_url": f"{url}/received_events",
            "type": one.type,
            "user_view_type": "public",
            "site_admin": False,
        }

    def organization(self, org: Account) -> Json:
        url = f"{self.base}/orgs/{quote(org.login)}"
        return {
            "login": org.login,
            "id": org.id,
            "node_id": node_id("O", org.id),
            "url": url,
            "repos_url": f"{url}/repos",
            "events_url": f"{url}/events",
            "hooks_url": f"{url}/hooks",
            "issues_url": f"{url}/issues",
            "members_url": f"{url}/members{{/member}}",
            "public_members_url": f"{url}/public_members{{/member}}",
            "avatar_url": f"{self.base}/avatars/{org.id}",
            "description": "",
        }

    def repository_url(self, repo: str) -> str:
        return f"{self.base}/repos/{repo}"

    def repository(self, repo: Repository) -> Json:
        return repository_shape(
            repo,
            self.user(repo.owner),
            url=self.repository_url(repo.full_name),
            html=f"{self.base}/{repo.full_name}",
            open_issues=self.world.open_count(repo.full_name),
        )

    def label(self, repo: str, label: Label) -> Json:
        return {
            "id": label.id,
            "node_id": node_id("LA", label.id),
            "url": f"{self.repository_url(repo)}/labels/{quote(label.name, safe='')}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
        }

    def issue_url(self, repo: str, number: int) -> str:
        return f"{self.repository_url(repo)}/issues/{number}"

    def page_url(self, repo: str, number: int) -> str:
        return f"{self.base}/{repo}/issues/{number}"

    def issue(self, issue: Issue) -> Json:
        url = self.issue_url(issue.repo, issue.number)
        assignees = [self.user(one) for one in issue.assignees]
        return {
            "url": url,
            "repository_url": self.repository_url(issue.repo),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "timeline_url": f"{url}/timeline",
            "html_url": self.page_url(issue.repo, issue.number),
            "id": issue.id,
            "node_id": node_id("I", issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.author),
            "labels": [self.label(issue.repo, self.world.label(issue.repo, name)) for name in issue.labels],
            "state": issue.state,
            "state_reason": issue.state_reason,
            "locked": issue.locked,
            "active_lock_reason": issue.lock_reason,
            "assignee": assignees[0] if assignees else None,
            "assignees": assignees,
            "milestone": None,
            "comments": len(issue.comments),
            "created_at": iso(issue.created_at),
            "updated_at": iso(issue.updated_at),
            "closed_at": None if issue.closed_at is None else iso(issue.closed_at),
            "closed_by": None if issue.closed_by is None else self.user(issue.closed_by),
            "author_association": self.association(issue.repo, issue.author),
            "type": None,
            "body": issue.body,
            "reactions": _reactions(url),
            "performed_via_github_app": None,
        }

    def association(self, repo: str, login: str) -> str:
        return "COLLABORATOR" if self.world.can_be_assigned(repo, login) else "NONE"

    def comment(self, issue: Issue, comment: Comment) -> Json:
        url = f"{self.repository_url(issue.repo)}/issues/comments/{comment.id}"
        return {
            "url": url,
            "html_url": f"{self.page_url(issue.repo, issue.number)}#issuecomment-{comment.id}",
            "issue_url": self.issue_url(issue.repo, issue.number),
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "user": self.user(comment.author),
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.updated_at),
            "author_association": self.association(issue.repo, comment.author),
            "body": comment.body,
            "reactions": _reactions(url),
            "performed_via_github_app": None,
        }

    def happening(self, issue: Issue, one: Happening) -> Json:
        """One entry of `events` and `timeline`."""
        out: Json = {
            "id": one.id,
            "node_id": node_id("EV", one.id),
            "url": f"{self.repository_url(issue.repo)}/issues/events/{one.id}",
            "actor": self.user(one.actor),
            "event": one.event,
            "commit_id": None,
            "commit_url": None,
            "created_at": iso(one.at),
            "performed_via_github_app": None,
        }
        if one.label is not None:
            out["label"] = {"name": one.label, "color": one.color}
        if one.assignee is not None:
            out |= {"assignee": self.user(one.assignee), "assigner": self.user(one.actor)}
        if one.rename is not None:
            out["rename"] = {"from": one.rename[0], "to": one.rename[1]}
        if one.event == "closed":
            out["state_reason"] = one.state_reason
        if one.event == "locked":
            out["lock_reason"] = issue.lock_reason
        return out
