"""Tables on papers: the way of a dossier through the office (form 05), and what is to be paid (01/BKNT, 02/BKNP)."""

from typing import Final

from services.contracts.labels import ACTION_LABELS, ACTOR_LABELS
from services.contracts.timeliness import Timeliness, timeliness
from services.contracts.vocabulary import SETTLED_STATUSES, Action, Actor
from services.portal.domain.papers.issuers import LEVEL_NAMES
from services.portal.domain.papers.papers import Moment, PaperSource, moments_of
from services.portal.domain.papers.sheets import Align, Column, Table
from services.portal.domain.papers.vietnamese import dong, short_instant
from services.portal.domain.payments.payments import PaymentDocument, PaymentKind

_TIMELINESS: Final = {
    Timeliness.EARLY: "Trước hạn",
    Timeliness.ON_TIME: "Đúng hạn",
    Timeliness.OVERDUE: "Quá hạn",
    Timeliness.WITHOUT_LIMIT: "Không quy định thời hạn",
}

_STEP_COLUMNS: Final = (
    Column("STT", 7, Align.CENTRE),
    Column("Công việc", 25),
    Column("Bộ phận, người thực hiện", 18),
    Column("Thời gian", 15, Align.CENTRE),
    Column("Kết quả", 12, Align.CENTRE),
    Column("Ghi chú", 33),
)

_PAYMENT_COLUMNS: Final = (
    Column("STT", 8, Align.CENTRE),
    Column("Nội dung khoản nộp", 44),
    Column("Tài khoản thu", 20, Align.CENTRE),
    Column("Số tiền", 28, Align.CENTRE),
)

_PAID_FOR: Final = {
    PaymentKind.TAX: "Tiền thuế, tiền chậm nộp, tiền phạt",
    PaymentKind.FEE: "Phí, lệ phí hải quan",
}


def payment_subject(payment: PaymentDocument) -> str:
    """Return what a payment is for."""
    return _PAID_FOR[payment.kind]


def steps_table(source: PaperSource) -> Table:
    """Return everything that happened to a dossier, a row each; where it was decided, whether that was in time."""
    rows = []
    for index, moment in enumerate(moments_of(source), start=1):
        entry = moment.entry
        row = (
            str(index),
            ACTION_LABELS[Action(entry.action)].vi,
            ACTOR_LABELS[Actor(entry.actor)].vi,
            short_instant(entry.occurred_at),
            _outcome(source, moment),
            _remark(moment),
        )
        rows.append(row)
    return Table(_STEP_COLUMNS, tuple(rows))


def payment_table(payment: PaymentDocument) -> Table:
    """Return what a payment document asks for."""
    row = ("1", payment_subject(payment), payment.account, dong(payment.amount_vnd))
    return Table(_PAYMENT_COLUMNS, (row,))


def _remark(moment: Moment) -> str:
    """The note, and what the action brought beside: where it went, who was asked, until when."""
    entry, detail = moment.entry, moment.entry.detail or {}
    texts = [entry.note or ""]
    if entry.action == Action.FORWARD and detail.get("to_level") in LEVEL_NAMES:
        texts.append(f"Chuyển {LEVEL_NAMES[detail['to_level']]}")
    if entry.action in {Action.CONSULT, Action.GIVE_OPINION}:
        texts.append(str(detail.get("unit", "")))
    if entry.action == Action.APOLOGIZE and moment.new_date_at:
        texts.append(f"Hẹn lại {short_instant(moment.new_date_at)}")
    return ". ".join(text for text in texts if text)


def _outcome(source: PaperSource, moment: Moment) -> str:
    """Early, on time or overdue; only where the dossier was decided, and had been received before."""
    entry = moment.entry
    is_decision = entry.action in {Action.GRANT, Action.REFUSE} and entry.status in SETTLED_STATUSES
    if not is_decision or moment.received_at is None:
        return ""
    return _TIMELINESS[timeliness(entry.occurred_at, entry.due_at, source.dossier.limit_unit)]
