"""Everything the launcher says to a person, in Vietnamese and in English.

`MOTCUA_LANG` (`vi` or `en`) decides; without it the locale does. Logs of the services are not translated.
"""

from typing import Final

from services.runtime.language import speaker

#: key: (Vietnamese, English). Placeholders are the same in both; a test compares them.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "starting": ("Đang khởi động motcua ({data})", "Starting motcua ({data})"),
    "waiting": ("đang chờ: {names}", "waiting for: {names}"),
    "ready": (
        "motcua sẵn sàng sau {seconds:.1f} giây: {url}   (khóa quản trị: ./motcua key{data})",
        "motcua is ready after {seconds:.1f} s: {url}   (admin key: ./motcua key{data})",
    ),
    "ready-servers": (
        "PostgreSQL và Redis sẵn sàng sau {seconds:.1f} giây",
        "PostgreSQL and Redis are ready after {seconds:.1f} s",
    ),
    "sandbox-key": ("Khóa của môi trường thử: {key}", "Key of the sandbox: {key}"),
    "sandbox-link": ("Mở các trang trong 24 giờ tới: {link}", "Opens its pages for 24 hours: {link}"),
    "own-catalogue-wrong": (
        "Dữ liệu riêng (MOTCUA_CATALOGUE_DIR) có lỗi: {reason}",
        "Your own data (MOTCUA_CATALOGUE_DIR) is wrong: {reason}",
    ),
    "press-ctrl-c": ("Nhấn Ctrl-C để dừng.", "Press Ctrl-C to stop."),
    "detached": (
        "Chạy nền; dừng bằng: ./motcua down{data}",
        "Running in the background; stop it with: ./motcua down{data}",
    ),
    "stopping": ("Đang dừng …", "Stopping …"),
    "stopped": ("Đã dừng; dữ liệu còn ở {data}", "Stopped; the data stays in {data}"),
    "not-running": ("motcua không chạy với {data}", "motcua is not running on {data}"),
    "already-running": ("motcua đang chạy tại {url} ({data})", "motcua is already running at {url} ({data})"),
    "still-stopping": (
        "motcua (tiến trình {pid}) không dừng trong {seconds:.0f} giây",
        "motcua (process {pid}) did not stop within {seconds:.0f} s",
    ),
    "died-signal": (
        "{name} đã chết (tín hiệu {number}), khởi động lại",
        "{name} died (signal {number}), restarting",
    ),
    "died-code": ("{name} đã thoát (mã {number}), khởi động lại", "{name} died (exit code {number}), restarting"),
    "killed": (
        "{name} không dừng trong {seconds:.1f} giây, đã buộc dừng",
        "{name} did not stop within {seconds:.1f} s and was killed",
    ),
    "stale": (
        "{name} không có dấu hiệu hoạt động trong {seconds:.0f} giây, khởi động lại",
        "{name} has shown no sign of life for {seconds:.0f} s, restarting",
    ),
    "leftovers": (
        "Đã dọn tiến trình còn sót của lần chạy trước: {names}",
        "Removed processes left over from an earlier run: {names}",
    ),
    "port-in-use": (
        "Cổng {port} đang được chương trình khác dùng; hãy chọn cổng khác bằng --port (0: cổng trống bất kỳ)",
        "Port {port} is in use by another program; choose another with --port (0 takes any free one)",
    ),
    "port-unusable": (
        "Không mở được cổng {port} ({reason}); hãy chọn cổng khác bằng --port",
        "Port {port} can't be opened ({reason}); choose another with --port",
    ),
    "port-wrong": (
        "Cổng phải là số từ 0 đến 65535, không phải {value!r}",
        "A port is a number from 0 to 65535, not {value!r}",
    ),
    "number-wrong": ("{name} phải là số nguyên, không phải {value!r}", "{name} must be a whole number, not {value!r}"),
    "data-version": (
        "Thư mục dữ liệu {data} thuộc phiên bản khác ({found}, cần {wanted}); hãy chọn thư mục khác (--data)",
        "The data folder {data} is of another version ({found}, this is {wanted}); choose another (--data)",
    ),
    "data-not-ours": (
        "Thư mục {data} không trống và không phải của motcua; hãy chọn thư mục khác bằng --data",
        "The folder {data} is not empty and not one of motcua's; choose another with --data",
    ),
    "data-not-writable": (
        "Không ghi được vào thư mục dữ liệu {data}: {reason}",
        "The data folder {data} can't be written to: {reason}",
    ),
    "secrets-broken": (
        "Không đọc được {path}; hãy khôi phục nó hoặc dùng thư mục dữ liệu mới",
        "{path} can't be read; restore it, or start with a new data folder",
    ),
    "no-binaries": (
        "Gói {package} không có tệp chạy cho máy này; hãy đặt {setting} để dùng máy chủ có sẵn",
        "The package {package} has no binaries for this machine; set {setting} to use a server of your own",
    ),
    "initdb-failed": (
        "PostgreSQL không tạo được cơ sở dữ liệu: {reason}",
        "PostgreSQL could not make its data folder: {reason}",
    ),
    "unprivileged": (
        "PostgreSQL không chạy được bằng root và không chuyển được sang người dùng {user}: {reason}",
        "PostgreSQL refuses to run as root, and switching to the user {user} failed: {reason}",
    ),
    "failed-start": (
        "{name} không khởi động được ({reason}); cuối nhật ký của nó:",
        "{name} could not be started ({reason}); the end of its log:",
    ),
    "not-ready": (
        "{names} chưa sẵn sàng sau {seconds:.0f} giây; cuối nhật ký:",
        "{names} not ready after {seconds:.0f} s; the end of the log:",
    ),
    "supervisor-gone": (
        "Trình giám sát đã thoát bất ngờ; cuối nhật ký của nó:",
        "The supervisor ended unexpectedly; the end of its log:",
    ),
    "no-bench": (
        "Không có bộ đo hiệu năng (tests/bench) trong {folder}: hãy chạy từ kho mã nguồn",
        "There are no measurements (tests/bench) in {folder}: run it from the repository",
    ),
    "no-log": ("Không có nhật ký {name}; có: {names}", "There is no log {name}; there are: {names}"),
    "unknown-process": ("Không có tiến trình {name}; có: {names}", "There is no process {name}; there are: {names}"),
    "checks-failed": ("Kiểm tra không đạt: {names}", "Checks that failed: {names}"),
    "exit-code": ("mã thoát {number}", "exit code {number}"),
    "exit-signal": ("tín hiệu {number}", "signal {number}"),
    "column-process": ("tiến trình", "process"),
    "column-state": ("trạng thái", "state"),
    "column-restarts": ("khởi động lại", "restarts"),
    "column-memory": ("bộ nhớ", "memory"),
}

say: Final = speaker(MESSAGES)
