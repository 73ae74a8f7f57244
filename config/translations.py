"""Compile and complete the translations without gettext.

python -m config.translations            write the .mo files that Django reads
python -m config.translations --update [PACKAGE…]
                                         first add new strings to locale/<package>/nl and remove unused ones
python -m config.translations --check    exit 1 if a string has no Dutch translation
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}


def sources(package: str) -> Iterator[Path]:
    """Yield the files whose strings belong to `package`: its modules and its templates."""
    if package == "templates":
        yield from sorted((ROOT / "templates").glob("*.html"))
        for folder in sorted((ROOT / "templates").iterdir()):
            if folder.is_dir() and not (ROOT / "locale" / folder.name).is_dir():
                yield from sorted(folder.rglob("*.html"))
                yield from sorted(folder.rglob("*.txt"))
        return
    for root in (ROOT / package, ROOT / "templates" / package):
        for pattern in ("*.py", "*.html", "*.txt"):
            yield from (p for p in sorted(root.rglob(pattern)) if "migrations" not in p.parts)


def read(path: Path) -> str:
    """Return a file as Python source in which its translatable strings are gettext calls."""
    text = path.read_text()
    if path.suffix == ".py":
        return text
    from django.utils.translation.template import templatize

    # Remove indentation, which means nothing in a template and breaks Python's tokenizer.
    return "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())


def strings(package: str) -> Catalog:
    """Return all translatable strings of `package`."""
    catalog = Catalog(charset="utf-8")
    for path in sources(package):
        found = extract("python", io.BytesIO(read(path).encode()), keywords=KEYWORDS)
        for _line, message, _comments, context in found:
            catalog.add(message, context=context)
    return catalog


def po_files() -> list[Path]:
    """Return the Dutch catalogues, one for each package."""
    return [
        folder / "nl" / "LC_MESSAGES" / "django.po"
        for folder in sorted((ROOT / "locale").iterdir())
        if (folder / "nl").is_dir()
    ]


def load(path: Path) -> Catalog:
    """Return the catalogue in `path`, or an empty Dutch one."""
    if not path.exists():
        return Catalog(locale="nl", charset="utf-8")
    with path.open("rb") as file:
        return read_po(file, locale="nl", charset="utf-8")


def update(path: Path) -> None:
    """Update the msgids of a catalogue from the sources.

    New strings take the translation of another catalogue, if any.
    """
    catalog = load(path)
    catalog.update(strings(path.parents[2].name), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.fuzzy = False
    others = [load(other) for other in po_files() if other != path]
    for message in catalog:
        if message.id and not _complete(message.string):
            found = (other.get(message.id, message.context) for other in others)
            message.string = next(
                (f.string for f in found if f is not None and _complete(f.string)), message.string or ""
            )
    written = io.BytesIO()
    write_po(written, catalog, width=110, no_location=True, omit_header=False, sort_output=True)
    if not path.exists() or _undated(written.getvalue()) != _undated(path.read_bytes()):
        path.write_bytes(written.getvalue())


def _undated(text: bytes) -> list[bytes]:
    return [line for line in text.splitlines() if not line.startswith(b'"POT-Creation-Date:')]


def _complete(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """True if there is a text; of a plural, all its texts."""
    return all(string) if isinstance(string, list | tuple) else bool(string)


def untranslated(path: Path) -> list[str]:
    """Return the strings in the sources that the catalogue in `path` does not translate."""
    catalog = load(path)
    missing = []
    for message in strings(path.parents[2].name):
        if not message.id:
            continue
        found = catalog.get(message.id, message.context)
        texts = (
            found.string if found is not None and isinstance(found.string, list | tuple) else [found and found.string]
        )
        if not all(texts):
            missing.append(f"{path.parents[2].name}: {message.id!r}")
    return missing


def compile_all() -> None:
    """Write each catalogue's .mo file if it is older than its .po file."""
    for path in po_files():
        target = path.with_suffix(".mo")
        if path.exists() and (not target.exists() or target.stat().st_mtime < path.stat().st_mtime):
            with target.open("wb") as file:
                write_mo(file, load(path))


def main(arguments: list[str]) -> int:
    """Run the command line. Return the exit status."""
    if "--update" in arguments:
        chosen = [name for name in arguments if not name.startswith("-")]
        for path in po_files():
            if not chosen or path.parents[2].name in chosen:
                path.parent.mkdir(parents=True, exist_ok=True)
                update(path)
    missing = [text for path in po_files() for text in untranslated(path)]
    if "--update" in arguments or "--check" in arguments:
        print("\n".join(missing) or "Every string has a Dutch translation.")  # noqa: T201 # a command line
    compile_all()
    return 1 if "--check" in arguments and missing else 0


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ.setdefault("SECRET_KEY", "only to read templates")
    django.setup()
    sys.exit(main(sys.argv[1:]))
