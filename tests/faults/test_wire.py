"""The wires and the mail server of the fault tests break what they are to break, and nothing else."""

import smtplib
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.faults.postbox import Postbox
from tests.faults.wire import Wire, Wires
from tests.server import wait_until


class Echo(socketserver.BaseRequestHandler):
    """Says what it hears."""

    def handle(self) -> None:
        with suppress(ConnectionResetError):
            while data := self.request.recv(1024):
                self.request.sendall(data)


@pytest.fixture
def wire() -> Iterator[Wire]:
    """To a server that says what it hears."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server, Wires() as wires:
        server.daemon_threads, server.block_on_close = True, False
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        wires.lay("echo", server.server_address[1])
        yield wires["echo"]
        server.shutdown()


@pytest.fixture
def line(wire: Wire) -> Iterator[socket.socket]:
    """Connected, and heard once."""
    with socket.create_connection(("127.0.0.1", wire.port), timeout=5) as made:
        made.sendall(b"a")
        assert made.recv(9) == b"a"
        yield made


def silent(line: socket.socket) -> bool:
    line.settimeout(0.2)
    try:
        line.recv(9)
    except TimeoutError:
        return True
    return False


def test_slow(wire: Wire, line: socket.socket) -> None:
    wire.mode, wire.latency = "slow", 0.1
    began = time.monotonic()
    line.sendall(b"b")
    assert line.recv(9) == b"b"
    assert time.monotonic() - began >= 0.2, "there and back"


def test_held_is_late_and_whole(wire: Wire, line: socket.socket) -> None:
    wire.mode = "hold"
    line.sendall(b"b")
    assert silent(line)
    wire.mode = "pass"
    line.settimeout(5)
    assert line.recv(9) == b"b"


def test_silent_is_for_good(wire: Wire, line: socket.socket) -> None:
    wire.mode = "silent"
    line.sendall(b"b")
    assert silent(line)
    wire.mode = "pass"
    line.sendall(b"c")
    assert silent(line), "nobody was told, and nothing comes"
    with socket.create_connection(("127.0.0.1", wire.port), timeout=5) as other:
        other.sendall(b"d")
        assert other.recv(9) == b"d"


def test_cut(wire: Wire, line: socket.socket) -> None:
    wire.mode = "cut"
    wire.cut()
    with pytest.raises(ConnectionResetError):
        line.recv(9)
    with pytest.raises(ConnectionError), socket.create_connection(("127.0.0.1", wire.port), timeout=5) as other:
        other.sendall(b"d")
        assert other.recv(9) == b"", "not even connected"
        raise ConnectionError


def test_nobody_behind_it() -> None:
    with Wires() as wires:
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        reached = wires.lay("x", port)
        with pytest.raises(ConnectionResetError):  # while connecting, or soon after
            with socket.create_connection(("127.0.0.1", reached), timeout=5) as line:
                line.recv(9)


MAIL = "Subject: S\r\nMessage-ID: <1@x>\r\n\r\nwoord\r\n.x\r\n"


def send(box: Postbox) -> None:
    host, port = box.url.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port), timeout=0.5) as smtp:
        smtp.sendmail("a@b.example", ["c@d.example"], MAIL)


def test_postbox() -> None:
    with Postbox() as box:
        send(box)
        assert (box.taken[0].id, box.taken[0].to, box.taken[0].said) == ("<1@x>", "c@d.example", True)
        assert ".x" in box.taken[0].text
        box.mode = "drop"
        with pytest.raises(smtplib.SMTPServerDisconnected):
            send(box)
        assert [taken.said for taken in box.taken] == [True, False]
        box.mode = "refuse"
        with pytest.raises(smtplib.SMTPSenderRefused):
            send(box)
        box.mode = "hang"
        with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
            send(box)
        box.mode = "take"
        wait_until(lambda: not box.waiting, "nobody to wait")
        send(box)
        assert len(box.taken) == 3
