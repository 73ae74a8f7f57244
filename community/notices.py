"""Notifications of the forum, each in the reader's language. Called inside the action's transaction."""

from collections.abc import Callable, Iterable
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.audience_members import holders
from accounts.audiences import Person
from accounts.models import User
from community.models import Answer, Question
from kb.models import Faq
from kb.typed_links import without_addresses
from markup import text
from notifications.actions import followers, notify

SNIPPET = 280  # characters


def new_question(question: Question) -> None:
    """Notify the space's team and its followers."""
    people = set(followers(question.space.follow_key))
    if question.space.team_id:
        people |= set(User.objects.filter(team_memberships__team=question.space.team_id))
    notify(
        recipients=_readers(people, question),
        event="community.question",
        title=lambda: _("New question: %(title)s") % {"title": question.title},
        body=without_addresses(text.plain(question.body))[:SNIPPET],
        url=_url(question),
        key=question.key,
        actor=question.author,
    )


def new_answer(answer: Answer) -> None:
    """Notify the asker of each answer, and the other followers once until they have read it."""
    question = answer.question
    asker = {question.author} if question.author else set()
    names = {"name": answer.author, "title": question.title}
    texts: dict[str, Any] = {
        "body": without_addresses(text.plain(answer.body))[:SNIPPET],
        "url": _url(question, f"#answer-{answer.pk}"),
        "actor": answer.author,
    }
    notify(
        recipients=_readers(asker, question),
        event="community.answer",
        title=lambda: _("%(name)s answered your question: %(title)s") % names,
        key=answer.key,
        shows=[question.key, answer.key],
        **texts,
    )
    notify(
        recipients=_readers(set(followers(question.key)) - asker, question),
        event="community.followed_answer",
        title=lambda: _("%(name)s answered: %(title)s") % names,
        key=question.key,
        shows=[question.key, answer.key],
        **texts,
    )


def accepted(answer: Answer, *, by: Person) -> None:
    """Notify the author of an accepted answer."""
    question = answer.question
    notify(
        recipients=_readers({answer.author} if answer.author else set(), question),
        event="community.accepted",
        title=lambda: _("Your answer solved it: %(title)s") % {"title": question.title},
        url=_url(question, f"#answer-{answer.pk}"),
        key=answer.key,
        shows=[question.key, answer.key],
        actor=by.user,
    )


def faq_made(question: Question, faq: Faq) -> None:
    """Notify the followers who may see the FAQ. kb has notified the asker."""
    people = set(followers(question.key)) - {question.author}
    notify(
        recipients=_readers(_readers(people, question), faq),
        event="community.faq",
        title=lambda: _("There is now a checked answer: %(title)s") % {"title": faq.question},
        url=faq.get_absolute_url(),
        key=question.key,
        shows=[f"faq:{faq.pk}"],
    )


def _url(question: Question, anchor: str = "") -> Callable[[], str]:
    return lambda: reverse("community:question", args=[question.pk, question.slug]) + anchor


def _readers(people: Iterable[User], row: Question | Faq) -> Iterable[User]:
    # A follower may have lost the key since.
    return holders(row.audience.key_set).filter(pk__in=[person.pk for person in people])
