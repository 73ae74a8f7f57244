"""Rows for addresses with parameters."""

from notifications.models import Notification, SentMail
from tests.examples import Examples
from tests.people import People


def examples(people: People) -> Examples:
    """A mail, and what the owner was told of by other packages."""
    mail = SentMail.objects.create(to="x@example.com", sender="v@example.com", subject="Onderwerp", text="Tekst")
    notification = Notification.objects.filter(recipient=people.owner).first()
    told = [("the owner's", {"pk": notification.pk})] if notification else []
    return {
        "notifications:open": told,
        "notifications:mark": told,
        "notifications:sent_mail_detail": [("a mail", {"pk": mail.pk})],
    }
