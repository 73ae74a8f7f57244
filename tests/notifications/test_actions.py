"""Notifications: once, in the recipient's language, by inbox and mail."""

import pytest
from django.utils.functional import lazystr
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from accounts.audiences import EMPLOYEES, Person
from live import hub
from notifications import actions
from notifications.actions import follow, followers, mail, notify, unfollow
from notifications.models import Follow, Notification, SentMail
from notifications.rooms import inbox_room
from search import sources
from tests.described import described
from tests.people import People


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Run the callbacks of the commit, and the callbacks that those add."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def tell(people: People, **changes) -> None:
    values = {
        "recipients": [people.owner],
        "event": "community.answered",
        "title": "Answered: How do I book a room?",
        "url": "/nl/q/7-room/",
        "key": "thing:7",
        "actor": people.agent,
    }
    notify(**(values | changes))


def test_notified_once_until_read_and_then_again(people: People, committed) -> None:
    with committed():
        tell(people)
        tell(people, title="Answered twice")
    row = Notification.objects.get(recipient=people.owner)
    assert row.title == "Answered twice"
    assert SentMail.objects.count() == 1
    with committed():
        tell(people, title="Answered thrice")
    assert SentMail.objects.count() == 1, "unread: told already"
    actions.mark(by=people.viewer("owner"), notifications=[row])
    with committed():
        tell(people, title="Answered again")
    row.refresh_from_db()
    assert (row.read, row.title) == (None, "Answered again")
    assert SentMail.objects.count() == 2


def test_without_a_key_every_event_gives_a_row(people: People) -> None:
    tell(people, key="")
    tell(people, key="")
    assert people.owner.notifications.count() == 2


def test_actor_and_inactive_people_are_left_out(people: People) -> None:
    people.colleague.is_active = False
    people.colleague.save()
    tell(people, recipients=[people.owner, people.owner, people.colleague, people.agent])
    assert [row.recipient for row in Notification.objects.all()] == [people.owner]


def test_many_recipients_cost_a_constant_number_of_queries(people: People, django_assert_max_num_queries) -> None:
    everybody = [p for p in people.persons().values() if p.is_authenticated]
    with django_assert_max_num_queries(8):
        tell(people, recipients=everybody)
    assert Notification.objects.count() == len(everybody) - 1


def test_texts_are_in_the_recipients_language(people: People, committed) -> None:
    people.colleague.language = "en"
    people.colleague.save()
    title = format_lazy("{hello} – {what}", hello=_("Dutch"), what=lazystr("x"))
    with committed():
        tell(people, recipients=[people.owner, people.colleague], title=title, body=lambda: str(_("English")))
    assert people.owner.notifications.get().title == "Nederlands – x"
    assert people.colleague.notifications.get().title == "Dutch – x"
    dutch, english = (SentMail.objects.get(to__contains=p.email) for p in (people.owner, people.colleague))
    assert dutch.text.startswith("Hallo Owner,")
    assert english.text.startswith("Hello Colleague,")
    assert "http://127.0.0.1:8000/nl/q/7-room/" in dutch.text
    assert "http://127.0.0.1:8000/nl/berichten/" in dutch.text
    assert "http://127.0.0.1:8000/en/inbox/" in english.text


def test_people_who_turned_mail_off_get_none(people: People, committed) -> None:
    actions.choose(by=people.viewer("owner"), by_mail=False)
    with committed():
        tell(people)
    assert people.owner.notifications.count() == 1
    assert not SentMail.objects.exists()


def test_open_pages_hear_of_it_after_commit(people: People, committed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once for each row that is new or unread again, and whenever rows are marked."""
    heard: list[tuple[str, object]] = []
    monkeypatch.setattr(hub, "publish", lambda room, payload: heard.append((room, payload)))
    told = (inbox_room(people.owner.pk), {"type": "inbox"})
    with committed():
        tell(people)
        assert heard == []
    assert heard == [told]
    with committed():
        tell(people)
    assert heard == [told], "unread: told already"
    rows = list(people.owner.notifications.all())
    for read, times in ((True, 2), (True, 2), (False, 3)):
        with committed():
            actions.mark(by=Person(people.owner), notifications=rows, read=read)
        assert heard == [told] * times


def test_a_visitor_is_mailed_at_the_address_they_left(db: None, committed) -> None:
    with committed():
        mail(
            to="visitor@example.org",
            subject="Your question\nis answered",
            body="Look.",
            url="/en/chat/x/",
            language="en",
            confirmed=True,
        )
    kept = SentMail.objects.get()
    assert (kept.to, kept.subject) == ("visitor@example.org", "Your question is answered")
    assert "http://127.0.0.1:8000/en/chat/x/" in kept.text


def test_following(people: People) -> None:
    follow(by=people.viewer("owner"), key="song:7")
    follow(by=people.viewer("owner"), key="song:7")
    follow(by=people.viewer("colleague"), key="song:8")
    assert list(followers("song:7")) == [people.owner]
    unfollow(by=people.viewer("owner"), key="song:7")
    assert not followers("song:7")
    assert Follow.objects.count() == 1


class Lines(sources.Source):
    """A findable kind for these tests: inbox rows, for the audience `audience`."""

    kind, label, model = "line", "line", Notification
    audience = frozenset({EMPLOYEES})

    def queryset(self):
        return Notification.objects.all()

    def visible_to(self, viewer):
        return Notification.objects.all() if viewer.keys & self.audience else Notification.objects.none()

    def to_document(self, obj):
        return sources.Document(
            key=self.key(obj.pk),
            kind=self.kind,
            title=obj.title,
            body="",
            url="/",
            audience=self.audience,
            created=obj.created,
            updated=obj.created,
        )


def test_followers_who_can_no_longer_see_it_are_not_notified(people: People) -> None:
    tell(people)
    row = Notification.objects.get()
    with described(sources=(Lines(),)):
        for person in (people.owner, people.outsider, people.provider, people.agent):
            follow(by=Person(person), key=f"line:{row.pk}")
        assert set(followers(f"line:{row.pk}")) == {people.owner, people.agent}
        people.owner.memberships.all().delete()
        assert set(followers(f"line:{row.pk}")) == {people.agent}
        row.delete()
        assert not followers(f"line:{row.pk or 1}")
