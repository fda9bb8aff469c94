"""The issue as a person sees it: one plain page behind `html_url`, everything in it escaped, no script.

Shows private repositories too: whoever can open a loopback address owns the sandbox.
"""

from __future__ import annotations

from html import escape

from starlette.responses import HTMLResponse, Response

from bot.sandbox.github.answers import Refused
from bot.sandbox.github.model import Issue, iso
from bot.sandbox.github.world import World

POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; frame-ancestors 'none'"
STYLE = "body{font:16px/1.5 sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem}pre{white-space:pre-wrap}"


def issue_page(world: World, owner: str, repo: str, number: str) -> Response:
    headers = {"content-security-policy": POLICY, "x-content-type-options": "nosniff"}
    try:
        full_name = world.repository(f"{owner}/{repo}").full_name
        issue = world.any_issue(full_name, int(number) if number.isascii() and number.isdigit() else 0)
    except Refused:
        return HTMLResponse("<h1>Not found</h1>", 404, headers)
    return HTMLResponse(_html(issue), 200, headers)


def _html(issue: Issue) -> str:
    state = "deleted" if issue.deleted else "transferred" if issue.moved_to else issue.state
    history = "".join(f"<li>{escape(_line(issue, number))}</li>" for number in range(len(issue.history)))
    comments = "".join(f"<h3>{escape(one.author)}</h3><pre>{escape(one.body)}</pre>" for one in issue.comments)
    return (
        f"<!doctype html><html lang=en><meta charset=utf-8><title>#{issue.number} {escape(issue.title)}</title>"
        f"<style>{STYLE}</style><h1>{escape(issue.title)} #{issue.number}</h1>"
        f"<p>{state}, filed by {escape(issue.author)} at {iso(issue.created_at)}</p>"
        f"<p>Labels: {escape(', '.join(issue.labels)) or 'none'}<br>"
        f"Assignees: {escape(', '.join(issue.assignees)) or 'none'}</p>"
        f"<pre>{escape(issue.body or '')}</pre><h2>Comments</h2>{comments}<h2>History</h2><ul>{history}</ul></html>"
    )


def _line(issue: Issue, number: int) -> str:
    line = issue.history[number]
    what = line.label or line.assignee or ""
    return f"{iso(line.at)} {line.actor} {line.event} {what}".rstrip()
