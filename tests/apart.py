"""Run a module of tests in a process of its own: for what has to stand before Django is set up.

The process has the embedded parts, a copy of the migrated database, and prints one line of JSON at its end.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from django.db import connection

from tests import database

ROOT = Path(__file__).resolve().parent.parent
SERVICES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
SETTINGS = """
from pathlib import Path
from tests.settings import *

DATABASES["default"]["NAME"] = Path(__file__).parent / "site.sqlite3"
"""


def said_by(module: str, folder: Path, settings: str = "") -> dict[str, Any]:
    """Return what `python -m module` prints. `settings` are lines of Python after SETTINGS; files go into `folder`."""
    (folder / "apart_settings.py").write_text(SETTINGS + settings)
    if connection.vendor == "sqlite":  # else the process migrates from nothing
        shutil.copy(database.sqlite_template(), folder / "site.sqlite3")
    environment = {name: value for name, value in os.environ.items() if name not in SERVICES} | {
        "DJANGO_SETTINGS_MODULE": "apart_settings",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "PYTEST_XDIST_WORKER": f"{folder.name}-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}",  # folders of its own
    }
    done = subprocess.run(
        [sys.executable, "-m", module],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return said
