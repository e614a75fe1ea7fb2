"""The id under which a process acknowledges the revocations that are in force in it."""

import os
from uuid import UUID, uuid4


class Listener:
    """A random id for each process: a process that is forked from this one has another, when it asks for it."""

    def __init__(self) -> None:
        self._process = 0
        self._id = uuid4()

    @property
    def id(self) -> UUID:
        """The same as long as the process runs."""
        process = os.getpid()
        if process != self._process:
            self._process, self._id = process, uuid4()
        return self._id
