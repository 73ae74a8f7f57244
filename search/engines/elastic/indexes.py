"""The indexes behind the alias: what state they are in, one that is built beside the live one, the switch."""

import time

from elasticsearch import NotFoundError

from search.engines.elastic.connection import Connection, errors
from search.engines.elastic.schema import SETTINGS, differences
from search.engines.mapping import compare


class Indexes(Connection):
    """What the leader does with indexes, and what is known of them."""

    def live(self) -> str:
        """See search.engines.Engine, here and below."""
        with errors():
            try:
                return next(iter(self.client.indices.get_alias(name=self.alias)), "")
            except NotFoundError:
                return ""

    def state(self) -> str:
        with errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return "missing"
        live = next(iter(found.values()))["mappings"]
        if live.get("_meta") != self.mappings["_meta"]:
            return "old"
        return "changed" if compare(self.mappings, live) else "ready"

    def differences(self) -> list[str]:
        with errors():
            try:
                found = self.client.indices.get_mapping(index=self.alias)
            except NotFoundError:
                return [f"there is no index {self.alias!r} yet"]
        return differences(self.alias, self.mappings, found.body)

    def prepare(self) -> None:
        if self.state() != "ready":
            self.switch(self.begin())

    def tidy(self) -> None:
        with errors():
            live = self.live()
            for left in self.client.indices.get(index=f"{self.alias}-v*", features="aliases"):
                if left != live:
                    self.client.indices.delete(index=left, ignore_unavailable=True)

    def begin(self) -> str:
        self.tidy()
        with errors():
            name = f"{self.alias}-v{time.time_ns():x}"
            self.client.indices.create(index=name, mappings=self.mappings, settings=SETTINGS)
        return name

    def switch(self, building: str) -> None:
        with errors():
            self.client.indices.refresh(index=building)
            old = self.live()
            remove = [{"remove_index": {"index": old}}] if old else []
            self.client.indices.update_aliases(actions=[*remove, {"add": {"index": building, "alias": self.alias}}])

    def discard(self, building: str) -> None:
        with errors():
            self.client.indices.delete(index=building, ignore_unavailable=True)

    def drop(self) -> None:
        with errors():
            for index in self.client.indices.get(index=f"{self.alias}-v*", features="aliases"):
                self.client.indices.delete(index=index, ignore_unavailable=True)
