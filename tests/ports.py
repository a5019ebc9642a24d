"""Free ports for servers that tests start as processes and that cannot choose and report one themselves."""

import atexit
import socket
import sys

_HELD: list[socket.socket] = []


def free_port() -> int:
    """A port on loopback that nobody else is given until this process ends.

    Between choosing a port and listening on it lie seconds, in which the system may hand it to another test's server
    or client. A socket that is bound and does not listen keeps it: the server may still bind it, as every server here
    sets SO_REUSEADDR, and nobody can connect to it before.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    port = int(holder.getsockname()[1])
    if sys.platform == "linux":
        _HELD.append(holder)
    else:  # elsewhere the two sockets exclude each other
        holder.close()
    return port


@atexit.register
def _let_go() -> None:
    while _HELD:
        _HELD.pop().close()
