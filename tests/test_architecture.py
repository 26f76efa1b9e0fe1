"""The contracts of import-linter name modules one by one; these tests see that none is forgotten."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
CONTRACTS: list[dict[str, Any]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
    "contracts"
]

PARTED = frozenset(
    f"chat_tui.{name}" for name in ("gestures", "identity", "model", "preferences", "terminal", "text")
)
"""Packages whose modules have layers of their own."""


def modules(package: str) -> set[str]:
    """Every module and package right inside a package."""
    files = (ROOT / package.replace(".", "/")).iterdir()
    names = {file.stem for file in files if file.suffix == ".py" or (file / "__init__.py").is_file()}
    return {f"{package}.{name}" for name in names if not name.startswith("__")}


def layers(package: str) -> set[str]:
    """Every module right inside a package that a layer names."""
    named = set()
    for contract in CONTRACTS:
        if contract["type"] == "layers":
            prefixes = [f"{container}." for container in contract.get("containers", ())] or [""]
            each = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
            named |= {prefix + name for prefix in prefixes for name in each}
    return {name for name in named if name.rpartition(".")[0] == package}


def test_the_client_is_kept_from_every_module_of_the_server_but_the_wire() -> None:
    contract = next(each for each in CONTRACTS if each.get("source_modules") == ["chat_tui"])
    assert set(contract["forbidden_modules"]) == modules("chat_server") - {"chat_server.protocol"}


@pytest.mark.parametrize("package", ["chat_server", "chat_tui", *sorted(PARTED)])
def test_every_module_has_a_layer(package: str) -> None:
    assert layers(package) == modules(package)
