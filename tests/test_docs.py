"""Documentation is complete: every setting, command and compose variable is described."""

import re
from importlib import import_module
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
SETTINGS = (ROOT / "docs" / "settings.md").read_text()
COMMANDS = (ROOT / "docs" / "commands.md").read_text()


def variables() -> set[str]:
    """Environment variables that settings and `make run` read."""
    text = (ROOT / "config" / "settings.py").read_text() + (ROOT / "config" / "run.py").read_text()
    return set(re.findall(r"""(?:env(?:\.\w+)?\(|environ\.get\()\s*"([A-Z0-9_]+)\"""", text)) - {
        "DJANGO_SETTINGS_MODULE"
    }


def test_variables_are_found() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "PORT", "DEMO_PASSWORD"} <= variables()


def test_every_setting_is_described() -> None:
    assert [name for name in sorted(variables()) if f"| `{name}` |" not in SETTINGS] == []


def test_nothing_described_is_gone() -> None:
    described = set(re.findall(r"^\| `([A-Z0-9_]+)` \|", SETTINGS, re.M))
    used = variables() | set(re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "compose.yaml").read_text()))
    assert described == used


def test_every_command_is_described() -> None:
    commands = sorted(path.stem for path in ROOT.glob("*/management/commands/[a-z]*.py"))
    assert commands
    assert [name for name in commands if f"`manage.py {name}" not in COMMANDS] == []


def test_links_in_documents_lead_somewhere() -> None:
    dead = []
    for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            if not (document.parent / target).exists():
                dead.append(f"{document.relative_to(ROOT)}: {target}")
    assert not dead


def test_compose_is_whole() -> None:
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    services = compose["services"]
    assert {"database", "redis", "elasticsearch", "web", "sockets", "indexer", "worker", "nginx", "migrate"} == set(
        services
    )
    assert services["elasticsearch"]["image"] == "elasticsearch:9.4.3"
    for name, service in services.items():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in compose["volumes"] or (ROOT / source).exists(), f"{name}: {volume}"
        for other in service.get("depends_on", []):
            assert other in services
    settings = set(services["web"]["environment"])
    assert settings <= variables() | {"POSTGRES_PASSWORD"}, "compose sets only what settings read"


def test_promises_name_tests_that_exist() -> None:
    missing, path = [], ""
    for file, name in re.findall(r"`(tests/[\w/.]+|…)?(?:::(test_\w+))?`", (ROOT / "docs" / "security.md").read_text()):
        path = file if file.startswith("tests/") else path  # `::test_…` and `…::test_…` stand in the file named before
        if not path:
            continue
        if not (ROOT / path).exists() or (name and f"def {name}(" not in (ROOT / path).read_text()):
            missing.append(f"{path}::{name}")
    assert not missing, "docs/security.md names tests that are not there"


def test_recipes_name_what_exists() -> None:
    """Files, and functions and classes by their module, of the recipes in CONTRIBUTING.md."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    recipes = text.partition("## Recipes")[2].partition("\n## ")[0]
    assert recipes.count("\n1. ") >= 3
    files = set(re.findall(r"[`\s]([a-z]+/[\w/]+\.(?:py|md))`", recipes))
    names = set(re.findall(r"`([a-z]+\.[a-z]+)\.([A-Za-z]\w+)`", recipes))
    missing = [path for path in sorted(files) if not (ROOT / path).exists()]
    missing += [f"{module}.{name}" for module, name in sorted(names) if not hasattr(import_module(module), name)]
    assert len(files) >= 7 and len(names) >= 4, (files, names)
    assert not missing
