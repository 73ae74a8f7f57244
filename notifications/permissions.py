"""Who may follow what."""

from accounts.audiences import Person
from search import sources
from web import params


def can_follow(person: Person, key: str) -> bool:
    """Return True if the person may see the document, according to the search source of its kind."""
    kind, _colon, pk = key.partition(":")
    source = sources.get(kind)
    number = params.number(pk)
    return source is not None and number is not None and source.visible_to(person).filter(pk=number).exists()


def can_see_sent_mail(person: Person) -> bool:
    """Read the mails that were stored because no mail server is set, with their private links."""
    return person.has_perm("notifications.see_sent_mail")
