"""Operations on the notes of one owner."""

import uuid
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Integer, Uuid, bindparam, select, tuple_
from sqlmodel import col, delete
from sqlmodel import select as select_model
from sqlmodel.ext.asyncio.session import AsyncSession

from notes_api.database import Database, commit
from notes_api.database.reader import Rows
from notes_api.notes.models import Note
from notes_api.notes.paging import Cursor
from notes_api.notes.schemas import NoteChange, NoteCreate, NoteRead
from notes_api.problems import Problem

# Built once: compiled statements are cached by identity.
OWN = select(*(getattr(Note, name) for name in NoteRead.model_fields)).where(col(Note.owner_id) == bindparam("owner"))
ONE = OWN.where(col(Note.id) == bindparam("note"))
FIRST_PAGE = OWN.order_by(col(Note.created_at).desc(), col(Note.id).desc()).limit(bindparam("limit", type_=Integer))
NEXT_PAGE = FIRST_PAGE.where(
    tuple_(col(Note.created_at), col(Note.id))
    < tuple_(bindparam("time", type_=DateTime(timezone=True)), bindparam("id", type_=Uuid))
)


async def create(session: AsyncSession, owner_id: str, new: NoteCreate) -> Note:
    now = datetime.now(UTC)
    note = Note(owner_id=owner_id, title=new.title, body=new.body, created_at=now, updated_at=now)
    session.add(note)
    await commit(session)
    return note


async def page(database: Database, owner_id: str, limit: int, after: Cursor | None) -> tuple[Rows, str | None]:
    """At most `limit` notes, newest first, and the cursor of the next page, if there is one."""
    values = {"owner": owner_id, "limit": limit + 1}
    if after is None:
        found = await database.fetch(FIRST_PAGE, values)
    else:
        found = await database.fetch(NEXT_PAGE, values | {"time": after.created_at, "id": after.id})
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], Cursor(last["created_at"], last["id"]).encode()


async def read(database: Database, owner_id: str, note_id: uuid.UUID) -> dict[str, Any]:
    """Raises Problem `not_found`, for another owner's note as for none."""
    found = await database.fetch(ONE, {"owner": owner_id, "note": note_id})
    if not found:
        raise Problem("not_found")
    return found[0]


async def change(session: AsyncSession, owner_id: str, note_id: uuid.UUID, changes: NoteChange) -> Note:
    """Raises Problem `not_found`, or `conflict` when the note is no longer at the version named."""
    query = select_model(Note).where(Note.id == note_id, Note.owner_id == owner_id).with_for_update()
    note = (await session.exec(query)).one_or_none()
    if note is None:
        raise Problem("not_found")
    if changes.version not in {None, note.version}:
        raise Problem("conflict")
    note.title = note.title if changes.title is None else changes.title
    note.body = note.body if changes.body is None else changes.body
    note.version += 1
    note.updated_at = datetime.now(UTC)
    await commit(session)
    return note


async def remove(session: AsyncSession, owner_id: str, note_id: uuid.UUID) -> None:
    """Raises Problem `not_found`."""
    query = delete(Note).where(col(Note.id) == note_id, col(Note.owner_id) == owner_id).returning(col(Note.id))
    if (await session.exec(query)).one_or_none() is None:
        raise Problem("not_found")
    await commit(session)


async def remove_all(session: AsyncSession, owner_id: str) -> None:
    """Removes all of an owner's notes, if there are any."""
    await session.exec(delete(Note).where(col(Note.owner_id) == owner_id))
    await commit(session)
