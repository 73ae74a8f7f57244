"""Names of people in query texts."""

from itertools import product

from django.db.models.functions import Lower

from accounts.models import User

LONGEST_NAME = 5  # words


def texts_with_person_names(texts: list[str]) -> set[str]:
    """Return the normalised texts that contain the full name of somebody with an account. One query."""
    windows: dict[str, set[str]] = {}
    for text in texts:
        words = text.split()
        for start, length in product(range(len(words)), range(2, LONGEST_NAME + 1)):
            if start + length <= len(words):
                windows.setdefault(" ".join(words[start : start + length]), set()).add(text)
    if not windows:
        return set()
    names = User.objects.annotate(folded=Lower("name")).filter(folded__in=list(windows)[:5000])
    return {text for name in names.values_list("folded", flat=True) for text in windows.get(name, ())}
