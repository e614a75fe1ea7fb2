"""The process's file descriptors: each connection takes one."""

import resource

RESERVE = 128
"""Descriptors for everything except clients' connections: database, identity provider, files."""


def connections_for(wanted: int) -> int:
    """`wanted`, or as many connections as this process may have; raises its soft limit as far as needed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + RESERVE
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - RESERVE))
