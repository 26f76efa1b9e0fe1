"""The contracts of import-linter name modules one by one; these tests see that none is forgotten."""

import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

PARTED = frozenset(f"chat_tui.{name}" for name in ("identity", "model", "preferences", "terminal", "text"))
"""Packages whose modules have layers of their own."""


def modules(package: str, parted: frozenset[str] = frozenset()) -> set[str]:
    """Every module and package right inside a package, and in place of a `parted` package what is inside that."""
    files = (ROOT / package.replace(".", "/")).iterdir()
    names = {file.stem for file in files if file.suffix == ".py" or (file / "__init__.py").is_file()}
    inside = {f"{package}.{name}" for name in names if not name.startswith("__")}
    return (inside - parted) | {each for name in inside & parted for each in modules(name)}


def layers(package: str) -> set[str]:
    """Every module that a layer names."""
    contract = next(each for each in CONTRACTS if each["type"] == "layers" and package in each["layers"][0])
    return {name.strip() for layer in contract["layers"] for name in layer.split("|")}


def test_the_client_is_kept_from_every_module_of_the_server_but_the_wire() -> None:
    contract = next(each for each in CONTRACTS if each["source_modules"] == ["chat_tui"])
    assert set(contract["forbidden_modules"]) == modules("chat_server") - {"chat_server.protocol"}


def test_every_module_has_a_layer() -> None:
    assert layers("chat_server") == modules("chat_server")
    assert layers("chat_tui") == modules("chat_tui", PARTED)
