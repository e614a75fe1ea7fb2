"""Cursors round-trip, and nothing else is taken for one."""

import base64
import contextlib
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notes_api.notes.paging import Cursor

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, st.uuids())
def test_cursor_round_trips(moment: datetime, identifier: uuid.UUID) -> None:
    cursor = Cursor(moment, identifier)
    assert Cursor.decode(cursor.encode()) == cursor


@given(st.binary(max_size=40).map(lambda octets: base64.urlsafe_b64encode(octets).decode()) | st.text(max_size=40))
def test_other_texts_are_refused_or_are_valid_cursors(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert Cursor.decode(text).created_at.tzinfo is UTC


@pytest.mark.parametrize("text", ["", "x", "é", "_" * 32, "A" * 33])
def test_texts_of_the_wrong_shape(text: str) -> None:
    with pytest.raises(ValueError, match="is not a cursor"):
        Cursor.decode(text)
