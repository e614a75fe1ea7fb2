"""Cursors of keyset paging: opaque to the client, a position in (created_at, id) to the query."""

import base64
import binascii
import struct
import uuid
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Self

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAYOUT = struct.Struct(">Q16s")


class Cursor(NamedTuple):
    """The last note of the page before."""

    created_at: datetime
    id: uuid.UUID

    def encode(self) -> str:
        microseconds = (self.created_at - EPOCH) // timedelta(microseconds=1)
        return base64.urlsafe_b64encode(LAYOUT.pack(microseconds, self.id.bytes)).decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """Raises ValueError when `text` is not a cursor."""
        try:
            microseconds, identifier = LAYOUT.unpack(base64.b64decode(text.encode("ascii"), b"-_", validate=True))
            return cls(EPOCH + timedelta(microseconds=microseconds), uuid.UUID(bytes=identifier))
        except (UnicodeError, binascii.Error, struct.error, OverflowError):
            raise ValueError("is not a cursor of this list") from None
