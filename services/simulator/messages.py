"""Everything the crowd says to a person, in Vietnamese and in English, and how each language writes numbers and days.

Placeholders are filled in by whoever shows it; logs are not made from these.
"""

from datetime import date
from typing import Final

from services.runtime.language import is_vietnamese, speaker
from services.simulator.words import Words

#: key: (Vietnamese, English). Placeholders are the same in both; a test compares them.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "title": (
        "{title}: {dossiers} hồ sơ của {procedures} thủ tục từ {enterprises} doanh nghiệp, {first_on} – {last_on}",
        "{title}: {dossiers} dossiers of {procedures} procedures by {enterprises} enterprises, {first_on} – {last_on}",
    ),
    "source": (
        "Số liệu công bố: {published_in}. Từng con số lấy từ đâu, con số nào là giả định: xem {file}",
        "Published figures: {published_in}. Where each figure comes from, and which are assumed: {file}",
    ),
    "declarations": (
        "và {declarations} tờ khai của {enterprises} doanh nghiệp, mỗi tờ có một hồ sơ thông quan",
        "and {declarations} declarations by {enterprises} enterprises, each with the dossier that clears it",
    ),
    "staffing": ("Nhân sự: {name}", "Staffing: {name}"),
    "no-staffing": (
        "Nhân sự: rô-bốt, không bao giờ bận; đúng hạn là giả định của rô-bốt, không phải kết quả",
        "Staffing: the robot, which is never busy; what is on time is its assumption, not an outcome",
    ),
    "resumed": (
        "Chạy tiếp {run_id}: {windows}/{all} kỳ đã nộp",
        "Going on with {run_id}: {windows} of {all} windows have been filed",
    ),
    "resume-with": (
        "Chạy tiếp bằng: ./motcua simulate --resume {run_id}{data}",
        "Go on with: ./motcua simulate --resume {run_id}{data}",
    ),
    "fraction": ("Chỉ chạy một phần: {fraction}", "A part of it only: {fraction}"),
    "stage-opening": ("Mở môi trường thử", "Opening a sandbox"),
    "stage-filing": ("Nộp và xử lý hồ sơ", "Filing and processing"),
    "stage-finishing": ("Chờ hồ sơ cuối kết thúc", "Waiting for the last"),
    "stage-recounting": ("Đếm lại từ sổ sự kiện", "Recounting the ledger"),
    "counts": (
        "{sent} đã gửi · tồn {backlog} · {now}/giây (trung bình {mean}) · đúng hạn {ratio} · còn {left}",
        "{sent} sent · backlog {backlog} · {now}/s (mean {mean}) · on time {ratio} · {left} left",
    ),
    "minutes": ("{minutes} phút {seconds} giây", "{minutes} min {seconds} s"),
    "seconds": ("{seconds} giây", "{seconds} s"),
    "clearance-documentary-check": ("Thông quan luồng xanh, vàng", "Clearance, green and yellow"),
    "clearance-goods-inspection": ("Thông quan luồng đỏ", "Clearance, red"),
    "column-procedure": ("Thủ tục", "Procedure"),
    "column-filed": ("Nộp", "Filed"),
    "column-not-received": ("Không\ntiếp\nnhận", "Not\nreceived"),
    "column-received": ("Tiếp\nnhận", "Received"),
    "column-early": ("Trước\nhạn", "Before\ndue"),
    "column-on-time": ("Đúng\nhạn", "On the\nday"),
    "column-overdue": ("Quá\nhạn", "Over-\ndue"),
    "column-without-limit": ("Không\nthời\nhạn", "No\nlimit"),
    "column-open": ("Còn\nmở", "Still\nopen"),
    "column-rate": ("Tỷ lệ\nđúng\nhạn", "On-time\nrate"),
    "total": ("Tổng cộng", "Total"),
    "sum-sent": (
        "{sent} gửi = {filed} nộp + {refused} bị cổng từ chối",
        "{sent} sent = {filed} filed + {refused} refused at the door",
    ),
    "door-problem": ("bị cổng từ chối: {code} {count}", "refused at the door: {code} {count}"),
    "sum-filed": (
        "{filed} nộp = {received} tiếp nhận + {refused} từ chối + {closed} rút, dừng sớm + {awaiting} chờ tiếp nhận",
        "{filed} filed = {received} received + {refused} refused + {closed} withdrawn or stopped + {awaiting} waiting",
    ),
    "sum-received": (
        "{received} tiếp nhận = {early} trước hạn + {day} đúng hạn + {late} quá hạn + {free} không hạn + {open} còn mở",
        "{received} received = {early} before due + {day} on the day + {late} overdue + {free} no limit + {open} open",
    ),
    "ended-early": (
        "{count} trong số này rút hoặc dừng sau khi tiếp nhận: tính là đúng hạn như mẫu 06, hoặc không thời hạn",
        "{count} of these were withdrawn or stopped after receipt: on the day as in form 06, or no limit",
    ),
    "subjects": (
        "{enterprises} doanh nghiệp và {individuals} cá nhân khác nhau đã nộp",
        "{enterprises} distinct enterprises and {individuals} individuals filed them",
    ),
    "recount-equal": (
        "Mọi số đếm khớp với kết quả đếm lại từ sổ sự kiện ({facts} sự kiện)",
        "All counts equal a recount of the ledger ({facts} facts)",
    ),
    "recount-differs": (
        "Số đếm KHÁC với kết quả đếm lại từ sổ sự kiện ({facts} sự kiện)",
        "The counts DIFFER from a recount of the ledger ({facts} facts)",
    ),
    "does-not-add-up": ("Các hàng KHÔNG khớp nhau", "The rows do NOT add up"),
    "filed-not-as-sent": (
        "Số hồ sơ đã nộp KHÁC số đã gửi, tính theo thủ tục hoặc theo đơn vị",
        "What was filed is NOT what was sent, by procedure or by office",
    ),
    "instants-kept": (
        "Mọi hồ sơ được nộp vào ngày dự định: {days} ngày khớp từng hồ sơ",
        "Each dossier was filed on the day that was meant: {days} days agree to the dossier",
    ),
    "instants-not-kept": (
        "Có ngày số hồ sơ nộp KHÁC dự định: {days}",
        "On some days what was filed is NOT what was meant: {days}",
    ),
    "subjects-not-as-sent": (
        "Số doanh nghiệp, cá nhân KHÁC với đã gửi: {enterprises}, {individuals}",
        "Enterprises and individuals are NOT those that were sent: {enterprises}, {individuals}",
    ),
    "took": (
        "Xong sau {seconds} giây: {days} ngày trên đồng hồ của môi trường thử, đến {now}",
        "Done in {seconds} s: {days} days on the sandbox's clock, up to {now}",
    ),
    "rate": (
        "{rate} hồ sơ/giây từ nộp đến kết quả; phần mười đầu {first}, phần mười cuối {last}",
        "{rate} dossiers a second from filing to result; first tenth {first}, last tenth {last}",
    ),
    "lag": (
        "Bên nộp chờ các dịch vụ {crowd} giây; các dịch vụ chờ bên nộp {services} giây ({steps}/{all} bước)",
        "The crowd waited {crowd} s for the services; they waited {services} s for the crowd ({steps} of {all} steps)",
    ),
    "written": ("Đã ghi {path}", "Written: {path}"),
    "no-run": (
        "Không có lần chạy nào như vậy trong {runs}; có: {names}",
        "There is no such run in {runs}; there are: {names}",
    ),
    "unreadable-run": (
        "Không đọc được {reason}: tệp hỏng hoặc của phiên bản khác",
        "{reason} can't be read: it is broken, or of another version",
    ),
    "changed-run": (
        "Không chạy tiếp {reason} được: bộ dữ liệu hoặc danh mục đã thay đổi từ khi bắt đầu",
        "Run {reason} can't be gone on with: preset or catalogue have changed since it began",
    ),
    "forgotten-run": (
        "Không chạy tiếp {reason} được: dừng giữa lúc nộp đã hơn một ngày, cổng không còn nhớ; hãy chạy lại từ đầu",
        "Run {reason} was ended half-way through a filing, and after a day the portal has forgotten it: begin anew",
    ),
    "no-preset": (
        "Cần tên một bộ dữ liệu, hoặc --resume; ./motcua presets liệt kê",
        "A preset is needed, or --resume; ./motcua presets lists them",
    ),
    "not-with-resume": (
        "--resume chạy tiếp như đã bắt đầu: không dùng cùng {options}",
        "--resume goes on as it was begun: not together with {options}",
    ),
    "no-folder": ("Thư mục {path} không có", "There is no folder {path}"),
    "column-preset": ("Bộ dữ liệu", "Preset"),
    "column-dossiers": ("Hồ sơ", "Dossiers"),
    "column-declarations": ("Tờ khai", "Declarations"),
    "column-enterprises": ("Doanh nghiệp", "Enterprises"),
    "column-period": ("Thời gian", "Period"),
    "column-title": ("Nội dung", "Of what"),
    "presets-hint": (
        "Từng số liệu và căn cứ của nó: ./motcua presets show TÊN. Cũng có thể dùng tệp .yaml của riêng mình",
        "Each figure and what it rests on: ./motcua presets show NAME. A .yaml file of your own will do, too",
    ),
    "published-in": ("Số liệu đã công bố: {published_in}", "Published figures: {published_in}"),
    "rests-on": ("Nguồn: {source}", "Source: {source}"),
    "is-assumed": ("Giả định: {note}", "Assumed: {note}"),
    "is-assumed-only": ("Giả định", "Assumed"),
    "set-hint": (
        "Thay một số liệu: ./motcua simulate {name} --set {key}=…",
        "Another figure: ./motcua simulate {name} --set {key}=…",
    ),
    "sources-hint": (
        "Tên viết tắt của nguồn (S-VI, domain facts 6.4 …): {file}",
        "Short names of sources (S-VI, domain facts 6.4 …): {file}",
    ),
    "link": ("Mở các trang của chính môi trường thử này:", "See the pages of this very sandbox:"),
    "refused": ("Cổng từ chối: {reason}", "The portal refused: {reason}"),
    "unreachable": ("Cổng không trả lời tại {reason}", "The portal doesn't answer at {reason}"),
    "not-settled": (
        "Các dịch vụ chưa xử lý xong: {reason}; ./motcua status cho biết dịch vụ nào đang chạy",
        "The services are not done: {reason}; ./motcua status says which of them run",
    ),
    # arguments of a command
    "wrong-option": ("Không có tùy chọn {name}.", "There is no option {name}."),
    "wrong-value": ("{name} cần {wanted}.", "{name} needs {wanted}."),
    "missing": ("Thiếu {name}.", "{name} is missing."),
    "wanted-number": ("một số", "a number"),
    "wanted-whole": ("một số nguyên", "a whole number"),
    "wanted-from": ("{what} từ {least}", "{what} from {least}"),
    "wanted-above": ("{what} lớn hơn {least}", "{what} above {least}"),
    "wanted-to": ("{what} đến {most}", "{what} up to {most}"),
    "wanted-values": ("{count} giá trị", "{count} values"),
    "wanted-value": ("một giá trị", "a value"),
}

say: Final = speaker(MESSAGES)


def number(value: int) -> str:
    """A whole number with its thousands set apart."""
    return _words().number(value)


def decimal(value: float) -> str:
    """A number with one decimal."""
    return _words().decimal(value)


def duration(seconds: float | None) -> str:
    """A time that is left; a dash when it isn't known."""
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return say("minutes", minutes=number(minutes), seconds=rest) if minutes else say("seconds", seconds=rest)


def rate(value: float | None) -> str:
    """So many a second, whole; a dash when it isn't known."""
    return "–" if value is None else number(round(value))


def percent(ratio: float | None) -> str:
    """A part of 1 in per cent, rounded down: 100 is said of nothing less. A dash for what there is none of."""
    return _words().percent(ratio)


def day(value: date) -> str:
    """A day."""
    return _words().day(value)


def _words() -> Words:
    return Words("vi" if is_vietnamese() else "en")
