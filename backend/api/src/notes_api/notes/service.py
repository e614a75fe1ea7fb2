"""What can be done with notes, always within one owner's own."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import tuple_
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from notes_api.notes.models import Note
from notes_api.notes.paging import Cursor
from notes_api.notes.schemas import NoteChange, NoteCreate
from notes_api.problems import Problem


async def create(session: AsyncSession, owner_id: str, new: NoteCreate) -> Note:
    now = datetime.now(UTC)
    note = Note(owner_id=owner_id, title=new.title, body=new.body, created_at=now, updated_at=now)
    session.add(note)
    await session.commit()
    return note


async def page(session: AsyncSession, owner_id: str, limit: int, after: Cursor | None) -> tuple[list[Note], str | None]:
    """At most `limit` notes, newest first, and the cursor of the page that follows, if one does."""
    query = select(Note).where(Note.owner_id == owner_id)
    position = tuple_(col(Note.created_at), col(Note.id))
    if after is not None:
        query = query.where(position < tuple_(after.created_at, after.id))
    query = query.order_by(col(Note.created_at).desc(), col(Note.id).desc()).limit(limit + 1)
    found = list(await session.exec(query))
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], Cursor(last.created_at, last.id).encode()


async def read(session: AsyncSession, owner_id: str, note_id: uuid.UUID, *, lock: bool = False) -> Note:
    """Raises Problem `not_found`, for another owner's note as for none."""
    query = select(Note).where(Note.id == note_id, Note.owner_id == owner_id)
    note = (await session.exec(query.with_for_update() if lock else query)).one_or_none()
    if note is None:
        raise Problem("not_found")
    return note


async def change(session: AsyncSession, owner_id: str, note_id: uuid.UUID, changes: NoteChange) -> Note:
    """Raises Problem `not_found`, or `conflict` when the note is no longer at the version named."""
    note = await read(session, owner_id, note_id, lock=True)
    if changes.version not in {None, note.version}:
        raise Problem("conflict")
    note.title = note.title if changes.title is None else changes.title
    note.body = note.body if changes.body is None else changes.body
    note.version += 1
    note.updated_at = datetime.now(UTC)
    await session.commit()
    return note


async def remove(session: AsyncSession, owner_id: str, note_id: uuid.UUID) -> None:
    """Raises Problem `not_found`."""
    query = delete(Note).where(col(Note.id) == note_id, col(Note.owner_id) == owner_id).returning(col(Note.id))
    if (await session.exec(query)).one_or_none() is None:
        raise Problem("not_found")
    await session.commit()
