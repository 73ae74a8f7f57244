"""Elasticsearch with TLS and credentials: the real server behind an nginx that requires both."""

import hashlib
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.core.checks import run_checks

from search import checks, engines
from search.engines import EngineUnavailable, access
from search.engines.elastic import ElasticEngine
from search.language.analysis import BY_DICTIONARY
from tests.contract.engine_contract import BIKE
from tests.server import free_port, wait_until

USER, PASSWORD, KEY = "vraagbaak", "p@ss/word", "c2VjcmV0OmtleQ=="
CONF = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{}}
http {{
  access_log off; {temp}
  client_max_body_size 100m;
  map $http_authorization $plain {{ default "closed"; "ApiKey {key}" off; }}
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    location / {{
      auth_basic $plain; auth_basic_user_file {folder}/users;
      proxy_set_header Authorization ""; proxy_http_version 1.1; proxy_pass {upstream};
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Secured:
    """The address of the server, its certificates and credentials."""

    port: int
    authority: Path
    other: Path  # the certificate of another authority
    fingerprint: str

    def url(self, user: str = "") -> str:
        """Return the address with a user."""
        return f"https://{user}localhost:{self.port}"


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def _certificates(folder: Path) -> None:
    for name in ("authority", "other"):
        _openssl(
            folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
            "-addext", "keyUsage=critical,keyCertSign", "-keyout", f"{name}.key", "-out", f"{name}.pem",
        )  # fmt: skip
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=search", "-keyout", "server.key", "-out", "csr"
    )
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    _openssl(
        folder, "x509", "-req", "-in", "csr", "-CA", "authority.pem", "-CAkey", "authority.key", "-CAcreateserial",
        "-days", "2", "-extfile", "names", "-out", "server.pem",
    )  # fmt: skip


@pytest.fixture(scope="module")
def secured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Secured]:
    """Run nginx with a certificate of a new authority, for one user and one API key."""
    if not settings.ELASTICSEARCH_URL:
        pytest.skip("ELASTICSEARCH_URL is not set")
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists() or not shutil.which("openssl"):
        if os.environ.get("REQUIRE_SERVICES"):
            pytest.fail("nginx and openssl are missing")
        pytest.skip("needs nginx and openssl")
    folder, port = tmp_path_factory.mktemp("secured"), free_port()
    folder.chmod(0o755)
    _certificates(folder)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temp = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    upstream = access.safe_address(settings.ELASTICSEARCH_URL)
    (folder / "conf").write_text(CONF.format(folder=folder, port=port, temp=temp, upstream=upstream, key=KEY))
    for path in (folder, *folder.parents):  # the worker of nginx reads the list of users
        if path.owner() == "root" and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o011)
    process = subprocess.Popen([nginx, "-c", str(folder / "conf"), "-p", str(folder)])
    der = ssl.PEM_cert_to_DER_cert((folder / "server.pem").read_text())
    try:
        wait_until(lambda: (folder / "nginx.pid").exists(), "nginx")
        yield Secured(port, folder / "authority.pem", folder / "other.pem", hashlib.sha256(der).hexdigest())
    finally:
        process.terminate()
        process.wait(timeout=10)


@pytest.fixture(autouse=True)
def _plain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"API_KEY": "", "CA_CERTS": "", "FINGERPRINT": "", "VERIFY_CERTS": True}.items():
        monkeypatch.setattr(settings, f"ELASTICSEARCH_{name}", value)


def works(engine: ElasticEngine) -> None:
    """Call everything that an engine does once."""
    try:
        engine.prepare()
        engine.write([BIKE], [])
        engine.commit()
        assert dict(engine.scan()) == {BIKE.key: BIKE.fingerprint()}
        assert engine.state() == "ready"
    finally:
        engine.drop()
        engine.close()


def refused(engine: ElasticEngine, why: str) -> None:
    """Assert that the first request is refused for this reason."""
    from tests.contract.test_half_dead import REQUEST

    with pytest.raises(EngineUnavailable, match=why):
        engine.search(REQUEST)
    engine.close()


