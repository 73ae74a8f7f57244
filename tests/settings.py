"""The product's settings, with what tests need: a fixed key, a fast hasher, a folder of their own.

DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL in the environment choose the real services.
"""

import hashlib
import os
import tempfile
from pathlib import Path

_root = Path(__file__).resolve().parent.parent
# One name for each checkout, so that two checkouts can test side by side against the same services.
INSTANCE = hashlib.sha256(str(_root).encode()).hexdigest()[:8]
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ.setdefault("SECRET_KEY", "tests only")
os.environ["DEBUG"] = "0"
os.environ["VAR_DIR"] = str(Path(tempfile.gettempdir()) / f"vraagbaak-test-{INSTANCE}" / WORKER)
os.environ["SEARCH_INDEX_PREFIX"] = f"test-{INSTANCE}-{WORKER}"
os.environ["REDIS_PREFIX"] = f"test-{INSTANCE}-{WORKER}"
Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)

from config.settings import *  # noqa: E402, F403

TEMPLATE_DIR = Path(os.environ["VAR_DIR"]).parent
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MIDDLEWARE = [m for m in MIDDLEWARE if "whitenoise" not in m]  # noqa: F405
BACKGROUND_THREADS = False
SEARCH_MEANING = "off"  # but in the tests that are about it
SEARCH_LOG_SECONDS = 0
SEARCH_QUERY_PEOPLE = 1  # tests/discovery/test_hidden_numbers.py is about more
TASKS["default"]["BACKEND"] = "tests.tasks.OnCommitBackend"  # noqa: F405
DATABASES["default"].setdefault("TEST", {})  # noqa: F405
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):  # noqa: F405
    DATABASES["default"]["NAME"] = str(TEMPLATE_DIR / "unused.sqlite3")  # noqa: F405
    DATABASES["default"]["TEST"]["NAME"] = str(Path(os.environ["VAR_DIR"]) / "test.sqlite3")  # noqa: F405
else:
    DATABASES["default"]["OPTIONS"].pop("pool", None)  # noqa: F405  # the template copy needs every connection closed
    DATABASES["default"]["TEST"]["NAME"] = f"test_{INSTANCE}_{WORKER}"  # noqa: F405
