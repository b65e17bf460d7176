"""The words every service uses: statuses, actions, actors, reasons, channels, clock modes.

Small sets that drive decisions (`Status`, `Action`) are kept apart from the large one that explains them (`Reason`).
Which action leads from which status to which is not said here: processing owns that table and publishes it
(`services/contracts/published/lifecycle.json`).
"""

from enum import IntEnum, StrEnum
from typing import Final


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


class Actor(StrEnum):
    """Who did it."""

    APPLICANT = "applicant"  #: the enterprise or person who filed
    OFFICER = "officer"  #: an officer of the receiving office
    LEADER = "leader"  #: the head of the office, who signs
    CLOCK = "clock"  #: a term ran out


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
    OTHER = "other"  #: lý do khác, ghi trong phần chú thích


class Channel(StrEnum):
    """How the dossier reached the office (KenhThucHien 1, 2, 3)."""

    IN_PERSON = "in-person"  #: trực tiếp
    ONLINE = "online"  #: trực tuyến
    POST = "post"  #: bưu chính công ích


class ApplicantKind(StrEnum):
    """Who files (LoaiDoiTuong 0, 1, 2)."""

    CITIZEN = "citizen"  #: cá nhân
    ENTERPRISE = "enterprise"  #: doanh nghiệp
    HOUSEHOLD = "household"  #: hộ kinh doanh


class ClockMode(StrEnum):
    """How a sandbox's time passes."""

    REAL = "real"  #: one second a second
    SCALED = "scaled"  #: `speed` seconds a second
    MANUAL = "manual"  #: stands still until told


class OfficerKind(StrEnum):
    """Who decides in a sandbox."""

    ROBOT = "robot"  #: seeded draws take every dossier to its end
    HUMAN = "human"  #: only people act, through the portal


class Refusal(StrEnum):
    """Why an action was not carried out; the problem codes of an action's answer."""

    ILLEGAL_TRANSITION = "illegal-transition"  #: the status doesn't allow the action
    ACTOR_NOT_ALLOWED = "actor-not-allowed"  #: the action belongs to somebody else
    STALE_VERSION = "stale-version"  #: the dossier has moved since it was read
