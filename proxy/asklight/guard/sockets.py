"""What the kernel may hold for a connection, and how much of it waits for the other end."""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import Final

if sys.platform == "linux":
    import fcntl
    import termios

SEND_BUFFER_BYTES: Final = 32 * 1024
"""Asked for; Linux takes twice as much, with its bookkeeping. Left alone it grows to 4 MiB for a stalled reader."""

RECEIVE_BUFFER_BYTES: Final = 32 * 1024
"""The same for what the application has not read yet."""


RECEIVING: Final = (socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER_BYTES)
"""The option that bounds what the kernel receives ahead; left alone it grows to 6 MiB where nobody reads."""


def bound_kernel(listener: socket.socket, send_seconds: float) -> None:
    """Bounds what the kernel keeps for each connection that `listener` accepts, and for how long.

    Accepted connections inherit it, which saves each of them three system calls.

    :param send_seconds: how long a reader may have no room for what waits, after the connection is closed too (Linux).
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    listener.setsockopt(*RECEIVING)
    if sys.platform == "linux":
        milliseconds = round(send_seconds * 1_000)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)


def discard_on_close(connection: socket.socket) -> None:
    """Makes the connection's close a reset.

    Without it the kernel keeps what is unsent, for minutes and out of sight, for a reader that does not read.
    """
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def unacknowledged_bytes(connection: socket.socket) -> int:
    """Bytes in the send buffer that the other end has not taken; 0 where the system does not tell (tcp(7), SIOCOUTQ)."""
    if sys.platform == "linux":
        with suppress(OSError):
            count = fcntl.ioctl(connection.fileno(), termios.TIOCOUTQ, bytes(4))
            return int.from_bytes(count, sys.byteorder)
    return 0
