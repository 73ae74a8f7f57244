"""The profile page, and times in the reader's time zone."""

from django.test import Client
from django.urls import reverse

from accounts.models import AuditEvent
from tests.people import People


def test_change_my_profile(people: People, client: Client) -> None:
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    url = reverse("accounts:profile")
    page = client.get(url)
    assert {"Brussel (België)", "Curaçao"} <= set(dict(page.context["form"].fields["time_zone"].choices).values())
    data = {"name": "Ayla de Vries", "job_title": "Inkoper", "language": "en", "time_zone": "America/Curacao"}
    response = client.post(url, data)
    assert response.url == "/en/profile/"
    people.owner.refresh_from_db()
    assert (people.owner.name, people.owner.language, people.owner.time_zone) == (
        "Ayla de Vries",
        "en",
        "America/Curacao",
    )
    event = AuditEvent.objects.get(event="accounts.profile_changed")
    assert event.details == {"fields": ["job_title", "language", "name", "time_zone"]}
    refused = client.post(url, data | {"time_zone": "Atlantis/Center", "name": ""})
    assert set(refused.context["form"].errors) == {"time_zone", "name"}


def test_people_change_only_their_own_profile(people: People, client: Client) -> None:
    response = client.get(reverse("accounts:profile"))
    assert response.status_code == 302


def test_times_are_shown_in_the_readers_time_zone(people: People, client: Client, rf) -> None:
    from django.http import HttpResponse
    from django.utils import timezone

    from accounts.middleware import ViewerMiddleware

    people.owner.time_zone = "America/Curacao"
    request = rf.get("/")
    request.user, request.session = people.owner, {"_auth_user_id": "1"}
    seen = []
    ViewerMiddleware(lambda _r: seen.append(timezone.get_current_timezone_name()) or HttpResponse())(request)
    assert seen == ["America/Curacao"]
    assert timezone.get_current_timezone_name() == "Europe/Amsterdam"
