"""The one check of URLs from outside: a corpus, and a request to every route that may take one."""

import ast
import html
import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import translation

from tests.people import People
from web.addresses import local_url

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = [
    "/",
    "/nl/",
    "/nl/faq/7-hoe-vraag-ik-verlof-aan/",
    "/nl/zoeken/?q=100%25&page=2",
    "/nl/q/3-x/?all#answer-12",
    "/nl/zoeken/?q=%2F%2Fhost%5C&next=https://x.example/",
    "/nl/onderwerpen/é/",
    "/nl/onderwerpen/%C3%A9/",
]
HOSTILE = [
    "",
    "nl/",
    "https://evil.example/",
    "HTTPS://evil.example",
    "//evil.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "\\/evil.example/",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    " /nl/",
    "/nl/ x",
    "/\x00/evil.example",
    "/\u200b/evil.example",
    "/\u2028/evil.example",
    "/\ud800/",
    "/%09/evil.example",
    "/%2F/evil.example",
    "/%2Fevil.example",
    "/%5Cevil.example",
    "/%5cevil.example",
    "/%0A/evil.example",
    "/%00/evil.example",
    "/%252Fevil.example",
    "/%255Cevil.example",
    "/%25252Fevil.example",
    "/%2525252Fevil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/%2e%2e//evil.example",
    "/nl/../../evil.example",
    "/nl//evil.example",
    "/nl/\\..\\evil.example",
    "/nl/?q=\\evil",
    "javascript:alert(1)",
    "java\tscript:alert(1)",
    "data:text/html,x",
    "http:evil.example",
    "http:/evil.example",
    "https:///evil.example",
    "@evil.example",
    "/nl/\r\nSet-Cookie: a=b",
    "/" + "a" * 3_000,
]


def test_only_urls_of_this_site_pass() -> None:
    wrong = [url for url in OURS if local_url(url) != url] + [url for url in HOSTILE if local_url(url)]
    assert not wrong
    assert local_url(None) == "" and local_url("/nl/faq/", longest=5) == ""


def test_no_other_check_of_addresses() -> None:
    """Whatever redirects to a URL from outside calls `local_url`."""
    found = []
    for path in sorted(ROOT.glob("[a-z]*/**/*.py")):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in ("tests", "var", "benchmarks") or relative.as_posix() == "web/addresses.py":
            continue
        tree = ast.parse(path.read_text())
        names = [node.id for node in ast.walk(tree) if isinstance(node, ast.Name)]
        names += [alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names]
        if "url_has_allowed_host_and_scheme" in names or 'startswith("//' in path.read_text():
            found.append(relative.as_posix())
    assert not found, f"use web.addresses.local_url in {found}"


NAMES = ("next", "url", "page", "page_url", "back", "return", "return_to", "redirect_to", "from", "r")


def leads_away(where: str, at: str = "http://testserver/nl/x/") -> bool:
    """Return True if the URL leaves the site: browsers drop tabs and newlines, and read a backslash as a slash."""
    cleaned = re.sub(r"[\t\r\n]", "", where).strip("".join(map(chr, range(33)))).replace("\\", "/")
    cleaned = re.sub(r"^/{2,}", "//", cleaned)
    host = urlsplit(urljoin(at, cleaned)).netloc
    return host not in ("testserver", "127.0.0.1:8000", "")  # the second is BASE_URL


def test_leads_away_recognises_other_sites() -> None:
    assert not [u for u in ("/\t/evil.example", "//evil.example", "/\\evil.example", "///e.x") if not leads_away(u)]
    assert not leads_away("/nl/?q=//x")


@pytest.mark.django_db
def test_no_route_redirects_to_another_site(people: People) -> None:
    """Request and post to every route once with a hostile URL in every usual parameter, as an administrator.

    Takes seconds, since it requests every page.
    """
    from tests.test_access import addresses

    client, wrong = Client(), []
    client.force_login(people.curator, backend="allauth.account.auth_backends.AuthenticationBackend")
    with translation.override("nl"):
        routes = {label.partition(" (")[0]: path for label, path in addresses(people) if not label.startswith("page:")}
    routes |= {name: reverse(name) for name in ("account_login", "account_logout", "set_language")}
    values = dict.fromkeys(NAMES, "/\t/evil.example") | {"on": "0", "key": "faq:1", "count": "1", "act": "dismiss"}
    for label, path in routes.items():
        cache.clear()
        for method in (client.get, client.post):
            response = method(path, values)
            if leads_away(response.get("Location", "")):
                wrong.append((label, response["Location"]))
            if response.get("Content-Type", "").startswith("text/html") and not response.streaming:
                links = re.findall(r'(?:href|action|hx-get|hx-post|src)="([^"]*)"', response.content.decode())
                wrong += [(label, link) for link in links if "evil" in link and leads_away(html.unescape(link))]
    assert not wrong
    assert reverse("search:results")
