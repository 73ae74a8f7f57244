"""Leases for work that one process does at a time, the state of jobs, and forms that were sent already."""

from django.db import models
from django.utils import timezone


class Lease(models.Model):
    """A name that somebody holds until a moment that they renew: see web.leases."""

    name = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=80)
    number = models.BigIntegerField()  # the fencing number: one more for each new holder
    until = models.BigIntegerField(db_index=True)  # milliseconds since 1970, by the database's clock

    def __str__(self) -> str:
        return f"{self.name}: {self.holder} ({self.number})"


class SentForm(models.Model):
    """A form that created something, and the URL it led to: see web.once. Its content cannot be recovered from it."""

    key = models.CharField(max_length=80, primary_key=True)  # a hash of the form's token, its sender and its fields
    url = models.TextField()
    created = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return f"{self.key[:8]} → {self.url}"


class JobState(models.Model):
    """What became of a job (web.jobs), and when it is due: see web.job_states. Moments are the database's."""

    name = models.CharField(max_length=120, primary_key=True)
    due = models.DateTimeField(null=True)  # none while it runs, unless somebody asked for it meanwhile
    not_before = models.DateTimeField()  # whoever asks: it failed, or took long, a moment ago
    running = models.BigIntegerField(null=True)  # the fencing number of the leader that runs it
    started = models.DateTimeField(null=True)
    ended = models.DateTimeField(null=True)
    seconds = models.FloatField(null=True)  # that the last run took
    result = models.BigIntegerField(null=True)  # the number that it returned
    failures = models.PositiveIntegerField(default=0)  # in a row
    failed = models.DateTimeField(null=True)  # the last time
    error = models.TextField(blank=True)  # of that time

    def __str__(self) -> str:
        return self.name
