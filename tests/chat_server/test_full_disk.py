"""Servers as processes on disks that are really full, and on a disk that fails."""

import asyncio
import errno
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from chat_server.protocol import CONTENT_CHARS_MAX
from chat_server.store.layout import RESERVE, RESERVE_TEMPORARY, TEMPORARY
from tests.chat_server.peers import DEADLINE_S, Json, Peer, dial, greet, types
from tests.chat_server.processes import Starting

LONG = "x" * CONTENT_CHARS_MAX
ACCEPTS_WITHIN_S = 5.0
FAILS_WITHIN_S = 1.0

FAILING_FSYNC = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

int fsync(int descriptor) {
    if (access(getenv("FAIL_IF_THERE"), F_OK) == 0) { errno = EIO; return -1; }
    return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(descriptor);
}
"""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 12 MiB."""
    mount = tmp_path / "mount"
    mount.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=12m,mode=700", "tmpfs", str(mount)]
    if (
        sys.platform != "linux"
        or os.geteuid()
        or subprocess.run(command, capture_output=True, check=False).returncode
    ):
        pytest.skip("needs the right to mount a file system")
    yield mount
    subprocess.run(["umount", "--lazy", str(mount)], check=True)


def take_all_but(disk: Path, left: int) -> Path:
    """Somebody else's file, with which so many bytes are left."""
    path = disk / "somebody-elses"
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    os.truncate(path, path.stat().st_size - left)
    return path


class Talk:
    """Posts under nonces that tell the order, and what came of each."""

    def __init__(self) -> None:
        self.acknowledged: list[str] = []
        self.refused: list[str] = []
        self._posts = 0

    async def post(self, peer: Peer, content: str) -> Json:
        self._posts += 1
        nonce = f"n{self._posts}"
        answer = await peer.ask("post", room="general", nonce=nonce, content=content)
        if answer["type"] == "ok":
            self.acknowledged.append(nonce)
        else:
            assert answer["code"] == "disk-full", answer
            self.refused.append(nonce)
        return answer

    async def check(self, peer: Peer) -> None:
        """All that was acknowledged, and nothing that was refused, is in the room, in the order of posting."""
        page = await peer.ask("history", room="general", before=2**53 - 1)
        assert [each["nonce"] for each in page["messages"]] == self.acknowledged


async def fill_up(talk: Talk, peer: Peer) -> None:
    """Post until the disk is full."""
    while (await talk.post(peer, LONG))["type"] == "ok":
        pass


async def accepted(talk: Talk, peer: Peer) -> None:
    """Post until that is taken, which it must be soon after there is space."""
    async with asyncio.timeout(ACCEPTS_WITHIN_S):
        while (await talk.post(peer, "again"))["type"] != "ok":
            await peer.fence()


async def test_a_full_disk_is_read_from_and_written_to_again_soon_after_there_is_space(
    start: Starting, small_disk: Path
) -> None:
    server = start(small_disk / "data")
    ann, bob, talk = await greet(server.url, "ann"), await greet(server.url, "bob"), Talk()
    await talk.post(ann, "hi")
    others = take_all_but(small_disk, 40_000)
    await fill_up(talk, ann)
    assert len(talk.acknowledged) > 3  # the last of them in the ballast's place
    assert RESERVE not in {each.name for each in (small_disk / "data").iterdir()}

    await talk.check(ann)
    assert (await bob.ask("read", room="general", ranges=[[1, 1]]))["code"] == "disk-full"
    assert (await bob.ask("join", room="attic"))["code"] == "disk-full"
    assert (await bob.ask("info", room="general", messageID=1))["missing"] == ["bob"]
    cid = await dial(server.url)
    assert (await cid.hello("cid"))["code"] == "disk-full"
    assert await cid.closed() == 1013

    others.unlink()
    await accepted(talk, ann)
    assert (await bob.ask("read", room="general", ranges=[[1, 1]]))["type"] == "ok"
    await ann.hear("receipt", reader="bob")
    assert types((await greet(server.url, "cid")).told) == ["welcome"]

    server.process.kill()
    await server.ended()
    ann = await greet(start(small_disk / "data").url, "ann")
    await talk.check(ann)


