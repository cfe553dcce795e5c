"""The fault server's side of a WebSocket: as a script it takes the handshake; the test says what is said."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Message, Ping, TextMessage

from support.faults import PATIENCE_SECONDS, Exchange, Received


class Talk:
    """One WebSocket connection. `heard` holds the texts it was told; it answers ``ping`` while `is_awake`."""

    def __init__(self, *, is_awake: bool = True) -> None:
        self.heard: list[str] = []
        self.is_awake = is_awake
        self._protocol = WSConnection(ConnectionType.SERVER)
        self._exchange: asyncio.Future[Exchange] = asyncio.get_running_loop().create_future()
        self._changed = asyncio.Event()

    async def __call__(self, exchange: Exchange) -> None:
        self._protocol.receive_data(exchange.request.raw)
        list(self._protocol.events())
        await exchange.send(self._protocol.send(AcceptConnection()))
        self._exchange.set_result(exchange)
        while True:
            self._protocol.receive_data(await exchange.receive())
            for event in self._protocol.events():
                if isinstance(event, CloseConnection):
                    await exchange.send(self._protocol.send(event.response()))
                    await exchange.forever()
                if isinstance(event, TextMessage):
                    await self._hear(event.data)

    async def opened(self) -> Received:
        """The handshake's request, once it is answered."""
        return (await self._opened()).request

    async def tell(self, value: object) -> None:
        """Says `value` as JSON."""
        await self.say(TextMessage(data=json.dumps(value)))

    async def tell_in_pieces(self, value: object) -> None:
        """Says `value` as JSON, in fragments with a control frame between them."""
        text = json.dumps(value)
        await self.say(TextMessage(data=text[:9], message_finished=False))
        await self.say(Ping(payload=b"between"))
        await self.say(TextMessage(data=text[9:]))

    async def say(self, event: Event | Message[Any]) -> None:
        """Sends one frame."""
        await (await self._opened()).send(self._protocol.send(event))

    async def cut(self) -> None:
        """Ends the connection without a word."""
        await (await self._opened()).reset()

    async def close(self) -> None:
        """Ends the conversation in good order."""
        await self.say(CloseConnection(code=1001))

    async def hears(self, count: int) -> None:
        """Waits until it was told so many texts."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while len(self.heard) < count:
                self._changed.clear()
                await self._changed.wait()

    async def _hear(self, text: str) -> None:
        self.heard.append(text)
        self._changed.set()
        if text == "ping" and self.is_awake:
            await self.say(TextMessage(data="pong"))

    async def _opened(self) -> Exchange:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await asyncio.shield(self._exchange)
