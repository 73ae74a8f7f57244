"""A mail server on loopback that takes, refuses, keeps silent or goes away as a test wants it.

with MailServer() as server:
    settings.EMAIL_PORT = server.port
    server.answers["RCPT"] = "550 no such person"   # instead of yes
    server.mails                                    # what was handed over whole, whatever was answered then
    server.close(); server.open()                   # away, and back on the same port
"""

import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import message_from_bytes
from email.message import Message
from typing import Any, Self

SILENCE, DRIP = "silence", "drip"
YES = {"GREETING": "220 mail", "EHLO": "250 mail", "DATA": "354 go on", "QUIT": "221 bye"}


@contextmanager
def mail_server(settings: Any, patience: int) -> Iterator["MailServer"]:
    """The mail server of the settings, of whose answers each is waited for so many seconds."""
    with MailServer() as server:
        settings.MAIL_DELIVERY = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, patience
        yield server


class MailServer:
    """Each client in a thread. `answers` by verb, with GREETING and "." (to a whole mail). SILENCE: none, until the
    client leaves; DRIP: a letter now and then, until it leaves."""

    def __init__(self) -> None:
        self.answers: dict[str, str] = {}
        self.mails: list[Message] = []
        self.visits = 0
        self.port = 0
        self._server: Any = None
        self._clients: set[socket.socket] = set()
        self.open()

    def open(self) -> None:
        """Listen, on the same port as before."""
        mail_server = self

        class Visit(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                mail_server.visits += 1
                mail_server._clients.add(self.request)
                with suppress(OSError):  # the client left, or we did
                    mail_server._converse(self.rfile, self.wfile)
                mail_server._clients.discard(self.request)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", self.port), Visit)
        self._server.daemon_threads, self._server.block_on_close = True, False
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self) -> None:
        """Leave whoever is connected, and refuse connections."""
        self._server.shutdown()
        self._server.server_close()
        for client in [*self._clients]:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _converse(self, heard: Any, said: Any) -> None:
        self._answer("GREETING", heard, said)
        for line in heard:
            verb = line.decode().split()[0].upper()
            self._answer(verb, heard, said)
            if verb == "DATA" and "DATA" not in self.answers:
                text = b"".join(iter(heard.readline, b".\r\n"))
                self.mails.append(message_from_bytes(text))
                self._answer(".", heard, said)
            if verb == "QUIT":
                return

    def _answer(self, verb: str, heard: Any, said: Any) -> None:
        answer = self.answers.get(verb) or YES.get(verb, "250 yes")
        if answer == SILENCE:
            heard.read()  # until the client leaves
            raise ConnectionError
        while answer == DRIP:
            said.write(b"-")
            time.sleep(0.02)
        said.write(answer.encode() + b"\r\n")
