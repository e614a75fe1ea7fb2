"""Reading untrusted JSON keeps nothing in memory."""

import sys
from uuid import uuid4

from resource_server.verification.encoding import decode_json_object


def test_no_name_or_value_of_an_unverified_object_is_interned() -> None:
    name, value = f"name-{uuid4().hex}", uuid4().hex
    decoded = decode_json_object(f'{{"{name}": "{value}"}}'.encode(), "payload")
    assert decoded == {name: value}
    # An equal string that is interned for the first time stays itself: no other was there.
    for text in (name, value):
        copy = "".join(list(text))
        assert sys.intern(copy) is copy
