"""`/api/notes`: the caller's own notes; another's note is 404, like one that does not exist."""

import uuid
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from notes_api.access import NotesReader, NotesWriter
from notes_api.database import DatabaseSession, ReadDatabase
from notes_api.notes import service
from notes_api.notes.models import Note
from notes_api.notes.paging import Cursor
from notes_api.notes.schemas import NoteChange, NoteCreate, NotePage, NoteRead
from notes_api.problems import FieldError, Problem
from resource_server.fastapi import AuthenticatedRoute

router = APIRouter(prefix="/api/notes", tags=["notes"], route_class=AuthenticatedRoute)


def position(cursor: str | None) -> Cursor | None:
    try:
        return None if cursor is None else Cursor.decode(cursor)
    except ValueError as error:
        raise Problem("validation_failed", [FieldError(field="cursor", code="cursor", message=str(error))]) from error


@router.post("", status_code=status.HTTP_201_CREATED, response_model=NoteRead)
async def create_note(new: NoteCreate, caller: NotesWriter, session: DatabaseSession, response: Response) -> Note:
    note = await service.create(session, caller.subject, new)
    response.headers["Location"] = f"/api/notes/{note.id}"
    return note


@router.get("", response_model=NotePage)
async def list_notes(
    caller: NotesReader,
    database: ReadDatabase,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=64, description="`next_cursor` of the page before")] = None,
) -> Mapping[str, object]:
    notes, following = await service.page(database, caller.subject, limit, position(cursor))
    return {"items": notes, "next_cursor": following}


@router.get("/{note_id}", response_model=NoteRead)
async def read_note(note_id: uuid.UUID, caller: NotesReader, database: ReadDatabase) -> dict[str, Any]:
    return await service.read(database, caller.subject, note_id)


@router.patch("/{note_id}", response_model=NoteRead)
async def change_note(note_id: uuid.UUID, changes: NoteChange, caller: NotesWriter, session: DatabaseSession) -> Note:
    return await service.change(session, caller.subject, note_id, changes)


@router.delete("/{note_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_note(note_id: uuid.UUID, caller: NotesWriter, session: DatabaseSession) -> None:
    await service.remove(session, caller.subject, note_id)
