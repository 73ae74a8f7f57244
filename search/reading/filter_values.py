"""Values of filters by the names that people type, in any language of the site: `soort:vraag`, `lang:Dutch`."""

from collections.abc import Iterable, Iterator

from django.conf import settings
from django.utils import translation

from search import sources
from search.language.analysis import BY_DICTIONARY
from search.language.tokens import folded_words


def kinds(name: str) -> list[str]:
    """Return the kinds with that code or label, in the singular or plural."""
    wanted = _plain(name)
    stems = {code: _stems(name, code) for code, _ in settings.LANGUAGES}
    found = []
    for source in sources.all():
        labels = {code: label for code in stems for label in _translated(source.label, code)}
        same = any(_plain(label) == wanted or _stems(label, code) == stems[code] for code, label in labels.items())
        if wanted and (wanted == _plain(source.kind) or same):
            found.append(source.kind)
    return found


def languages(name: str) -> list[str]:
    """Return the languages with that code, or with that name in any language of the site."""
    wanted = _plain(name)
    return [code for code, called in settings.LANGUAGES if wanted and wanted in _language_names(code, str(called))]


def topics(name: str, keys: Iterable[str], viewer: sources.Viewer) -> list[str]:
    """Return the keys whose title equals `name`, or else those whose title begins with it. One query per language."""
    wanted, keys = _plain(name), list(keys)
    if not wanted:
        return []
    if name in keys:
        return [name]
    titles = [(key, _plain(title)) for code, _ in settings.LANGUAGES for key, title in _titles(keys, code, viewer)]
    exact = [key for key, title in titles if title == wanted]
    begin = [key for key, title in titles if title.startswith(wanted)]
    return list(dict.fromkeys(exact or begin))


def _titles(keys: list[str], code: str, viewer: sources.Viewer) -> Iterable[tuple[str, str]]:
    return sources.topic_titles(keys, code, viewer).items()


def _language_names(code: str, called: str) -> set[str]:
    info = translation.get_language_info(code)
    known = {code, str(info["name"]), str(info["name_local"]), str(called)}
    for other, _ in settings.LANGUAGES:
        with translation.override(other):
            known.add(translation.gettext(str(info["name"])))
    return {_plain(name) for name in known}


def _translated(label: object, code: str) -> Iterator[str]:
    with translation.override(code):
        yield str(label)


def _plain(text: str) -> str:
    return " ".join(folded_words(text))


def _stems(text: str, code: str) -> list[str]:
    return [word.stem for _, word in BY_DICTIONARY.words(text, code)]
