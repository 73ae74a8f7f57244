"""What every page may show of the inbox."""

from django.utils.functional import SimpleLazyObject

from accounts.requests import Request
from notifications.models import Notification


def inbox(request: Request) -> dict[str, object]:
    """Return `unread_notifications`: how many, 100 at most. Counted only where a template asks, and only for a person
    who is signed in."""

    def unread() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        count: int = Notification.objects.unread_count(request.viewer)
        return count

    return {"unread_notifications": SimpleLazyObject(unread)}
