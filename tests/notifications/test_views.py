"""The inbox, following, and stored mails: who sees what."""

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEvent
from notifications.actions import notify
from notifications.mail import KEEP, letter, purge_kept
from notifications.models import Follow, Notification, SentMail
from search import sources
from tests.described import described
from tests.people import People
from web.private_links import PATHS


@pytest.fixture
def as_owner(people: People, client: Client) -> Client:
    client.force_login(people.owner, backend="accounts.backends.RoleBackend")
    return client


@pytest.fixture
def told(people: People) -> Notification:
    notify(recipients=[people.owner, people.colleague], event="e", title="An answer", url="/nl/q/7/", key="thing:7")
    return Notification.objects.get(recipient=people.owner)


def test_an_empty_inbox_explains_itself(as_owner: Client) -> None:
    for language in ("nl", "en"):
        with translation.override(language):
            assert as_owner.get(reverse("notifications:inbox")).status_code == 200


def test_read_unread_and_all(people: People, as_owner: Client, told: Notification) -> None:
    page = as_owner.get(reverse("notifications:inbox"))
    assert "An answer" in page.content.decode()
    assert page.context["unread_notifications"] == 1
    assert as_owner.get(reverse("notifications:open", args=[told.pk])).url == "/nl/q/7/"
    told.refresh_from_db()
    assert told.read
    as_owner.post(reverse("notifications:mark", args=[told.pk]), {"read": "0"})
    told.refresh_from_db()
    assert told.read is None
    as_owner.post(reverse("notifications:mark_all"))
    assert not Notification.objects.filter(recipient=people.owner, read=None).exists()
    assert Notification.objects.get(recipient=people.colleague).read is None


def test_people_see_only_their_own_inbox(people: People, client: Client, told: Notification) -> None:
    for name in ("colleague", "administrator"):
        client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
        assert client.get(reverse("notifications:open", args=[told.pk])).status_code == 404
        assert client.post(reverse("notifications:mark", args=[told.pk])).status_code == 404
    client.logout()
    for url in (reverse("notifications:inbox"), reverse("notifications:open", args=[told.pk])):
        assert client.get(url).status_code == 302


def test_the_choice_about_mail(people: People, as_owner: Client) -> None:
    as_owner.post(reverse("notifications:choose"), {})
    assert not people.owner.notification_choice.by_mail
    assert not as_owner.get(reverse("notifications:inbox")).context["by_mail"]


def test_the_inbox_costs_a_constant_number_of_queries(
    people: People, as_owner: Client, django_assert_max_num_queries
) -> None:
    for n in range(40):
        notify(recipients=[people.owner], event="e", title=f"Number {n}", url="/", actor=people.agent)
    with django_assert_max_num_queries(14):
        as_owner.get(reverse("notifications:inbox"))


class People7(sources.Source):
    """A findable kind for these tests: inbox rows, visible to their recipient."""

    kind, label, model = "line", "line", Notification

    def queryset(self):
        return Notification.objects.all()

    def visible_to(self, viewer):
        return Notification.objects.filter(recipient_id=viewer.user.pk or 0)

    def to_document(self, obj):
        raise NotImplementedError


@pytest.fixture
def findable():
    with described(sources=(People7(),)):
        yield


def test_people_follow_only_what_they_see(people: People, as_owner: Client, told, findable) -> None:
    other = Notification.objects.get(recipient=people.colleague)
    url = reverse("notifications:follow")
    assert as_owner.post(url, {"key": f"line:{told.pk}", "on": "1", "next": "/nl/"}).url == "/nl/"
    for key in (f"line:{other.pk}", "line:0", "line:x", "line:", "song:1", "", "line:" + "9" * 30):
        assert as_owner.post(url, {"key": key, "on": "1"}).status_code == 404, key
    assert [f.key for f in Follow.objects.all()] == [f"line:{told.pk}"]
    assert as_owner.post(url, {"key": f"line:{told.pk}", "on": "0", "next": "//evil.example/"}).url.startswith("/nl/")
    assert not Follow.objects.exists()


def test_the_follow_button_by_htmx(people: People, as_owner: Client, told, findable) -> None:
    data = {"key": f"line:{told.pk}", "on": "1"}
    response = as_owner.post(reverse("notifications:follow"), data, headers={"HX-Request": "true"})
    assert 'aria-pressed="true"' in response.content.decode()
    assert "no-store" in response.headers.get("Cache-Control", "") or "HX-Request" in response.headers.get("Vary", "")


def test_visitors_follow_nothing(client: Client, db: None) -> None:
    assert client.post(reverse("notifications:follow"), {"key": "line:1", "on": "1"}).status_code == 302
    assert not Follow.objects.exists()


