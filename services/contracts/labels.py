"""What the words of the vocabulary are called in Vietnamese and English, as pages and documents show them.

Statuses: the wording of the National Public Service Portal (domain facts 2.1). The rest is ours where no form gives it.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.contracts.catalogue import TimeUnit
from services.contracts.vocabulary import Action, Actor, ApplicantKind, Channel, ClockMode, OfficerKind, Reason, Status


class Label(NamedTuple):
    """A name in both languages."""

    vi: str
    en: str


STATUS_LABELS: Final[Mapping[Status, Label]] = {
    Status.SUBMITTED: Label("Mới đăng ký", "Newly submitted"),
    Status.RECEIVED: Label("Được tiếp nhận", "Received"),
    Status.NOT_RECEIVED: Label("Không được tiếp nhận", "Not received"),
    Status.IN_PROCESS: Label("Đang xử lý", "In process"),
    Status.SUPPLEMENT_REQUESTED: Label("Yêu cầu bổ sung giấy tờ", "Supplement requested"),
    Status.PAYMENT_REQUESTED: Label("Yêu cầu thực hiện nghĩa vụ tài chính", "Payment requested"),
    Status.WITHDRAWN: Label("Công dân yêu cầu rút hồ sơ", "Withdrawn by the applicant"),
    Status.STOPPED: Label("Dừng xử lý", "Processing stopped"),
    Status.PROCESSED: Label("Đã xử lý xong", "Processed"),
    Status.RETURNED: Label("Đã trả kết quả", "Result returned"),
}

ACTION_LABELS: Final[Mapping[Action, Label]] = {
    Action.SUBMIT: Label("Nộp hồ sơ", "File"),
    Action.RECEIVE: Label("Tiếp nhận", "Receive"),
    Action.REFUSE_INTAKE: Label("Từ chối tiếp nhận", "Refuse at intake"),
    Action.REQUEST_SUPPLEMENT: Label("Yêu cầu bổ sung", "Request a supplement"),
    Action.RESUBMIT: Label("Nộp lại hồ sơ", "Submit again"),
    Action.SUPPLEMENT: Label("Bổ sung hồ sơ", "Supplement"),
    Action.START: Label("Bắt đầu xử lý", "Start processing"),
    Action.REQUEST_PAYMENT: Label("Yêu cầu nộp tiền", "Request payment"),
    Action.PAY: Label("Hoàn thành nghĩa vụ tài chính", "Pay"),
    Action.WITHDRAW: Label("Rút hồ sơ", "Withdraw"),
    Action.STOP: Label("Dừng xử lý", "Stop"),
    Action.GRANT: Label("Giải quyết theo đề nghị", "Grant"),
    Action.REFUSE: Label("Từ chối giải quyết", "Refuse"),
    Action.RETURN_RESULT: Label("Trả kết quả", "Return the result"),
}

ACTOR_LABELS: Final[Mapping[Actor, Label]] = {
    Actor.APPLICANT: Label("Người nộp hồ sơ", "Applicant"),
    Actor.OFFICER: Label("Công chức hải quan", "Customs officer"),
    Actor.LEADER: Label("Lãnh đạo đơn vị", "Head of the office"),
    Actor.CLOCK: Label("Hết thời hạn", "Term expired"),
}

REASON_LABELS: Final[Mapping[Reason, Label]] = {
    Reason.COMPLETE: Label("Hồ sơ đầy đủ, hợp lệ", "Complete and valid"),
    Reason.NOT_COMPETENT: Label("Không thuộc thẩm quyền giải quyết", "Not for this office to decide"),
    Reason.INCOMPLETE: Label("Thiếu giấy tờ", "Papers are missing"),
    Reason.INCONSISTENT: Label("Thông tin không thống nhất", "Details don't agree"),
    Reason.AS_REQUESTED: Label("Đủ điều kiện", "Conditions are met"),
    Reason.NOT_ELIGIBLE: Label("Không đủ điều kiện", "Conditions are not met"),
    Reason.APPLICANT_SILENT: Label("Quá thời hạn bổ sung", "No supplement in time"),
    Reason.UNPAID: Label("Không thực hiện nghĩa vụ tài chính", "Not paid in time"),
    Reason.APPLICANT_WISH: Label("Theo đề nghị của người nộp", "At the applicant's wish"),
    Reason.OTHER: Label("Lý do khác", "Another reason"),
}

CHANNEL_LABELS: Final[Mapping[Channel, Label]] = {
    Channel.IN_PERSON: Label("Trực tiếp", "In person"),
    Channel.ONLINE: Label("Trực tuyến", "Online"),
    Channel.POST: Label("Bưu chính công ích", "Public post"),
}

APPLICANT_KIND_LABELS: Final[Mapping[ApplicantKind, Label]] = {
    ApplicantKind.CITIZEN: Label("Cá nhân", "Individual"),
    ApplicantKind.ENTERPRISE: Label("Doanh nghiệp", "Enterprise"),
    ApplicantKind.HOUSEHOLD: Label("Hộ kinh doanh", "Household business"),
}

CLOCK_MODE_LABELS: Final[Mapping[ClockMode, Label]] = {
    ClockMode.REAL: Label("Thời gian thực", "Real time"),
    ClockMode.SCALED: Label("Tăng tốc", "Scaled"),
    ClockMode.MANUAL: Label("Thủ công", "Manual"),
}

OFFICER_KIND_LABELS: Final[Mapping[OfficerKind, Label]] = {
    OfficerKind.ROBOT: Label("Tự động", "Robot"),
    OfficerKind.HUMAN: Label("Con người", "People"),
}

TIME_UNIT_LABELS: Final[Mapping[TimeUnit, Label]] = {
    TimeUnit.WORKING_HOURS: Label("giờ làm việc", "working hours"),
    TimeUnit.WORKING_DAYS: Label("ngày làm việc", "working days"),
    TimeUnit.CALENDAR_DAYS: Label("ngày", "days"),
}
