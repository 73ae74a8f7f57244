"""When a job comes round."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import LazySettings

from web.job_states import declared
from web.jobs import Job
from web.packages import packages


def job(**values: Any) -> Job:
    """A job that does nothing."""
    return Job(**{"name": "web.nothing", "label": "Nothing", "run": dict} | values)


def moment(text: str) -> datetime:
    """A moment in UTC: "2026-03-28 03:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture(autouse=True)
def _amsterdam(settings: LazySettings) -> None:
    settings.TIME_ZONE = "Europe/Amsterdam"


def test_an_interval_counts_from_the_end_of_the_last_run() -> None:
    now = moment("2026-03-29 00:59")
    assert job(seconds=90).next_due(now) == now + timedelta(seconds=90)


def test_a_time_of_day_is_that_of_the_installation_across_changes_of_the_clock() -> None:
    cases = [  # (the time of day, now, when it is due), the last two in UTC
        (time(3, 10), "2026-03-28 02:09", "2026-03-28 02:10"),
        (time(3, 10), "2026-03-28 02:10", "2026-03-29 01:10"),  # summer time begins: 23 hours
        (time(3, 10), "2026-03-29 01:10", "2026-03-30 01:10"),
        (time(2, 30), "2026-03-28 01:30", "2026-03-29 01:30"),  # the clocks skip it: as long after midnight
        (time(2, 30), "2026-03-29 01:30", "2026-03-30 00:30"),
        (time(2, 30), "2026-10-24 00:30", "2026-10-25 00:30"),  # it comes twice: the first counts …
        (time(2, 30), "2026-10-25 00:30", "2026-10-26 01:30"),  # … and once
        (time(3, 10), "2026-10-25 00:00", "2026-10-25 02:10"),
        (time(0, 0), "2026-12-31 22:59", "2026-12-31 23:00"),
    ]
    wrong = [(at, now, due) for at, now, due in cases if job(at=at).next_due(moment(now)) != moment(due)]
    assert not wrong


def test_it_comes_round_once_a_day_in_every_year_and_zone(settings: LazySettings) -> None:
    for zone in ("Europe/Amsterdam", "America/New_York", "Australia/Lord_Howe", "UTC"):
        settings.TIME_ZONE = zone
        nightly, now, end = job(at=time(2, 30)), moment("2026-01-01 12:00"), moment("2027-01-01 12:00")
        runs = 0
        while (due := nightly.next_due(now)) <= end:
            assert timedelta(hours=22) < due - now < timedelta(hours=26) or not runs, (zone, now)
            now, runs = due, runs + 1
        assert runs == 365, zone


def test_only_on_some_days_of_the_week() -> None:
    weekly = job(at=time(3, 0), weekdays=[0])
    assert weekly.next_due(moment("2026-12-01 12:00")) == moment("2026-12-07 02:00")  # a Monday
    assert weekly.next_due(moment("2026-12-07 02:00")) == moment("2026-12-14 02:00")


def test_it_takes_no_more_than_its_share() -> None:
    assert job(seconds=60).rest(1) == timedelta(seconds=19), "a twentieth of the time"
    assert job(seconds=60, share=1).rest(9) == timedelta()


def test_a_job_that_cannot_run_is_refused() -> None:
    for values in (
        {},
        {"seconds": -1},
        {"seconds": 5, "at": time(3)},
        {"seconds": 5, "share": 0},
        {"seconds": 5, "limit": 0},
    ):
        with pytest.raises(ValueError, match=r"web\.nothing"):
            job(**values)
    with pytest.raises(ValueError, match=r"web\.nothing"):
        job(at=time(3), weekdays=[])


def test_every_job_is_named_after_its_package_once_and_has_words_for_people() -> None:
    names = [job.name for package in packages() for job in package.jobs]
    assert sorted(names) == sorted(declared()), "each name once"
    assert all(job.name.startswith(f"{package.name}.") for package in packages() for job in package.jobs)
    assert all(str(job.label) for job in declared().values())
