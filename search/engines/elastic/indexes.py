"""The indexes behind the alias: their state, an index that is built beside the live one, and the switch.

An index that is being built has an alias of its own, the filling alias. Documents are written through that alias, and
a switch or discard removes it in the same request, or fails. So a former leader that does not know it yet can neither
fill a discarded index, which would create it again, nor switch to one, nor discard the live one.
"""

import time
from contextlib import suppress
from typing import Any

from elasticsearch import NotFoundError

from search.engines.elastic.connection import ElasticConnection, engine_errors
from search.engines.elastic.schema import SETTINGS, differences
from search.engines.mapping import compare_mappings


def filling_alias(building: str) -> str:
    """Return the alias of an index that is being built."""
    return f"{building}-filling"


class IndexMixin(ElasticConnection):
    """The part of the engine that creates, switches and deletes indexes."""

    def live(self) -> str:
        """See search.engines.Engine, here and below."""
        with engine_errors():
            try:
                return next(iter(self.client.indices.get_alias(name=self.alias)), "")
            except NotFoundError:
                return ""

    def state(self) -> str:
        with engine_errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return "missing"
        live = next(iter(found.values()))["mappings"]
        if live.get("_meta") != self.mappings["_meta"]:
            return "old"
        return "changed" if compare_mappings(self.mappings, live) else "ready"

    def differences(self) -> list[str]:
        with engine_errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return [f"there is no index {self.alias!r} yet"]
        return differences(self.alias, self.mappings, found.body)

    def prepare(self) -> None:
        if self.state() != "ready":
            self.switch(self.begin())

    def remove_leftovers(self) -> None:
        with engine_errors():
            for left, about in self.client.indices.get(index=f"{self.alias}-v*", features="aliases").items():
                if filling_alias(left) in about["aliases"]:
                    self.discard(left)
                elif self.alias not in about["aliases"]:  # it can never become the live one
                    self.client.indices.delete(index=left, ignore_unavailable=True)

    def begin(self) -> str:
        self.remove_leftovers()
        with engine_errors():
            name = f"{self.alias}-v{time.time_ns():x}"
            self.client.indices.create(
                index=name, mappings=self.mappings, settings=SETTINGS, aliases={filling_alias(name): {}}
            )
        return name

    def switch(self, building: str) -> None:
        with engine_errors():
            self.client.indices.refresh(index=building)
            old = self.live()
            remove = [{"remove_index": {"index": old}}] if old else []
            add = {"add": {"index": building, "alias": self.alias}}
            self.client.indices.update_aliases(actions=[_no_longer_filled(building), *remove, add])

    def discard(self, building: str) -> None:
        with engine_errors(), suppress(NotFoundError):
            self.client.indices.update_aliases(actions=[_no_longer_filled(building)])
            self.client.indices.delete(index=building)

    def drop(self) -> None:
        with engine_errors():
            for index in self.client.indices.get(index=f"{self.alias}-v*", features="aliases"):
                self.client.indices.delete(index=index, ignore_unavailable=True)


def _no_longer_filled(building: str) -> dict[str, Any]:
    return {"remove": {"index": building, "alias": filling_alias(building), "must_exist": True}}
