"""Wires between the product and what it stands on, on loopback, that can be slow, dead or cut.

    wires = Wires()
    port = wires.lay("redis", 6379)      # what connects to `port` reaches 6379
    wires["redis"].mode = "hold"
    wires["redis"].cut()                 # resets whatever is connected now
    wires.close()

Modes of a wire: `pass`; `slow`, each piece comes `latency` seconds later; `hold`, nothing comes through until it passes
again, and then everything (packets that were lost for a while); `silent`, bytes are taken and gone, and nobody is told:
a connection that saw this never works again (half-open); `cut`, whoever connects is reset.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from typing import Self

TICK = 0.02  # seconds
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close with a reset


class Wire:
    """One listening port and where it leads."""

    def __init__(self, upstream: int, loop: asyncio.AbstractEventLoop) -> None:
        self.upstream, self.latency, self.mode = upstream, 0.5, "pass"
        self._loop = loop
        self._ends: set[asyncio.StreamWriter] = set()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port: int = self._listening.getsockname()[1]

    async def serve(self) -> None:
        """Until the loop ends."""
        server = await asyncio.start_server(self._connected, sock=self._listening)
        async with server:
            await server.serve_forever()

    def cut(self) -> None:
        """Reset every connection there is."""
        self._loop.call_soon_threadsafe(self._reset, list(self._ends))

    def _reset(self, ends: list[asyncio.StreamWriter]) -> None:
        for end in ends:
            if (raw := end.get_extra_info("socket")) is not None:
                with contextlib.suppress(OSError):
                    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.transport.abort()

    async def _connected(self, reader: asyncio.StreamReader, near: asyncio.StreamWriter) -> None:
        if self.mode == "cut":
            return self._reset([near])
        try:
            await self._held()
            back, far = await asyncio.open_connection("127.0.0.1", self.upstream)
        except OSError:  # nobody is there: whoever asks is told as they would be
            return self._reset([near])
        self._ends |= {near, far}
        dead = [self.mode == "silent"]
        try:
            await asyncio.gather(self._pump(reader, far, dead), self._pump(back, near, dead))
        finally:
            self._ends -= {near, far}
            for end in (near, far):
                end.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, dead: list[bool]) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(1 << 16):
                if self.mode == "slow":
                    await asyncio.sleep(self.latency)
                await self._held()
                dead[0] = dead[0] or self.mode == "silent"
                if not dead[0]:
                    writer.write(data)
                    await writer.drain()
        if not dead[0]:
            writer.close()

    async def _held(self) -> None:
        while self.mode == "hold":
            await asyncio.sleep(TICK)


class Wires:
    """Every wire by name, in a thread of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._wires: dict[str, Wire] = {}
        self._thread = threading.Thread(target=self._loop.run_forever, name="wires", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __getitem__(self, name: str) -> Wire:
        return self._wires[name]

    def named(self, part: str) -> list[Wire]:
        """The wires of a part: of `sockets`, those to sockets1 and sockets2."""
        return [wire for name, wire in self._wires.items() if name.rstrip("0123456789") == part]

    def lay(self, name: str, port: int) -> int:
        """A wire to `port`; the port to use instead."""
        wire = self._wires[name] = Wire(port, self._loop)
        asyncio.run_coroutine_threadsafe(wire.serve(), self._loop)
        return wire.port

    def mend(self) -> None:
        """Let everything pass."""
        for wire in self._wires.values():
            wire.mode = "pass"

    def close(self) -> None:
        """End them all."""
        self.mend()
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=10)
        self._loop.close()

    async def _end(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
