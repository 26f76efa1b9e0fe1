"""All benchmarks in one command, and one table: `python -m tests.benchmarks --help`."""

from tests.benchmarks.command import main

if __name__ == "__main__":
    main()
