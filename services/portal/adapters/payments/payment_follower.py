"""Payment documents follow the facts: opened when payment is asked for, closed when it comes or no longer can.

Most are asked for, paid by the robot's bank and never looked at: those are written by columns. Whatever else may happen
to a document is decided by the rules of `services.portal.domain.payments`, document by document. Every write takes a
set of rows: ten thousand requests for payment cost as many statements as one.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from services.contracts.catalogue import Procedure
from services.contracts.facts import Fact, FactBlock
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import Action, Status
from services.portal.adapters.hooks import ToldFacts
from services.portal.adapters.payments.sql_payments import (
    OWN_COLUMNS,
    SELECT_DOCUMENTS,
    document_of,
    save_documents,
    values_of,
)
from services.portal.domain.payments.payments import (
    PAYMENT_ACTIONS,
    Payer,
    PaymentDocument,
    after_fact,
    amount_asked,
    booked_on,
    concerns_payment,
    issue,
    make_payment_id,
    told_paid_at,
)
from services.runtime.database import NULL, Transaction, array, copy_rows, copy_text

#: A dossier: sandbox and number.
Key = tuple[str, int]

# Constraint uq_payment__ordinal.
_LAST_ORDINALS: Final = """
    SELECT w.sandbox_id, w.number, p.ordinal
    FROM unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number) CROSS JOIN LATERAL (
        SELECT max(ordinal) AS ordinal FROM payment WHERE sandbox_id = w.sandbox_id AND number = w.number
    ) AS p
    WHERE p.ordinal IS NOT NULL
"""

_ISSUED: Final = (
    "sandbox_id",
    "number",
    "ordinal",
    "payment_id",
    "kind",
    "amount_vnd",
    "issued_at",
    "state",
    "paid_at",
    "recorded_at",
    "recorded_by",
    "booked_on",
    "is_confirmed",
)

# Only what nobody else has had a hand in. Locked in the order in which the door locks documents, so that projector and
# door never wait for each other. OFFSET 0: each document by its dossier, whatever the planner believes.
_PAY: Final = """
    WITH found AS (
        SELECT u.sandbox_id, p.payment_id, u.paid_at, u.recorded_at, u.recorded_by, u.booked_on
        FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[], %s::timestamptz[], %s::text[], %s::date[])
            AS u(sandbox_id, number, paid_at, recorded_at, recorded_by, booked_on)
        CROSS JOIN LATERAL (
            SELECT payment_id, state FROM payment WHERE sandbox_id = u.sandbox_id AND number = u.number OFFSET 0
        ) AS p
        WHERE p.state = 'open' ORDER BY u.sandbox_id, p.payment_id
    ), open AS (
        SELECT found.* FROM found CROSS JOIN LATERAL (
            SELECT FROM payment
            WHERE sandbox_id = found.sandbox_id AND payment_id = found.payment_id AND state = 'open' FOR UPDATE
        ) AS locked
    )
    UPDATE payment AS p SET
        state = 'paid', paid_at = open.paid_at, recorded_at = open.recorded_at, recorded_by = open.recorded_by,
        booked_on = open.booked_on, is_confirmed = true
    FROM open WHERE p.sandbox_id = open.sandbox_id AND p.payment_id = open.payment_id
    RETURNING p.sandbox_id, p.number
