"""Real help pages in two languages are loaded, indexed and found by their titles. They are not part of the product."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command

from benchmarks.import_faqs import lost_titles
from search.indexing import check

PAGES = Path(__file__).resolve().parent.parent.parent.parent / "shared" / "data" / "gnomehelp"


@pytest.mark.services
@pytest.mark.django_db
@pytest.mark.skipif(not PAGES.exists(), reason="the judged data is not beside this checkout")
def test_every_real_page_is_found_by_its_title(indexed: Callable[[], int]) -> None:
    call_command("import_faqs", str(PAGES / "docs.jsonl"))
    indexed()
    assert not check.compare()
    unique, lost = lost_titles([PAGES])
    assert unique > 300
    assert lost == []