def keep(subject: str = "Hello", html: str = "") -> SentMail:
    message = EmailMultiAlternatives(subject, "Text <b>", to=["a@example.org"])
    if html:
        message.attach_alternative(html, "text/html")
    get_connection("notifications.mail.KeptMailBackend").send_messages([message])
    return SentMail.objects.latest("pk")


def test_administrators_read_stored_mail_as_text(people: People, client: Client) -> None:
    mail = keep(html="<script>alert(1)</script>")
    keep("Another")
    client.force_login(people.administrator, backend="accounts.backends.RoleBackend")
    url = reverse("notifications:sent_mail")
    assert len(client.get(url).context["page_obj"]) == 2
    assert [m.subject for m in client.get(url, {"q": "anoth"}).context["page_obj"]] == ["Another"]
    page = client.get(reverse("notifications:sent_mail_detail", args=[mail.pk])).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_names_in_stored_mail_are_readable(people: People, client: Client) -> None:
    mail = letter(to="zoe@example.org", name="Zoë <b> François-d’Hondt", subject="Hoi", text="Hoi")
    message = EmailMultiAlternatives(mail["subject"], mail["text"], mail["sender"], mail["to"])
    get_connection("notifications.mail.KeptMailBackend").send_messages([message])
    SentMail.objects.create(to="=?utf-8?q?Zo=C3=AB?= <old@example.org>, =?x?q?broken?=", sender="v@example.org")
    client.force_login(people.administrator, backend="accounts.backends.RoleBackend")
    page = client.get(reverse("notifications:sent_mail"), {"q": "Zoë"}).content.decode()
    assert "Zoë &lt;b&gt; François-d’Hondt &lt;zoe@example.org&gt;" in page
    page = client.get(reverse("notifications:sent_mail"), {"q": "old@"}).content.decode()
    assert "=?utf-8?" in SentMail.objects.get(to__contains="old@").to and "=?x?q?broken?=" in page


@pytest.mark.parametrize("name", ["owner", "outsider", "provider", "agent", "curator"])
def test_nobody_else_reads_stored_mail(people: People, client: Client, name: str) -> None:
    mail = keep()
    client.force_login(getattr(people, name), backend="accounts.backends.RoleBackend")
    assert client.get(reverse("notifications:sent_mail")).status_code == 403
    assert client.get(reverse("notifications:sent_mail_detail", args=[mail.pk])).status_code == 403


def test_stored_mail_is_deleted_after_a_while(db: None) -> None:
    old = keep()
    SentMail.objects.filter(pk=old.pk).update(created=timezone.now() - KEEP * 2)
    keep("New")
    assert purge_kept() == 1
    assert [m.subject for m in SentMail.objects.all()] == ["New"]


def test_private_links_are_shown_on_demand_and_that_is_recorded(people: People, client: Client) -> None:
    """Every kind of private link, in text and HTML. Other links always work."""
    paths = [f"/nl/{each}/" for path in PATHS for each in _written_out(path)]
    text = "\n".join(f"http://127.0.0.1:8000{path}SECRET{n}-x:y/" for n, path in enumerate(paths)) + "\n/nl/chat/7/"
    html = "".join(f'<a href="http://127.0.0.1:8000{path}SECRET{n}/">x</a>' for n, path in enumerate(paths))
    mail = SentMail.objects.create(to="x@example.com", sender="v@example.com", subject="Hoi", text=text, html=html)
    plain = SentMail.objects.create(to="x@example.com", sender="v@example.com", subject="Hoi", text="/nl/chat/7/")
    client.force_login(people.administrator, backend="accounts.backends.RoleBackend")
    address = reverse("notifications:sent_mail_detail", args=[mail.pk])
    page = client.get(address).content.decode()
    assert len(paths) >= 8
    assert "SECRET" not in page
    assert "/nl/chat/7/" in page
    assert "Link tonen" in page
    assert "Link tonen" not in client.get(reverse("notifications:sent_mail_detail", args=[plain.pk])).content.decode()
    assert not AuditEvent.objects.filter(event="notifications.links_shown").exists()
    shown = client.post(address).content.decode()
    assert [n for n in range(len(paths)) if f"SECRET{n}" not in shown] == []
    row = AuditEvent.objects.get(event="notifications.links_shown")
    assert (row.by, row.details["to"]) == (people.administrator, "x@example.com")
    client.force_login(people.curator, backend="accounts.backends.RoleBackend")
    assert client.post(address).status_code == 403


def _written_out(path: str) -> list[str]:
    before, brace, rest = path.partition("(?:")
    if not brace:
        return [path]
    choices, _brace, after = rest.partition(")")
    return [f"{before}{choice}{after}" for choice in choices.split("|")]
