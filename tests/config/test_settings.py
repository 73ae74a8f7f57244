"""The settings file, with different environments."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCTION = {
    "SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "BASE_URL": "https://vraagbaak.example",
    "BEHIND_PROXY": "1",
    "DATABASE_URL": "postgres://vraagbaak:secret@127.0.0.1:1/vraagbaak",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "ELASTICSEARCH_URL": "http://127.0.0.1:1",
    "EMAIL_URL": "smtp+tls://user:password@127.0.0.1:1",
}


def python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a new interpreter with only these environment variables."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=keep | environment, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_check_deploy_is_clean_in_production() -> None:
    result = python("manage.py", "check", "--deploy", "--fail-level", "ERROR", **PRODUCTION)
    assert result.returncode == 0, result.stderr
    # Nothing but that no engine answers at the address that this test gives.
    assert set(re.findall(r"\([a-z0-9_.]+\.[EWI]\d+\)", result.stderr)) <= {"(search.W003)"}, result.stderr


def test_no_secret_key_names_both_ways(tmp_path: Path) -> None:
    result = python("manage.py", "check", VAR_DIR=str(tmp_path))
    assert result.returncode != 0
    assert "SECRET_KEY" in result.stderr
    assert "make install" in result.stderr and f"{tmp_path}/secret_key" in result.stderr


def test_make_writes_the_key_where_settings_read_it(tmp_path: Path) -> None:
    make = ["make", "--dry-run", "run"]
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "VAR_DIR"))}
    told = subprocess.run(
        make, cwd=ROOT, env=plain | {"VAR_DIR": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert f"> {tmp_path}/secret_key" in told.stdout


def test_secret_key_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("from the file\n")
    code = "from config import settings; print(settings.SECRET_KEY)"
    assert python("-c", code, VAR_DIR=str(tmp_path)).stdout.strip() == "from the file"


def test_media_on_s3_or_on_disk(tmp_path: Path) -> None:
    code = """
import django
django.setup()
from django.core.files.storage import default_storage as storage
print(storage.url("a b"))
"""
    start = {"VAR_DIR": str(tmp_path), "SECRET_KEY": "x", "DJANGO_SETTINGS_MODULE": "config.settings"}
    assert "/media/a%20b" in python("-c", code, **start).stdout
    s3 = {"S3_BUCKET": "media", "S3_ENDPOINT": "http://127.0.0.1:1", "S3_ACCESS_KEY": "k", "S3_SECRET_KEY": "s"}
    result = python("-c", code, **start, **s3).stdout
    assert "http://127.0.0.1:1/media/a%20b?" in result
    assert "Signature" in result, "links to private files are signed"


def test_services_follow_the_environment(tmp_path: Path) -> None:
    code = (
        "from config import settings as s; "
        "print(s.DATABASES['default']['ENGINE'], s.CACHES['limits']['BACKEND'], s.BACKGROUND_THREADS, s.HTTPS)"
    )
    embedded = python("-c", code, VAR_DIR=str(tmp_path), SECRET_KEY="x").stdout.split()
    assert embedded == ["django.db.backends.sqlite3", "django.core.cache.backends.locmem.LocMemCache", "True", "False"]
    production = python("-c", code, **PRODUCTION).stdout.split()
    assert production == [
        "web.postgresql",
        "web.cache.SteadyRedisCache",
        "False",
        "True",
    ]
