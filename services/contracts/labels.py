"""What the words of the vocabulary are called in Vietnamese and English, as pages and documents show them.

Statuses: the wording of the National Public Service Portal (domain facts 2.1). Satisfaction: Circular 32/2017/TT-BTTTT
art. 12. Channels of declarations, ranks of authorities, forms and acts: the wording of the law where domain facts give
it. The rest is ours.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from services.contracts.catalogue import (
    AuthorityLevel,
    Effect,
    ResultKind,
    Sector,
    SilenceOutcome,
    SupplementRule,
    TimeUnit,
)
from services.contracts.vocabulary import (
    Action,
    Actor,
    ApplicantKind,
    Channel,
    ClockMode,
    CustomsChannel,
    OfficerKind,
    Reason,
    Refusal,
    Satisfaction,
    Status,
)


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
    Action.RESOLVE_AT_ONCE: Label("Giải quyết và trả kết quả ngay", "Resolve at once"),
    Action.COMPLETE_STEP: Label("Hoàn thành bước xử lý", "Complete a step"),
    Action.EXTEND: Label("Gia hạn thời hạn giải quyết", "Extend the time limit"),
    Action.APOLOGIZE: Label("Xin lỗi và hẹn lại ngày trả kết quả", "Apologise and give a new date"),
    Action.FORWARD: Label("Chuyển cấp có thẩm quyền", "Forward to the authority that may decide"),
    Action.CONSULT: Label("Lấy ý kiến đơn vị liên quan", "Consult another unit"),
    Action.GIVE_OPINION: Label("Đơn vị được lấy ý kiến trả lời", "Opinion given"),
    Action.RECLASSIFY: Label("Chuyển diện giải quyết", "Go on under other terms"),
    Action.DEBIT: Label("Ngân hàng trích nợ", "Debited by the bank"),
    Action.ANNOUNCE_EARLY_RESULT: Label("Thông báo có kết quả trước hạn", "Announce an early result"),
    Action.RATE: Label("Đánh giá mức độ hài lòng", "Rate the service"),
    Action.RESCHEDULE: Label("Điều chỉnh hạn trả kết quả", "Due date moved"),
}

ACTOR_LABELS: Final[Mapping[Actor, Label]] = {
    Actor.APPLICANT: Label("Người nộp hồ sơ", "Applicant"),
    Actor.OFFICER: Label("Công chức hải quan", "Customs officer"),
    Actor.LEADER: Label("Lãnh đạo đơn vị", "Head of the office"),
    Actor.CLOCK: Label("Hết thời hạn", "Term expired"),
    Actor.SYSTEM: Label("Hệ thống", "System"),
    Actor.BANK: Label("Ngân hàng", "Bank"),
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
    Reason.COMPLEX: Label("Vụ việc phức tạp", "The case is complex"),
    Reason.WORKLOAD: Label("Khối lượng công việc lớn", "Heavy workload"),
    Reason.NEEDS_OPINION: Label("Cần ý kiến của đơn vị liên quan", "Another unit's opinion is needed"),
    Reason.BEYOND_AUTHORITY: Label("Vượt thẩm quyền giải quyết", "Beyond this office's authority"),
    Reason.HIGH_RISK: Label("Rủi ro cao", "High risk"),
    Reason.AUTOMATIC: Label("Hệ thống tự động giải quyết", "Resolved automatically"),
    Reason.PAID: Label("Đã nộp đủ", "Paid in full"),
    Reason.CALENDAR_CHANGED: Label("Lịch làm việc thay đổi", "The working calendar has changed"),
    Reason.OTHER: Label("Lý do khác", "Another reason"),
}

REFUSAL_LABELS: Final[Mapping[Refusal, Label]] = {
    Refusal.ILLEGAL_TRANSITION: Label(
        "Trạng thái hồ sơ không cho phép thao tác này", "The dossier's status doesn't allow this"
    ),
    Refusal.ACTOR_NOT_ALLOWED: Label("Người thực hiện không có quyền này", "This is somebody else's to do"),
    Refusal.STALE_VERSION: Label("Hồ sơ đã thay đổi sau khi được xem", "The dossier has changed since it was read"),
    Refusal.ALREADY_DONE: Label("Chỉ được thực hiện một lần và đã thực hiện", "Allowed once, and done already"),
    Refusal.TOO_LATE: Label("Đã quá thời hạn được thực hiện", "Too late: only before the due date"),
    Refusal.NOT_PROVIDED: Label(
        "Pháp luật không quy định việc này đối với thủ tục", "The law gives this procedure no such thing"
    ),
    Refusal.STEP_OPEN: Label("Bước xử lý trước đó chưa hoàn thành", "An earlier step isn't done yet"),
    Refusal.ANNOUNCEMENT_MISSING: Label(
        "Chưa thông báo trước cho người nộp về kết quả sớm", "An early result has to be announced first"
    ),
    Refusal.UNFIT_DETAIL: Label("Thông tin kèm theo không phù hợp với hồ sơ", "The details don't fit the dossier"),
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

SATISFACTION_LABELS: Final[Mapping[Satisfaction, Label]] = {
    Satisfaction.VERY_SATISFIED: Label("Rất hài lòng", "Very satisfied"),
    Satisfaction.SATISFIED: Label("Hài lòng", "Satisfied"),
    Satisfaction.NOT_SATISFIED: Label("Chưa hài lòng", "Not satisfied"),
}

CUSTOMS_CHANNEL_LABELS: Final[Mapping[CustomsChannel, Label]] = {
    CustomsChannel.GREEN: Label("Luồng xanh", "Green channel"),
    CustomsChannel.YELLOW: Label("Luồng vàng", "Yellow channel"),
    CustomsChannel.RED: Label("Luồng đỏ", "Red channel"),
}

#: Traits that registers give, with what they and their values are called.
REGISTER_TRAIT_LABELS: Final[Mapping[str, tuple[Label, Mapping[str, Label]]]] = {
    "track": (
        Label("Diện hoàn thuế", "Kind of refund"),
        {
            "refund-first": Label("hoàn thuế trước, kiểm tra sau", "refund first, inspect later"),
            "inspect-first": Label("kiểm tra trước, hoàn thuế sau", "inspect first, refund later"),
        },
    ),
    "customs_channel": (
        Label("Luồng", "Channel"),
        {channel.value: label for channel, label in CUSTOMS_CHANNEL_LABELS.items()},
    ),
}

SECTOR_LABELS: Final[Mapping[Sector, Label]] = {
    Sector.SUPERVISION: Label("Giám sát quản lý về hải quan", "Customs supervision"),
    Sector.TAX: Label("Thuế xuất nhập khẩu", "Import and export tax"),
    Sector.POST_CLEARANCE_AUDIT: Label("Kiểm tra sau thông quan", "Post-clearance audit"),
    Sector.RISK_AND_PRIORITY: Label("Quản lý rủi ro, doanh nghiệp ưu tiên", "Risk management, priority enterprises"),
    Sector.INFORMATION_TECHNOLOGY: Label("Công nghệ thông tin", "Information technology"),
}

AUTHORITY_LEVEL_LABELS: Final[Mapping[AuthorityLevel, Label]] = {
    AuthorityLevel.BRANCH: Label("Chi cục", "Branch"),
    AuthorityLevel.DEPARTMENT: Label("Cục", "Department"),
    AuthorityLevel.GENERAL_DEPARTMENT: Label("Tổng cục", "General Department"),
    AuthorityLevel.MINISTRY: Label("Bộ Tài chính, Thủ tướng Chính phủ", "Ministry of Finance, Prime Minister"),
}

RESULT_KIND_LABELS: Final[Mapping[ResultKind, Label]] = {
    ResultKind.CONFIRMATION: Label("Văn bản chấp nhận, xác nhận", "Confirmation"),
    ResultKind.DECISION: Label("Quyết định", "Decision"),
    ResultKind.CERTIFICATE: Label("Giấy chứng nhận", "Certificate"),
    ResultKind.PERMIT: Label("Giấy phép", "Permit"),
    ResultKind.NOTICE: Label("Thông báo", "Notice"),
    ResultKind.RULING: Label("Thông báo kết quả xác định trước", "Advance ruling"),
    ResultKind.CODE: Label("Cấp số, cấp mã, tài khoản", "Number, code or account"),
}

EFFECT_LABELS: Final[Mapping[Effect, Label]] = {
    Effect.CLEAR_DECLARATION: Label("Thông quan tờ khai", "Declaration cleared"),
    Effect.AMEND_DECLARATION: Label("Sửa đổi tờ khai", "Declaration amended"),
    Effect.CANCEL_DECLARATION: Label("Hủy tờ khai", "Declaration cancelled"),
    Effect.REFUND_TAX: Label("Hoàn thuế hoặc không thu thuế", "Tax refunded or not collected"),
    Effect.EXTEND_STORAGE: Label("Gia hạn thời gian lưu giữ hàng", "Storage extended"),
    Effect.AMEND_MANIFEST: Label("Sửa đổi bản khai hàng hóa", "Manifest amended"),
    Effect.REGISTER_FACILITY: Label("Ghi nhận cơ sở sản xuất", "Production facility registered"),
    Effect.FILE_SETTLEMENT_REPORT: Label("Ghi nhận báo cáo quyết toán", "Settlement report filed"),
    Effect.ISSUE_CARGO_ID: Label("Cấp số định danh hàng hóa", "Cargo identification issued"),
}

SILENCE_OUTCOME_LABELS: Final[Mapping[SilenceOutcome, Label]] = {
    SilenceOutcome.STOP: Label("Hồ sơ bị hủy, dừng xử lý", "The dossier is void and stopped"),
    SilenceOutcome.REFUSE: Label("Từ chối giải quyết", "The dossier is refused"),
    SilenceOutcome.RECLASSIFY: Label("Chuyển diện giải quyết", "The dossier goes on under other terms"),
}

SUPPLEMENT_RULE_LABELS: Final[Mapping[SupplementRule, Label]] = {
    SupplementRule.RESTART: Label("Tính lại thời hạn từ đầu", "The time limit is counted again from zero"),
    SupplementRule.PAUSE: Label("Không tính thời gian bổ sung", "The time of the supplement isn't counted"),
}
