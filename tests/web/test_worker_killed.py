"""Killed with -9 while the mail server has the mail and we do not know it yet."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.looks import FULL
from tests.server import Site, embedded, wait_until
from tests.smtp import SILENCE, MailServer

pytestmark = pytest.mark.faults
SEND = 'from django.core.mail import EmailMessage; EmailMessage("S", "T", to=["een@x.example"]).send()'
NOT_ENDED = "from django_tasks_db.models import DBTaskResult as T; print(T.objects.filter(finished_at=None).count())"


def _taken_up(site: Site, server: MailServer, kill: Callable[[], None], start: Callable[[], None]) -> None:
    server.mails.clear()
    server.answers["."] = SILENCE
    site.shell(SEND)
    wait_until(lambda: server.mails, "the mail")
    kill()
    server.answers.clear()
    start()
    wait_until(lambda: len(server.mails) > 1, "the mail again, once the lease has ended", 60)
    first, second = server.mails
    assert first["Message-ID"] == second["Message-ID"]
    assert first["Date"] == second["Date"]
    wait_until(lambda: site.shell(NOT_ENDED) == "0", "its task is noted")
    assert len(server.mails) == 2


def test_the_mail_goes_again_with_the_same_id(tmp_path: Path) -> None:
    with MailServer() as server:
        with embedded(tmp_path, EMAIL_URL=f"smtp://127.0.0.1:{server.port}") as site:
            _taken_up(site, server, site.kill, site.start)
            if not FULL:
                return
            # And a process of its own, as compose.yaml starts it.
            site.kill()
            site.environment["BACKGROUND_THREADS"] = "0"
            site.commands["worker"] = "python manage.py run_worker"
            site.start()
            _taken_up(site, server, lambda: site.kill("worker"), lambda: site.start("worker"))
            site.stop("worker")
