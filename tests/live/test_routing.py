"""Which origins may open a socket, and at which paths."""

import json
import logging
from pathlib import Path
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from config.asgi import application
from live import close_codes
from live.routing import origin_is_ours
from tests.live.sockets import WebsocketCommunicator
from tests.server import embedded

HERE = "http://localhost:8000"


def scope(*origins: str, host: str = "localhost:8000", scheme: str = "ws", **headers: str) -> dict[str, Any]:
    """Return a scope as an ASGI server passes it."""
    named = [("host", host), *(("origin", each) for each in origins), *headers.items()]
    encoded = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in named]
    return {"type": "websocket", "path": "/ws/", "scheme": scheme, "headers": encoded, "query_string": b""}


def test_which_origins_may_open_a_socket(settings: Any) -> None:
    settings.BASE_URL = "https://vraagbaak.example/"
    settings.CSRF_TRUSTED_ORIGINS = [settings.BASE_URL, "https://intranet.example:8443", "https://*.brug.example"]
    settings.ALLOWED_HOSTS = ["vraagbaak.example", "localhost", "127.0.0.1", "[::1]"]
    settings.BEHIND_PROXY = False
    ours = [
        scope("https://vraagbaak.example"),
        scope("https://VRAAGBAAK.example:443"),
        scope("https://intranet.example:8443"),
        scope("https://hr.brug.example"),
        scope(HERE),
        scope("http://127.0.0.1:8080", host="127.0.0.1:8080"),
        scope("http://[::1]:8000", host="[::1]:8000"),
        scope("http://localhost", host="localhost"),
        scope("http://localhost", host="localhost:80"),
        scope("https://localhost", host="localhost", scheme="wss"),
    ]
    refused = [
        scope(),
        scope(""),
        scope("null"),
        scope(HERE, HERE),
        scope("https://elders.example", HERE),
        scope("ftp://localhost"),
        scope("ftp://localhost:8000"),
        scope("ws://localhost:8000"),
        scope("file://"),
        scope("chrome-extension://localhost:8000"),
        scope("chrome-extension://abcdefghijklmnop"),
        scope("localhost:8000"),
        scope("//localhost:8000"),
        scope("https://localhost:8000"),
        scope(HERE, scheme="wss"),
        scope("http://localhost"),
        scope("http://localhost:8001"),
        scope("http://127.0.0.1:8000"),
        scope("http://vraagbaak.example"),
        scope("https://vraagbaak.example:8000"),
        scope("https://vraagbaak.example."),
        scope("https://vraagbaak.example.elders.example"),
        scope("https://vraagbaak.example@elders.example"),
        scope("https://elders.example/https://vraagbaak.example"),
        scope("https://intranet.example"),
        scope("https://brug.example"),
        scope("http://hr.brug.example"),
        scope("https://hrbrug.example"),
        scope("https://elders.example/.brug.example"),
        scope("http://localhost:8000/"),
        scope("http://localhost:8000 "),
        scope("http://user@localhost:8000"),
        scope("http://[", host="["),
        scope("http://elders.example", host="elders.example"),
        scope("http://\xe9.example", host="\xe9.example"),
        scope(HERE, x_forwarded_proto="https", scheme="wss"),
    ]
    wrong = [f"refused: {each}" for each in ours if not origin_is_ours(each)]
    wrong += [f"let in: {each}" for each in refused if origin_is_ours(each)]
    assert not wrong, "\n".join(wrong)


def test_the_proxy_says_which_scheme_people_use(settings: Any) -> None:
    settings.BASE_URL = "https://vraagbaak.example"
    settings.CSRF_TRUSTED_ORIGINS = []
    secure = scope("https://localhost:8000", x_forwarded_proto="https")
    for believed in (False, True):
        settings.BEHIND_PROXY = believed
        assert origin_is_ours(secure) is believed
    assert not origin_is_ours(scope(HERE, x_forwarded_proto="https"))


async def answer(path: str, origin: str = "http://testserver") -> dict[str, Any]:
    """Return the answer of the whole application to a new socket."""
    communicator = WebsocketCommunicator(application, path)
    communicator.scope |= {"client": ["127.0.0.1", 1], "scheme": "ws"}
    communicator.scope["headers"] = [(b"host", b"testserver"), (b"origin", origin.encode())]
    await communicator.send_input({"type": "websocket.connect"})
    output: dict[str, Any] = await communicator.receive_output(timeout=5)
    await communicator.send_input({"type": "websocket.disconnect", "code": 1000})
    await communicator.wait(5)
    return output


async def test_other_paths_and_origins_are_refused_quietly(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "live.routing")
    for path in ("/", "/ws", "/ws//", "/ws/7/", "/ws/../cms/", "/nl/", "/WS/", "/ws/\udcff"):
        assert (await answer(path))["type"] == "websocket.close", path
    assert (await answer("/ws/", "http://elders.example"))["type"] == "websocket.close"
    assert {r.levelno for r in caplog.records} == {logging.DEBUG} and len(caplog.records) == 9


@pytest.mark.django_db(transaction=True)
async def test_the_whole_application_lets_our_pages_in() -> None:
    for path in ("/ws/", "/ws/?v=1", "/ws/?v=%ff", "/ws/?" + "&" * 3000):
        assert (await answer(path))["type"] == "websocket.accept", path


def test_a_real_server_refuses_with_403(tmp_path: Path) -> None:
    with embedded(tmp_path, SEARCH_MEANING="off") as site:
        address = f"ws{site.url.removeprefix('http')}"
        for path, origin in [
            ("/ws/", None), ("/ws/", "null"), ("/ws/", "ftp://127.0.0.1"), ("/ws/", "http://127.0.0.1"),
            ("/ws/", site.url.replace("127.0.0.1", "localhost")), ("/other/", site.url), ("/ws/%ff", site.url),
        ]:  # fmt: skip
            with pytest.raises(InvalidStatus) as refused, connect(address + path, origin=origin):
                pass
            assert refused.value.response.status_code == 403, (path, origin)
        for host in ("127.0.0.1", "localhost"):
            with connect(f"ws://{host}:{site.port}/ws/?v=1", origin=f"http://{host}:{site.port}") as one:
                with pytest.raises(Exception, match=str(close_codes.SIGNED_OUT)):
                    json.loads(one.recv(timeout=5))
        logged = (site.var / "server.log").read_text().splitlines()
        assert [line for line in logged if " search.indexing." not in line] == [], "refusing is quiet"
