"""What every page may show of the inbox."""

from django.utils.functional import SimpleLazyObject

from accounts.requests import Request
from notifications.models import Notification

MOST = 100  # "99+" is all the header says


def inbox(request: Request) -> dict[str, object]:
    """`unread_notifications`: how many, 100 at most; counted only where a template asks, and only when signed in."""

    def unread() -> int:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return 0
        if not Notification.objects.filter(recipient=user, read=None).exists():
            return 0  # mostly, and then nobody's rights need a look
        seen = Notification.objects.visible_to(request.viewer)
        return len(seen.filter(read=None).values_list("pk", flat=True)[:MOST])

    return {"unread_notifications": SimpleLazyObject(unread)}
