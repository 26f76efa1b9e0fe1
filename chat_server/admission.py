"""Who gets in: what a server says to a hello, and what it holds against a name, a key or a code. Pure."""

from dataclasses import dataclass
from typing import Final

from chat_server.names import objection
from chat_server.people import KEYS_MAX, Bound, People, Person
from chat_server.policy import Joining
from chat_server.protocol import VERSION, Challenge, CloseCode, Hello, Prove
from chat_server.protocol.proofs import Signer, bytes_of, client_lines, code_digest, is_signed, server_lines
from chat_server.roster import Arrival


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why somebody is not let in."""

    code: str
    reason: str
    close_code: int = CloseCode.NOT_ALLOWED


_UNUSABLE: Final = Refusal("invite-wrong", "This code is unknown, used up or too old; ask for a new one.")


class Admission:
    """The server's own key, and the rules by which it lets people in."""

    def __init__(self, people: People, joining: Joining) -> None:
        """Take everybody who is known; the server's key is among what is known of them by the first hello."""
        self._people = people
        self._joining = joining
        self._own_key: Signer | None = None

    @property
    def _signer(self) -> Signer:
        if self._own_key is None:
            self._own_key = Signer(bytes_of(self._people.seed))
        return self._own_key

    def challenge(self, arrival: Arrival, hello: Hello) -> Challenge:
        """The server's proof of its own key, and the nonce for the other's."""
        signer = self._signer
        lines = server_lines(hello.nonce, arrival.nonce, signer.public)
        return Challenge(nonce=arrival.nonce, server=signer.public, signature=signer.sign(lines), ref=hello.ref)

    def is_proven(self, arrival: Arrival, hello: Hello, prove: Prove) -> bool:
        """Whether whoever sent this holds the key that was named, and means this server and this connection."""
        lines = client_lines(hello.nonce, arrival.nonce, self._signer.public, hello.name, hello.key)
        return is_signed(lines, prove.signature, hello.key)

    def refusal(self, hello: Hello, now_ms: int) -> Refusal | None:
        """What stands against this hello now; None where a proof of the key is all that is missing."""
        if hello.version != VERSION:
            reason = f"This server speaks version {VERSION} of the protocol, not {hello.version}."
            return Refusal("version", reason)
        person = self._people.of(hello.name)
        if person is None:
            return self._refusal_of_new(hello, now_ms)
        return _refusal_of_known(hello.name, person) or self._refusal_of_key(hello, person, now_ms)

    def binding(self, hello: Hello, now_ms: int) -> Bound | None:
        """The record by which a proven key becomes one of the name's; None where it is one already."""
        person = self._people.of(hello.name)
        if person is not None and hello.key in person.keys:
            return None
        code = code_digest(hello.invite) if self._is_code_good(hello, now_ms) and hello.invite else ""
        admin = person is None and not self._people.has_anybody
        return Bound(at=now_ms, name=hello.name, key=hello.key, admin=admin, code=code)

    def _refusal_of_new(self, hello: Hello, now_ms: int) -> Refusal | None:
        """Against a name that nobody has."""
        if unfit := objection(hello.name):
            return Refusal("bad-name", unfit)
        if (other := self._people.lookalike(hello.name)) is not None:
            reason = f"The name {hello.name} looks like {other}, who is somebody else; choose another one."
            return Refusal("name-taken", reason, CloseCode.NAME_TAKEN)
        if self._joining is Joining.OPEN or (
            self._joining is Joining.INVITE and self._is_code_good(hello, now_ms)
        ):
            return None
        if self._joining is Joining.CLOSED:
            return Refusal("closed", "This server takes nobody new.")
        if hello.invite is not None:
            return _UNUSABLE
        return Refusal("invite-needed", "This server is by invitation; ask its admin for a code.")

    def _refusal_of_key(self, hello: Hello, person: Person, now_ms: int) -> Refusal | None:
        """Against a key under a name that is known."""
        if hello.key in person.keys:
            return None
        if self._is_code_good(hello, now_ms, named=True):
            if len(person.keys) < KEYS_MAX:
                return None
            return Refusal("too-many-keys", f"The name {hello.name} has {KEYS_MAX} keys already.")
        if hello.invite is not None:
            return _UNUSABLE
        if not person.keys:
            reason = f"The name {hello.name} waits for a code that was made for it; ask the server's admin."
            return Refusal("name-taken", reason, CloseCode.NAME_TAKEN)
        reason = (
            f"The name {hello.name} belongs to another key. If it is yours, run `chat-tui link` on a device that "
            "has that key, or ask the server's admin to reset the name; else choose another one."
        )
        return Refusal("name-taken", reason, CloseCode.NAME_TAKEN)

    def _is_code_good(self, hello: Hello, now_ms: int, *, named: bool = False) -> bool:
        """Whether the code lets a key be bound to the name; `named`: only one that was made for the name does."""
        found = self._people.invitation(code_digest(hello.invite), now_ms) if hello.invite else None
        return found is not None and (found.name == hello.name or not (found.name or named))


def _refusal_of_known(name: str, person: Person) -> Refusal | None:
    if person.renamed_to:
        return Refusal("renamed", f"{name} is {person.renamed_to} now; connect under that name.")
    if person.removed:
        return Refusal("removed", f"The name {name} was given up, and nobody can have it again.")
    if person.banned:
        return Refusal("banned", f"{name} is banned from this server.")
    return None
