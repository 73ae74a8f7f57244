"""Differences between the fields of an index and the expected ones, in words for an operator."""

from typing import Any

# Options that Elasticsearch omits from a field, since they are its defaults.
DEFAULTS: dict[str, Any] = {"index_options": "positions"}


def compare_mappings(expected: dict[str, Any], live: dict[str, Any]) -> list[str]:
    """Return how `live` differs from `expected` (two mappings of Elasticsearch), field by field."""
    wanted, there = expected["properties"], live.get("properties", {})
    found = [f"the field {name} is missing" for name in sorted(wanted.keys() - there.keys())]
    found += [f"the field {name} is unknown here" for name in sorted(there.keys() - wanted.keys())]
    for name in sorted(wanted.keys() & there.keys()):
        if difference := _field(wanted[name], there[name]):
            found.append(f"the field {name} {difference}")
    if str(expected.get("dynamic", "true")) != str(live.get("dynamic", "true")):
        found.append(f"dynamic is {live.get('dynamic', 'true')} instead of {expected.get('dynamic', 'true')}")
    if sorted(_source(expected)) != sorted(_source(live)):
        found.append("other fields are kept in _source")
    return found


def _source(mapping: dict[str, Any]) -> list[str]:
    excludes: list[str] = mapping.get("_source", {}).get("excludes", [])
    return excludes


def _field(wanted: dict[str, Any], live: dict[str, Any]) -> str:
    for option, value in wanted.items():
        if isinstance(value, dict):  # nested options have defaults of their own
            continue
        if live.get(option, DEFAULTS.get(option, value if option == "similarity" else None)) != value:
            return f"has {option} {live.get(option)!r} instead of {value!r}"
    return ""
