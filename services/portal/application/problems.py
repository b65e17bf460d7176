"""Every problem that the portal tells its callers: code, status, and the sentence in both languages.

One table; the reference page `docs/reference/problems.md` and `/docs/problems` are made from it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.runtime.errors import ProblemError


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """What can go wrong, and the templates of its sentence."""

    status: int
    detail_en: str
    detail_vi: str


PROBLEMS: Final[Mapping[str, ProblemKind]] = {
    "key-missing": ProblemKind(
        401,
        "Send your sandbox's key in the header `Authorization: Bearer <key>`.",
        "Hãy gửi khóa của môi trường thử trong tiêu đề `Authorization: Bearer <khóa>`.",
    ),
    "key-unknown": ProblemKind(401, "This key opens no sandbox.", "Khóa này không mở môi trường thử nào."),
    "admin-key-needed": ProblemKind(
        403, "Only the administrator's key may do this.", "Chỉ khóa quản trị mới được làm việc này."
    ),
    "sandbox-key-needed": ProblemKind(
        403,
        "This needs the key of a sandbox; the administrator's key has none of its own.",
        "Việc này cần khóa của một môi trường thử; khóa quản trị không thuộc môi trường nào.",
    ),
    "malformed-json": ProblemKind(
        400, "The body is not valid JSON: {reason}", "Nội dung không phải JSON hợp lệ: {reason}"
    ),
    "wrong-content-type": ProblemKind(
        415, "Send {expected}, not {actual}.", "Hãy gửi {expected}, không phải {actual}."
    ),
    "body-too-large": ProblemKind(
        413, "The body is larger than {limit_bytes} bytes.", "Nội dung lớn hơn {limit_bytes} byte."
    ),
    "incomplete-body": ProblemKind(
        400,
        "The body broke off after {received_bytes} of {announced_bytes} bytes; nothing of it was taken. Send it again.",
        "Nội dung bị ngắt sau {received_bytes} trên {announced_bytes} byte; chưa nhận phần nào. Hãy gửi lại.",
    ),
    "length-required": ProblemKind(
        411,
        "Send {kind} with Content-Length: without it nobody can tell whether the body broke off.",
        "Hãy gửi {kind} kèm Content-Length: thiếu nó thì không biết được nội dung có bị ngắt giữa chừng hay không.",
    ),
    "too-many-lines": ProblemKind(413, "At most {limit} lines in one request.", "Mỗi yêu cầu tối đa {limit} dòng."),
    "invalid-body": ProblemKind(
        422, "{count} field(s) are not as they should be; see errors.", "Có {count} trường chưa đúng; xem errors."
    ),
    "invalid-query": ProblemKind(
        422,
        "{count} query parameter(s) are not as they should be; see errors.",
        "Có {count} tham số chưa đúng; xem errors.",
    ),
    "invalid-header": ProblemKind(422, "The header {header} is not as it should be.", "Tiêu đề {header} chưa đúng."),
    "unknown-procedure": ProblemKind(
        422,
        "There is no procedure `{procedure}`; see /api/v1/procedures.",
        "Không có thủ tục `{procedure}`; xem /api/v1/procedures.",
    ),
    "unknown-office": ProblemKind(
        422,
        "There is no customs office `{office}`; see /api/v1/offices.",
        "Không có đơn vị hải quan `{office}`; xem /api/v1/offices.",
    ),
    "procedure-not-in-force": ProblemKind(
        422,
        "The procedure `{procedure}` can be filed from {first} to {last}; {day} is outside.",
        "Thủ tục `{procedure}` chỉ được nộp từ {first} đến {last}; ngày {day} nằm ngoài.",
    ),
    "not-in-register": ProblemKind(
        422,
        "{count} field(s) name something that the registers don't have for this applicant; see errors.",
        "Có {count} trường không khớp với dữ liệu đăng ký của người nộp; xem errors.",
    ),
    "not-found": ProblemKind(404, "There is no {what} `{name}` here.", "Không có {what} `{name}` ở đây."),
    "filed-at-not-allowed": ProblemKind(
        422,
        "`filed_at` can be given only while the sandbox's clock is manual.",
        "Chỉ được đặt `filed_at` khi đồng hồ của môi trường thử ở chế độ thủ công.",
    ),
    "filed-at-out-of-range": ProblemKind(
        422,
        "`filed_at` must lie between the sandbox's now ({now}) and {latest}.",
        "`filed_at` phải nằm giữa thời điểm hiện tại ({now}) và {latest}.",
    ),
    "illegal-transition": ProblemKind(
        409,
        "A dossier in status `{status}` doesn't allow `{action}`; allowed now: {allowed}.",
        "Hồ sơ ở trạng thái `{status}` không cho phép `{action}`; hiện cho phép: {allowed}.",
    ),
    "actor-not-allowed": ProblemKind(
        409, "`{action}` is not for the {actor}.", "`{action}` không thuộc quyền của {actor}."
    ),
    "already-done": ProblemKind(
        409,
        "`{action}` has been done as often as the law allows; the last step ends with the decision.",
        "`{action}` đã được thực hiện đủ số lần pháp luật cho phép; bước cuối kết thúc bằng quyết định giải quyết.",
    ),
    "too-late": ProblemKind(
        409,
        "`{action}` is possible only before the dossier is due, and that has passed.",
        "Chỉ được `{action}` trước hạn trả kết quả, và hạn đó đã qua.",
    ),
    "not-provided": ProblemKind(
        409,
        "The law gives this procedure no `{action}`, or none in the state of this dossier.",
        "Pháp luật không quy định `{action}` cho thủ tục này, hoặc cho hồ sơ ở tình trạng này.",
    ),
    "step-open": ProblemKind(
        409,
        "A step of the time limit before this one isn't done; see /api/v1/dossiers/{dossier_id}/deadline.",
        "Một bước trước đó của thời hạn chưa hoàn thành; xem /api/v1/dossiers/{dossier_id}/deadline.",
    ),
    "announcement-missing": ProblemKind(
        409,
        "The result is there before its date: the applicant has to be told first (`announce-early-result`).",
        "Kết quả có trước hạn: phải thông báo trước cho người nộp hồ sơ (`announce-early-result`).",
    ),
    "unfit-detail": ProblemKind(
        409,
        "What `{action}` needs in `detail` is missing, or what was given doesn't fit this dossier as it stands.",
        "Nội dung mà `{action}` cần trong `detail` bị thiếu hoặc không phù hợp với tình trạng hiện tại của hồ sơ này.",
    ),
    "not-filed-yet": ProblemKind(
        409,
        "The dossier is filed for {filed_at}; the sandbox's clock hasn't come to that yet.",
        "Hồ sơ được hẹn nộp lúc {filed_at}; đồng hồ của môi trường thử chưa tới thời điểm đó.",
    ),
    "stale-version": ProblemKind(
        412,
        "The dossier has changed since you read it; read it again (its ETag is {etag}).",
        "Hồ sơ đã thay đổi sau khi bạn đọc; hãy đọc lại (ETag hiện tại {etag}).",
    ),
    "idempotency-key-reused": ProblemKind(
        422,
        "This Idempotency-Key was used for another request.",
        "Idempotency-Key này đã được dùng cho một yêu cầu khác.",
    ),
    "clock-not-manual": ProblemKind(
        409,
        "Only a manual clock can be advanced; this one is `{mode}`. Set the mode first.",
        "Chỉ đồng hồ thủ công mới tua được; đồng hồ này đang ở chế độ `{mode}`. Hãy đổi chế độ trước.",
    ),
    "clock-backwards": ProblemKind(
        409, "The clock shows {now}; it can't go back to {to}.", "Đồng hồ đang chỉ {now}; không thể lùi về {to}."
    ),
    "sequence-not-given": ProblemKind(
        422,
        "Nothing was asked under {sequence} in partition {partition} yet, so that waiting for it would be in vain. Give"
        " `sequences` as an answer of the clock gave them.",
        "Chưa có yêu cầu nào mang số {sequence} ở phân vùng {partition} nên không có gì để chờ. Hãy gửi `sequences`"
        " đúng như câu trả lời trước của đồng hồ.",
    ),
    "clock-out-of-range": ProblemKind(
        422,
        "The calendar is known from {first} to {last}; {to} is outside.",
        "Lịch làm việc chỉ có từ {first} đến {last}; {to} nằm ngoài.",
    ),
    "day-outside-calendar": ProblemKind(
        422,
        "The calendar is known from {first} to {last}; {day} is outside.",
        "Lịch làm việc chỉ có từ {first} đến {last}; ngày {day} nằm ngoài.",
    ),
    "too-many-days-off": ProblemKind(
        422,
        "With {day} off the year {year} has fewer than {limit} working days.",
        "Nếu nghỉ thêm ngày {day} thì năm {year} còn ít hơn {limit} ngày làm việc.",
    ),
    "too-many-decisions": ProblemKind(
        409,
        "A sandbox takes at most {limit} decisions on its calendar.",
        "Mỗi môi trường thử nhận tối đa {limit} quyết định về lịch làm việc.",
    ),
    "unknown-unit": ProblemKind(
        422,
        "There is no unit `{unit}`: give the code of an office, of a department (its first two characters), or `all`.",
        "Không có đơn vị `{unit}`: hãy ghi mã chi cục, mã cục (hai ký tự đầu) hoặc `all`.",
    ),
    "period-ahead": ProblemKind(
        422,
        "The period reaches {day}, and the sandbox's clock has come to {today}: what will be pending isn't known yet.",
        "Kỳ báo cáo đến {day}, đồng hồ của môi trường thử mới đến {today}: chưa biết hồ sơ nào sẽ còn tồn.",
    ),
    "report-broken": ProblemKind(
        500,
        "The sums that every report must keep don't hold, so there is none; POST /api/v1/statistics/recount says why.",
        "Số liệu không khớp các đẳng thức của biểu nên không lập báo cáo; xem POST /api/v1/statistics/recount.",
    ),
    "metrics-unavailable": ProblemKind(
        503,
        "The metrics service doesn't answer right now; filing and processing go on.",
        "Dịch vụ thống kê chưa trả lời; việc nộp và xử lý hồ sơ vẫn tiếp tục.",
    ),
    "waiting-times-busy": ProblemKind(
        503,
        "Waiting times of every dossier are being counted for others already; try again in a moment.",
        "Đang tính thời gian chờ của toàn bộ hồ sơ theo các yêu cầu khác; hãy thử lại sau giây lát.",
    ),
    "waiting-times-timeout": ProblemKind(
        503,
        "Counting the waiting times of every dossier took too long and was given up; try again when less is going on.",
        "Việc tính thời gian chờ của toàn bộ hồ sơ kéo dài quá lâu nên đã dừng; hãy thử lại khi hệ thống bớt tải.",
    ),
    "unavailable": ProblemKind(
        503, "The database can't be reached right now; try again.", "Chưa kết nối được cơ sở dữ liệu; hãy thử lại."
    ),
    "unknown-bank": ProblemKind(
        422,
        "There is no bank `{bank}`; see /api/v1/payments/banks.",
        "Không có ngân hàng `{bank}`; xem /api/v1/payments/banks.",
    ),
    "bank-message-reused": ProblemKind(
        422,
        "The bank has sent message `{message}` before, with another content.",
        "Ngân hàng đã gửi thông điệp `{message}` với nội dung khác.",
    ),
    "statement-not-ready": ProblemKind(
        409,
        "The Treasury's statement of {day} comes at {available}.",
        "Sổ phụ của Kho bạc ngày {day} có vào lúc {available}.",
    ),
    "statement-unknown-day": ProblemKind(
        422,
        "There can be no statement of {day}: the calendar doesn't know the days around it.",
        "Không thể có sổ phụ ngày {day}: lịch làm việc không có các ngày quanh đó.",
    ),
    "declaration-exists": ProblemKind(
        409,
        "Declaration {number} is in the register already.",
        "Tờ khai {number} đã có trong sổ đăng ký.",
    ),
    "declaration-number-reserved": ProblemKind(
        422,
        "Numbers that begin with 100 or 300, such as {number}, are given by this register; enter one of another range.",
        "Các số bắt đầu bằng 100 hoặc 300, như {number}, do hệ thống này cấp; hãy nhập số khác.",
    ),
    "declaration-not-current": ProblemKind(
        409,
        "{number} isn't the current number of this declaration; send {message} with {current}.",
        "{number} không phải số hiện hành của tờ khai; hãy gửi {message} với số {current}.",
    ),
    "declaration-not-open": ProblemKind(
        409,
        "Declaration {number} is `{state}`; {message} works only before clearance. Now: file a dossier of `{instead}`.",
        "Tờ khai {number} {state}; {message} chỉ dùng trước thông quan. Hãy nộp hồ sơ `{instead}`.",
    ),
    "declaration-closed": ProblemKind(
        409,
        "Declaration {number} is `{state}`; nothing can be changed any more. Now: register another one.",
        "Tờ khai {number} {state}; không thể thay đổi nữa. Hãy đăng ký tờ khai khác.",
    ),
    "declaration-full": ProblemKind(
        409,
        "Declaration {number} has been amended nine times; its number has no room for more. Now: cancel it and register"
        " another one.",
        "Tờ khai {number} đã khai bổ sung chín lần; số tờ khai không còn nhánh. Hãy hủy và đăng ký tờ khai khác.",
    ),
    "entry-exists": ProblemKind(
        409, "There is a {what} `{name}` in the register already.", "Đã có {what} `{name}` trong sổ đăng ký."
    ),
    "entry-number-reserved": ProblemKind(
        422,
        "Numbers of the form of `{name}` are given by the register; leave it out, or enter another one.",
        "Các số theo mẫu của `{name}` do hệ thống cấp; hãy bỏ trống hoặc nhập số khác.",
    ),
    "papers-busy": ProblemKind(
        503,
        "Many papers are being made right now; try again in a moment.",
        "Đang lập nhiều giấy tờ cùng lúc; hãy thử lại sau giây lát.",
    ),
    "attachment-empty": ProblemKind(422, "The file is empty.", "Tệp rỗng."),
    "attachment-kind-not-taken": ProblemKind(
        415,
        "By its content the file is none of the kinds that are taken: {kinds}.",
        "Theo nội dung, tệp không thuộc các loại được nhận: {kinds}.",
    ),
    "attachments-full": ProblemKind(
        409,
        "At most {limit} files of {limit_bytes} bytes together may wait in this sandbox for a dossier; hand some in,"
        " or wait until they expire.",
        "Môi trường thử giữ tối đa {limit} tệp chưa thuộc hồ sơ nào, tổng cộng {limit_bytes} byte; hãy nộp cùng hồ sơ"
        " hoặc chờ hết hạn.",
    ),
    "attachment-not-available": ProblemKind(
        422,
        "{count} file(s) can't be handed in; see errors.",
        "Có {count} tệp không nộp được; xem errors.",
    ),
    "attachments-too-large": ProblemKind(
        422,
        "A dossier has at most {limit} files of {limit_bytes} bytes together.",
        "Mỗi hồ sơ có tối đa {limit} tệp với tổng dung lượng {limit_bytes} byte.",
    ),
    "attachments-not-taken": ProblemKind(
        409,
        "In status `{status}` no papers are taken; they are until receipt, when a supplement is asked for, and before"
        " the result is returned.",
        "Ở trạng thái `{status}` không nhận thêm giấy tờ; chỉ nhận trước khi tiếp nhận, khi có yêu cầu bổ sung và trước"
        " khi trả kết quả.",
    ),
    "bad-request": ProblemKind(400, "The request can't be read.", "Không đọc được yêu cầu."),
    "too-many-requests": ProblemKind(
        429,
        "Too many requests came from this address; try again in {seconds} seconds.",
        "Có quá nhiều yêu cầu từ địa chỉ này; hãy thử lại sau {seconds} giây.",
    ),
    "method-not-allowed": ProblemKind(
        405, "This address doesn't know the method {method}.", "Địa chỉ này không hỗ trợ phương thức {method}."
    ),
    "internal-error": ProblemKind(
        500, "Something went wrong on our side; the log has the details.", "Có lỗi phía hệ thống; chi tiết ở nhật ký."
    ),
}

#: Words that fill a sentence, in Vietnamese; others are names and stay as they are.
_WORDS_VI: Final[Mapping[str, str]] = {
    "dossier": "hồ sơ",
    "sandbox": "môi trường thử",
    "payment document": "chứng từ nộp tiền",
    "payment message": "thông điệp nộp tiền",
    "procedure": "thủ tục",
    "office": "đơn vị hải quan",
    "action": "thao tác",
    "applicant": "người nộp hồ sơ",
    "officer": "công chức hải quan",
    "leader": "lãnh đạo đơn vị",
    "nothing": "trống",
    "attachment": "tệp đính kèm",
    "paper": "giấy tờ",
    "declaration": "tờ khai",
    "manifest": "bản khai hàng hóa",
    "gate passage": "lượt hàng qua khu vực giám sát",
    "facility": "cơ sở sản xuất",
    "settlement report": "báo cáo quyết toán",
    "risk profile": "hồ sơ rủi ro",
    "audit": "quyết định kiểm tra sau thông quan",
    "violation": "vi phạm",
    "cargo number": "số định danh hàng hóa",
    "registered": "đã đăng ký",
    "under-check": "đang kiểm tra",
    "cleared": "đã thông quan",
    "not-cleared": "không được thông quan",
    "cancelled": "đã hủy",
}


def problem(
    code: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    extra: Mapping[str, Any] | None = None,
    **words: object,
) -> ProblemError:
    """The error to raise for a problem of the table; `words` fill its sentence."""
    kind = PROBLEMS[code]
    words_vi = {name: _WORDS_VI.get(str(word), word) for name, word in words.items()}
    detail, detail_vi = kind.detail_en.format(**words), kind.detail_vi.format(**words_vi)
    return ProblemError(
        code,
        kind.status,
        detail,
        detail_vi,
        # A field without a sentence of its own is what the problem is about.
        errors=[
            {**error, **({} if "detail" in error else {"detail": detail, "detail_vi": detail_vi})} for error in errors
        ],
        headers=headers,
        extra=extra,
    )
