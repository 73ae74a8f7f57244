#!/usr/bin/env python
"""Django's command line."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["evaluate_search"]:  # works without any setting, and signs nothing
        os.environ.setdefault("SECRET_KEY", "evaluate_search")
    # Nobody waits for a page; but what runs on and on must not hang on one statement.
    runs_on = sys.argv[1:2] in (["run_indexer"], ["run_worker"])
    os.environ.setdefault("DATABASE_STATEMENT_SECONDS", "120" if runs_on else "0")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
