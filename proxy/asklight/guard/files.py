"""Room for connections: each needs open files, of which a process may have only so many."""

from __future__ import annotations

import sys
from typing import Final

if sys.platform != "win32":
    import resource

FILES_PER_CONNECTION: Final = 3
"""The connection, the one upstream for it, and that one's other end where the assistant is embedded."""

RESERVED_FILES: Final = 128
"""For everything else: databases, logs, modules being loaded."""


def room_for(connections: int) -> int:
    """Raises this process's limit of open files as far as is needed and allowed.

    :returns: `connections`, or as many as there is room for; at least one.
    """
    if sys.platform == "win32":
        return connections
    wanted = connections * FILES_PER_CONNECTION + RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    if soft == resource.RLIM_INFINITY:
        return connections
    return max(1, min(connections, (soft - RESERVED_FILES) // FILES_PER_CONNECTION))
