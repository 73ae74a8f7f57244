"""What kb tells packages to its right."""

from django.dispatch import Signal

# faq_published(sender=Faq, faq: Faq, origins: list[kb.capture.OriginValue]), sent after the commit that published an FAQ
# with origins that had not been told yet, and when an origin is linked to an FAQ that was published already.
faq_published = Signal()
