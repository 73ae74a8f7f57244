"""What is done inside the installation of the fault tests: its people and places, and looking at its index.

`serve()` answers questions on standard input for as long as the tests run: starting `manage.py` takes seconds.
"""

import json
import os
import subprocess
import sys
from typing import Any

PEOPLE = {"asker": 18, "answerer": 6, "agent": 4}  # beside those of tests/people.py


def make() -> str:
    """People with sessions, a space, a topic; as JSON."""
    from django.test import Client

    from accounts import audiences
    from accounts.models import Membership, RoleGrant, TeamMembership, User
    from accounts.roles import Role
    from accounts.sync import sync_members
    from tests.community.conftest import make_space
    from tests.kb.conftest import make_topic
    from tests.people import confirm_addresses, make_people

    people = make_people()
    for kind, count in PEOPLE.items():
        for n in range(1, count + 1):
            organisation = people.ssc if kind == "agent" else people.business
            user = User.objects.create_user(f"{kind}{n}@faults.example", "test", name=f"{kind.title()} {n}")
            Membership.objects.create(user=user, organisation=organisation)
            if kind == "agent":
                TeamMembership.objects.create(user=user, team=people.hr)
                RoleGrant.objects.create(user=user, role=Role.AGENT)
    sync_members(Role.AGENT)
    confirm_addresses()
    sessions = {}
    for user in User.objects.filter(is_active=True):
        client = Client()
        client.force_login(user, backend="accounts.backends.RoleBackend")
        sessions[user.email] = client.session.session_key
    space = make_space("medewerkers", audiences.EMPLOYEES, audiences.STAFF)
    topic = make_topic("Verlof", {audiences.PUBLIC})
    return json.dumps({"sessions": sessions, "space": space.pk, "topic": topic.pk})


def conversations(count: int) -> list[dict[str, Any]]:
    """So many, each of a visitor: its number and the visitor's cookie."""
    from django.contrib.auth.models import AnonymousUser

    from accounts import visitors
    from accounts.audiences import viewer_for
    from accounts.models import Team
    from chat import actions

    team, found = Team.objects.get(slug="t-hr"), []
    for _ in range(count):
        token = visitors.new_token()
        viewer = viewer_for(AnonymousUser(), token)
        row = actions.start_conversation(by=viewer, team=team, question="Hoe werkt dit?", language="nl")
        found.append({"conversation": row.pk, "cookie": f"{visitors.COOKIE}={visitors.sign(token)}"})
    return found


def differences() -> list[str]:
    """What differs between database and index, or waits to be indexed."""
    from search.indexing.check import compare

    found = compare()
    some = [f"{name}: {getattr(found, name)[:5]}" for name in ("missing", "stale", "surplus", "failed")]
    return [line for line in some if not line.endswith("[]")] + ([f"{found.waiting} wait"] if found.waiting else [])


def bulk(count: int) -> int:
    """Enqueue so many documents as an import does, in one transaction, with low priority."""
    from search.models.outbox import enqueue_documents

    enqueue_documents(*(f"question:{10**9 + n}" for n in range(count)), bulk=True)
    return count


ACTS = {act.__name__: act for act in (conversations, differences, bulk)}


def serve() -> None:
    """One question a line: [act, argument …] as JSON; the answer is a line: its result, or {"error": …}."""
    from django.db import close_old_connections

    for line in sys.stdin:
        act, *arguments = json.loads(line)
        try:
            answer = ACTS[act](*arguments)
        except Exception as error:  # noqa: BLE001 # whoever asked decides
            answer = {"error": f"{type(error).__name__}: {error}"}
        close_old_connections()
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


class Inside:
    """The process that answers; ends with `close`."""

    def __init__(self, environment: dict[str, str], root: Any) -> None:
        code = "from tests.faults.inside import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", code],
            cwd=root, env={**environment, "PYTHONWARNINGS": "ignore", "PATH": os.environ["PATH"]},
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def ask(self, act: str, *arguments: Any) -> Any:
        """What it answers. Raises LookupError with what went wrong there."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([act, *arguments]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the process inside ended"
        answer = json.loads(line)
        if isinstance(answer, dict) and "error" in answer:
            raise LookupError(answer["error"])
        return answer

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate(timeout=10)
