"""Version 4: what approvers' decisions teach, and in which order tickets were read.

Decisions that are there already teach too: a team that updates loses nothing that it taught.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_PAGE = 500
_DECIDED = (
    "SELECT p.id, p.ticket_key, p.body AS proposal, d.body AS decision, d.at, s.answer, c.body AS chosen"
    " FROM decisions d JOIN proposals p ON p.id = d.proposal_id"
    " LEFT JOIN steps s ON s.triage_id = p.triage_id AND s.name = 'analyse'"
    " LEFT JOIN proposals c ON c.replaces = p.id"
    " WHERE d.status IN ('approved', 'edited', 'rejected') AND p.replaces IS NULL AND p.id > :after"
    " ORDER BY p.id LIMIT :page"
)


def upgrade() -> None:
    lessons = op.create_table(
        "lessons",
        sa.Column("proposal_id", sa.String(length=32), nullable=False),
        sa.Column("ticket_key", sa.String(length=400), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("engine", sa.String(length=64), nullable=False),
        sa.Column("said", sa.String(length=64), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("layer", sa.String(length=64), nullable=True),
        sa.Column("was_right", sa.Boolean(), nullable=True),
        sa.Column("by", sa.String(length=32), nullable=False),
        sa.Column("forgotten", sa.Boolean(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["proposal_id"], ["proposals.id"], name=op.f("fk_lessons_proposal_id")),
        sa.PrimaryKeyConstraint("proposal_id", name=op.f("pk_lessons")),
    )
    op.create_index(op.f("ix_lessons_ticket_key"), "lessons", ["ticket_key"])
    op.create_index(op.f("ix_lessons_place_seq"), "lessons", ["place", "seq"])
    op.create_index(op.f("ix_lessons_place_engine_said_seq"), "lessons", ["place", "engine", "said", "seq"])
    read = sa.text("name = 'screen'")
    op.create_index("ix_steps_screened", "steps", ["at", "triage_id"], sqlite_where=read, postgresql_where=read)
    found = sorted(_decided(), key=lambda one: (one["at"], one["proposal_id"]))
    # In the order of their time, before everything that the audit numbers from now on.
    rows = [{**one, "seq": place - len(found)} for place, one in enumerate(found)]
    for start in range(0, len(rows), _PAGE):
        op.bulk_insert(lessons, [_without_time(one) for one in rows[start : start + _PAGE]])


def _without_time(row: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in row.items() if name != "at"}


def _decided() -> Iterator[dict[str, object]]:
    after = ""
    while True:
        page = op.get_bind().execute(sa.text(_DECIDED), {"after": after, "page": _PAGE}).mappings().all()
        yield from map(_lesson, page)
        if len(page) < _PAGE:
            return
        after = page[-1]["id"]


def _lesson(row: sa.RowMapping) -> dict[str, object]:
    proposed, decision = json.loads(row["proposal"]), json.loads(row["decision"])
    layer, right = _judged(proposed["layer"], decision, json.loads(row["chosen"]) if row["chosen"] else None)
    scores = json.loads(row["answer"]).get("layer_scores", {}) if row["answer"] else {}
    return {
        "proposal_id": row["id"],
        "ticket_key": row["ticket_key"],
        "place": row["ticket_key"].rpartition("#")[0],
        "engine": proposed["versions"].get("engine", ""),
        "said": proposed["layer"],
        "share": round(100 * scores.get(proposed["layer"], 0)),
        "layer": layer,
        "was_right": right,
        "by": decision["by"],
        "forgotten": False,
        "at": row["at"],
    }


def _judged(said: str, decision: Mapping[str, str], chosen: Mapping[str, str] | None) -> tuple[str | None, bool | None]:
    """The right layer and whether it was proposed, as far as the decision says."""
    if decision["status"] == "approved":
        return said, True
    if decision["status"] == "edited":
        return (chosen["layer"], chosen["layer"] == said) if chosen else (None, None)
    return None, False if decision["reason"] == "wrong_layer" else None


def downgrade() -> None:
    """What was taught cannot be told from the decisions alone."""
    raise NotImplementedError("restore a backup instead: going back would forget what was forgotten on request")
