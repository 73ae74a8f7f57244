"""URLs that come from outside: where to go back to, the page a question was asked from."""

from unicodedata import category
from urllib.parse import unquote

from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 2_000
# A browser drops controls, reads "\" as "/", and may decode what a server in between encodes again.
_CATEGORIES = ("C", "Z")


def local_url(url: str | None, *, longest: int = LONGEST) -> str:
    """Return the URL if it is a path on this site ("/nl/faq/7-x/?all#a") of at most `longest` characters, else "".

    The one check for every URL that is typed, posted or passed as a parameter. It allows no scheme, host, backslash,
    control character or space, no empty or dot segment in the path, and none of these percent-encoded.
    """
    if not url or len(url) > longest or not url.startswith("/") or _odd(url):
        return ""
    path = url.partition("#")[0].partition("?")[0]
    for _once in range(3):
        if _odd(path) or _moves(path):
            return ""
        path, before = unquote(path), path
        if path == before:
            return url if url_has_allowed_host_and_scheme(url, allowed_hosts=None) else ""
    return ""  # encoded several times: no URL of ours


def _odd(text: str) -> bool:
    return any(sign == "\\" or category(sign)[0] in _CATEGORIES for sign in text)


def _moves(path: str) -> bool:
    segments = path.split("/")[1:]
    return any(segment in (".", "..") for segment in segments) or "" in segments[:-1]
