"""What the payment and Treasury routes take and give."""

from marshmallow import Schema, fields, validate

from services.portal.api.schemas import LabelSchema
from services.portal.api.strict_fields import Instant, StrictSchema, Truth, Whole
from services.portal.application.payments import LINES_AT_MOST, Standing
from services.portal.domain.payments.payments import PaymentKind, PaymentState

#: Identification numbers as we give them; what a bank tells may be anything like it.
PAYMENT_ID_PATTERN = r"^[0-9]{14,40}$"
_TOLD_NUMBER_PATTERN = r"^[0-9A-Za-z-]{1,40}$"

#: A bank's own ids: of messages and of debits.
_BANK_ID_PATTERN = r"^[0-9A-Za-z._-]{1,64}$"

_BANK_CODE_PATTERN = r"^[0-9A-Z]{2,12}$"

#: Above every amount that there can be, within what the database counts.
LARGEST_AMOUNT_VND = 10**15


def _text(pattern: str, description: str, example: str) -> fields.String:
    return fields.String(
        required=True,
        # Python's $ also takes a line end behind it.
        validate=validate.Regexp(pattern.removesuffix("$") + r"\Z"),
        metadata={"description": description, "pattern": pattern, "example": example},
    )


def _page_size() -> fields.Integer:
    return fields.Integer(
        load_default=50, validate=validate.Range(min=1, max=500), metadata={"description": "Page size."}
    )


class PaymentQuerySchema(StrictSchema):
    """Which documents to list."""

    state = fields.String(
        validate=validate.OneOf([state.value for state in PaymentState]), metadata={"description": "Only this state."}
    )
    dossier = fields.String(
        validate=validate.Regexp(r"^[0-9A-Z.-]{20,60}$"), metadata={"description": "Only of this dossier, by its id."}
    )
    applicant = fields.String(
        validate=validate.Regexp(r"^[0-9]{9,12}(-[0-9]{3})?$"), metadata={"description": "Tax code or personal number."}
    )
    limit = _page_size()
    cursor = fields.String(
        validate=validate.Regexp(PAYMENT_ID_PATTERN), metadata={"description": "`next_cursor` of the page before."}
    )


class BankQuerySchema(StrictSchema):
    """What a bank asks before it debits."""

    bank = _text(_BANK_CODE_PATTERN, "Code from /api/v1/payments/banks.", "VCB")
    payment_id = _text(_TOLD_NUMBER_PATTERN, "Identification number as the payer told it.", "11811000012326")


class DebitLineSchema(StrictSchema):
    """One payment."""

    debit_reference = _text(_BANK_ID_PATTERN, "The bank's own number of the debit.", "FT18156.0001")
    payment_id = _text(_TOLD_NUMBER_PATTERN, "Identification number of the document.", "11811000012326")
    amount_vnd = Whole(
        required=True,
        validate=validate.Range(min=1, max=LARGEST_AMOUNT_VND),
        metadata={
            "type": "integer",
            "minimum": 1,
            "maximum": LARGEST_AMOUNT_VND,
            "description": "What was debited, in dong.",
        },
    )
    tax_code = _text(r"^[0-9A-Za-z-]{1,20}$", "Who has to pay, as on the document.", "0100109106")
    account = _text(r"^[0-9A-Za-z.-]{1,40}$", "The Treasury's account, as on the document.", "7111.30CF")
    paid_at = Instant(
        required=True,
        metadata={
            "type": "string",
            "format": "date-time",
            "description": "When the core banking system confirmed the debit: not before the document was issued, not"
            " in the future.",
        },
    )
    after_cut_off = Truth(
        load_default=None,
        allow_none=True,
        metadata={
            "type": "boolean",
            "description": "Whether it came after the bank's cut-off; null: by the time in /api/v1/payments/banks.",
        },
    )


class PaymentMessageSchema(StrictSchema):
    """A bank's payment message: one line a document."""

    bank = _text(_BANK_CODE_PATTERN, "Code from /api/v1/payments/banks.", "VCB")
    message_id = _text(_BANK_ID_PATTERN, "The bank's own; sent again it is answered alike.", "VCB-20180605-1")
    payments = fields.List(
        fields.Nested(DebitLineSchema), required=True, validate=validate.Length(min=1, max=LINES_AT_MOST)
    )


class CancellationRequestSchema(StrictSchema):
    """A debit that the bank takes back."""

    bank = _text(_BANK_CODE_PATTERN, "Code from /api/v1/payments/banks.", "VCB")
    debit_reference = _text(_BANK_ID_PATTERN, "The bank's own number of the debit.", "FT18156.0001")


class StatementQuerySchema(StrictSchema):
    """Which entries of a statement."""

    standing = fields.String(
        validate=validate.OneOf([standing.value for standing in Standing]),
        metadata={"description": "Only entries that stand so."},
    )
    limit = _page_size()
    cursor = fields.String(
        validate=validate.Regexp(r"^[dp]/[0-9A-Za-z._/-]{1,120}$"),
        metadata={"description": "`next_cursor` of the page before."},
    )


class PayerSchema(Schema):
    """Who has to pay."""

    identifier = fields.String(required=True)
    name = fields.String(required=True)


class LateInterestSchema(Schema):
    """Interest for paying late; shown, not part of the amount."""

    days = fields.Integer(required=True)
    amount_vnd = fields.Integer(required=True)


