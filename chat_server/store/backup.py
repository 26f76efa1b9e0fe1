"""A chat as one file, taken while its server goes on: a snapshot of everything up to now."""

from pathlib import Path

from msgspec.structs import replace

from chat_server.snapshot import snapshot_chunks
from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.explaining import explained
from chat_server.store.observing import Tell, untold
from chat_server.store.opening import now_ms
from chat_server.store.publishing import publish_file
from chat_server.store.recovery import Recovered, read_generation


def write_backup(recovered: Recovered, file: Path, *, disk: Disk | None = None, tell: Tell = untold) -> int:
    """Write all of it as one snapshot and return its bytes; `restore` makes a directory of the file.

    The recovery's own code has read it before it gets its name. Replaces a file that is there: ask
    `require_target` first. Raises StorageError; then nothing is left.
    """
    disk = disk or LocalDisk()
    head = replace(recovered.head, sequence=recovered.sequence, written_at=now_ms())
    pieces = snapshot_chunks(head, recovered.chat.freeze())
    with explained(file):
        return publish_file(disk, file, pieces, verify=lambda written: read_generation(disk, written), tell=tell)
