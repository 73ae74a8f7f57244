"""Context processor: the number of unread notifications."""

from django.utils.functional import SimpleLazyObject

from accounts.requests import Request
from notifications.models import Notification

MOST = 100  # the header shows "99+"


def inbox(request: Request) -> dict[str, object]:
    """Return `unread_notifications`, at most 100. Counted only if a template uses it and the user is signed in."""

    def unread() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        if not Notification.objects.filter(recipient=user, read=None).exists():
            return 0  # the usual case: saves the check of what they may see
        seen = Notification.objects.visible_to(request.viewer)
        return len(seen.filter(read=None).values_list("pk", flat=True)[:MOST])

    return {"unread_notifications": SimpleLazyObject(unread)}
