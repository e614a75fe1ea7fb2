"""HTTP clients of the library's own, for where an application passes none in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import httpx

_THIS_MACHINE: Final = ("localhost", "127.0.0.1", "[::1]")


def new_client(**options: Any) -> httpx.AsyncClient:  # noqa: ANN401  whatever httpx's own client takes
    """An ``httpx.AsyncClient`` that goes by the proxies of the environment, except to this machine.

    A proxy can't reach what listens on loopback here, and ``NO_PROXY`` is often not set.
    """
    import httpx  # noqa: PLC0415  not before the first request: it takes longer to import than all of this package

    return httpx.AsyncClient(mounts={f"all://{host}": None for host in _THIS_MACHINE}, **options)
