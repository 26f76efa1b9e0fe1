"""Who may speak under which name: keys, roles, bans and one-time codes, and the records that change them. Pure.

A name is bound to the first key that proves it and never lapses: one that is given up leaves a tombstone. Further
keys come in by a code that was made for the name. Of a code only the digest is known here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, assert_never

from msgspec import Struct
from msgspec.structs import replace

from chat_server.names import skeleton
from chat_server.protocol import Mode

KEYS_MAX: Final = 32
"""Keys of one name."""
INVITATIONS_MAX: Final = 10_000
"""Codes that can be used."""


class PeopleRecord(
    Struct,
    frozen=True,
    omit_defaults=True,
    rename="camel",
    tag_field="type",
    kw_only=True,
    forbid_unknown_fields=True,
):
    """A change of who may speak."""

    at: int
    """Unix ms."""


class Founded(PeopleRecord, frozen=True, tag="founded", kw_only=True):
    """The server has a key of its own, by which clients know it again."""

    seed: str
    """The secret half, as base64url."""


class Bound(PeopleRecord, frozen=True, tag="bound", kw_only=True):
    """A key has proved a name, which is its own from now on, beside those that the name has already."""

    name: str
    key: str
    admin: bool = False
    code: str = ""
    """The digest of the code that let it in, of which this is one use."""


class Reset(PeopleRecord, frozen=True, tag="reset", kw_only=True):
    """No key speaks for the name any more, until one comes with a code that was made for it."""

    name: str


class Promoted(PeopleRecord, frozen=True, tag="promoted", kw_only=True):
    """The name is an admin's, or (`admin` false) no longer; one that nobody has yet waits for a code."""

    name: str
    admin: bool = True


class Banned(PeopleRecord, frozen=True, tag="banned", kw_only=True):
    """Nobody gets in under the name any more, or (`banned` false) its owner does again."""

    name: str
    banned: bool = True


class Removed(PeopleRecord, frozen=True, tag="removed", kw_only=True):
    """The name is given up for good; what was said and read under it stays."""

    name: str


class Renamed(PeopleRecord, frozen=True, tag="renamed", kw_only=True):
    """All that was one name's is another's, which nobody has had; the old one is given up."""

    name: str
    to: str


class Invited(PeopleRecord, frozen=True, tag="invited", kw_only=True):
    """Whoever has the code of this digest may bind a name."""

    digest: str
    uses: int
    """How often; at least once."""
    expires_at: int
    name: str = ""
    """The only name it is good for, where one is named: then it may have keys already."""


class Chose(PeopleRecord, frozen=True, tag="chose", kw_only=True):
    """What its owner has chosen for all rooms: who is shown what they read."""

    name: str
    receipts: Mode


AnyPeopleRecord = Founded | Bound | Reset | Promoted | Banned | Removed | Renamed | Invited | Chose


