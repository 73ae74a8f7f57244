"""What accounts does when something happens elsewhere."""

from itertools import product
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.db.models.functions import Lower
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.actions import count_searches
from accounts.audiences import Person, viewer_for
from accounts.audit import record
from accounts.models import AudienceKey, User
from accounts.signals import person_gone, visitor_signed_in
from accounts.visitors import COOKIE, read_token
from search.learning import wishes
from search.signals import curated
from web.params import key

LONGEST_NAME = 5  # words


@receiver(user_logged_in)
def hand_over_visit(request: HttpRequest | None, user: Any, **_signal: Any) -> None:
    """Tell packages that the holder of a visitor cookie is this person; the middleware then drops the cookie."""
    token = read_token(request.COOKIES.get(COOKIE, "")) if request is not None else ""
    if token:
        visitor_signed_in.send(sender=type(user), user=user, visitor=token)
        request.visitor_signed_in = True  # type: ignore[union-attr]  # read by ViewerMiddleware


@receiver(curated)
def record_curation(by: Any, act: str, target: Any, details: dict[str, Any], **_signal: Any) -> None:
    """Write down what a curator told search."""
    record(act, by=by, target=target, **details)


@receiver(pre_delete, sender=User)
def tell_of_deletion(instance: User, **_signal: Any) -> None:
    """A deleted person is gone, whoever deletes them."""
    person_gone.send(sender=User, person=instance)


@receiver(person_gone)
def forget_wishes(person: User, **_signal: Any) -> None:
    """Nothing stays of what they wait for, under their account or their address."""
    wishes.forget_person(owner=f"user:{person.pk}", email=person.email)


class SearchChoices:
    """Keeps with the account whether somebody's searches are counted, for search."""

    def counted(self, user: Any) -> bool:
        """As the person chose; no query, since it comes with the person."""
        return bool(user.searches_counted)

    def choose(self, user: Any, *, counted: bool) -> None:
        """On all their devices from now on."""
        count_searches(by=user, counted=counted)


def reader_keys() -> frozenset[str]:
    """Tells search for whom something is written, single people aside. One query."""
    keys = AudienceKey.objects.exclude(key__startswith="user:").exclude(key__startswith="visitor:")
    return frozenset(keys.values_list("key", flat=True).distinct())


def viewer_of(owner: str) -> Person | None:
    """Tells search who an owner of a wish ("user:12") is, with the keys they hold now."""
    kind, _colon, pk = owner.partition(":")
    user = User.objects.filter(pk=key(pk), is_active=True).first() if kind == "user" else None
    return viewer_for(user) if user else None


def texts_with_names(texts: list[str]) -> set[str]:
    """Tells the query log which folded texts hold the full name of somebody here. One query."""
    windows: dict[str, set[str]] = {}
    for text in texts:
        words = text.split()
        for start, length in product(range(len(words)), range(2, LONGEST_NAME + 1)):
            if start + length <= len(words):
                windows.setdefault(" ".join(words[start : start + length]), set()).add(text)
    if not windows:
        return set()
    names = User.objects.annotate(folded=Lower("name")).filter(folded__in=list(windows)[:5000])
    return {text for name in names.values_list("folded", flat=True) for text in windows.get(name, ())}
