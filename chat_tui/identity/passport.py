"""Who one is, and whom one speaks to: a name with its key, and a server with the key that it had before.

It answers a server's challenge with a proof, or with a sentence that says why there is none.
"""

import re
import shlex
from pathlib import Path
from typing import Final

from chat_server.protocol import Challenge
from chat_tui.identity import keyfiles
from chat_tui.identity.keyfiles import KeyFileError, SecretKey
from chat_tui.identity.knownservers import KnownServers, KnownServersError, place_of
from chat_tui.model.events import Distrusted, Proved

NONCE: Final = "[A-Za-z0-9_-]{43}"
CHANGED: Final = """\
THE SERVER HAS ANOTHER KEY THAN BEFORE.
Somebody may sit between you and it, so nothing was said to it but your greeting.

  before  {before}
  now     {now}

Ask whoever runs it, by another way, whether its key has changed. Only if it has:
chat-tui forget --server {place}"""


SAME_KEY: Final = """\
{place} shows the key of a server that you know under another address: {other}
It is the same server by another way, or somebody who sits between, so nothing was said to it but your name.

If you know that it is the same one:
chat-tui trust --server {quoted}"""


class Passport:
    """One person's at one server."""

    def __init__(
        self, name: str, key: SecretKey, servers: KnownServers, url: str, *, by_any_way: bool = False
    ) -> None:
        """Take the name and its key, the servers that are known, and the address of the one to be spoken to.

        `by_any_way`: which may be one that is known under another address.
        """
        self.public = key.public
        """The key by which others know one."""
        self._name = name
        self._key = key
        self._servers = servers
        self._url = url
        self._by_any_way = by_any_way

    @classmethod
    def open(
        cls, config: Path, name: str, url: str, key_file: Path | None = None, *, by_any_way: bool = False
    ) -> "Passport":
        """With the key in the file, else the name's own; made where there is none. Raises KeyFileError."""
        key = keyfiles.find_or_make(key_file or keyfiles.path_of(config, name))
        return cls(name, key, KnownServers(config), url, by_any_way=by_any_way)

    def answer(self, nonce: str, challenge: Challenge) -> Proved | Distrusted:
        """What comes of a server's challenge, in which it must have signed this nonce."""
        # Imported here: it takes a while, and nothing before needs it.
        from chat_server.protocol import proofs

        lines = proofs.server_lines(nonce, challenge.nonce, challenge.server)
        good = proofs.is_signed(lines, challenge.signature, challenge.server)
        # A nonce of any other form could hold a line's end, and have something else signed.
        if not good or not re.fullmatch(NONCE, challenge.nonce):
            return Distrusted("the server has not proven that it holds the key that it shows")
        try:
            other = self._servers.elsewhere(self._url, challenge.server)
            if other is not None and not self._by_any_way:
                place = place_of(self._url)
                return Distrusted(SAME_KEY.format(place=place, other=other, quoted=shlex.quote(place)))
            known = self._servers.recall(self._url, challenge.server)
        except KnownServersError as error:
            return Distrusted(str(error))
        if known != challenge.server:
            return Distrusted(_changed(self._url, known, challenge.server))
        return self._prove(nonce, challenge)

    def _prove(self, nonce: str, challenge: Challenge) -> Proved | Distrusted:
        from chat_server.protocol import proofs

        try:
            signer = keyfiles.signer(self._key)
        except KeyFileError as error:
            return Distrusted(str(error))
        lines = proofs.client_lines(nonce, challenge.nonce, challenge.server, self._name, self.public)
        return Proved(signer.sign(lines))


def _changed(url: str, before: str, now: str) -> str:
    from chat_server.protocol.proofs import fingerprint

    place = shlex.quote(place_of(url))
    return CHANGED.format(before=fingerprint(before), now=fingerprint(now), place=place)
