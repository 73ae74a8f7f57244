"""Rows that belong to no content: who may do work that one process at a time does."""

from django.db import models


class Lease(models.Model):
    """Somebody holds a name until a moment that they put off again and again: see web.leases."""

    name = models.CharField(max_length=120, primary_key=True)
    holder = models.CharField(max_length=80)
    number = models.BigIntegerField()  # the fencing number: one more for each new holder
    until = models.BigIntegerField(db_index=True)  # milliseconds since 1970, by the database's clock

    def __str__(self) -> str:
        return f"{self.name}: {self.holder} ({self.number})"