@pytest.mark.services
def test_user_and_authority(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ELASTICSEARCH_CA_CERTS", str(secured.authority))
    monkeypatch.setattr(settings, "ELASTICSEARCH_URL", secured.url(f"{USER}:p%40ss%2Fword@"))
    assert checks.settings_are_safe() == []
    engine = engines.make("elastic", scratch="secured-user")
    assert isinstance(engine, ElasticEngine)
    works(engine)


@pytest.mark.services
def test_key_and_fingerprint(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = [secured.fingerprint[at : at + 2].upper() for at in range(0, 64, 2)]
    monkeypatch.setattr(settings, "ELASTICSEARCH_FINGERPRINT", ":".join(pairs))
    monkeypatch.setattr(settings, "ELASTICSEARCH_API_KEY", KEY)
    works(ElasticEngine(secured.url(), "secured-key", analysis=BY_DICTIONARY))
    monkeypatch.setattr(settings, "ELASTICSEARCH_FINGERPRINT", "00" * 32)
    refused(ElasticEngine(secured.url(), "secured-key"), "(?i)fingerprint|tls")


@pytest.mark.services
def test_nobody_unknown_is_believed(secured: Secured, monkeypatch: pytest.MonkeyPatch) -> None:
    refused(ElasticEngine(secured.url(f"{USER}:x@"), "secured"), "(?i)tls")
    monkeypatch.setattr(settings, "ELASTICSEARCH_CA_CERTS", str(secured.other))
    refused(ElasticEngine(secured.url(f"{USER}:x@"), "secured"), "(?i)tls")
    monkeypatch.setattr(settings, "ELASTICSEARCH_CA_CERTS", str(secured.authority))
    refused(ElasticEngine(f"https://127.0.0.1:{secured.port}", "secured"), "(?i)tls")  # another host name
    refused(ElasticEngine(secured.url(f"{USER}:wrong@"), "secured"), "401")
    refused(ElasticEngine(secured.url(), "secured"), "401")


def test_no_password_in_messages() -> None:
    engine = ElasticEngine("http://someone:secret@127.0.0.1:9", "secured")
    with pytest.raises(engines.EngineError) as caught:
        engine.state()
    assert "secret" not in str(caught.value)
    assert access.safe_address("https://a:b@search.example/path/") == "https://search.example:443/path"
    assert access.safe_address("http://[::1]:9200") == "http://[::1]:9200"


@pytest.mark.parametrize(
    ("found", "values"),
    [
        ([], {}),
        ([], {"URL": "https://a:b@es.example:9200", "FINGERPRINT": "00"}),
        (["search.W002"], {"URL": "http://a:b@es.example:9200"}),
        ([], {"URL": "http://a:b@127.0.0.1:9200"}),
        (["search.W001"], {"URL": "https://es.example:9200", "VERIFY_CERTS": False}),
        (["search.E001"], {"URL": "https://a:b@es.example:9200", "API_KEY": "x"}),
        (["search.E002"], {"URL": "https://es.example:9200", "CA_CERTS": "/nowhere.pem"}),
        (["search.E003"], {"URL": "http://es.example:9200", "FINGERPRINT": "00"}),
        (["search.E003", "search.W001"], {"URL": "https://es.example", "FINGERPRINT": "0", "VERIFY_CERTS": False}),
        (["search.E004"], {"URL": "https://es.example", "FINGERPRINT": "00", "CA_CERTS": __file__}),
        (["search.E005"], {"URL": "es.example:9200"}),
    ],
)
def test_settings_are_checked(found: list[str], values: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"URL": "http://127.0.0.1:9200", **values}.items():
        monkeypatch.setattr(settings, f"ELASTICSEARCH_{name}", value)
    assert sorted(str(message.id) for message in run_checks(tags=["security"])) == found
