"""What the gate and the cut of /cms/ cost (`web.cms`, `web.scope`), on a database with the demo.

    DATABASE_URL=… python manage.py load_demo && DATABASE_URL=… python benchmarks/cms.py [--rounds 5]

Each page for an administrator, a curator of the staff and a curator who is no staff, with the gate and without: CPU of
this process (the least of the rounds, after one to warm up) and SQL statements.
"""

import argparse
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
os.environ["LOG_LEVEL"] = "CRITICAL"

import django  # noqa: E402

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from accounts.models import User  # noqa: E402
from kb.models import ArticlePage, Faq, TopicPage  # noqa: E402
from web.cms import CmsMiddleware  # noqa: E402

PEOPLE = {
    "administrator": "nadia.rosaria@debrug.example",
    "curator": "imke.postma@debrug.example",
    "business": "",  # a curator who is no staff; made and removed
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="pages that match")
    parser.add_argument("--statements", action="store_true", help="which were sent most often")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"{'page':<47} {'who':<14} {'CPU ms, ms, SQL with':>21} {'without':>21}")
    with business_curator() as curator:
        for name, person in people(curator).items():
            for path in filter(re.compile(options.only).search, pages()):
                status, cost = measure(signed_in(person), path, options.rounds)
                if options.statements:
                    show(cost.statements)
                with patch.object(CmsMiddleware, "process_view", lambda *_a, **_k: None):
                    _status, bare = measure(signed_in(person), path, options.rounds)
                print(f"{path:<47} {name:<14} {cost} {bare}  {status} ×{cost.cpu / bare.cpu:.2f}", flush=True)


def pages() -> list[str]:
    """What is asked for."""
    topic = TopicPage._base_manager.filter(depth=4).order_by("path").first()
    article, faq = ArticlePage._base_manager.order_by("pk").first(), Faq._base_manager.order_by("pk").first()
    assert topic and article and faq
    return [
        "/cms/",
        "/cms/api/main/pages/",
        "/cms/api/main/pages/?child_of=1&for_explorer=1",
        "/cms/pages/",
        f"/cms/pages/{topic.get_parent().pk}/",
        f"/cms/pages/{topic.pk}/",
        f"/cms/pages/{article.pk}/edit/",
        f"/cms/pages/{article.pk}/history/",
        "/cms/choose-page/",
        "/cms/snippets/kb/faq/",
        f"/cms/snippets/kb/faq/edit/{faq.pk}/",
        "/cms/snippets/kb/faq/add/",
        "/cms/images/",
        "/cms/images/chooser/",
        "/cms/documents/",
        "/cms/reports/aging-pages/",
    ]


class business_curator:  # noqa: N801  # read as a function
    """A customer of an organisation that is no shared service centre, with the role of curator for a while."""

    def __enter__(self) -> User:
        from accounts.models import RoleGrant
        from accounts.roles import Role
        from accounts.sync import sync_members

        self.user = User.objects.filter(email__endswith="@lindeveld.example", role_grants=None).order_by("pk")[0]
        self.grant = RoleGrant.objects.create(user=self.user, role=Role.CURATOR)
        sync_members(Role.CURATOR)
        return self.user

    def __exit__(self, *_error: object) -> None:
        from accounts.roles import Role
        from accounts.sync import sync_members

        self.grant.delete()
        sync_members(Role.CURATOR)


def people(curator: User) -> dict[str, User]:
    """Whoever asks."""
    return {name: User.objects.get(email=email) if email else curator for name, email in PEOPLE.items()}


def signed_in(person: User) -> Client:
    """A browser, which takes over the middleware as it is now."""
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@dataclass(frozen=True)
class Cost:
    """Of one request: seconds of this process's CPU, seconds until the answer, statements."""

    cpu: float
    wall: float
    statements: list[str]

    def __str__(self) -> str:
        return f"{1000 * self.cpu:6.0f} {1000 * self.wall:6.0f} {len(self.statements):5}"


def measure(client: Client, path: str, rounds: int) -> tuple[int, Cost]:
    """The status, and the least cost of the rounds."""
    status = client.get(path).status_code
    with CaptureQueriesContext(connection) as captured:
        client.get(path)
    statements = [query["sql"] for query in captured]
    times = [timed(lambda: client.get(path)) for _round in range(rounds)]
    return status, Cost(min(cpu for cpu, _wall in times), min(wall for _cpu, wall in times), statements)


def timed(act: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of CPU of this process, and of the clock."""
    cpu, wall = time.process_time(), time.perf_counter()
    act()
    return time.process_time() - cpu, time.perf_counter() - wall


def show(statements: list[str]) -> None:
    """The statements, with their numbers left out, by how often they were sent."""
    for sql, count in Counter(re.sub(r"\d+", "N", sql)[:400] for sql in statements).most_common(12):
        print(f"    {count:4} {sql}")


if __name__ == "__main__":
    main()
