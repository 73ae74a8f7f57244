"""E-mail addresses: one spelling for each.

Python, PostgreSQL and mail servers disagree about which letters are the same ("ſ" and "s", "K" and "k", "ı" and "i",
wide letters), and Django's own check accepts some of them. Here an address must be ASCII before the @, and its domain
must be unchanged by IDNA encoding. Then lower case is the only normalisation that all have to agree about.
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
    """Return the address in its one spelling. Raise ValidationError for a malformed address."""
    text = text.strip()
    validate_email(text)
    check_spelling(text)
    return text.lower()


def mailbox(text: str) -> str:
    """Return the mailbox that an address delivers to, for limits: without the part after a +."""
    local, _at, domain = text.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def check_all_forms() -> None:
    """Have every form of the process, allauth's and Wagtail's too, refuse the same. Called once."""
    if check_spelling not in FormField.default_validators:
        FormField.default_validators = [*FormField.default_validators, check_spelling]
