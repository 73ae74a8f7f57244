"""Private links: not in any log, not in a referrer; and every route that takes one is listed."""

import logging
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter
from django.utils import translation

from web import private_links
from web.private_links import PATTERN, masked

ROOT = Path(__file__).resolve().parent.parent.parent
TOKEN = "WzEsInNlY3JldCJd:1xY2yM:vMEOsIXU6Nv3Ypo-WKrDEUFv0mdOHGHs61dl6BMT-cc"
SECRET = {"signed", "token", "key", "uidb36", "uidb64"}
PLAIN = {"act", "kind", "slug", "name", "filename", "document_filename", "path", "signature", "filter_spec"}
OTHERS = ("cms", "wagtail")


def text_parameters() -> list[tuple[str, set[str]]]:
    """Return every route outside the CMS with text parameters: its name and theirs."""

    def walk(resolver: URLResolver, namespace: str) -> Any:
        for each in resolver.url_patterns:
            if isinstance(each, URLResolver):
                if not str(each.pattern).startswith("cms/"):
                    yield from walk(each, each.namespace or namespace)
            elif isinstance(each, URLPattern) and each.name:
                regex = set(each.pattern.regex.groupindex)
                numbers = {n for n, c in each.pattern.converters.items() if isinstance(c, IntConverter)}
                if names := regex - numbers:
                    yield (f"{namespace}:{each.name}" if namespace else each.name), names

    return list(walk(get_resolver(), ""))


def addresses() -> list[str]:
    """Return every URL with a secret in it, in each language."""
    found = []
    for name, parameters in text_parameters():
        if not parameters & SECRET:
            continue
        values = dict.fromkeys(parameters, TOKEN) | ({"uidb36": "1a"} if "uidb36" in parameters else {})
        for language, _name in django_settings.LANGUAGES:
            with translation.override(language):
                found.append(reverse(name, kwargs=values))
    return found


def test_every_route_that_takes_a_secret_is_listed() -> None:
    unknown = [(name, names) for name, names in text_parameters() if names - SECRET - PLAIN]
    assert not unknown, "is it a secret? Then it is one of SECRET, and its path in web.private_links.PATHS"
    assert len(addresses()) >= 12
    shown = [url for url in addresses() if TOKEN[:20] in masked(f"GET {url}?x=1 HTTP/1.1")]
    assert not shown
    later = [url for url in addresses() if TOKEN[:20] in masked("/nl/account/login/?next=" + url.replace("/", "%2F"))]
    assert not later, "as the page to go back to"


def test_other_links_are_not_masked() -> None:
    for url in ("/nl/chat/12/", "/nl/zoeken/?q=chat/terug", "/nl/faq/7-chat-terug/", "/nl/zoeken/laat-me-weten/"):
        assert masked(url) == url


def test_nginx_masks_the_same() -> None:
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    assert text.count(PATTERN) == 2, "the map and the location: copy web.private_links.PATTERN"
    assert "access_log /var/log/nginx/access.log shown;" in text
    form = re.search(r"log_format shown (.*?);", text, re.S)
    assert form and "$logged_uri" in form[1]
    assert not re.search(r"\$(request|request_uri|uri|http_referer|args)\b", form[1])


@pytest.mark.django_db
def test_answers_are_not_kept_and_not_sent_on(client: Client) -> None:
    wrong = []
    for url in addresses():
        response = client.get(url)
        if response["Referrer-Policy"] != "strict-origin" or "no-store" not in response["Cache-Control"]:
            wrong.append((url, response.headers))
    assert not wrong


@pytest.mark.django_db
def test_our_log_masks_djangos_warnings(client: Client, capsys: Any) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(private_links.MaskFilter())
    logging.getLogger("django.request").addHandler(handler)
    try:
        for url in addresses():
            client.get(url)
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    said = capsys.readouterr().out
    assert "Not Found: /nl/chat/terug/…" in said
    assert TOKEN[:20] not in said
    assert "private_links" in django_settings.LOGGING["handlers"]["console"]["filters"]


SERVER = """
import asyncio, sys, urllib.error, urllib.request, uvicorn
from config.asgi import application

async def main():
    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="info", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    def ask(path):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").read()
        except urllib.error.HTTPError:
            pass
    for path in sys.argv[1:]:
        await asyncio.to_thread(ask, path)
    server.should_exit = True
    await task

asyncio.run(main())
"""


def test_a_running_server_logs_no_secret() -> None:
    """Request each URL from a real server with its access log on. Takes seconds, since it starts one."""
    with translation.override("nl"):
        path = reverse("accounts:invited", args=[TOKEN])  # needs no table to be refused
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "", "DATABASE_URL": "sqlite://:memory:"}
    ran = subprocess.run(
        [sys.executable, "-c", SERVER, path, f"/health/?next={path}"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    said = ran.stdout + ran.stderr
    assert "GET /nl/account/invited/… HTTP/1.1" in said, said
    assert TOKEN[:20] not in said, said
