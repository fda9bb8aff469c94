"""One contract, every tracker: what our code may rely on, whoever is behind it. Each against our double of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from bot.events import Change, Edited, Event, FieldSet, Gone, Irrelevant, NotAuthentic, Opened, TicketField
from bot.trackers.contract import Which
from graphs.capabilities import Shortfall
from graphs.errors import RateLimited, TicketGone, TrackerError, TrackerRefused, TrackerRejected, TrackerUnavailable
from graphs.model import Login, Millis, TicketRef, TicketState
from tests.trackers.contract.scene import SCENES, Scene, arrivals

LAYER, KIND = "layer: retrieval and context", "kind: bug"
ON_DUTY, DATA_LEAD = "on-duty", "data-lead"


@pytest.fixture(params=SCENES)
async def scene(request: pytest.FixtureRequest) -> AsyncIterator[Scene]:
    async with SCENES[request.param]() as one:
        yield one


async def test_a_ticket_as_it_is_now(scene: Scene) -> None:
    ref = await scene.filed("Quelle \u202e?", ("needs info",))
    await scene.assigns(ref, DATA_LEAD)
    ticket = await scene.reader.read(ref)
    assert (ticket.ref, ticket.title, ticket.body) == (ref, "Quelle \u202e?", "since Monday")
    assert (ticket.author, ticket.author_is_bot) == (scene.account("reporter-1"), False)
    assert (ticket.labels, ticket.assignees) == (("needs info",), (scene.account(DATA_LEAD),))
    assert (ticket.state, ticket.private, ticket.locked) == (TicketState.OPEN, True, False)
    assert ref.number in ticket.url
    assert ticket.created_at <= ticket.updated_at
    await scene.closes(ref)
    assert (await scene.reader.read(ref)).state is TicketState.CLOSED


@pytest.mark.parametrize("name", [one for one in SCENES if one != "zendesk"])  # where nothing is public
async def test_a_public_project_is_not_private(name: str) -> None:
    async with SCENES[name](private=False) as scene:
        assert not (await scene.reader.read(await scene.filed())).private


async def test_the_version_moves_with_each_change(scene: Scene) -> None:
    ref = await scene.filed()
    versions = [(await scene.reader.read(ref)).version]
    for step in (
        scene.edits(ref, "Another title"),
        scene.labels(ref, LAYER),
        scene.assigns(ref, DATA_LEAD),
        scene.closes(ref),
    ):
        assert (await scene.reader.read(ref)).version == versions[-1]
        await step
        versions.append((await scene.reader.read(ref)).version)
    assert len(set(versions)) == 5


async def test_all_pages_of_labels_and_comments(scene: Scene) -> None:
    ref = await scene.filed()
    for label in (LAYER, KIND, *(f"area {index}" for index in range(230))):
        scene.add_label(label)
    for index in range(101):
        await scene.comments(ref, f"comment {index}")
    assert {f"area {index}" for index in range(230)} | {LAYER, KIND} <= await scene.reader.labels(ref)
    everything = [f"comment {index}" for index in range(101)]
    assert [one.body for one in await scene.writer.comments(ref)] == everything
    assert [one.body for one in await scene.reader.comments(ref)] == everything


async def changes(scene: Scene, ref: TicketRef, since: Millis) -> list[Change]:
    return [one async for page in scene.reader.changed_since(ref.install, ref.project, since) for one in page]


async def test_tickets_and_changes(scene: Scene) -> None:
    first, second, third = [await scene.filed(f"Ticket {index}") for index in range(3)]
    await scene.closes(second)
    listed = [ref async for page in scene.reader.tickets(first.install, first.project) for ref in page]
    assert listed == [first, third]
    today, tomorrow = datetime.now(UTC).date(), datetime.now(UTC).date() + timedelta(days=1)
    for since, found in ((today - timedelta(days=1), [first, third]), (tomorrow, [])):
        pages = scene.reader.tickets(first.install, first.project, since)
        assert [ref async for page in pages for ref in page] == found
    for which, found in ((Which.CLOSED, [second]), (Which.ALL, [first, second, third])):
        pages = scene.reader.tickets(first.install, first.project, which=which)
        assert [ref async for page in pages for ref in page] == found
    everything = await changes(scene, first, Millis(0))
    assert {one.ref: one.is_open for one in everything} == {first: True, second: False, third: True}
    assert [one.updated_at for one in everything] == sorted(one.updated_at for one in everything)
    late = Millis(everything[-1].updated_at + 3_000)
    assert await changes(scene, first, late) == []


async def test_writes_add_and_keep_what_people_set(scene: Scene) -> None:
    ref = await scene.filed(labels=("needs info",))
    await scene.writer.add_label(ref, LAYER)
    await scene.writer.assign(ref, scene.account(DATA_LEAD))
    await scene.writer.comment(ref, "Sorted to retrieval")
    ticket = await scene.writer.read(ref)
    assert set(ticket.labels) == {"needs info", LAYER}
    assert ticket.assignees == (scene.account(DATA_LEAD),)
    assert [(one.author, one.body) for one in await scene.writer.comments(ref)] == [(scene.bot, "Sorted to retrieval")]


async def test_nobody_is_pushed_out_by_an_assignment(scene: Scene) -> None:
    """Where there is room for one, whoever is there stays; elsewhere both are assigned."""
    ref = await scene.filed()
    await scene.assigns(ref, ON_DUTY)
    if scene.capabilities.can(Shortfall.ONE_ASSIGNEE):
        await scene.writer.assign(ref, scene.account(DATA_LEAD))
        assert set((await scene.reader.read(ref)).assignees) == {scene.account(ON_DUTY), scene.account(DATA_LEAD)}
        return
    with pytest.raises(TrackerRejected, match=f"replace {scene.account(ON_DUTY)}"):
        await scene.writer.assign(ref, scene.account(DATA_LEAD))
    assert (await scene.reader.read(ref)).assignees == (scene.account(ON_DUTY),)


async def test_each_write_can_be_repeated(scene: Scene) -> None:
    ref = await scene.filed()
    for _ in range(2):
        await scene.writer.add_label(ref, LAYER)
        await scene.writer.assign(ref, scene.account(DATA_LEAD))
        await scene.writer.create_label(ref, LAYER)
    ticket = await scene.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((LAYER,), (scene.account(DATA_LEAD),))


async def test_single_members_are_taken_back_and_the_rest_stays(scene: Scene) -> None:
    ref = await scene.filed(labels=("needs info",))
    await scene.comments(ref, "mine")
    await scene.writer.add_label(ref, LAYER)
    await scene.writer.assign(ref, scene.account(DATA_LEAD))
    await scene.writer.comment(ref, "Sorted")
    (ours,) = [one for one in await scene.writer.comments(ref) if one.author == scene.bot]
    for _ in range(2):  # the second time there is nothing to do, and that is fine
        await scene.writer.remove_label(ref, LAYER)
        await scene.writer.unassign(ref, scene.account(DATA_LEAD))
        if scene.capabilities.can(Shortfall.KEEPS_COMMENTS):
            await scene.writer.remove_comment(ref, ours.id)
        else:
            with pytest.raises(TrackerRejected, match="never deletes"):
                await scene.writer.remove_comment(ref, ours.id)
    ticket = await scene.writer.read(ref)
    assert (ticket.labels, ticket.assignees) == (("needs info",), ())
    left = ["mine"] if scene.capabilities.can(Shortfall.KEEPS_COMMENTS) else ["mine", "Sorted"]
    assert [one.body for one in await scene.writer.comments(ref)] == left


async def test_who_is_not_assigned_is_not_taken_off(scene: Scene) -> None:
    ref = await scene.filed()
    await scene.assigns(ref, ON_DUTY)
    await scene.writer.unassign(ref, scene.account(DATA_LEAD))
    assert (await scene.reader.read(ref)).assignees == (scene.account(ON_DUTY),)


async def test_a_comment_id_cannot_leave_its_path(scene: Scene) -> None:
    ref = await scene.filed()
    with pytest.raises(TrackerRejected):
        await scene.writer.remove_comment(ref, "1/../../issues/1")
    assert scene.writes(ref) == 0


@pytest.mark.parametrize("label", ["a/b?c#d%2e", "größe 🐛", "..a", "x" * 50])
async def test_any_label_name_survives_the_way_there_and_back(scene: Scene, label: str) -> None:
    ref = await scene.filed(labels=("needs info",))
    await scene.writer.create_label(ref, label)
    await scene.writer.add_label(ref, label)
    assert set((await scene.reader.read(ref)).labels) == {"needs info", label}
    await scene.writer.remove_label(ref, label)
    assert (await scene.reader.read(ref)).labels == ("needs info",)


@pytest.mark.parametrize("label", ["", " ", "a\nb"])
async def test_a_label_without_a_name_is_a_no(scene: Scene, label: str) -> None:
    ref = await scene.filed(labels=("needs info",))
    for act in (scene.writer.add_label(ref, label), scene.writer.create_label(ref, label)):
        with pytest.raises(TrackerRejected):
            await act
    assert scene.writes(ref) == 0


@pytest.mark.parametrize("login", ["reporter-1", "nobody-at-all", "../up", ""])
async def test_somebody_who_cannot_be_assigned_is_a_no(scene: Scene, login: str) -> None:
    ref = await scene.filed()
    with pytest.raises(TrackerRejected):
        await scene.writer.assign(ref, scene.account(login))
    assert (await scene.reader.read(ref)).assignees == ()


async def test_a_label_that_the_tracker_drops_is_not_taken_for_set(scene: Scene) -> None:
    ref = await scene.filed()
    scene.drop_labels()
    with pytest.raises(TrackerRejected, match="silently"):
        await scene.writer.add_label(ref, LAYER)


async def test_tickets_that_are_not_there_any_more(scene: Scene) -> None:
    ref = await scene.filed()
    await scene.deletes(ref)
    strange = [{"project": "acme/nowhere"}, {"project": "../up"}, {"number": "../1"}]
    gone = (ref, scene.nowhere(), *(ref.model_copy(update=one) for one in strange))
    for one in gone:
        for act in (scene.reader.read(one), scene.writer.add_label(one, LAYER), scene.writer.comment(one, "x")):
            with pytest.raises(TicketGone):
                await act


async def test_the_reading_credential_cannot_write(scene: Scene) -> None:
    ref = await scene.filed()
    hand = scene.blind_writer
    for act in (hand.add_label(ref, LAYER), hand.assign(ref, scene.account(DATA_LEAD)), hand.comment(ref, "x")):
        with pytest.raises(TrackerRefused):
            await act
    ticket = await scene.reader.read(ref)
    assert (ticket.labels, ticket.assignees) == ((), ())


async def test_a_revoked_token_is_a_refusal(scene: Scene) -> None:
    ref = await scene.filed()
    scene.revoke()
    with pytest.raises(TrackerRefused):
        await scene.reader.read(ref)


async def test_rate_limits_say_how_long(scene: Scene) -> None:
    ref = await scene.filed()
    scene.faults.fail(429, method=scene.write_method, headers={"retry-after": "30"})
    with pytest.raises(RateLimited) as caught:
        await scene.writer.add_label(ref, LAYER)
    assert caught.value.retry_after_s == 30
    await scene.writer.add_label(ref, LAYER)


async def test_an_applied_write_whose_answer_is_lost_is_open_and_can_be_read_back(scene: Scene) -> None:
    ref = await scene.filed()
    scene.faults.apply_then_break(method=scene.write_method)
    with pytest.raises(TrackerUnavailable):
        await scene.writer.add_label(ref, LAYER)
    assert (await scene.writer.read(ref)).labels == (LAYER,)
    assert scene.writes(ref) == 1


async def test_no_write_is_repeated_on_its_own(scene: Scene) -> None:
    ref = await scene.filed()
    for script in (scene.faults.garbage, scene.faults.break_before, scene.faults.apply_then_break):
        script(method=scene.comment_method)
        with pytest.raises(TrackerError):
            await scene.writer.comment(ref, "once")
    scene.faults.fail(503, method=scene.comment_method)
    with pytest.raises(TrackerUnavailable):
        await scene.writer.comment(ref, "once")
    assert scene.writes(ref) == 4


async def test_reads_survive_one_broken_connection_and_nothing_worse(scene: Scene) -> None:
    ref = await scene.filed()
    scene.faults.break_before(method="GET")
    assert (await scene.reader.read(ref)).ref == ref
    for status in (500, 502, 503, 504):
        scene.faults.fail(status, method="GET")
        with pytest.raises(TrackerUnavailable):
            await scene.reader.read(ref)
    for body in ({"number": None}, ["x"], {"iid": "x"}):
        scene.faults.fail(200, method="GET", body=body)
        with pytest.raises(TrackerUnavailable):
            await scene.reader.read(ref)


async def test_a_redirect_to_elsewhere_is_not_followed(scene: Scene) -> None:
    ref = await scene.filed()
    scene.faults.redirect("http://127.0.0.1:9/", status=302, method="GET")
    with pytest.raises(TrackerUnavailable):
        await scene.reader.read(ref)
    scene.faults.redirect("http://127.0.0.1:9/", status=301, method="GET")
    with pytest.raises(TicketGone):
        await scene.reader.read(ref)


async def test_too_large_an_answer_is_cut_off(scene: Scene) -> None:
    ref = await scene.filed()
    scene.faults.huge_body(6 * 1024 * 1024, method="GET")
    with pytest.raises(TrackerUnavailable, match="larger than"):
        await scene.reader.read(ref)


async def test_webhooks_tell_what_happened(scene: Scene) -> None:
    ref = await scene.filed()
    await scene.edits(ref, "Answers are cut off again")
    await scene.writer.add_label(ref, LAYER)
    await scene.writer.assign(ref, scene.account(DATA_LEAD))
    await scene.writer.comment(ref, "Sorted")
    await scene.writer.remove_label(ref, LAYER)
    await scene.closes(ref)
    bot = Login(scene.bot)
    told = arrivals(scene)
    happened: list[Event] = [one.event for one in told if not isinstance(one.event, Irrelevant)]
    assert happened == [
        Opened(ref=ref, action="opened"),
        Edited(ref=ref),
        FieldSet(ref=ref, field=TicketField.LABEL, value=LAYER, actor=bot),
        FieldSet(ref=ref, field=TicketField.ASSIGNEE, value=scene.account(DATA_LEAD), actor=bot),
        FieldSet(ref=ref, field=TicketField.COMMENT, value="Sorted", actor=bot),
        Gone(ref=ref, why="closed"),
    ]
    assert {one.project for one in told} == {ref.project}
    assert len({one.delivery_id for one in told}) == len(told)


async def test_a_door_without_the_secret_stays_shut(scene: Scene) -> None:
    for secrets in ([], [""], ["another"], ["", "whsec_YW5vdGhlcg=="]):
        with pytest.raises(NotAuthentic):
            scene.door.verify({"x-gitlab-token": "", "content-type": "application/json"}, b"{}", secrets)


async def test_what_it_cannot_do_is_told_in_words(scene: Scene) -> None:
    told = scene.capabilities.on_cards
    assert all(line.startswith(scene.capabilities.title) for line in told)
    assert bool(told) == (not scene.capabilities.can(Shortfall.ONE_ASSIGNEE))
