"""Our half of GitHub against the local GitHub: people change things meanwhile, rights are missing, the wire breaks."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.events import Arrival, Edited, Event, FieldSet, Gone, Irrelevant, NotAuthentic, Opened, TicketField
from bot.executor.port import TicketWriter
from bot.sandbox.github import Delivery, LabelPolicy, Token, UnknownAssignee
from bot.sandbox.github.webhooks import headers
from bot.trackers.github.webhook import GitHubDoor
from bot.trackers.github.writer import GitHubWriter
from graphs.errors import RateLimited, TicketGone, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import InstallId, Login, TicketRef, TicketState
from graphs.ports import TicketReader
from tests.trackers.github.place import BOT, Place, open_place

LAYER = "layer: retrieval and context"
TIMES = {"created_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}
ON_DUTY, DATA_LEAD = Login("on-duty"), Login("data-lead")


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    async with open_place() as one:
        yield one


def test_the_ports_are_kept(place: Place) -> None:
    reader: TicketReader = place.reader
    writer: TicketWriter = place.writer
    assert not hasattr(reader, "add_label")
    assert reader is not writer


async def test_a_ticket_as_it_is_now(place: Place) -> None:
    ref = await place.filed("Quelle \u202e?", labels=["needs info"])
    await place.github.assign_as(place.repo, 1, ON_DUTY, DATA_LEAD)
    ticket = await place.reader.read(ref)
    assert ticket.ref == ref
    assert ticket.title == "Quelle \u202e?"
    assert ticket.body == "since Monday"
    assert (ticket.author, ticket.author_is_bot) == ("reporter-1", False)
    assert ticket.labels == ("needs info",)
    assert ticket.assignees == (DATA_LEAD,)
    assert (ticket.state, ticket.private, ticket.locked) == (TicketState.OPEN, True, False)
    assert ticket.url == f"{place.github.url}/{place.repo}/issues/1"
    assert ticket.created_at <= ticket.updated_at
    await place.github.close(place.repo, 1, ON_DUTY)
    await place.github.lock(place.repo, 1, ON_DUTY)
    later = await place.reader.read(ref)
    assert (later.state, later.locked) == (TicketState.CLOSED, True)


async def test_a_public_project_is_not_private() -> None:
    async with open_place(private=False) as place:
        assert not (await place.reader.read(await place.filed())).private


async def test_the_version_moves_with_each_change_even_within_a_second(place: Place) -> None:
    ref = await place.filed()
    hub, repo = place.github, place.repo
    steps: list[Callable[[], Awaitable[object]]] = [
        lambda: hub.edit(repo, 1, ON_DUTY, title="Another title"),
        lambda: hub.edit(repo, 1, ON_DUTY, body="another body"),
        lambda: hub.label_as(repo, 1, ON_DUTY, LAYER),
        lambda: hub.assign_as(repo, 1, ON_DUTY, DATA_LEAD),
        lambda: hub.close(repo, 1, ON_DUTY),
    ]
    versions = [(await place.reader.read(ref)).version]
    for step in steps:
        assert (await place.reader.read(ref)).version == versions[-1]
        await step()
        versions.append((await place.reader.read(ref)).version)
    assert len(set(versions)) == len(steps) + 1


async def test_all_pages_of_labels_and_comments(place: Place) -> None:
    ref = await place.filed()
    for index in range(230):
        place.github.add_label(place.repo, f"area {index}")
    for index in range(101):
        await place.github.comment_as(place.repo, 1, ON_DUTY, f"comment {index}")
    assert await place.reader.labels(ref) == place.github.labels(place.repo)
    assert [one.body for one in await place.writer.comments(ref)] == [f"comment {index}" for index in range(101)]


async def test_a_full_last_page_is_not_taken_for_more(place: Place) -> None:
    ref = await place.filed()
    for index in range(100):
        await place.github.comment_as(place.repo, 1, ON_DUTY, f"comment {index}")
    assert len(await place.writer.comments(ref)) == 100


async def test_writes_add_and_keep_what_people_set(place: Place) -> None:
    ref = await place.filed(labels=["needs info"])
    await place.github.assign_as(place.repo, 1, ON_DUTY, ON_DUTY)
    await place.writer.add_label(ref, LAYER)
    await place.writer.assign(ref, DATA_LEAD)
    await place.writer.comment(ref, "Sorted to retrieval")
    ticket = await place.writer.read(ref)
    assert set(ticket.labels) == {"needs info", LAYER}
    assert set(ticket.assignees) == {ON_DUTY, DATA_LEAD}
    assert [(one.author, one.body) for one in await place.writer.comments(ref)] == [(BOT, "Sorted to retrieval")]


async def test_single_members_are_taken_back_and_the_rest_stays(place: Place) -> None:
    ref = await place.filed(labels=["needs info"])
    await place.github.assign_as(place.repo, 1, ON_DUTY, ON_DUTY)
    await place.github.comment_as(place.repo, 1, ON_DUTY, "mine")
    for act in (place.writer.add_label(ref, LAYER), place.writer.assign(ref, DATA_LEAD)):
        await act
    await place.writer.comment(ref, "Sorted to retrieval")
    (ours,) = [one for one in await place.writer.comments(ref) if one.author == BOT]
    for _ in range(2):  # the second time there is nothing to do, and that is fine
        await place.writer.remove_label(ref, LAYER)
        await place.writer.unassign(ref, DATA_LEAD)
        await place.writer.remove_comment(ref, ours.id)
    ticket = await place.writer.read(ref)
    assert ticket.labels == ("needs info",)
    assert ticket.assignees == (ON_DUTY,)
    assert [one.body for one in await place.writer.comments(ref)] == ["mine"]


async def test_a_comment_id_cannot_leave_its_path(place: Place) -> None:
    ref = await place.filed()
    with pytest.raises(TrackerRejected, match="digits only"):
        await place.writer.remove_comment(ref, "1/../../issues/1")


async def test_names_are_compared_as_github_does(place: Place) -> None:
    ref = await place.filed()
    await place.writer.add_label(ref, LAYER.upper())
    await place.writer.assign(ref, Login("Data-Lead"))
    ticket = await place.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((LAYER,), (DATA_LEAD,))
    await place.writer.remove_label(ref, LAYER.upper())
    await place.writer.unassign(ref, Login("Data-Lead"))
    ticket = await place.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((), ())


@pytest.mark.parametrize("label", ["a/b?c#d%2e", "größe 🐛", "..a", "x" * 50])
async def test_any_label_name_survives_the_way_there_and_back(place: Place, label: str) -> None:
    ref = await place.filed(labels=["needs info"])
    await place.writer.create_label(ref, label)
    await place.writer.add_label(ref, label)
    assert set((await place.reader.read(ref)).labels) == {"needs info", label}
    await place.writer.remove_label(ref, label)
    assert (await place.reader.read(ref)).labels == ("needs info",)


@pytest.mark.parametrize("label", ["", ".", "..", " "])
async def test_removing_a_label_can_not_become_removing_all(place: Place, label: str) -> None:
    ref = await place.filed(labels=["needs info"])
    with pytest.raises(TrackerRejected):
        await place.writer.remove_label(ref, label)
    assert place.github.writes_on(place.repo, 1) == ()
    assert (await place.reader.read(ref)).labels == ("needs info",)


async def test_a_label_that_exists_is_fine_and_one_that_does_not_is_a_no(place: Place) -> None:
    ref = await place.filed()
    await place.writer.create_label(ref, LAYER)
    await place.writer.create_label(ref, "brand new")
    assert "brand new" in await place.writer.labels(ref)
    with pytest.raises(TrackerRejected):
        await place.writer.add_label(ref, "nobody made this")


async def test_an_unknown_label_is_made_where_the_tracker_does_that() -> None:
    async with open_place(labels=LabelPolicy.CREATE) as place:
        ref = await place.filed()
        await place.writer.add_label(ref, "nobody made this")
        assert (await place.reader.read(ref)).labels == ("nobody made this",)


async def test_what_is_not_there_can_be_taken_away(place: Place) -> None:
    ref = await place.filed()
    await place.writer.remove_label(ref, LAYER)
    await place.writer.remove_label(ref, "nobody made this")
    await place.writer.unassign(ref, DATA_LEAD)


async def test_a_removal_that_the_tracker_hides_is_not_taken_for_done(place: Place) -> None:
    """GitHub answers 404 both for "not on the issue" and for "not for you"."""
    ref = await place.filed(labels=["needs info"])
    place.github.faults.fail(404, method="DELETE")
    with pytest.raises(TrackerRejected):
        await place.writer.remove_label(ref, "needs info")


@pytest.mark.parametrize("policy", UnknownAssignee)
@pytest.mark.parametrize("login", ["reporter-1", "nobody-at-all"])
async def test_somebody_who_cannot_be_assigned_is_a_no(policy: UnknownAssignee, login: str) -> None:
    """Refused by one kind of server, dropped in silence by the other."""
    async with open_place(assignees=policy) as place:
        ref = await place.filed()
        with pytest.raises(TrackerRejected):
            await place.writer.assign(ref, Login(login))
        assert (await place.reader.read(ref)).assignees == ()


async def test_a_server_that_knows_no_assignable_people_still_assigns(place: Place) -> None:
    ref = await place.filed()
    place.github.faults.fail(404, path="/assignees/")
    await place.writer.assign(ref, DATA_LEAD)
    assert (await place.reader.read(ref)).assignees == (DATA_LEAD,)


@pytest.mark.parametrize(
    ("answer", "act"),
    [
        ([{"name": "needs info"}], lambda writer, ref: writer.add_label(ref, LAYER)),
        ({"assignees": []}, lambda writer, ref: writer.assign(ref, DATA_LEAD)),
        ({"assignees": [{"login": "data-lead"}]}, lambda writer, ref: writer.unassign(ref, DATA_LEAD)),
    ],
)
async def test_a_success_that_changed_nothing_is_a_no(
    place: Place, answer: object, act: Callable[[GitHubWriter, TicketRef], Awaitable[None]]
) -> None:
    ref = await place.filed()
    for method in ("POST", "DELETE"):
        place.github.faults.fail(200, method=method, body=answer)
    with pytest.raises(TrackerRejected, match="silently ignored"):
        await act(place.writer, ref)


@pytest.mark.parametrize("answer", [{}, [{"name": 7}], [7], "text", 7, {"assignees": None, "number": 10**400}])
async def test_a_success_we_cannot_read_is_an_open_outcome(place: Place, answer: object) -> None:
    ref = await place.filed()
    place.github.faults.fail(200, times=9, body=answer)
    acts = [place.reader.read(ref), place.reader.labels(ref), place.writer.comments(ref)]
    acts += [place.writer.add_label(ref, LAYER), place.writer.assign(ref, DATA_LEAD), place.writer.comment(ref, "x")]
    for act in acts:
        with pytest.raises(TrackerUnavailable):
            await act


async def test_another_issue_than_asked_for_is_a_broken_answer(place: Place) -> None:
    await place.filed()
    second = await place.filed()
    place.github.faults.fail(200, body={"number": 1, "title": "x", "state": "open", **TIMES})
    with pytest.raises(TrackerUnavailable, match="another issue"):
        await place.reader.read(second)


async def test_a_pull_request_is_not_a_ticket(place: Place) -> None:
    ref = await place.filed()
    said = {"number": 1, "title": "x", "state": "open", "pull_request": {"url": "x"}, **TIMES}
    place.github.faults.fail(200, body=said)
    with pytest.raises(TicketGone, match="pull request"):
        await place.reader.read(ref)


async def test_tickets_that_are_not_there_any_more(place: Place) -> None:
    place.github.add_repository("acme/elsewhere")
    first, second = await place.filed(), await place.filed()
    await place.github.delete(place.repo, 1, ON_DUTY)
    await place.github.transfer(place.repo, 2, ON_DUTY, "acme/elsewhere")
    for ref in (first, second, place.ref(99), place.ref(1, "acme/nowhere")):
        for act in (place.reader.read(ref), place.writer.add_label(ref, LAYER), place.writer.comment(ref, "x")):
            with pytest.raises(TicketGone):
                await act


async def test_the_reading_credential_cannot_write(place: Place) -> None:
    ref = await place.filed()
    reading = place.transport(Token(BOT, is_app=True, issues="read", repos=[place.repo]))
    hand = GitHubWriter(reading, place.site)
    for act in (hand.add_label(ref, LAYER), hand.assign(ref, DATA_LEAD), hand.comment(ref, "x")):
        with pytest.raises(TrackerRefused):
            await act
    assert place.github.effects(place.repo, 1) == ()


async def test_a_revoked_token_and_a_locked_issue_are_refusals(place: Place) -> None:
    ref = await place.filed()
    await place.github.lock(place.repo, 1, ON_DUTY)
    with pytest.raises(TrackerRefused, match="locked"):
        await place.writer.comment(ref, "x")
    place.github.tokens.expire_all()
    with pytest.raises(TrackerRefused, match="Bad credentials"):
        await place.reader.read(ref)


async def test_rate_limits(place: Place) -> None:
    ref = await place.filed()
    place.github.faults.secondary_limit(30, method="POST")
    with pytest.raises(RateLimited) as caught:
        await place.writer.add_label(ref, LAYER)
    assert caught.value.retry_after_s == 30
    place.github.faults.primary_limit(place.github.world.clock() + 3000, status=429)
    with pytest.raises(RateLimited) as caught:
        await place.reader.read(ref)
    assert 2000 < caught.value.retry_after_s <= 3001
    await place.writer.add_label(ref, LAYER)


async def test_an_applied_write_whose_answer_is_lost_is_open_and_can_be_read_back(place: Place) -> None:
    ref = await place.filed()
    place.github.faults.apply_then_break(method="POST")
    with pytest.raises(TrackerUnavailable):
        await place.writer.add_label(ref, LAYER)
    assert (await place.writer.read(ref)).labels == (LAYER,)
    assert len(place.github.writes_on(place.repo, 1)) == 1


async def test_no_write_is_repeated_on_its_own(place: Place) -> None:
    ref = await place.filed()
    scripts = [place.github.faults.garbage, place.github.faults.break_before, place.github.faults.apply_then_break]
    for script in scripts:
        script(method="POST")
        with pytest.raises(TrackerError):
            await place.writer.comment(ref, "once")
    place.github.faults.fail(503, method="POST")
    with pytest.raises(TrackerUnavailable):
        await place.writer.comment(ref, "once")
    assert len(place.github.writes_on(place.repo, 1)) == len(scripts) + 1


async def test_a_read_survives_one_broken_connection(place: Place) -> None:
    ref = await place.filed()
    place.github.faults.break_before(method="GET")
    assert (await place.reader.read(ref)).ref == ref


async def test_too_large_an_answer_is_cut_off(place: Place) -> None:
    ref = await place.filed()
    place.github.faults.huge_body(6 * 1024 * 1024, method="GET")
    with pytest.raises(TrackerUnavailable, match="larger than"):
        await place.reader.read(ref)


SECRET = "a hook secret"


def arrival(delivery: Delivery, secret: str = SECRET) -> Arrival:
    door, sent = GitHubDoor(), headers(delivery)
    door.verify(sent, delivery.payload, [secret])
    return door.parse(sent, delivery.payload, InstallId("main"))


async def test_webhooks_of_the_local_github_come_through_the_door(place: Place) -> None:
    hub, repo = place.github, place.repo
    hub.add_repository("acme/elsewhere")
    # Nobody listens there; what was sent is read from the tracker's own list.
    hook = hub.add_hook(repo, "http://127.0.0.1:9/", SECRET, ["*"])
    ref = await place.filed()
    await hub.edit(repo, 1, "reporter-1", title="Answers are cut off again")
    await place.writer.add_label(ref, LAYER)
    await place.writer.assign(ref, DATA_LEAD)
    await place.writer.comment(ref, "Sorted")
    await hub.unlabel_as(repo, 1, ON_DUTY, LAYER)
    await hub.close(repo, 1, ON_DUTY)
    await hub.reopen(repo, 1, ON_DUTY)
    await hub.transfer(repo, 1, ON_DUTY, "acme/elsewhere")
    await hub.ping(hook, ON_DUTY)
    bot = Login(BOT)
    happened: list[Event] = [arrival(one).event for one in hub.deliveries()]
    assert [one for one in happened if not isinstance(one, Irrelevant)] == [
        Opened(ref=ref, action="opened"),
        Edited(ref=ref),
        FieldSet(ref=ref, field=TicketField.LABEL, value=LAYER, actor=bot),
        FieldSet(ref=ref, field=TicketField.ASSIGNEE, value=DATA_LEAD, actor=bot),
        FieldSet(ref=ref, field=TicketField.COMMENT, value="Sorted", actor=bot),
        Gone(ref=ref, why="closed"),
        Opened(ref=ref, action="reopened"),
        Gone(ref=ref, why="transferred"),
    ]
    assert len([one for one in happened if isinstance(one, Irrelevant)]) == 2
    with pytest.raises(NotAuthentic):
        arrival(hub.deliveries()[0], secret="another")
