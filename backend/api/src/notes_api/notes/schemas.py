"""The API's schemas of notes."""

import uuid
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from notes_api.notes.models import BODY_LENGTH, TITLE_LENGTH


def storable(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not have a NUL character")
    return value


Storable = AfterValidator(storable)
Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=TITLE_LENGTH), Storable]
Body = Annotated[str, StringConstraints(max_length=BODY_LENGTH), Storable]


class NoteCreate(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Title
    body: Body = ""


class NoteChange(BaseModel):
    """A member that is absent or null stays unchanged. With `version`, a note that was changed by another request is
    409 `conflict`."""

    model_config = ConfigDict(extra="forbid")

    title: Title | None = None
    body: Body | None = None
    version: Annotated[int | None, Field(ge=1)] = None


class NoteRead(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: uuid.UUID
    title: str
    body: str
    created_at: datetime
    updated_at: datetime
    version: int


class NotePage(BaseModel):
    """Newest first; `next_cursor` is null on the last page."""

    items: list[NoteRead]
    next_cursor: str | None
