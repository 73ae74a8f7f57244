"""Sockets for tests: a person or visitor connected to the application, and frames read until one fits."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.testing import ApplicationCommunicator
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from accounts.visitors import COOKIE, sign
from live import executor
from live.consumers import SocketConsumer


class WebsocketCommunicator(ApplicationCommunicator):
    """Speaks the ASGI of a websocket. `channels.testing` has one too, and needs the whole of daphne for its import."""

    def __init__(self, application: Any, path: str) -> None:
        path, _, query = path.partition("?")
        scope = {"type": "websocket", "path": path, "query_string": query.encode(), "headers": [], "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self, timeout: float = 5) -> None:
        """Open; fails when the application refuses."""
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(timeout))["type"] == "websocket.accept"

    async def send_text(self, text: str) -> None:
        """One text frame."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receive_json(self, timeout: float = 5) -> dict[str, Any]:
        """The next frame."""
        output = await self.receive_output(timeout)
        assert output["type"] == "websocket.send", output
        return json.loads(output["text"])

    async def disconnect(self, timeout: float = 5) -> None:
        """Close and wait for the application to end."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(timeout)


class Tab:
    """One browser tab."""

    def __init__(self, communicator: WebsocketCommunicator) -> None:
        self.communicator = communicator

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self.communicator.send_text(json.dumps(frame))

    async def get(self, kind: str, **values: Any) -> dict[str, Any]:
        """The next frame of this kind with these values; others are passed over."""
        while True:
            frame = await self.communicator.receive_json()
            if frame["type"] == kind and all(frame.get(k) == v for k, v in values.items()):
                return frame

    async def all(self, seconds: float = 0.2) -> list[dict[str, Any]]:
        """Every frame that comes until nothing comes for a while."""
        frames = []
        while not await self.communicator.receive_nothing(timeout=seconds, interval=0.02):
            frames.append(await self.communicator.receive_json())
        return frames

    async def close_code(self) -> int:
        """The code with which the server closes."""
        while True:
            output = await self.communicator.receive_output(timeout=5)
            if output["type"] == "websocket.close":
                return int(output["code"])


def session_of(user: Any) -> str:
    """The key of a new session in which this person is signed in."""
    store = SessionStore()
    store.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: "accounts.backends.RoleBackend",
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    store.save()
    return str(store.session_key)


@asynccontextmanager
async def tab(
    user: Any = None, *, visitor: str = "", path: str = "/ws/", session: str = "", address: str = "127.0.0.1"
) -> AsyncIterator[Tab]:
    """An open socket of a person (in the session with that key, or a new one), a visitor by token, or nobody."""
    communicator = WebsocketCommunicator(SocketConsumer.as_asgi(), path)
    if user is not None:
        session = session or await executor.run(session_of, user)
    cookies = {COOKIE: sign(visitor) if visitor else "", settings.SESSION_COOKIE_NAME: session}
    sent = "; ".join(f"{name}={value}" for name, value in cookies.items() if value)
    communicator.scope["headers"] = [(b"cookie", sent.encode())]
    communicator.scope["client"] = [address, 1]
    await communicator.connect()
    try:
        yield Tab(communicator)
    finally:
        await communicator.disconnect()
