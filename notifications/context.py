"""Context processor: the number of unread notifications."""

from django.utils.functional import SimpleLazyObject

from accounts.requests import Request
from notifications.models import Notification


def inbox(request: Request) -> dict[str, object]:
    """Return `unread_notifications`, at most 100. Counted only if a template uses it and the user is signed in."""

    def unread() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        count: int = Notification.objects.unread_count(request.viewer)
        return count

    return {"unread_notifications": SimpleLazyObject(unread)}
