"""What the registers say about filings, in the transaction that files them: `RegisterCheck` on PostgreSQL.

A fixed number of statements for a batch, however large; none for filings that name nothing and need no routing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.catalogue import Procedure
from services.portal.adapters.registers.sql_registers import (
    Registered,
    add_declarations,
    add_links,
    add_registered,
    find_declarations,
    find_entries,
    write_changes,
)
from services.portal.application.clearance import NUMBER_FIELD, ClearanceForms
from services.portal.application.ports import RegisterFinding
from services.portal.domain.registers.declarations import (
    LAST_DOSSIER_NUMBER,
    Declaration,
    DeclarationState,
    NewDeclaration,
    Origin,
    declaration_number,
    is_own,
    own_base,
    pick_channel,
)
from services.portal.domain.registers.draws import draw
from services.portal.domain.registers.register_rules import (
    INSPECT_FIRST,
    TRACK,
    TRACK_REASON,
    DeclarationRules,
    Naming,
    RefundHistory,
    Routing,
    a_year_before,
    check_declaration,
    check_entry,
    has_track,
    named_fields,
    namings,
    no_number_left,
    route_refund,
    unknown_entry,
    wrong_direction,
)
from services.portal.domain.registers.registers import (
    EventKind,
    NewEntry,
    NewEvent,
    Register,
    RegisterChanges,
    RegisterEntry,
    is_own_key,
)
from services.portal.domain.sandbox import Sandbox, Submission, UnknownDeclarations
from services.runtime.database import Transaction

# Index ix_register_entry__holder: the violations of each enterprise since an instant.
_VIOLATIONS: Final = """
    SELECT holder_id, array_agg(occurred_at) FROM register_entry
    WHERE sandbox_id = %s AND register = 'violation' AND holder_id = ANY(%s) AND occurred_at > %s GROUP BY holder_id
"""

_LINK_CHECKS: Final = """
    UPDATE declaration AS d SET dossier_number = u.dossier_number
    FROM unnest(%s::bigint[], %s::bigint[]) AS u(base, dossier_number)
    WHERE d.sandbox_id = %s AND d.base = u.base
