"""Everything that the planner's page says, in Vietnamese and in English."""

from typing import Final

from services.simulator.html_messages import FRAME_MESSAGES

#: key: (Vietnamese, English). Placeholders are the same in both; a test compares them.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    **FRAME_MESSAGES,
    "title-plan": ("Kế hoạch nhân sự: {title}", "Plan of officers: {title}"),
    "title-comparison": (
        "So sánh hai phương án nhân sự: {title}",
        "Two staffings side by side: {title}",
    ),
    "mock": (
        "Kết quả tính bằng motcua từ các giả định, không phải số liệu của cơ quan hải quan.",
        "Reckoned with motcua from what was assumed; not figures of any customs authority.",
    ),
    "about": (
        "{dossiers} hồ sơ mỗi lần chạy, {fraction} quy mô; {replications} lần lặp (hạt giống {seeds}).",
        "{dossiers} dossiers a run, {fraction} of the full size; {replications} replications (seeds {seeds}).",
    ),
    "about-plan": (
        (
            "Mỗi hàng chờ phải giải quyết đúng hạn {target} hồ sơ có thời hạn; cả khoảng tin cậy 95% phải đạt."
            " Lĩnh vực, ca và thời gian xử lý theo {staffing}."
        ),
        (
            "Each queue has to resolve {target} of the dossiers with a limit in time, and its whole 95 % band has to."
            " Skills, shifts and service times are those of {staffing}."
        ),
    ),
    "about-comparison": (
        "{first} và {second}, với cùng hồ sơ nộp và cùng các lần rút ngẫu nhiên.",
        "{first} and {second}, with the same filings and the same draws.",
    ),
    "assumed": (
        "Thời gian xử lý, ca làm việc và cơ cấu hồ sơ là giả định, ghi rõ trong tệp nhân sự và bộ dữ liệu.",
        "Service times, shifts and the mix of dossiers are assumed, as the files of staffing and preset say.",
    ),
    "figure-officers": ("công chức, ít nhất", "officers, at least"),
    "figure-now": ("công chức hiện có", "officers now"),
    "figure-on-time": ("đúng hạn khi chạy lại", "on time, run again"),
    "figure-unreachable": ("hàng chờ không đạt mục tiêu", "queues that miss the target"),
    "figure-officers-of": ("công chức, {name}", "officers, {name}"),
    "figure-on-time-of": ("đúng hạn, {name}", "on time, {name}"),
    "in-numbers": ("{title}: bằng số", "{title}: in numbers"),
    "more-drawn": (
        "Hình vẽ {shown} trong số {all}; bảng có đủ.",
        "Drawn are {shown} of {all}; the table has all.",
    ),
    "office": ("Đơn vị hải quan", "Customs office"),
    "skill": ("Lĩnh vực", "Skill"),
    "dossiers": ("Hồ sơ", "Dossiers"),
    "load": ("Khối lượng (erlang)", "Load (erlang)"),
    "now": ("Hiện có", "Now"),
    "fewest": ("Ít nhất", "Fewest"),
    "on-time": ("Đúng hạn", "On time"),
    "from": ("từ", "from"),
    "to": ("đến", "to"),
    "wait": ("Chờ, giờ (95%)", "Wait, hours (95 %)"),
    "one-less": ("Bớt một người", "With one less"),
    "less-than": ("< {share}", "< {share}"),
    # officers against load
    "officers": ("Số công chức và khối lượng công việc", "Officers and load"),
    "officers-lead": (
        (
            "Mỗi điểm là một đơn vị: ngang là khối lượng (số công chức luôn bận), dọc là số công chức ít nhất để đúng"
            " hạn. Phần nằm trên đường đứt là dự phòng cho lúc hồ sơ đến dồn."
        ),
        (
            "Each point is an office: across its load (officers who would be busy all the time), up the fewest officers"
            " that keep it on time. What lies above the dashed line is there for when dossiers come together."
        ),
    ),
    "busy": ("luôn bận", "busy all the time"),
    # on time by office
    "by-office": ("Đúng hạn theo đơn vị", "On time by office"),
    "by-office-lead": (
        (
            "Trung bình và khoảng tin cậy 95% qua các lần lặp, đơn vị thấp nhất trước; đường đứt là mục tiêu."
            " Trục không bắt đầu từ 0."
        ),
        (
            "Mean and 95 % band over the replications, the lowest first; the dashed line is the target."
            " The axis doesn't begin at 0."
        ),
    ),
    "band": ("Khoảng tin cậy 95%", "95 % band"),
    "target": ("mục tiêu", "target"),
    # the search
    "search": ("Khi bớt công chức", "As officers are taken away"),
    "search-lead": (
        "Tỷ lệ đúng hạn của các hàng chờ sát nhất: với số công chức ít nhất, rồi bớt dần.",
        "Share on time of the tightest queues: with the fewest officers, then with less and less of them.",
    ),
    "search-none": (
        "Mỗi hàng chờ chỉ cần một công chức, không bớt được ai.",
        "One officer is enough for every queue; nobody can be taken away.",
    ),
    "queue": ("Hàng chờ", "Queue"),
    "enough": ("đủ", "enough"),
    "fewer": ("bớt {n}", "{n} less"),
    "officers-left": ("Công chức", "Officers"),
    # queues
    "queues": ("Từng hàng chờ", "Every queue"),
    "queues-lead": (
        "Một hàng chờ là một lĩnh vực tại một đơn vị.",
        "A queue is one skill at one office.",
    ),
    "unreachable": (
        "{count} hàng chờ không đạt mục tiêu với bất kỳ số công chức nào, hoặc không có ca làm việc; giữ số hiện có.",
        "{count} queues miss the target with any number of officers, or no desk serves them; they keep what they have.",
    ),
    # confirmation
    "confirmed": ("Chạy lại toàn bộ", "All of it run again"),
    "confirmed-lead": (
        "{dossiers} hồ sơ với số công chức này: {ratio} đúng hạn, {open} còn mở. Một lần chạy mất {seconds} giây.",
        "{dossiers} dossiers with these officers: {ratio} on time, {open} still open. The run took {seconds} s.",
    ),
    # comparison
    "compared-officers": ("Số công chức", "Officers"),
    "compared-on-time": ("Tỷ lệ đúng hạn", "Share on time"),
    "compared-on-time-lead": (
        "Chênh lệch là phương án sau trừ phương án trước, từng lần lặp một, tính bằng điểm phần trăm.",
        "The difference is the second less the first, replication by replication, in percentage points.",
    ),
    "compared-waiting": ("Thời gian chờ", "Waiting"),
    "compared-waiting-lead": (
        "Số giờ từ tiếp nhận đến khi được thụ lý mà 95% hồ sơ không vượt quá, kể cả đêm và ngày nghỉ.",
        "Hours from receipt to being taken up that 95 % of the dossiers don't exceed, nights and days off included.",
    ),
    "compared-offices": ("Theo đơn vị", "By office"),
    "compared-offices-lead": (
        "Các đơn vị khác nhau nhiều nhất về tỷ lệ đúng hạn trước.",
        "The offices whose shares on time differ most come first.",
    ),
    "officers-of": ("Công chức, {name}", "Officers, {name}"),
    "on-time-of": ("Đúng hạn, {name}", "On time, {name}"),
    "wait-of": ("Chờ, giờ, {name}", "Wait, hours, {name}"),
    "difference": ("Chênh lệch", "Difference"),
}
