"""`make run`: bring everything up to date and serve the whole product from one process.

    PORT=8000 DEMO=1 python -m config.run

Safe to repeat: every step first checks whether it has been done.
"""

import errno
import hashlib
import os
import secrets
import socket
import sys
from importlib.metadata import distributions
from pathlib import Path

import django

HOST = "127.0.0.1"


def say(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def free_port() -> int:
    """Return PORT. Exit with advice if it is invalid or in use."""
    text = os.environ.get("PORT", "8000")
    port = int(text) if text.isdecimal() else 0
    if not 0 < port < 65_536:
        sys.exit("PORT is a number from 1 to 65535: make run PORT=8000")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            sys.exit(f"Port {port} is in use. Choose another: make run PORT={port + 1}")
    return port


def migrate() -> None:
    """Apply migrations, if there are any."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        say("Preparing the database …")
        call_command("migrate", verbosity=0, interactive=False)


def static_fingerprint(static: Path) -> str:
    """Return a hash of the files in a folder and of the installed packages, some of which contain static files."""
    digest = hashlib.sha256(" ".join(sorted(f"{d.name}={d.version}" for d in distributions())).encode())
    for path in sorted(static.rglob("*")):
        if path.is_file():
            digest.update(str(path).encode() + path.read_bytes())
    return digest.hexdigest()


def collect_static() -> None:
    """Collect static files if they or the installed packages have changed."""
    from django.conf import settings
    from django.core.management import call_command

    mark, fingerprint = settings.VAR_DIR / "static-fingerprint", static_fingerprint(settings.BASE_DIR / "static")
    if mark.exists() and mark.read_text() == fingerprint and settings.STATIC_ROOT.exists():
        return
    say("Collecting style sheets and scripts …")
    mark.unlink(missing_ok=True)  # so that an interrupted collection starts again
    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    mark.write_text(fingerprint)


def demo_password() -> str:
    """Return DEMO_PASSWORD, else the one in var/demo_password, created if missing, readable by its owner only."""
    from django.conf import settings

    path: Path = settings.VAR_DIR / "demo_password"
    password = os.environ.get("DEMO_PASSWORD") or (path.read_text().strip() if path.exists() else "")
    password = password or secrets.token_urlsafe(9)
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(password)
    return password


def load_demo() -> str:
    """Load the demo. Return the password of its people, or "" if this checkout has no demo."""
    from django.conf import settings
    from django.core.management import call_command

    if not (settings.BASE_DIR / "demo" / "people.yaml").exists():
        say(f"There is no demo in {settings.BASE_DIR}/demo. Without it: make run DEMO=0")
        return ""
    password = demo_password()
    call_command("load_demo", password=password)
    return password


def welcome(url: str, password: str) -> None:
    """Print the URL and who can sign in."""
    from django.conf import settings

    from accounts.demo import showcase

    say(f"\nVraagbaak: {url}")
    if password:
        say(f"\nSign in at {url}/nl/account/login/ with password {password} as")
        for email, about in showcase(settings.BASE_DIR / "demo"):
            say(f"  {email:<38} {about}")
    say("\nStop with Ctrl+C.\n")


def main() -> None:
    """Prepare and serve. Return when the server stops."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    port = free_port()
    os.environ.setdefault("BASE_URL", f"http://{HOST}:{port}")
    from config import translations

    translations.compile_all()  # before Django reads any
    django.setup()
    from django.conf import settings

    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    migrate()
    collect_static()
    password = load_demo() if os.environ.get("DEMO", "1") != "0" else ""
    welcome(settings.BASE_URL, password)
    import uvicorn

    uvicorn.run(
        "config.asgi:application", host=HOST, port=port, ws="websockets-sansio", ws_max_size=65_536, log_level="warning"
    )


if __name__ == "__main__":
    main()
