"""A mail server on loopback that records what it took, and can hang, refuse, or break off.

Modes: `take`; `hang`, whoever connects hears nothing; `refuse`, every mail is put off (451); `drop`, the mail is taken
and the line breaks before the server has said so.
"""

import email
import email.policy
import socketserver
import threading
from dataclasses import dataclass
from typing import ClassVar, Self

TICK = 0.05  # seconds


@dataclass(frozen=True)
class Taken:
    """One mail; `said`: whoever sent it was told that it was taken."""

    id: str  # Message-ID
    to: str
    text: str  # subject and body
    said: bool


class Postbox:
    """The server; ends with the block."""

    def __init__(self) -> None:
        self.mode = "take"
        self.taken: list[Taken] = []
        self.waiting = 0  # connections that hear nothing
        self.over = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"box": self}))
        self.url = f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever sends gives up, or was killed: that is what this is for."""


class _Handler(socketserver.StreamRequestHandler):
    box: ClassVar[Postbox]
    timeout = 60

    def handle(self) -> None:
        box, to = self.box, ""
        if box.mode == "hang":
            return self._hang()
        self._say("220 postbox")
        while line := self.rfile.readline().decode(errors="replace").strip():
            verb = line[:4].upper()
            if verb == "QUIT":
                return self._say("221 bye")
            if verb == "RCPT":
                to = line.partition(":")[2].strip(" <>")
            if verb != "DATA":
                self._say("451 later" if box.mode == "refuse" and verb == "MAIL" else "250 ok")
                continue
            self._say("354 go on")
            raw = self._mail()
            if box.mode == "drop":
                return box.taken.append(_taken(raw, to, said=False))
            self._say("250 taken")
            box.taken.append(_taken(raw, to, said=True))
        return None

    def _hang(self) -> None:
        box = self.box
        box.waiting += 1
        try:
            while box.mode == "hang" and not box.over.wait(TICK):
                pass
        finally:
            box.waiting -= 1

    def _mail(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines)

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


def _taken(raw: bytes, to: str, said: bool) -> Taken:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    body = message.get_body(("plain",))
    text = f"{message['Subject']}\n{body.get_content() if body else ''}"
    return Taken(str(message["Message-ID"] or ""), to, text, said)
