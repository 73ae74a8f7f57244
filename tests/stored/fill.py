"""Fill a migrated, empty database, and say what is in it: `python -m tests.stored.fill <folder>` writes
<folder>/facts.json. Run by `tests.stored.make`, in a process whose environment names the database."""

import json
import sys
from pathlib import Path
from typing import Any

import django


def fill(folder: Path) -> dict[str, Any]:
    """Make everything; the facts that tests.stored.check compares."""
    from search import time_budget
    from tests.stored import content, facts, waiting

    time_budget.SECONDS = 60  # a busy machine finds what a quiet one finds
    content.load_demo(folder)
    cast = content.Cast()
    waiting.forget_delivered()
    waiting.index()
    content.manage_people(cast, waiting.deliver)
    cast = content.Cast()  # as they are now
    content.write_knowledge(cast, folder)
    content.use_forum(cast)
    visitor = content.chat_a_lot(cast, waiting.deliver)
    content.send_forms(cast)
    waiting.index()
    waiting.curate(cast)
    waiting.search(cast)
    waiting.deliver()
    content.read_mail(cast)
    waiting.confirm_alert()
    waiting.keep_vectors()
    waiting.answer_in_advance(cast)
    waiting.leave_tasks(cast)
    waiting.leave_outbox(cast)
    waiting.leave_leases()
    waiting.leave_jobs()
    return facts.gather(cast, visitor)


if __name__ == "__main__":
    django.setup()
    target = Path(sys.argv[1])
    (target / "facts.json").write_text(json.dumps(fill(target), indent=1, ensure_ascii=False, sort_keys=True) + "\n")
