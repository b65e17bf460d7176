"""The words every service uses: statuses, actions, actors, reasons, channels, clock modes.

Small sets that drive decisions (`Status`, `Action`) are kept apart from the large one that explains them (`Reason`).
Which action leads from which status to which is not said here: processing owns that table and publishes it
(`services/contracts/published/lifecycle.json`).
"""

from enum import IntEnum, StrEnum
from typing import Final

from services.contracts.enumerations import quick


@quick
class Status(IntEnum):
    """The ten public statuses; the value is the code of the National Public Service Portal (field TrangThaiHoSo)."""

    SUBMITTED = 1  #: Mới đăng ký
    RECEIVED = 2  #: Được tiếp nhận
    NOT_RECEIVED = 3  #: Không được tiếp nhận
    IN_PROCESS = 4  #: Đang xử lý
    SUPPLEMENT_REQUESTED = 5  #: Yêu cầu bổ sung giấy tờ
    PAYMENT_REQUESTED = 6  #: Yêu cầu thực hiện nghĩa vụ tài chính
    WITHDRAWN = 7  #: Công dân yêu cầu rút hồ sơ
    STOPPED = 8  #: Dừng xử lý
    PROCESSED = 9  #: Đã xử lý xong
    RETURNED = 10  #: Đã trả kết quả

    @property
    def slug(self) -> str:
        """The name on the wire, such as `supplement-requested`."""
        return self.name.lower().replace("_", "-")

    @property
    def is_terminal(self) -> bool:
        """Whether nothing can happen to the dossier any more."""
        return self in TERMINAL_STATUSES


#: Nothing leaves these: refused at intake, withdrawn, stopped, returned.
TERMINAL_STATUSES: Final = frozenset({Status.NOT_RECEIVED, Status.WITHDRAWN, Status.STOPPED, Status.RETURNED})

#: Decided, for good or bad: nothing is due any more. What has been processed is still to be returned.
SETTLED_STATUSES: Final = TERMINAL_STATUSES | {Status.PROCESSED}

#: Slug on the wire to status.
STATUS_BY_SLUG: Final = {status.slug: status for status in Status}


@quick
class Action(StrEnum):
    """What can be done to a dossier."""

    SUBMIT = "submit"  #: the applicant files it
    RECEIVE = "receive"  #: accepted at intake: receipt and appointment (form 01), the time limit starts
    REFUSE_INTAKE = "refuse-intake"  #: not accepted at intake (form 03)
    REQUEST_SUPPLEMENT = "request-supplement"  #: one complete request for what is missing (form 02)
    RESUBMIT = "resubmit"  #: the applicant completes a dossier that was never received
    SUPPLEMENT = "supplement"  #: the applicant completes a dossier that had been received
    START = "start"  #: an officer takes it up
    REQUEST_PAYMENT = "request-payment"  #: a financial obligation has to be met first
    PAY = "pay"  #: the obligation is met
    WITHDRAW = "withdraw"  #: the applicant takes it back
    STOP = "stop"  #: processing ends without a result
    GRANT = "grant"  #: decided as asked
    REFUSE = "refuse"  #: decided against; the refusal (form 03) is the result
    RETURN_RESULT = "return-result"  #: the result reaches the applicant
    RESOLVE_AT_ONCE = "resolve-at-once"  #: received, decided and returned in one instant, without a receipt
    COMPLETE_STEP = "complete-step"  #: a step or milestone of the time limit is done; the next begins
    EXTEND = "extend"  #: the time limit grows as the law allows
    APOLOGIZE = "apologize"  #: it will be late: apology with a new date (form 04), once, before the due date
    FORWARD = "forward"  #: handed up to the authority that may decide
    CONSULT = "consult"  #: another unit is asked for its opinion
    GIVE_OPINION = "give-opinion"  #: the consulted unit has answered
    RECLASSIFY = "reclassify"  #: goes on under other terms, such as "inspect first"
    DEBIT = "debit"  #: the bank has debited the applicant; customs hasn't recorded it yet
    ANNOUNCE_EARLY_RESULT = "announce-early-result"  #: the applicant is told that the result is there before its date
    RATE = "rate"  #: how satisfied the applicant is
    RESCHEDULE = "reschedule"  #: the calendar has changed, and with it the due date