class Person(Struct, frozen=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """A name, and what there is to know of it."""

    since: int
    """When it was first named here, Unix ms."""
    keys: tuple[str, ...] = ()
    """Oldest first. Where there is none, a code made for the name is needed."""
    admin: bool = False
    banned: bool = False
    removed: bool = False
    renamed_to: str = ""
    """The name that this one was given up for."""
    receipts: Mode = "public"
    """Who is shown what they read, where nothing else holds in a room."""


class Invitation(Struct, frozen=True, omit_defaults=True, rename="camel", forbid_unknown_fields=True):
    """What a code is good for."""

    uses: int
    """How often it can still be used."""
    expires_at: int
    name: str = ""


@dataclass(frozen=True, slots=True)
class PeopleState:
    """Everybody at one moment, for a snapshot: nothing in it changes when life goes on."""

    seed: str
    persons: dict[str, Person]
    invitations: dict[str, Invitation]


class People:
    """Everybody the server knows."""

    def __init__(self) -> None:
        """Begin with nobody, and without a key."""
        self.seed = ""
        self._persons: dict[str, Person] = {}
        self._invitations: dict[str, Invitation] = {}
        self._names_by_skeleton: dict[str, str] = {}

    # What changes it

    def apply(self, record: AnyPeopleRecord) -> None:
        """Change what the record says; an impossible one is our bug and fails an assertion."""
        match record:
            case Founded(seed=seed):
                assert seed
                assert not self.seed
                self.seed = seed
            case Bound():
                self._bind(record)
            case Reset(name=name):
                self._put(name, keys=())
            case Promoted(name=name, admin=admin):
                if name not in self._persons:
                    self._add(name, Person(record.at))
                self._put(name, admin=admin)
            case Banned(name=name, banned=banned):
                self._put(name, banned=banned)
            case Removed(name=name):
                self._put(name, keys=(), admin=False, removed=True)
            case Renamed(name=name, to=to):
                assert name in self._persons
                self._add(to, self._persons[name])
                self._put(name, keys=(), admin=False, renamed_to=to)
            case Invited():
                self._invite(record)
            case Chose(name=name, receipts=receipts):
                self._put(name, receipts=receipts)
            case _:
                assert_never(record)

    def _bind(self, bound: Bound) -> None:
        if bound.name not in self._persons:
            self._add(bound.name, Person(bound.at))
        person = self._persons[bound.name]
        assert bound.key not in person.keys
        assert len(person.keys) < KEYS_MAX
        self._put(bound.name, keys=(*person.keys, bound.key), admin=person.admin or bound.admin)
        if bound.code:
            used = self._invitations.pop(bound.code, None)
            assert used is not None
            assert used.name in ("", bound.name)
            if used.uses > 1:
                self._invitations[bound.code] = replace(used, uses=used.uses - 1)

    def _invite(self, invited: Invited) -> None:
        assert invited.uses >= 1
        assert invited.digest not in self._invitations
        self._invitations = {
            digest: each
            for digest, each in self._invitations.items()
            # Of a name's codes only the newest is good, so that an older one that went astray is worth nothing.
            if each.expires_at > invited.at and (not invited.name or each.name != invited.name)
        }
        self._invitations[invited.digest] = Invitation(invited.uses, invited.expires_at, invited.name)

    def _add(self, name: str, person: Person) -> None:
        assert name not in self._persons
        self._persons[name] = person
        self._names_by_skeleton.setdefault(skeleton(name), name)

    def _put(self, name: str, **changes: object) -> None:
        assert name in self._persons
        assert not self._persons[name].removed
        assert not self._persons[name].renamed_to
        self._persons[name] = replace(self._persons[name], **changes)

    # What is asked of it

    def __iter__(self) -> Iterator[tuple[str, Person]]:
        """Everybody there ever was, in the order of their first coming."""
        return iter(self._persons.items())

    def of(self, name: str) -> Person | None:
        """Who has this name, or had it once."""
        return self._persons.get(name)

    def is_admin(self, name: str) -> bool:
        """Whether this name is an admin's."""
        return name in self._persons and self._persons[name].admin

    def receipts_of(self, name: str) -> Mode:
        """Who is shown what this name reads, where nothing else holds in a room."""
        return self._persons[name].receipts if name in self._persons else "public"

    @property
    def has_anybody(self) -> bool:
        """Whether any name was proved or made an admin's: who proves the very first one is the admin."""
        return bool(self._persons)

    def lookalike(self, name: str) -> str | None:
        """A known name that could be taken for this one: the same in another case, or in look-alike letters."""
        return self._names_by_skeleton.get(skeleton(name))

    def invitation(self, digest: str, now_ms: int) -> Invitation | None:
        """What this code is good for now."""
        found = self._invitations.get(digest)
        return found if found is not None and found.expires_at > now_ms else None

    def has_code(self, digest: str) -> bool:
        """Whether there is a code of this digest, good or too old."""
        return digest in self._invitations

    def is_inviting_no_more(self, now_ms: int) -> bool:
        """Whether as many codes can be used as there may be."""
        if len(self._invitations) < INVITATIONS_MAX:
            return False
        return sum(each.expires_at > now_ms for each in self._invitations.values()) >= INVITATIONS_MAX

    # Snapshots

    def freeze(self) -> PeopleState:
        """Everybody as they are now."""
        return PeopleState(self.seed, dict(self._persons), dict(self._invitations))

    @classmethod
    def thaw(cls, state: PeopleState) -> "People":
        """What a state was taken of."""
        people = cls()
        people.seed = state.seed
        for name, person in state.persons.items():
            people._add(name, person)
        people._invitations = dict(state.invitations)
        return people
