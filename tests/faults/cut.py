"""A network that fails: a TCP or socket proxy that closes after a number of bytes."""

import asyncio
import contextlib
import functools
import mmap
import os
import signal
import socket
import struct
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Cut:
    """A proxy in a process of its own that closes after a given number of bytes."""

    def __init__(self, to, at: Path | None = None) -> None:
        """Listen on a free port, or on a socket at a path; `to` is an address or a socket's path."""
        self._told = mmap.mmap(-1, 16)  # bytes that are left (negative: without end), and whether it is for good
        self.after(None)
        listener = socket.socket(socket.AF_UNIX if at else socket.AF_INET)
        listener.bind(str(at) if at else ("127.0.0.1", 0))
        listener.listen(64)
        if at:
            at.chmod(0o777)
        self.port = 0 if at else listener.getsockname()[1]
        self._process = os.fork()
        if self._process == 0:
            with contextlib.suppress(BaseException):
                asyncio.run(self._serve(listener, to))
            os._exit(0)
        listener.close()

    def after(self, count: int | None, *, lasting: bool = True) -> None:
        """Cut after so many bytes in both directions, None never; `lasting` also refuses new connections."""
        self._told[:] = struct.pack("<qq", -1 if count is None else count, lasting)

    async def _serve(self, listener, to):
        async def connect(reader, writer):
            left, lasting = struct.unpack("<qq", self._told[:])
            if left == 0 and lasting:
                writer.transport.abort()
                return
            opening = asyncio.open_unix_connection(str(to)) if isinstance(to, Path) else asyncio.open_connection(*to)
            there, back = await opening
            await asyncio.gather(self._pass_on(reader, back), self._pass_on(there, writer))

        start = asyncio.start_unix_server if listener.family == socket.AF_UNIX else asyncio.start_server
        server = await start(connect, sock=listener)
        await server.serve_forever()

    async def _pass_on(self, reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(1_500):
                left, lasting = struct.unpack("<qq", self._told[:])
                if left >= 0:
                    piece = piece[:left]
                    self._told[:] = struct.pack("<qq", left - len(piece), lasting)
                writer.write(piece)
                await writer.drain()
                if left >= 0 and left - len(piece) == 0:
                    if not lasting:
                        self._told[:] = struct.pack("<qq", -1, 0)
                    reader._transport.abort()
                    break
        writer.transport.abort() if writer.transport.get_write_buffer_size() == 0 else writer.close()

    def close(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)


class serve_folder:  # noqa: N801 - used as a function
    """A host for the files of a folder, in its own process."""

    def __init__(self, folder: Path) -> None:
        class Quiet(SimpleHTTPRequestHandler):
            def log_message(self, *_):
                """Log nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
        server.handle_error = lambda *_: None
        self.address = server.server_address
        self._process = os.fork()
        if self._process == 0:
            with contextlib.suppress(BaseException):
                server.serve_forever()
            os._exit(0)
        server.socket.close()

    def close(self) -> None:
        os.kill(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)
