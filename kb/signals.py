"""Signals of the knowledge base."""

from django.dispatch import Signal

# faq_revision_published(sender=Faq, faq: Faq, user: User | None): sent in the transaction that publishes a revision,
# also when it is only scheduled for later (`faq.live` is False then).
faq_revision_published = Signal()

# faq_published(sender=Faq, faq: Faq, origins: list[kb.capture.OriginValue]): sent after the commit that published an
# FAQ, or linked an origin to a published one. `origins` are those whose askers may read it and were not told before.
faq_published = Signal()
