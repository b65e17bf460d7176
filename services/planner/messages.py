"""Everything the planner says to a person, in Vietnamese and in English."""

from typing import Final

from services.runtime.language import speaker

#: key: (Vietnamese, English). Placeholders are the same in both; a test compares them.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "title": (
        "{title}: {dossiers} hồ sơ mỗi lần chạy, {replications} lần (hạt giống {seeds}), mục tiêu đúng hạn {target}",
        "{title}: {dossiers} dossiers a run, {replications} replications (seeds {seeds}), target on time {target}",
    ),
    "title-compare": (
        "{title}: {dossiers} hồ sơ mỗi lần chạy, {replications} lần (hạt giống {seeds}), so sánh {first} với {second}",
        "{title}: {dossiers} dossiers a run, {replications} replications (seeds {seeds}), {first} against {second}",
    ),
    "part": (
        "Chỉ {fraction} số hồ sơ: số công chức tìm được không nói gì về số cần cho toàn bộ",
        "Only {fraction} of the dossiers: the officers found say nothing about how many all of them need",
    ),
    "assumed": (
        "Thời gian xử lý, ca làm việc và cơ cấu hồ sơ là giả định, ghi rõ trong {staffing} và {preset}.",
        "Service times, shifts and the mix of dossiers are assumed, as {staffing} and {preset} say figure by figure.",
    ),
    "stage-crowd": ("Sinh hồ sơ", "Drawing the filings"),
    "stage-search": ("Tìm số công chức ít nhất", "Searching for the fewest officers"),
    "stage-confirm": ("Chạy lại toàn bộ để xác nhận", "Running all of it to confirm"),
    "stage-less": ("Bớt dần công chức", "Taking officers away"),
    "stage-compare": ("Chạy từng phương án", "Running each staffing"),
    "by-skill": ("Theo lĩnh vực, tất cả các đơn vị", "By skill, all offices together"),
    "by-queue": ("{count} hàng chờ lớn nhất trong {all}", "The {count} busiest of {all} queues"),
    "column-office": ("Đơn vị", "Office"),
    "column-skill": ("Lĩnh vực", "Skill"),
    "column-queues": ("Hàng\nchờ", "Queues"),
    "column-dossiers": ("Hồ sơ", "Dossiers"),
    "column-load": ("Khối\nlượng", "Load"),
    "column-now": ("Hiện\ncó", "Now"),
    "column-fewest": ("Ít\nnhất", "Fewest"),
    "column-on-time": ("Đúng hạn", "On time"),
    "column-band": ("Khoảng tin\ncậy 95%", "95%\nband"),
    "column-one-less": ("Bớt một\nngười", "With one\nless"),
    "column-wait": ("Chờ,\ngiờ (95%)", "Wait,\nhours (95%)"),
    "column-officers": ("Công chức\n{name}", "Officers\n{name}"),
    "column-on-time-of": ("Đúng hạn\n{name}", "On time\n{name}"),
    "column-difference": ("Chênh lệch\n(95%)", "Difference\n(95%)"),
    "total": ("Tổng cộng", "Total"),
    "unreachable": (
        "{count} hàng chờ không đạt mục tiêu với bất kỳ số công chức nào (hoặc không có ca làm việc): {queues}",
        "{count} queues miss the target with any number of officers (or no desk serves them): {queues}",
    ),
    "confirmed": (
        "Với số công chức này: {dossiers} hồ sơ, {ratio} đúng hạn, {open} còn mở; một lần chạy {seconds} giây",
        "With these officers: {dossiers} dossiers, {ratio} on time, {open} still open; one run took {seconds} s",
    ),
    "unconfirmed": (
        (
            "Chạy lại toàn bộ khác với kết quả tìm kiếm ở {count} hàng chờ: {queues}. Cùng hồ sơ, cùng số công chức và"
            " cùng các lần rút ngẫu nhiên thì phải đếm như nhau; đây là lỗi của motcua nên không ghi tệp nào."
        ),
        (
            "The run of everything differs from the search at {count} queues: {queues}. The same filings, officers and"
            " draws have to give the same counts; this is a mistake in motcua, and nothing is written."
        ),
    ),
    "written": ("Đã ghi {path}", "Wrote {path}"),
    "no-staffing": (
        "{preset} không có nhân sự nào; hãy thêm --staffing.",
        "{preset} names no staffing; say one with --staffing.",
    ),
    "other-skills": (
        "--compare {first} {second}: hai phương án chia lĩnh vực khác nhau nên không so sánh được.",
        "--compare {first} {second}: their skills are not the same, so they can't be set side by side.",
    ),
    "no-folder": ("{option} {path}: không có thư mục đó.", "{option} {path}: there is no such folder."),
    "no-preset": ("Không có bộ dữ liệu {name}; hiện có: {names}.", "There is no preset {name}; there are: {names}."),
    "no-such-staffing": (
        "{option} {name}: không có phương án nhân sự đó; hiện có: {names}.",
        "{option} {name}: there is no such staffing; there are: {names}.",
    ),
    "not-with-compare": ("{option} không dùng cùng --compare.", "{option} doesn't go with --compare."),
    "wrong-argument": ("{name}: không cần đối số này.", "{name}: there is no need of this argument."),
    "interrupted": ("Đã dừng.", "Stopped."),
}

say: Final = speaker(MESSAGES)
