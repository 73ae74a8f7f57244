"""The data migration of 0004_settle_audiences of kb and community, with the rule as it was then.

Rows stored before a team, circle or person could be joined with staff or employees ("team:3&staff") have fewer readers
than were chosen, and often none. They get the chosen readers who may see what is above the row.
"""

import hashlib
from collections import defaultdict

AT_ONCE = 1_000  # rows in a statement
JOINED = frozenset({"staff", "employees"})


class Settling:
    """Stores the right audience with rows of the migration's models. Safe to repeat."""

    def __init__(self, apps):
        self.audiences = apps.get_model("accounts", "Audience")._base_manager
        self.audience_keys = apps.get_model("accounts", "AudienceKey")
        self.events = apps.get_model("accounts", "AuditEvent")
        try:
            self.outbox = apps.get_model("search", "OutboxEntry")
        except LookupError:  # before search's migration 0016; which runs first is not fixed
            self.outbox = apps.get_model("search", "Dirty")
        self.kinds = dict(apps.get_model("accounts", "Organisation")._base_manager.values_list("pk", "kind"))
        units = apps.get_model("accounts", "Unit")._base_manager.values_list("pk", "path", "organisation_id")
        self.units = {pk: (path, organisation) for pk, path, organisation in units}
        self.unit_at = {path: pk for pk, path, _organisation in units}
        self.keys, self.found = {}, {}

    # -- the rule

    def effective(self, own, above):
        """Return the pk of the audience in force: the choice (None: that of the row above), never wider than the row above."""
        if own is None or own == above:
            return above or self.of({"public"})
        if above is None:
            return own
        if (own, above) not in self.found:
            self.found[own, above] = self.of(self.narrow(self.keys_of(own), self.keys_of(above)))
        return self.found[own, above]

    def narrow(self, child, parent):
        """Return the widest keys that are never wider than either."""
        found = {key for key in child if self.implied(key) & parent} | {
            key for key in parent if self.implied(key) & child
        }
        for keys, others in ((child - found, parent - found), (parent - found, child - found)):
            single = [key for key in keys if key.startswith(("team:", "circle:", "user:")) and "&" not in key]
            found |= {f"{key}&{general}" for key in single for general in others & JOINED}
        return frozenset(found)

    def implied(self, key):
        """Return the keys that all holders of a key hold too."""
        one, _and, general = key.partition("&")
        if general:
            joined = {f"{one}&{each}" for each in self.implied(general) & JOINED}
            return self.implied(one) | self.implied(general) | joined | {key}
        kind, _colon, number = key.partition(":")
        if key == "staff":
            return {"staff", "employees", "public"}
        if kind == "organisation":
            employs = self.kinds.get(int(number)) in ("ssc", "business")
            return {key, "public"} | ({"employees"} if employs else set())
        if kind == "unit" and int(number) in self.units:
            path, organisation = self.units[int(number)]
            above = {f"unit:{self.unit_at[path[:end]]}" for end in range(4, len(path) + 1, 4) if path[:end] in self.unit_at}
            return self.implied(f"organisation:{organisation}") | above
        return {key, "public"}

    def keys_of(self, pk):
        if pk not in self.keys:
            self.keys[pk] = frozenset(self.audiences.get(pk=pk).text.split())
        return self.keys[pk]

    def of(self, keys):
        """Return the pk of the audience with exactly these keys, created if needed."""
        text = " ".join(sorted(keys))
        digest = hashlib.sha256(text.encode()).hexdigest()
        audience, created = self.audiences.get_or_create(digest=digest, defaults={"text": text})
        if created:
            rows = [self.audience_keys(audience_id=audience.pk, key=key) for key in keys]
            self.audience_keys._base_manager.bulk_create(rows)
        self.keys[audience.pk] = frozenset(keys)
        return audience.pk

    # -- rows

    def pages(self, models, above=(), search_kinds=()):
        """Settle pages of `models`; pages of `above` may be above them. `search_kinds`: model → kind of its documents."""
        columns = ("pk", "path", "alias_of_id", "own_audience_id", "audience_id")
        rows = [(model, *row) for model in (*above, *models) for row in model._base_manager.values_list(*columns)]
        rows.sort(key=lambda row: row[2])
        stored = {pk: audience for _model, pk, _path, _alias_of, _own, audience in rows}
        at, now, settled = {row[2]: row[1] for row in rows}, dict(stored), False
        while not settled:  # an alias may come before its source
            before = dict(now)
            for model, pk, path, alias_of, own, _audience in rows:
                if model in models:
                    limit, source = now.get(at.get(path[:-4])), now.get(alias_of)
                    now[pk] = self.effective(own, self.effective(source, limit) if source else limit)
            settled = now == before
        changed = defaultdict(list)
        for model, pk, *_rest in rows:
            if now[pk] != stored[pk]:
                changed[model, stored[pk], now[pk]].append(pk)
        for (model, before, after), pks in changed.items():
            for start in range(0, len(pks), AT_ONCE):
                self.write(model, pks[start : start + AT_ONCE], before, after, dict(search_kinds).get(model, ""))

    def below(self, model, parent, unchosen, search_kind):
        """Settle rows below a page, `parent`. `unchosen`: the keys if nothing is chosen; None: the page's."""
        nothing = None if unchosen is None else self.of(unchosen)
        columns = ("own_audience_id", f"{parent}__audience_id", "audience_id")
        for own, above, before in set(model._base_manager.order_by().values_list(*columns).distinct()):
            after = self.effective(own or nothing, above)
            if after == before:
                continue
            rows = model._base_manager.filter(own_audience=own, audience=before, **{f"{parent}__audience": above})
            while pks := list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
                self.write(model, pks, before, after, search_kind)

    def write(self, model, pks, before, after, search_kind):
        """Store the audience, have the documents reindexed, and write audit rows with the readers before and after."""
        model._base_manager.filter(pk__in=pks).update(audience=after)
        if search_kind:
            self.outbox._base_manager.bulk_create([self.outbox(key=f"{search_kind}:{pk}") for pk in pks])
        readers, readers_now = self.keys_of(before), self.keys_of(after)
        wider = not all(self.implied(key) & readers for key in readers_now)
        told = {"before": sorted(readers), "after": sorted(readers_now), "below": {}}
        event = "accounts.audience_widened" if wider else "accounts.audience_narrowed"
        self.events._base_manager.bulk_create(
            [self.events(event=event, target=f"{model._meta.label_lower}:{pk}", details=told) for pk in pks]
        )
