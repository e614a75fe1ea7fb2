"""The process's file descriptors: each connection takes one."""

import resource

RESERVE = 128
"""Descriptors for everything that is no client's connection: database, identity provider, files."""


def connections_for(wanted: int) -> int:
    """`wanted`, or as many connections as this process may have; its soft limit is raised as far as that takes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = wanted + RESERVE
    if soft != resource.RLIM_INFINITY and soft < needed:
        soft = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return wanted if soft == resource.RLIM_INFINITY else max(1, min(wanted, soft - RESERVE))
