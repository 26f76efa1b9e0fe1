"""Where it is measured: figures of two machines, or of two versions of a library, are not to be compared."""

import os
import platform
import shutil
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from tests.benchmarks.figures import Machine

LIBRARIES: Final = ("doubletick", "websockets", "uvloop", "msgspec", "textual", "rich", "pynacl")
TOOLS: Final = {"node": "--version", "go": "version", "cc": "--version"}


def here() -> Machine:
    """This one, as it is now."""
    return Machine(
        processor=_processor(),
        cores=os.cpu_count() or 1,
        kernel=f"{platform.system()} {platform.release()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries={name: found for name in (*LIBRARIES, *TOOLS) if (found := _version(name))},
    )


def described(machine: Machine) -> str:
    """In one line."""
    libraries = ", ".join(f"{name} {found}" for name, found in machine.libraries.items())
    return f"{machine.processor}, {machine.cores} cores, {machine.kernel}, {machine.python}; {libraries}"


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _version(name: str) -> str:
    """Empty where it is not installed."""
    if name in TOOLS:
        path = shutil.which(name)
        if path is None:
            return ""
        said = subprocess.run([path, TOOLS[name]], capture_output=True, text=True, check=True).stdout
        return said.splitlines()[0].removeprefix("go version ").removeprefix("cc ").removeprefix("v")
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