async def test_a_full_disk_is_no_hindrance_to_ending_and_to_starting(start: Starting, small_disk: Path) -> None:
    server = start(small_disk / "data")
    ann, talk = await greet(server.url, "ann"), Talk()
    others = take_all_but(small_disk, 40_000)
    await fill_up(talk, ann)
    with (small_disk / "and-the-rest").open("wb", buffering=0) as file, suppress(OSError):
        while True:  # and all that the ballast's end has left
            file.write(bytes(4096))
    (code, said), closed = await asyncio.gather(server.end(), ann.closed())
    assert (code, closed) == (0, 1012)
    assert "WARNING chat_server.loop: the disk is full: nothing new is taken until there is space\n" in said
    assert "WARNING chat_server.loop: the disk has no space for a snapshot; the journal has everything\n" in said
    assert not {TEMPORARY, RESERVE_TEMPORARY} & {each.name for each in (small_disk / "data").iterdir()}

    server = start(small_disk / "data")
    ann = await greet(server.url, "ann")
    await talk.check(ann)
    assert (await talk.post(ann, "hi"))["type"] == "refused"
    others.unlink()
    await accepted(talk, ann)
    (code, said), _ = await asyncio.gather(server.end(), ann.closed())
    assert code == 0
    first, *others_said = said.splitlines()
    assert first.startswith("Warning: The disk is full: what was said can be read, and until there is space")
    assert [each.partition("chat_server.loop: ")[2] for each in others_said] == [
        "the disk is full: nothing new is taken until there is space",
        "the disk has space again",
    ]


async def test_a_first_start_on_a_full_disk_is_a_sentence(small_disk: Path) -> None:
    take_all_but(small_disk, 0)
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "chat_server", "serve", "--port", "0", "--data-dir", str(small_disk / "data")],
        capture_output=True,
        text=True,
        check=False,
        timeout=DEADLINE_S,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"Error: [^\n]*No space left on device[^\n]*Free some space[^\n]*\n", done.stderr)


@pytest.fixture(scope="module")
def failing_fsync(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that makes fsync fail where a file is there."""
    compiler = shutil.which("cc")
    if compiler is None or sys.platform != "linux":
        pytest.skip("needs a C compiler, and LD_PRELOAD")
    directory = tmp_path_factory.mktemp("library")
    (directory / "fsync.c").write_text(FAILING_FSYNC)
    library = directory / "fsync.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(library), str(directory / "fsync.c"), "-ldl"], check=True
    )
    return library


async def test_a_failed_fsync_ends_it_at_once_and_acknowledges_nothing_more(
    start: Starting, failing_fsync: Path, tmp_path: Path
) -> None:
    trigger = tmp_path / "fail"
    server = start(tmp_path / "data", LD_PRELOAD=str(failing_fsync), FAIL_IF_THERE=str(trigger))
    ann, bob, talk = await greet(server.url, "ann"), await greet(server.url, "bob"), Talk()
    await talk.post(ann, "hi")
    await bob.hear("message")
    trigger.touch()
    begun = time.monotonic()
    for at in range(20):
        with suppress(ConnectionClosed):
            await ann.send("post", room="general", nonce=f"late{at}", content="hi", ref=f"late{at}")
    closed = [await each.closed() for each in (ann, bob)]
    code, said = await server.ended()
    assert time.monotonic() - begun < FAILS_WITHIN_S
    assert closed == [1001, 1001]
    assert code == 1
    assert re.fullmatch(
        rf"Error: The disk failed, so the server stops: journal-\d+\.jsonl: {os.strerror(errno.EIO)} \(EIO\)\. "
        r"[^\n]+\n",
        said,
    )
    assert not [each for each in ann.told if each.get("ref", "").startswith("late")]
    assert not [each for each in (*ann.told, *bob.told) if each["type"] == "message" and each["id"] > 1]

    trigger.unlink()
    ann = await greet(start(tmp_path / "data").url, "ann")
    page = await ann.ask("history", room="general", after=0)
    assert [each["nonce"] for each in page["messages"]][:1] == talk.acknowledged
