"""Bytes that nobody meant: only documented errors escape, and no flipped bit loses a proven commit in silence."""

import importlib.util
import subprocess
import sys
from collections import Counter
from pathlib import Path
from random import Random
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.protocol import AnyFrame, AnyRequest
from chat_server.store import StorageError
from chat_server.store.checking import check
from chat_server.store.recovery import recover
from chat_server.store.repairing import salvage
from tests.chat_server.chats import Memory, files_of, life, truths, values
from tests.chat_server.mutations import FRAMES, REQUESTS, TARGETS, Target, mutate

DATA = Path("data")
RUNS = 200_000
"""Inputs that atheris makes for each reader."""

each_target = pytest.mark.parametrize("target", TARGETS, ids=[target.name for target in TARGETS])


# Readers


def fuzz(seed: int, count: int) -> Counter[str]:
    """Feed so many mutants to the readers by turns; how many each has taken and refused."""
    random, told = Random(seed), Counter[str]()
    for at in range(count):
        target = TARGETS[at % len(TARGETS)]
        told[f"{target.name}: {'taken' if target.feed(mutate(random, target)) else 'refused'}"] += 1
    return told


def test_every_request_and_every_frame_is_mutated() -> None:
    assert {type(each) for each in REQUESTS} == {*get_args(AnyRequest)}
    assert {type(each) for each in FRAMES} == {*get_args(AnyFrame)}


@each_target
def test_what_is_mutated_is_what_is_read(target: Target) -> None:
    assert all(target.feed(seed) for seed in target.seeds)
    if target.reseal is not None:
        assert all(target.reseal(seed) == seed for seed in target.seeds)


def test_mutants_raise_what_is_documented() -> None:
    told = fuzz(seed=0, count=8_000)
    assert len(told) == 2 * len(TARGETS)


@each_target
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_bytes_raise_what_is_documented(target: Target, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(target.seeds))
    at, noise = data.draw(st.integers(0, len(text))), data.draw(st.binary(max_size=80))
    mutant = text[:at] + noise + text[data.draw(st.integers(at, len(text))) :]
    target.feed(mutant)
    target.feed(noise)
    if target.reseal is not None:
        target.feed(target.reseal(mutant))


@pytest.mark.soak
def test_a_million_mutants_raise_what_is_documented(capsys: pytest.CaptureFixture[str]) -> None:
    told = fuzz(seed=1, count=1_000_000)
    assert told.total() == 1_000_000
    with capsys.disabled():
        sys.stdout.write("".join(f"\n{line}: {count:,}" for line, count in sorted(told.items())))


@pytest.mark.soak
@each_target
def test_mutants_that_cover_more_raise_what_is_documented(
    target: Target, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris is not installed: pip install atheris, where it has a wheel")
    corpus = tmp_path / "corpus"
    corpus.mkdir()
    for at, seed in enumerate(target.seeds):
        (corpus / str(at)).write_bytes(seed)
    command = [sys.executable, "-m", "tests.chat_server.atheris_harness", target.name]
    options = [f"-atheris_runs={RUNS}", "-max_len=16384", f"-artifact_prefix={tmp_path}/", str(corpus)]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    assert f"Done {RUNS}" in done.stderr
    with capsys.disabled():
        sys.stdout.write(f"\n{target.name}: {done.stderr.strip().splitlines()[-1]}")


# Directories


COUNT = 14
FILES = files_of(5, 4, 5)
TRUTHS = truths(life(COUNT))


def flip(random: Random) -> str:
    """Flip a bit somewhere in a directory, and see what becomes of it. Returns a word for the count."""
    files = dict(FILES)
    name = random.choice(list(files))
    text = bytearray(files[name])
    text[random.randrange(len(text))] ^= 1 << random.randrange(8)
    files[name] = bytes(text)
    disk = Memory(files)
    word = _started(disk)
    assert _is_told(disk) or word == "the last commit set aside"
    _repaired(disk)
    return word


def _started(disk: Memory) -> str:
    """A start refuses, or has everything but at most the last commit, which then is torn and set aside."""
    try:
        recovered = recover(disk, DATA)
    except StorageError:
        return "refused"
    assert values(recovered.chat) == TRUTHS[recovered.sequence]
    if recovered.sequence == COUNT:
        return "nothing missing"
    assert recovered.sequence == COUNT - 1
    assert recovered.torn
    return "the last commit set aside"


def _is_told(disk: Memory) -> bool:
    """Whether `check` finds the flip, wherever it is."""
    try:
        return bool(check(disk, DATA).recovered.torn)
    except StorageError:
        return True


def _repaired(disk: Memory) -> None:
    """A repair has a beginning of the truth, and tells of the rest up to the last commit that anything proves."""
    try:
        found = salvage(disk, DATA)
    except StorageError as error:
        assert "another version" in str(error)  # noqa: PT017 - the flip of a version's digit is no damage
        return
    kept = found.recovered.sequence
    assert values(found.recovered.chat) == TRUTHS[kept]
    assert kept >= 9
    told = max(kept, found.loss.commits[1])
    assert told == COUNT or (told == COUNT - 1 and found.unread)


def flips(seed: int, count: int) -> Counter[str]:
    random = Random(seed)
    return Counter(flip(random) for _ in range(count))


def test_a_flipped_bit_is_refused_or_told_and_loses_nothing_that_was_proven() -> None:
    assert set(flips(seed=0, count=1_500)) == {"refused", "nothing missing", "the last commit set aside"}


@pytest.mark.soak
def test_many_flipped_bits_lose_nothing_that_was_proven(capsys: pytest.CaptureFixture[str]) -> None:
    told = flips(seed=1, count=40_000)
    with capsys.disabled():
        sys.stdout.write(f"\n{told.total():,} flipped bits: {dict(told)}")