"""

# In order of the key, as above. A dossier has few documents; the constraint's index leads to them.
_LOCK_OF_DOSSIERS: Final = (
    SELECT_DOCUMENTS
    + " JOIN unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number)"
    + " ON p.sandbox_id = w.sandbox_id AND p.number = w.number"
    + " ORDER BY p.sandbox_id, p.payment_id FOR UPDATE OF p"
)


class PaymentFollower:
    """`FactFollower` that opens payment documents and moves them on with their dossiers.

    Args:
        procedures: By id; their fees are what is paid when a request names no amount.
    """

    def __init__(self, procedures: Mapping[str, Procedure]) -> None:
        self._fees = {name: procedure.fee_vnd for name, procedure in procedures.items()}

    def wanted(self, block: FactBlock) -> Sequence[int]:
        """See `FactFollower.wanted`."""
        actions, before, refusals = block.facts.action, block.facts.status_before, block.facts.refusal
        if PAYMENT_ACTIONS.isdisjoint(actions) and Status.PAYMENT_REQUESTED not in before:
            return ()
        return [
            place
            for place, (action, status) in enumerate(zip(actions, before, strict=True))
            if (status == Status.PAYMENT_REQUESTED or action in PAYMENT_ACTIONS)
            and concerns_payment(action, status, refusals[place])
        ]

    def follow(self, transaction: Transaction, told: Sequence[ToldFacts]) -> None:
        """See `FactFollower.follow`."""
        stories: dict[Key, list[tuple[FactBlock, int]]] = {}
        for sandbox_id, block, places in told:
            numbers, dossiers = block.dossiers.number, block.facts.dossier
            for place in places:
                stories.setdefault((sandbox_id, numbers[dossiers[place]]), []).append((block, place))
        asked, paid, rest = _sorted_out(stories)
        rest |= self._issue(transaction, asked)
        rest |= _pay(transaction, paid)
        if rest:
            self._go_on(transaction, {key: stories[key] for key in sorted(rest)})

    def _issue(self, transaction: Transaction, stories: Mapping[Key, Sequence[tuple[FactBlock, int]]]) -> set[Key]:
        """Open a document for each, paid at once where that was told, too; returns those that name no amount."""
        if not stories:
            return set()
        arrays = [array(column) for column in zip(*stories, strict=True)]
        ordinals = {(name, number): last for name, number, last in transaction.execute(_LAST_ORDINALS, arrays)}
        lines, unasked = [], set()
        for key, story in stories.items():
            block, place = story[0]
            procedure_id = block.dossiers.procedure_id[block.facts.dossier[place]]
            wish = amount_asked(block.facts.detail[place], self._fees.get(procedure_id, 0))
            if wish is None:
                unasked.add(key)
                continue
            ordinal, issued_at = ordinals.get(key, 0) + 1, block.facts.occurred_at[place]
            payment_id = make_payment_id(wish[0], vietnamese_day(datetime.fromisoformat(issued_at)), key[1], ordinal)
            how = ("open", *[NULL] * 4, "f") if len(story) == 1 else ("paid", *_payment(*story[1]), "t")
            lines.append(
                f"{key[0]}\t{key[1]}\t{ordinal}\t{payment_id}\t{wish[0].value}\t{wish[1]}\t{issued_at}\t"
                + "\t".join(NULL if value is None else str(value) for value in how)
            )
        if lines:
            copy_text(transaction, "payment", _ISSUED, "\n".join(lines) + "\n")
        return unasked

    def _go_on(self, transaction: Transaction, stories: Mapping[Key, Sequence[tuple[FactBlock, int]]]) -> None:
        """What isn't ordinary: document by document, by the rules."""
        facts = [(key, fact) for key, story in stories.items() for block, place in story for fact in block.at([place])]
        now = _latest(transaction, list(stories))
        payers = _payers(transaction, sorted({key for key, fact in facts if _is_request(fact)}))
        new: dict[tuple[str, str], PaymentDocument] = {}
        changed: dict[tuple[str, str], PaymentDocument] = {}
        for key, fact in facts:
            known = now.get(key)
            document = self._opened(key, fact, payers, known) if _is_request(fact) else None
            if document is None and known is not None:
                document = after_fact(known, fact)
            if document is None or document is known:
                continue
            now[key] = document
            place = (document.sandbox_id, document.payment_id)
            is_new = place in new or known is None or known.payment_id != document.payment_id
            (new if is_new else changed)[place] = document
        if new:
            copy_rows(transaction, "payment", OWN_COLUMNS, (values_of(one, OWN_COLUMNS) for one in new.values()))
        save_documents(transaction, [changed[place] for place in sorted(changed)])

    def _opened(
        self, key: Key, fact: Fact, payers: Mapping[Key, Payer], known: PaymentDocument | None
    ) -> PaymentDocument | None:
        fee_vnd, ordinal = self._fees.get(fact.procedure_id, 0), known.ordinal + 1 if known else 1
        return issue(key[0], fact, payers[key], fee_vnd=fee_vnd, ordinal=ordinal)


_Stories = dict[Key, list[tuple[FactBlock, int]]]


def _sorted_out(stories: _Stories) -> tuple[_Stories, _Stories, set[Key]]:
    """Those that only ask for a payment, perhaps with the payment; those that only tell of one; and the rest."""
    asked: _Stories = {}
    paid: _Stories = {}
    rest: set[Key] = set()
    for key, story in stories.items():
        actions = [_done(*one) for one in story]
        if actions in _ASKED:
            asked[key] = story
        elif actions == [Action.PAY]:
            paid[key] = story
        else:
            rest.add(key)
    return asked, paid, rest


_ASKED: Final[Sequence[list[str | None]]] = ([Action.REQUEST_PAYMENT], [Action.REQUEST_PAYMENT, Action.PAY])


def _done(block: FactBlock, place: int) -> str | None:
    """The action that was carried out."""
    return block.facts.action[place] if block.facts.refusal[place] is None else None


def _pay(transaction: Transaction, stories: _Stories) -> set[Key]:
    """Close open documents; returns those of which there is none that nobody else has had a hand in."""
    if not stories:
        return set()
    rows = [(*key, *_payment(*story[0])) for key, story in sorted(stories.items(), key=_key)]
    paid = transaction.execute(_PAY, [array(column) for column in zip(*rows, strict=True)]).fetchall()
    return stories.keys() - {(sandbox_id, number) for sandbox_id, number in paid}


def _key(item: tuple[Key, Any]) -> Key:
    return item[0]


def _payment(block: FactBlock, place: int) -> tuple[str, str, str, str | None]:
    """How a payment without a bank's message is recorded: paid at, recorded at, recorded by, booked on."""
    facts = block.facts
    at, actor = facts.occurred_at[place], facts.actor[place]
    paid_at = told_paid_at(facts.detail[place])
    day = booked_on(actor, datetime.fromisoformat(at))
    return paid_at.isoformat() if paid_at else at, at, actor, day.isoformat() if day else None


def _is_request(fact: Fact) -> bool:
    return fact.action == Action.REQUEST_PAYMENT and fact.refusal is None


def _latest(transaction: Transaction, keys: Sequence[Key]) -> dict[Key, PaymentDocument]:
    """The latest document of each dossier, locked."""
    rows = transaction.execute(_LOCK_OF_DOSSIERS, _columns(keys)).fetchall()
    documents = sorted(map(document_of, rows), key=lambda document: document.ordinal)
    return {(document.sandbox_id, document.number): document for document in documents}


def _payers(transaction: Transaction, keys: Sequence[Key]) -> dict[Key, Payer]:
    if not keys:
        return {}
    rows = transaction.execute(
        "SELECT sandbox_id, number, partition, applicant_name, filed_at FROM filed_dossier"
        " JOIN unnest(%s::text[], %s::bigint[]) AS w(sandbox_id, number) USING (sandbox_id, number)",
        _columns(keys),
    ).fetchall()
    return {(sandbox_id, number): Payer(*rest) for sandbox_id, number, *rest in rows}


def _columns(keys: Iterable[Key]) -> list[list[Any]]:
    return list(map(list, zip(*keys, strict=True)))
