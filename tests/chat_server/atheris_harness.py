"""One reader under atheris, which looks for bytes that reach new code: `python -m … NAME -atheris_runs=…`.

atheris is no dependency, as it has wheels for few platforms.
"""

import importlib
import sys
from typing import Any

atheris: Any = importlib.import_module("atheris")

with atheris.instrument_imports(include=["chat_server"]):
    from tests.chat_server.mutations import TARGETS


def main() -> None:
    """Fuzz the target that the first argument names; the others are atheris's own."""
    name = sys.argv.pop(1)
    target = next(each for each in TARGETS if each.name == name)

    def one(text: bytes) -> None:
        target.feed(text)
        if target.reseal is not None:
            target.feed(target.reseal(text))

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
