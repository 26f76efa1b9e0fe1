"""The data directory: everything that survives a crash. The one place that writes files.

store = Store.open(directory)          # blocking, before the loop takes clients; raises StorageError
hub = Hub(store.epoch, store.chat)
await store.commit(records)            # returns once they are on disk; raises DiskFailed
await store.snapshot(store.chat.freeze())
await store.close()
"""

from chat_server.store.disk import Disk, LocalDisk
from chat_server.store.errors import (
    Damaged,
    DirectoryInUse,
    DiskFailed,
    StorageError,
    Unwritable,
    WrongVersion,
)
from chat_server.store.restoring import restore
from chat_server.store.store import Sealed, Store

__all__ = [
    "Damaged",
    "DirectoryInUse",
    "Disk",
    "DiskFailed",
    "LocalDisk",
    "Sealed",
    "StorageError",
    "Store",
    "Unwritable",
    "WrongVersion",
    "restore",
]
