"""The rules that an official report is counted by, where law and practice leave a choice (domain facts 7.3).

Each is a named switch with a default; every answer says which ones it was counted by. What each means is decided here
once for metrics, which counts, and for the portal, which asks and shows. Counts nothing itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from typing import Final

from services.contracts.labels import Label


class PeriodBy(StrEnum):
    """Which event puts a dossier into a period."""

    #: Its receipt (status 2): Circular 01/2020/TT-VPCP, form 06.
    RECEIPT = "receipt"
    #: Its filing. What was refused at intake, or ended before receipt, is left out of the period it was filed in as
    #: soon as that is known: it was never received.
    FILING = "filing"


class EarlyEnd(StrEnum):
    """Where a dossier counts that was withdrawn or stopped after receipt. The form has no column for it."""

    #: With those resolved on the due day, as offices report it (column 9 in practice).
    ON_TIME = "on-time"
    #: By its due date, like any other.
    AS_DUE = "as-due"
    #: Nowhere: neither received nor resolved, in whatever period; so it leaves earlier reports, too.
    LEFT_OUT = "left-out"


class ApologyRule(StrEnum):
    """What an apology with a new date (Decree 61/2018/NĐ-CP art. 19.9) does to the count."""

    #: Nothing: it stays overdue against the date it was due by.
    ORIGINAL_DUE = "original-due"
    #: The new date counts from the apology on.
    NEW_DATE = "new-date"


class SuspendedRule(StrEnum):
    """How a dossier counts whose time limit stands still for a supplement or a payment."""

    #: In time: nothing is running out (column 12 in practice).
    IN_TIME = "in-time"
    #: By the date it was due by before the limit stood still.
    BY_DUE = "by-due"


@dataclass(frozen=True, slots=True)
class CountingRules:
    """One choice of each; the defaults are the form's own rules and the practice of offices."""

    period_by: PeriodBy = PeriodBy.RECEIPT
    ended_early: EarlyEnd = EarlyEnd.ON_TIME
    apology: ApologyRule = ApologyRule.ORIGINAL_DUE
    suspended: SuspendedRule = SuspendedRule.IN_TIME

    def to_wire(self) -> dict[str, str]:
        """By name, as query parameters and answers have them; the rule that can't be switched is told, too."""
        return {**{field.name: str(getattr(self, field.name)) for field in fields(self)}, "supplement": SUPPLEMENT}


#: Not a switch: a dossier that was completed after receipt is one receipt and one count, with its due date computed
#: anew (domain facts 7.3, rule 2).
SUPPLEMENT: Final = "one-receipt-one-count"

#: The choices of each rule, by the name of its query parameter; the first is the default.
RULE_CHOICES: Final[Mapping[str, type[StrEnum]]] = {
    "period_by": PeriodBy,
    "ended_early": EarlyEnd,
    "apology": ApologyRule,
    "suspended": SuspendedRule,
}

#: What each rule is called.
RULE_LABELS: Final[Mapping[str, Label]] = {
    "period_by": Label("Hồ sơ thuộc kỳ theo", "A dossier belongs to the period of its"),
    "ended_early": Label("Hồ sơ rút hoặc dừng xử lý", "Withdrawn or stopped dossiers"),
    "apology": Label("Hồ sơ đã xin lỗi, hẹn lại", "After an apology with a new date"),
    "suspended": Label("Hồ sơ chờ bổ sung, chờ nộp tiền", "While a supplement or a payment is awaited"),
    "supplement": Label("Hồ sơ đã bổ sung", "After a supplement"),
}

#: What each choice is called, by rule and value.
CHOICE_LABELS: Final[Mapping[str, Mapping[str, Label]]] = {
    "period_by": {
        PeriodBy.RECEIPT: Label("ngày tiếp nhận", "receipt"),
        PeriodBy.FILING: Label("ngày nộp", "filing"),
    },
    "ended_early": {
        EarlyEnd.ON_TIME: Label("tính là đúng hạn", "count as on time"),
        EarlyEnd.AS_DUE: Label("tính theo hạn giải quyết", "count by their due date"),
        EarlyEnd.LEFT_OUT: Label("không tính", "are left out"),
    },
    "apology": {
        ApologyRule.ORIGINAL_DUE: Label("tính theo hạn ban đầu", "the first due date counts"),
        ApologyRule.NEW_DATE: Label("tính theo ngày hẹn lại", "the new date counts"),
    },
    "suspended": {
        SuspendedRule.IN_TIME: Label("tính là trong hạn", "in time"),
        SuspendedRule.BY_DUE: Label("tính theo hạn trước đó", "by the date due before"),
    },
    "supplement": {
        SUPPLEMENT: Label(
            "một lần tiếp nhận, một lần tính; hạn tính lại", "one receipt, one count; due date computed anew"
        )
    },
}
