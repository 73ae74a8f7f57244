"""Template tags for following."""

from typing import Any

from django import template

from notifications.mail import decoded
from notifications.models import Follow

register = template.Library()
register.filter("decoded", decoded)  # for mails that were stored before headers were decoded


@register.simple_tag(takes_context=True)
def follows(context: template.Context, key: str) -> bool:
    """Return True if the reader follows a document. One query, none for visitors."""
    user: Any = context.get("user")
    return bool(user and user.is_authenticated and Follow.objects.filter(user=user, key=key).exists())
