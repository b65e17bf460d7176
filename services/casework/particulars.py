"""What only few dossiers have: what was asked, promised, forwarded, consulted, debited.

Plain values, tuples because these are made many times faster than frozen classes. They say what has been done, not
whether it may be: `services.casework.acts` does.
"""

from datetime import datetime
from typing import Final, NamedTuple

from services.contracts.catalogue import AuthorityLevel


class Consultation(NamedTuple):
    """Another unit that has been asked for its opinion and hasn't answered yet."""

    unit: str
    answer_by: datetime


class Debit(NamedTuple):
    """A payment that the bank has debited and customs hasn't recorded yet."""

    paid_at: datetime
    payment_id: str
    recorded_on: datetime  #: when the payment message reaches customs: the dossier goes on then


class Particulars(NamedTuple):
    """What has been done to a dossier beside what its status and its time limit say.

    Attributes:
        asked_before_receipt: For a supplement; one complete request is all an office has (NĐ 61/2018 Đ15.3).
        asked_after_receipt: For a supplement; likewise.
        payments_asked: How often a payment was requested.
        debit: Under way now.
        new_date_at: What the apology promised.
        authority_level: The level it was forwarded to; None: still where its procedure begins.
        consultation: Open now.
        consultations: How many there were, with the open one.
        is_announced: The applicant has been told of the early result.
        is_rated: The applicant has said how satisfied they are.
        acted_at: The last thing that changed no status, if anything since the dossier came into its status: what is
            planned is counted from here. A due date that moved with the calendar isn't something done.
    """

    asked_before_receipt: bool = False
    asked_after_receipt: bool = False
    payments_asked: int = 0
    debit: Debit | None = None
    new_date_at: datetime | None = None
    authority_level: AuthorityLevel | None = None
    consultation: Consultation | None = None
    consultations: int = 0
    is_announced: bool = False
    is_rated: bool = False
    acted_at: datetime | None = None


#: Of nearly every dossier; shared, so that it costs nothing.
NOTHING_PARTICULAR: Final = Particulars()
