"""The tables of the notes, and of the owners whose notes are to be erased."""

import uuid
from datetime import datetime

from sqlalchemy import Column, DateTime, Index, Text
from sqlmodel import Field, SQLModel

TITLE_LENGTH = 200
BODY_LENGTH = 10_000


class Note(SQLModel, table=True):
    """A note; `owner_id` is the subject (`sub`) of the token that created it, `version` counts its states from 1."""

    __table_args__ = (Index("note_by_owner", "owner_id", "created_at", "id"), {"schema": "app"})

    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    owner_id: str = Field(sa_type=Text)
    title: str = Field(max_length=TITLE_LENGTH)
    body: str = Field(max_length=BODY_LENGTH)
    created_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    updated_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
    version: int = 1


class DepartedOwner(SQLModel, table=True):
    """An owner who was deleted, and when; see `departures`."""

    __tablename__ = "departed_owner"
    __table_args__ = {"schema": "app"}

    owner_id: str = Field(sa_column=Column(Text, primary_key=True))
    departed_at: datetime = Field(sa_column=Column(DateTime(timezone=True), nullable=False))