class PaymentSchema(Schema):
    """A payment document."""

    payment_id = fields.String(required=True, metadata={"description": "Số định danh hồ sơ."})
    form = fields.String(required=True, metadata={"description": "01/BKNT or 02/BKNP."})
    kind = fields.String(required=True, validate=validate.OneOf([kind.value for kind in PaymentKind]))
    kind_label = fields.Nested(LabelSchema, required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in PaymentState]))
    state_label = fields.Nested(LabelSchema, required=True)
    status_code = fields.Integer(required=True, metadata={"description": "TrangThaiThanhToan: 1 paid, 0 not."})
    dossier_id = fields.String(required=True)
    procedure = fields.String(required=True)
    office = fields.String(required=True)
    payer = fields.Nested(PayerSchema, required=True)
    amount_vnd = fields.Integer(required=True)
    account = fields.String(required=True, metadata={"description": "The Treasury's."})
    issued_at = fields.DateTime(required=True)
    due_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Null where no law says so."})
    late_interest = fields.Nested(LateInterestSchema, required=True, allow_none=True)
    paid_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "The bank's debit."})
    recorded_at = fields.DateTime(required=True, allow_none=True, metadata={"description": "Recorded by customs."})
    recorded_by = fields.String(required=True, allow_none=True)
    bank = fields.String(required=True, allow_none=True)
    debit_reference = fields.String(required=True, allow_none=True)
    booked_on = fields.Date(required=True, allow_none=True, metadata={"description": "Booked by the Treasury."})
    cancelled_at = fields.DateTime(required=True, allow_none=True)
    pay_url = fields.String(required=True, metadata={"description": "The hosted pay page; needs no signing in."})


class FullPaymentSchema(PaymentSchema):
    """A payment document with what it refers to."""

    declaration_number = fields.String(required=True, allow_none=True)


class PaymentPageSchema(Schema):
    """A page of documents, in order of their identification numbers."""

    items = fields.List(fields.Nested(PaymentSchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)


class BankSchema(Schema):
    """A bank."""

    code = fields.String(required=True)
    name = fields.Nested(LabelSchema, required=True)
    cut_off = fields.String(
        required=True, allow_none=True, metadata={"description": "Local time; null: sends round the clock."}
    )


class BankListSchema(Schema):
    """All banks that payers can choose."""

    items = fields.List(fields.Nested(BankSchema), required=True)


class PaymentErrorSchema(Schema):
    """An error code."""

    code = fields.String(required=True)
    name = fields.String(required=True)
    meaning = fields.Nested(LabelSchema, required=True)
    advice = fields.Nested(LabelSchema, required=True)


class PaymentErrorListSchema(Schema):
    """All error codes."""

    items = fields.List(fields.Nested(PaymentErrorSchema), required=True)


class BankQueryAnswerSchema(Schema):
    """What a bank is answered that asks for a document."""

    payment_id = fields.String(required=True)
    may_be_paid = fields.Boolean(required=True)
    document = fields.Nested(FullPaymentSchema, required=True, allow_none=True)
    error = fields.Nested(PaymentErrorSchema, required=True, allow_none=True)


class PaymentResultSchema(Schema):
    """What became of one payment of a message."""

    debit_reference = fields.String(required=True)
    payment_id = fields.String(required=True)
    amount_vnd = fields.Integer(required=True)
    paid_at = fields.DateTime(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["recorded", "to-be-recorded", "refused"]))
    record_at = fields.DateTime(required=True, allow_none=True)
    errors = fields.List(fields.Nested(PaymentErrorSchema), required=True)


class MessageAnswerSchema(Schema):
    """What a payment message is answered."""

    bank = fields.String(required=True)
    message_id = fields.String(required=True)
    received_at = fields.DateTime(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["accepted", "refused", "partly-refused"]))
    results = fields.List(fields.Nested(PaymentResultSchema), required=True)


class CancellationSchema(Schema):
    """What became of a debit that a bank wants to take back."""

    bank = fields.String(required=True)
    debit_reference = fields.String(required=True)
    outcome = fields.String(required=True, validate=validate.OneOf(["cancelled", "refused"]))
    error = fields.Nested(PaymentErrorSchema, required=True, allow_none=True)


class StandingTotalSchema(Schema):
    """Entries together."""

    entry_count = fields.Integer(required=True)
    amount_vnd = fields.Integer(required=True)


class StatementEntrySchema(Schema):
    """One entry."""

    standing = fields.String(required=True, validate=validate.OneOf([standing.value for standing in Standing]))
    payment_id = fields.String(required=True)
    bank = fields.String(required=True, allow_none=True)
    debit_reference = fields.String(required=True, allow_none=True)
    amount_vnd = fields.Integer(required=True)
    paid_at = fields.DateTime(required=True, allow_none=True)
    booked_on = fields.Date(required=True, allow_none=True)
    recorded_at = fields.DateTime(required=True, allow_none=True)
    result = fields.String(
        required=True, allow_none=True, metadata={"description": "What the bank was answered; null: nobody asked."}
    )


class StatementTotalsSchema(Schema):
    """What the Treasury has booked and customs recorded, and how it stands."""

    booked = fields.Nested(StandingTotalSchema, required=True)
    recorded = fields.Nested(StandingTotalSchema, required=True)
    difference_vnd = fields.Integer(required=True, metadata={"description": "Booked less recorded."})
    matched = fields.Nested(StandingTotalSchema, required=True)
    debit_without_record = fields.Nested(StandingTotalSchema, required=True)
    record_without_debit = fields.Nested(StandingTotalSchema, required=True)
    in_transit = fields.Nested(StandingTotalSchema, required=True)


class StatementSchema(Schema):
    """The Treasury's statement of a day, and customs' reconciliation."""

    day = fields.Date(required=True)
    available_at = fields.DateTime(required=True)
    totals = fields.Nested(StatementTotalsSchema, required=True)
    items = fields.List(fields.Nested(StatementEntrySchema), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
