"""The page behind `html_url`: readable, and nothing in a ticket becomes markup."""

from __future__ import annotations

import httpx

from bot.sandbox.github import LocalGitHub


async def test_text_stays_text(github: LocalGitHub, api: httpx.AsyncClient) -> None:
    hostile = "</pre><script>alert(1)</script>"
    number = await github.file("acme/assistant", "reporter-1", f"t {hostile}", hostile, ["kind: bug"])
    await github.comment_as("acme/assistant", number, "on-duty", hostile)
    url = (await api.get(f"/repos/acme/assistant/issues/{number}")).json()["html_url"]
    page = await api.get(url)
    assert page.status_code == 200
    assert "<script" not in page.text
    assert page.text.count("&lt;script&gt;") == 4
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "kind: bug" in page.text


async def test_no_such_page(api: httpx.AsyncClient) -> None:
    assert (await api.get("/acme/assistant/issues/99")).status_code == 404
    assert (await api.get("/acme/none/issues/1")).status_code == 404