@quick
class Actor(StrEnum):
    """Who did it."""

    APPLICANT = "applicant"  #: the enterprise or person who filed
    OFFICER = "officer"  #: an officer of the receiving office
    LEADER = "leader"  #: the head of the office, who signs
    CLOCK = "clock"  #: a term ran out
    SYSTEM = "system"  #: decided by rule, without a person
    BANK = "bank"  #: what the payment gateway reports


@quick
class Reason(StrEnum):
    """Why; explains, decides nothing."""

    COMPLETE = "complete"  #: hồ sơ đầy đủ, hợp lệ
    NOT_COMPETENT = "not-competent"  #: không thuộc thẩm quyền giải quyết
    INCOMPLETE = "incomplete"  #: thiếu giấy tờ
    INCONSISTENT = "inconsistent"  #: thông tin không thống nhất
    AS_REQUESTED = "as-requested"  #: đủ điều kiện, giải quyết theo đề nghị
    NOT_ELIGIBLE = "not-eligible"  #: không đủ điều kiện
    APPLICANT_SILENT = "applicant-silent"  #: quá thời hạn bổ sung
    UNPAID = "unpaid"  #: không thực hiện nghĩa vụ tài chính
    APPLICANT_WISH = "applicant-wish"  #: theo đề nghị của người nộp
    COMPLEX = "complex"  #: vụ việc phức tạp
    WORKLOAD = "workload"  #: khối lượng công việc lớn
    NEEDS_OPINION = "needs-opinion"  #: cần ý kiến của đơn vị liên quan
    BEYOND_AUTHORITY = "beyond-authority"  #: vượt thẩm quyền
    HIGH_RISK = "high-risk"  #: rủi ro cao
    AUTOMATIC = "automatic"  #: hệ thống tự động giải quyết
    PAID = "paid"  #: đã nộp đủ
    CALENDAR_CHANGED = "calendar-changed"  #: lịch làm việc thay đổi
    OTHER = "other"  #: lý do khác, ghi trong phần chú thích


@quick
class Channel(StrEnum):
    """How the dossier reached the office (KenhThucHien 1, 2, 3)."""

    IN_PERSON = "in-person"  #: trực tiếp
    ONLINE = "online"  #: trực tuyến
    POST = "post"  #: bưu chính công ích


@quick
class ApplicantKind(StrEnum):
    """Who files (LoaiDoiTuong 0, 1, 2)."""

    CITIZEN = "citizen"  #: cá nhân
    ENTERPRISE = "enterprise"  #: doanh nghiệp
    HOUSEHOLD = "household"  #: hộ kinh doanh


@quick
class ClockMode(StrEnum):
    """How a sandbox's time passes."""

    REAL = "real"  #: one second a second
    SCALED = "scaled"  #: `speed` seconds a second
    MANUAL = "manual"  #: stands still until told


@quick
class OfficerKind(StrEnum):
    """Who decides in a sandbox."""

    ROBOT = "robot"  #: seeded draws take every dossier to its end
    HUMAN = "human"  #: only people act, through the portal


@quick
class Satisfaction(StrEnum):
    """How an applicant rates what was done (Circular 32/2017/TT-BTTTT art. 12)."""

    VERY_SATISFIED = "very-satisfied"  #: Rất hài lòng
    SATISFIED = "satisfied"  #: Hài lòng
    NOT_SATISFIED = "not-satisfied"  #: Chưa hài lòng


@quick
class CustomsChannel(StrEnum):
    """What check a declaration is routed to (luồng)."""

    GREEN = "green"  #: xanh: accepted without a check
    YELLOW = "yellow"  #: vàng: documents, 2 working hours
    RED = "red"  #: đỏ: goods, 8 working hours


@quick
class Refusal(StrEnum):
    """Why an action was not carried out; the problem codes of an action's answer."""

    ILLEGAL_TRANSITION = "illegal-transition"  #: the status doesn't allow the action
    ACTOR_NOT_ALLOWED = "actor-not-allowed"  #: the action belongs to somebody else
    STALE_VERSION = "stale-version"  #: the dossier has moved since it was read
    ALREADY_DONE = "already-done"  #: the law allows it once
    TOO_LATE = "too-late"  #: only before the due date
    NOT_PROVIDED = "not-provided"  #: the law gives this procedure no such thing
    STEP_OPEN = "step-open"  #: a step of the time limit before this one isn't done
    ANNOUNCEMENT_MISSING = "announcement-missing"  #: an early result has to be announced first
    UNFIT_DETAIL = "unfit-detail"  #: what was given with the action doesn't fit the dossier
