"""What the use cases of the registers need from the outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from services.portal.application.ports import DoorUnit
from services.portal.domain.registers.declarations import Declaration, DeclarationState, Direction
from services.portal.domain.registers.registers import Register, RegisterChanges, RegisterEntry, RegisterEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclarationFilter:
    """Which declarations to list; `None` means any."""

    declarant_id: str | None = None
    direction: Direction | None = None
    kind: str | None = None
    office_code: str | None = None
    channel: str | None = None
    state: DeclarationState | None = None
    before_base: int | None = None  #: only numbers below this: the cursor, highest first


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries of a register to list; `None` means any."""

    holder_id: str | None = None
    base: int | None = None
    before_number: int | None = None  #: the cursor, newest first


class LinkedDossier(NamedTuple):
    """A dossier that names an entry."""

    number: int
    field: str  #: in which field of its form
    procedure_id: str
    filed_at: datetime
    status: int


class RegisterLink(NamedTuple):
    """An entry that a dossier names."""

    field: str
    register: str
    key: str  #: of a declaration the number without its last digit


class RegisterReader(Protocol):
    """Reads the registers of one sandbox."""

    def declaration(self, sandbox_id: str, base: int) -> Declaration | None:
        """One declaration."""
        ...

    def declarations_by_base(self, sandbox_id: str, bases: Sequence[int]) -> Mapping[int, Declaration]:
        """Those that are there, by number without the last digit."""
        ...

    def declarations(self, sandbox_id: str, wanted: DeclarationFilter, limit: int) -> list[Declaration]:
        """Declarations, the highest numbers first."""
        ...

    def declaration_of_check(self, sandbox_id: str, dossier_number: int) -> Declaration | None:
        """The declaration that was registered with this clearance dossier."""
        ...

    def events_of(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[RegisterEvent]:
        """What happened to an entry, newest first."""
        ...

    def events_of_dossier(self, sandbox_id: str, number: int, limit: int) -> list[RegisterEvent]:
        """What a dossier brought about, in order."""
        ...

    def events(self, sandbox_id: str, after: int, limit: int) -> list[RegisterEvent]:
        """Everything that happened after a position, in order."""
        ...

    def linked_dossiers(self, sandbox_id: str, register: Register, key: str, limit: int) -> list[LinkedDossier]:
        """Dossiers that name an entry, newest first."""
        ...

    def links_of(self, sandbox_id: str, number: int) -> list[RegisterLink]:
        """What a dossier names."""
        ...

    def entry(self, sandbox_id: str, register: Register, key: str) -> RegisterEntry | None:
        """One entry."""
        ...

    def entries(self, sandbox_id: str, register: Register, wanted: EntryFilter, limit: int) -> list[RegisterEntry]:
        """Entries, newest first."""
        ...

    def about_declaration(self, declaration: Declaration, limit: int) -> list[RegisterEntry]:
        """Passages, violations and audits of a declaration, and audits of all its declarant has; newest first."""
        ...


class RegisterWriter(Protocol):
    """Changes the registers in a transaction of the door, under the sandbox's lock."""

    def declarations(self, unit: DoorUnit, sandbox_id: str, bases: Iterable[int]) -> Mapping[int, Declaration]:
        """Those that are there, by number without the last digit."""
        ...

    def lock_declaration(self, unit: DoorUnit, sandbox_id: str, base: int) -> Declaration | None:
        """One declaration, locked: the projector changes declarations, too."""
        ...

    def add_declarations(self, unit: DoorUnit, declarations: Sequence[Declaration]) -> None:
        """New ones; none of them is there yet."""
        ...

    def save_declaration(self, unit: DoorUnit, declaration: Declaration) -> None:
        """Branch and instants of a locked declaration."""
        ...

    def entries(
        self, unit: DoorUnit, sandbox_id: str, wanted: Iterable[tuple[str, str]]
    ) -> Mapping[tuple[str, str], RegisterEntry]:
        """Those that are there, by register and key, locked: the projector changes them, too."""
        ...

    def write(self, unit: DoorUnit, changes: RegisterChanges) -> None:
        """Entries, contents and events; new entries have their numbers and keys afterwards."""
        ...
