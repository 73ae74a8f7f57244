"""E-mail addresses: one spelling for each.

Python, PostgreSQL and mail servers disagree about which letters are the same ("ſ" and "s", "K" and "k", "ı" and "i",
wide letters), and Django's own check lets some of them pass. Here an address is ASCII before the @, and a domain that
is the same after it was written as servers write it (IDNA). Then small letters are all there is to agree about.
"""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.forms import EmailField as FormField


def check_spelling(text: str) -> None:
    """Raise ValidationError for an address that could be taken for another one."""
    local, _at, domain = str(text).rpartition("@")
    try:
        same = domain.isascii() or domain.encode("idna").decode("idna") == domain
    except UnicodeError:
        same = False
    if not local.isascii() or not same:
        raise ValidationError(validate_email.message, code="invalid")


def normal(text: str) -> str:
    """The one spelling of an address. Raises ValidationError for what is none."""
    text = text.strip()
    validate_email(text)
    check_spelling(text)
    return text.lower()


def mailbox(text: str) -> str:
    """Where an address arrives, for limits: what stands behind a + is a note of its holder's."""
    local, _at, domain = text.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def hold_forms() -> None:
    """Have every form of the process, allauth's and Wagtail's too, refuse the same. Called once."""
    if check_spelling not in FormField.default_validators:
        FormField.default_validators = [*FormField.default_validators, check_spelling]