"""

#: What is known of an entry that was adopted, beside that.
_ADOPTED: Final[Mapping[Register, Mapping[str, int]]] = {Register.MANIFEST: {"revision": 0}, Register.FACILITY: {}}

#: Stands for the kind of a declaration that was adopted: nobody said what it was.
UNKNOWN_KIND: Final = "???"


class SqlRegisterCheck:
    """`RegisterCheck` on PostgreSQL.

    Args:
        procedures: all that can be filed.
        rules: which states procedures take, and how declarations and refunds are routed.
        forms: the forms of clearance dossiers.
    """

    def __init__(self, procedures: Mapping[str, Procedure], rules: DeclarationRules, forms: ClearanceForms) -> None:
        self._procedures = procedures
        self._named = {name: named_fields(procedure) for name, procedure in procedures.items()}
        self._tracked = frozenset(name for name, procedure in procedures.items() if has_track(procedure))
        self._rules = rules
        self._forms = forms

    def check(
        self, transaction: Transaction, sandbox: Sandbox, submissions: Sequence[Submission], now: datetime
    ) -> Sequence[RegisterFinding]:
        """See `RegisterCheck.check`."""
        asked = [self._question(submission) for submission in submissions]
        known = _load(transaction, sandbox.sandbox_id, [one for one in asked if isinstance(one, _Question)], now)
        batch = _Batch(sandbox, now, self._rules, self._forms, known)
        findings = [
            batch.judge(one) if isinstance(one, _Question) else batch.register(submission, one)
            for submission, one in zip(submissions, asked, strict=True)
        ]
        batch.write(transaction)
        return findings

    def _question(self, submission: Submission) -> "_Question | NewDeclaration":
        """What has to be looked up: nothing for a declaration whose channel is known."""
        new = self._forms.new_declaration(submission)
        if new is not None and new.channel is not None:
            return new
        fields = () if new else self._named[submission.procedure_id]
        return _Question(
            submission,
            self._procedures[submission.procedure_id],
            new,
            self._forms.named_base(submission) if new is None else None,
            namings(fields, submission.form) if fields else (),
            submission.procedure_id in self._tracked,
        )


class _Question(NamedTuple):
    """What has to be looked up for one filing."""

    submission: Submission
    procedure: Procedure
    new: NewDeclaration | None  #: the declaration that it registers
    checked: int | None  #: the declaration that it may clear, when that one has no check yet
    named: Sequence[Naming]
    has_track: bool

    @property
    def needs_draw(self) -> bool:
        return self.new is not None and self.new.channel is None


@dataclass(frozen=True, slots=True)
class _Known:
    """What was looked up for a batch; declarations and entries grow with what is adopted."""

    declarations: dict[int, Declaration]
    entries: dict[tuple[str, str], RegisterEntry]
    violations: Mapping[str, Sequence[datetime]]

    def level(self, enterprise: str) -> int | None:
        profile = self.entries.get((Register.RISK_PROFILE, enterprise))
        return profile.data["level"] if profile else None

    def history(self, enterprise: str, at: datetime) -> RefundHistory:
        profile = self.entries.get((Register.RISK_PROFILE, enterprise))
        since = a_year_before(at)
        return RefundHistory(
            level=self.level(enterprise),
            violation_count=sum(since < instant <= at for instant in self.violations.get(enterprise, ())),
            was_refunded=bool(profile and profile.data["was_refunded"]),
        )


def _load(transaction: Transaction, sandbox_id: str, questions: Sequence[_Question], now: datetime) -> _Known:
    named = [naming for question in questions for naming in question.named]
    bases = {naming.base for naming in named if naming.register is Register.DECLARATION}
    bases |= {question.checked for question in questions if question.checked is not None}
    wanted = {(str(naming.register), naming.key) for naming in named if naming.register is not Register.DECLARATION}
    refunded = {question.submission.applicant_id for question in questions if question.has_track}
    drawn = {question.submission.applicant_id for question in questions if question.needs_draw}
    wanted |= {(str(Register.RISK_PROFILE), enterprise) for enterprise in refunded | drawn}
    violations: Mapping[str, Sequence[datetime]] = {}
    if refunded:
        arguments = (sandbox_id, sorted(refunded), a_year_before(now))
        violations = dict(transaction.execute(_VIOLATIONS, arguments).fetchall())
    return _Known(
        find_declarations(transaction, sandbox_id, bases), find_entries(transaction, sandbox_id, wanted), violations
    )


@dataclass(slots=True)
class _Batch:
    """Judges the filings of one transaction one after the other, and remembers what is to be written."""

    sandbox: Sandbox
    now: datetime
    rules: DeclarationRules
    forms: ClearanceForms
    known: _Known
    number: int = field(init=False)
    declarations: list[Declaration] = field(default_factory=list)  #: that are adopted
    registered: list[Registered] = field(default_factory=list)
    links: list[tuple[str, int, str, str, str]] = field(default_factory=list)
    checks: dict[int, int] = field(default_factory=dict)  #: declaration → the dossier that clears it
    changes: RegisterChanges = field(default_factory=RegisterChanges)

    def __post_init__(self) -> None:
        self.number = self.sandbox.last_number

    def judge(self, question: _Question) -> RegisterFinding:
        """What becomes of a filing; takes the next number unless there are errors."""
        submission = question.submission
        if question.new is not None:
            return self.register(submission, question.new)
        filed_at = submission.filed_at or self.now
        errors = [error for naming in question.named if (error := self._error(naming, question, filed_at)) is not None]
        if errors:
            return RegisterFinding(errors=errors)
        self.number += 1
        if question.checked is not None:
            self._attach(question.checked, submission.applicant_id)
        for naming in question.named:
            self._take(naming, question, filed_at)
        return RegisterFinding(traits=self._track(question, filed_at))

    def register(self, submission: Submission, new: NewDeclaration) -> RegisterFinding:
        """Give a declaration its number and its channel, and its dossier the form and the procedure that follow."""
        if self.number >= LAST_DOSSIER_NUMBER:
            return RegisterFinding(errors=[no_number_left()])
        self.number += 1
        channel = new.channel or pick_channel(
            self.rules.shares_of(self.known.level(submission.applicant_id)), draw(self.sandbox.seed, self.number)
        )
        base = own_base(new.direction, self.number)
        self.registered.append(
            Registered(
                base,
                self.number,
                submission.filed_at or self.now,
                new.kind,
                submission.office_code,
                submission.applicant_id,
                channel,
            )
        )
        number = declaration_number(base, 0)
        return RegisterFinding(submission=self.forms.registered(submission, number, new.kind, channel))

    def _error(self, naming: Naming, question: _Question, filed_at: datetime) -> Mapping[str, str] | None:
        applicant_id = question.submission.applicant_id
        if naming.register is not Register.DECLARATION:
            entry = self.known.entries.get((naming.register, naming.key))
            if entry is None:
                return None if self._adopts(naming) else unknown_entry(naming)
            return check_entry(naming, entry, applicant_id)
        if (error := wrong_direction(naming)) is not None:
            return error
        declaration = self.known.declarations.get(naming.base)
        if declaration is None:
            return None if self._adopts(naming) else unknown_entry(naming)
        return check_declaration(
            naming,
            declaration,
            applicant_id=applicant_id,
            procedure=question.procedure,
            states=self.rules.states_for(question.procedure.procedure_id),
            filed_at=filed_at,
        )

    def _adopts(self, naming: Naming) -> bool:
        """Numbers that only the registers give aren't adopted: they would meet one that is given later."""
        if self.sandbox.unknown_declarations is not UnknownDeclarations.ADOPT:
            return False
        is_ours = (
            is_own(naming.base) if naming.register is Register.DECLARATION else is_own_key(naming.register, naming.key)
        )
        return not is_ours

    def _attach(self, base: int, applicant_id: str) -> None:
        """A clearance dossier for a declaration that was entered without one."""
        found = self.known.declarations.get(base)
        if (
            found is not None
            and found.declarant_id == applicant_id
            and found.dossier_number is None
            and found.state is DeclarationState.REGISTERED
        ):
            self.checks[base] = self.number
            self.links.append((self.sandbox.sandbox_id, self.number, NUMBER_FIELD, Register.DECLARATION, str(base)))
            self.known.declarations[base] = replace(found, dossier_number=self.number)

    def _take(self, naming: Naming, question: _Question, filed_at: datetime) -> None:
        """Remember that a dossier names an entry; adopt the entry when it isn't there."""
        sandbox_id, register = self.sandbox.sandbox_id, naming.register
        self.links.append((sandbox_id, self.number, naming.field, str(register), naming.key))
        if register is not Register.DECLARATION:
            if (register, naming.key) not in self.known.entries:
                self._adopt_entry(naming, question.submission, filed_at)
            return
        if naming.base not in self.known.declarations:
            declaration = self._adopted(naming, question, filed_at)
            self.declarations.append(declaration)
            self.known.declarations[naming.base] = declaration

    def _adopted(self, naming: Naming, question: _Question, filed_at: datetime) -> Declaration:
        is_cleared = DeclarationState.CLEARED in self.rules.states_for(question.procedure.procedure_id)
        return Declaration(
            sandbox_id=self.sandbox.sandbox_id,
            base=naming.base,
            branch=int(naming.number[-1]),
            kind=UNKNOWN_KIND,
            office_code=question.submission.office_code,
            declarant_id=question.submission.applicant_id,
            channel=None,
            origin=Origin.ADOPTED,
            registered_at=filed_at,
            cleared_at=filed_at if is_cleared else None,
        )

    def _adopt_entry(self, naming: Naming, submission: Submission, filed_at: datetime) -> None:
        new = NewEntry(
            sandbox_id=self.sandbox.sandbox_id,
            register=naming.register,
            key=naming.key,
            holder_id=submission.applicant_id,
            occurred_at=filed_at,
            dossier_number=self.number,
            data={**_ADOPTED[naming.register], "office": submission.office_code, "is_adopted": True},
        )
        self.changes.entries.append(new)
        self.known.entries[naming.register, naming.key] = new.as_written()

    def _track(self, question: _Question, filed_at: datetime) -> dict[str, str]:
        if not question.has_track:
            return {}
        applicant_id = question.submission.applicant_id
        routing = route_refund(self.known.history(applicant_id, filed_at), self.rules, filed_at)
        if routing is None:
            return {}
        self._tell_routing(applicant_id, routing, filed_at)
        return {TRACK: INSPECT_FIRST, TRACK_REASON: routing.reason}

    def _tell_routing(self, applicant_id: str, routing: Routing, filed_at: datetime) -> None:
        self.changes.tell(
            NewEvent(
                sandbox_id=self.sandbox.sandbox_id,
                register=Register.RISK_PROFILE,
                subject=applicant_id,
                kind=EventKind.REFUND_ROUTED,
                occurred_at=filed_at,
                dossier_number=self.number,
                detail={"track": INSPECT_FIRST, "reason": routing.reason, "article": routing.article},
            )
        )

    def write(self, transaction: Transaction) -> None:
        """Everything that the filings bring with them."""
        add_registered(transaction, self.sandbox.sandbox_id, self.registered)
        add_declarations(transaction, self.declarations)
        add_links(transaction, self.links)
        if self.checks:
            bases = sorted(self.checks)
            numbers = [self.checks[base] for base in bases]
            transaction.execute(_LINK_CHECKS, (bases, numbers, self.sandbox.sandbox_id))
        write_changes(transaction, self.changes)
