"""A bad network: TCP proxies on loopback that delay what passes, hold it up as lost packets do, and cut connections."""

import asyncio
import random
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

PIECE = 16_384
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Streams]]


@dataclass(frozen=True)
class Weather:
    """Seconds that a piece takes; chance that it is sent again, which takes `again` seconds more; chance of a cut."""

    delay: tuple[float, float] = (0.01, 0.06)
    lost: float = 0.03
    again: tuple[float, float] = (0.2, 1.2)
    cut: float = 0.02


class BadNetwork:
    """Proxies that share one weather, on a thread of their own. `weather` may be changed while they run."""

    def __init__(self) -> None:
        self.weather: Weather | None = None
        self.delayed = self.cut = 0
        self.loop = asyncio.new_event_loop()
        self.random = random.Random(20)
        self.servers: list[asyncio.Server] = []
        self.carrying: set[asyncio.Task[None]] = set()

    def port_to(self, connect: Connect) -> int:
        """A port on 127.0.0.1 from which connections lead to where `connect` does."""

        async def listen() -> int:
            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                # The loop itself would let a task go that only waits.
                task = asyncio.create_task(self.carry(reader, writer, connect))
                self.carrying.add(task)
                task.add_done_callback(self.carrying.discard)

            server = await asyncio.start_server(accept, "127.0.0.1", 0)
            self.servers.append(server)
            return int(server.sockets[0].getsockname()[1])

        return asyncio.run_coroutine_threadsafe(listen(), self.loop).result(10)

    async def close(self) -> None:
        for server in self.servers:
            server.close()
        carrying = [*self.carrying]
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
        # Transports close in the loop's next rounds.
        await asyncio.sleep(0.1)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, connect: Connect) -> None:
        try:
            there_reader, there_writer = await connect()
        except OSError:
            writer.transport.abort()
            return
        both = (writer.transport, there_writer.transport)

        def abort() -> None:
            for transport in both:
                transport.abort()

        try:
            await asyncio.gather(self.pass_on(reader, there_writer, abort), self.pass_on(there_reader, writer, abort))
        except asyncio.CancelledError:
            abort()
            raise
        finally:
            for one in (writer, there_writer):
                one.close()

    async def pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, abort: Callable[[], None]
    ) -> None:
        with suppress(OSError):
            while piece := await source.read(PIECE):
                if self.weather is not None and not await self.let_through(self.weather):
                    abort()
                    return
                target.write(piece)
                await target.drain()
            target.write_eof()

    async def let_through(self, weather: Weather) -> bool:
        seconds = self.random.uniform(*weather.delay)
        if self.random.random() < weather.lost:
            seconds += self.random.uniform(*weather.again)
        self.delayed += 1
        await asyncio.sleep(seconds)
        if self.random.random() >= weather.cut:
            return True
        self.cut += 1
        return False


@contextmanager
def bad_network() -> Iterator[BadNetwork]:
    """Good weather until another is set."""
    network = BadNetwork()
    thread = threading.Thread(target=network.loop.run_forever, daemon=True)
    thread.start()
    try:
        yield network
    finally:
        asyncio.run_coroutine_threadsafe(network.close(), network.loop).result(10)
        network.loop.call_soon_threadsafe(network.loop.stop)
        thread.join()
        network.loop.close()
