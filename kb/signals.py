"""What kb tells packages to its right."""

from django.dispatch import Signal

# faq_published(sender=Faq, faq: Faq, origins: list[kb.capture.OriginValue]): sent after the commit that published it
# or linked an origin to a published one, with the origins whose askers may read it and had not been told yet.
faq_published = Signal()
