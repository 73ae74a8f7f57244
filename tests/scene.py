"""The people of tests/people.py and a forum in a running installation, and what fault tests look at."""

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # `make` runs with the product's settings, not those of tests
    from tests.server import Site

OWNER, AGENT, CURATOR = "owner@t-waterland.example", "agent@t-ssc.example", "curator@t-ssc.example"


@dataclass(frozen=True)
class Scene:
    """Numbers of what was made."""

    space: int  # for employees and staff


def make() -> str:
    """Make it, inside the installation; a Scene as JSON."""
    from allauth.account.models import EmailAddress

    from accounts.audiences import EMPLOYEES, STAFF
    from accounts.models import User
    from tests.community.conftest import make_space
    from tests.people import make_people

    make_people()
    for user in User.objects.all():  # who confirmed their address may sign in by the form
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return json.dumps(asdict(Scene(make_space("medewerkers", EMPLOYEES, STAFF).pk)))


def prepare(site: "Site") -> Scene:
    """Make it in a running installation."""
    return Scene(**json.loads(site.shell("from tests.scene import make; print(make())")))


def saved(site: "Site", conversation: int) -> list[dict[str, Any]]:
    """The events of a conversation in the database, by number."""
    code = (
        "import json; from chat.models import Event; "
        f"rows = Event.objects.filter(conversation={conversation}).order_by('number'); "
        "print(json.dumps(list(rows.values('number', 'client_id', 'body'))))"
    )
    rows: list[dict[str, Any]] = json.loads(site.shell(code))
    return rows


def waiting(site: "Site") -> int:
    """How many entries of the outbox wait."""
    return int(site.shell("from search.models import OutboxEntry; print(OutboxEntry.objects.count())"))
