"""Everything that the report's page says, in Vietnamese and in English."""

from typing import Final

#: What every page says that is one file: key: (Vietnamese, English).
FRAME_MESSAGES: Final[dict[str, tuple[str, str]]] = {
    "language": ("Tiếng Việt", "English"),
    "choose-language": ("Ngôn ngữ", "Language"),
    "contents": ("Nội dung", "Contents"),
    "total": ("Tổng cộng", "Total"),
    "made": ("Lập ngày {on} bằng motcua.", "Made on {on} with motcua."),
}

#: key: (Vietnamese, English). Placeholders are the same in both; a test compares them.
MESSAGES: Final[dict[str, tuple[str, str]]] = {
    **FRAME_MESSAGES,
    "title": ("Báo cáo mô phỏng: {title}", "Simulation report: {title}"),
    "mock": (
        "Kết quả của một lần mô phỏng bằng motcua, không phải số liệu của cơ quan hải quan.",
        "What came of a simulation with motcua; not figures of any customs authority.",
    ),
    "about": (
        (
            "Hồ sơ nộp từ {first_on} đến {last_on}; đồng hồ mô phỏng đến {clock_on}."
            " Lần chạy {run_id}, hạt giống {seed}, {fraction} quy mô."
        ),
        (
            "Filed from {first_on} to {last_on}; the simulated clock went to {clock_on}."
            " Run {run_id}, seed {seed}, {fraction} of the full size."
        ),
    ),
    "published-in": ("Nguồn số liệu gốc: {published_in}.", "Original figures: {published_in}."),
    "staffing": ("Nhân sự: {name}.", "Staffing: {name}."),
    "no-staffing": (
        "Nhân sự: rô-bốt, không bao giờ bận; vì vậy tỷ lệ đúng hạn là giả định của rô-bốt, không phải kết quả.",
        "Staffing: the robot, which is never busy; so what is on time is its assumption, not an outcome.",
    ),
    "figure-sent": ("hồ sơ đã gửi", "dossiers sent"),
    "figure-resolved": ("đã giải quyết", "resolved"),
    "figure-open": ("chưa kết thúc", "not at an end"),
    "figure-on-time": ("đúng hạn", "on time"),
    "figure-rate": ("hồ sơ mỗi giây", "dossiers a second"),
    "in-numbers": ("Bằng số", "In numbers"),
    "none": ("không có", "none"),
    "more-bars": (
        "Hình vẽ {shown} trong số {all} dòng; bảng có đủ.",
        "Drawn are {shown} of {all} rows; the table has all.",
    ),
    # what has to hold
    "checks": ("Kiểm tra", "What has to hold"),
    "checks-lead": (
        "Mọi hồ sơ đã gửi đều phải ở đúng một chỗ, và mọi số đếm phải bằng kết quả đếm lại từ sổ sự kiện.",
        (
            "Every dossier that was sent has to be in exactly one place, and all counts have to equal a recount of the"
            " ledger."
        ),
    ),
    "check": ("Điều kiện", "Condition"),
    "holds": ("Kết quả", "Result"),
    "yes": ("✓ đúng", "✓ holds"),
    "no": ("✗ SAI", "✗ DOES NOT HOLD"),
    "check-filed-as-sent": (
        "Số hồ sơ đã nộp bằng số đã gửi, theo từng thủ tục và từng đơn vị",
        "What was filed is what was sent, by procedure and by office",
    ),
    "check-instants-kept": (
        "Mỗi hồ sơ được nộp vào ngày dự định",
        "Each dossier was filed on the day that was meant",
    ),
    "check-adds-up": ("Mọi hàng và tổng cộng khớp nhau", "Every row adds up, and so do the rows together"),
    "check-subjects-as-sent": (
        "Số doanh nghiệp và cá nhân khác nhau bằng số đã gửi",
        "Distinct enterprises and individuals are those that were sent",
    ),
    "check-recount-equal": (
        "Mọi số đếm bằng kết quả đếm lại {facts} sự kiện",
        "All counts equal a recount of {facts} facts",
    ),
    # conservation
    "conservation": ("Hồ sơ đi đâu", "Where every dossier went"),
    "where": ("Ở đâu", "Where"),
    "dossiers": ("Hồ sơ", "Dossiers"),
    "row-sent": ("Đã gửi", "Sent"),
    "row-refused-at-the-door": ("– cổng không nhận", "– refused at the door"),
    "row-filed": ("= đã nộp", "= filed"),
    "row-refused-at-intake": ("– từ chối tiếp nhận", "– refused at intake"),
    "row-closed-before-receipt": ("– rút hoặc dừng trước khi tiếp nhận", "– withdrawn or stopped before receipt"),
    "row-awaiting-receipt": ("– còn chờ tiếp nhận", "– awaiting receipt"),
    "row-received": ("= đã tiếp nhận", "= received"),
    "row-resolved": ("– đã giải quyết", "– resolved"),
    "row-ended-early": (
        "(trong đó rút hoặc dừng sau khi tiếp nhận)",
        "(of these withdrawn or stopped after receipt)",
    ),
    "row-open": ("= còn đang giải quyết", "= still open"),
    # days
    "days": ("Nộp và kết thúc theo ngày", "Arrivals and results by day"),
    "days-lead": (
        "Số hồ sơ nộp và số hồ sơ đến hồi kết (có kết quả, bị từ chối, rút hoặc dừng) mỗi ngày.",
        "Dossiers filed, and dossiers that came to an end (result, refusal, withdrawal or stop), each day.",
    ),
    "day": ("Ngày", "Day"),
    "filed": ("Nộp", "Filed"),
    "received": ("Tiếp nhận", "Received"),
    "ended": ("Kết thúc", "Ended"),
    "backlog": ("Tồn cuối ngày", "Backlog at the day's end"),
    "backlog-title": ("Hồ sơ tồn theo ngày", "Backlog by day"),
    "backlog-lead": (
        "Hồ sơ đã nộp và chưa kết thúc vào cuối mỗi ngày. Cao nhất: {most} hồ sơ, ngày {on}.",
        "Dossiers filed and not at an end when the day was over. Highest: {most} on {on}.",
    ),
    # hours
    "hours": ("Nộp theo giờ và thứ", "Arrivals by hour and weekday"),
    "hours-lead": (
        "Giờ Việt Nam, theo thời điểm dự định nộp. Ô càng đậm càng nhiều hồ sơ.",
        "Vietnam time, by the instant that was meant. The darker, the more.",
    ),
    "weekday": ("Thứ", "Weekday"),
    "weekdays": (
        "Thứ Hai,Thứ Ba,Thứ Tư,Thứ Năm,Thứ Sáu,Thứ Bảy,Chủ nhật",
        "Monday,Tuesday,Wednesday,Thursday,Friday,Saturday,Sunday",
    ),
    "customs-channels": (
        "Tờ khai theo luồng: xanh {green}, vàng {yellow}, đỏ {red}.",
        "Declarations by channel: green {green}, yellow {yellow}, red {red}.",
    ),
    # waiting
    "waiting": ("Thời gian chờ", "Waiting times"),
    "waiting-lead": (
        (
            "Theo đồng hồ, kể cả đêm, ngày nghỉ và thời gian chờ nộp tiền hoặc bổ sung, là lúc thời hạn tạm dừng."
            " Tờ khai luồng xanh được trả lời ngay và tính chung với kiểm tra hồ sơ."
            " Hàng “trong vòng” là cận trên của lớp thời gian."
        ),
        (
            "By the clock: nights and holidays included, and the wait for a payment or a supplement, in which the limit"
            " stands still. Green declarations, answered at once, are among the documentary checks."
            " “Within” is the upper edge of a class of times."
        ),
    ),
    "to-receipt": ("Từ khi nộp đến khi tiếp nhận", "From filing to receipt"),
    "to-result": ("Từ khi tiếp nhận đến khi có kết quả", "From receipt to result"),
    "share-of-dossiers": ("Phần trăm hồ sơ", "Per cent of dossiers"),
    "procedure": ("Thủ tục", "Procedure"),
    "skill": ("Lĩnh vực", "Skill"),
    "others": ("Các thủ tục khác", "Other procedures"),
    "other-skills": ("Các lĩnh vực khác", "Other skills"),
    "count": ("Hồ sơ", "Dossiers"),
    "mean": ("Trung bình", "Mean"),
    "half-within": ("Một nửa trong vòng", "Half within"),
    "nine-tenths-within": ("90% trong vòng", "90% within"),
    "ninety-nine-within": ("99% trong vòng", "99% within"),
    "longest": ("Lâu nhất", "Longest"),
    "at-once": ("ngay", "at once"),
    "below": ("dưới {time}", "below {time}"),
    "from": ("từ {time}", "{time} or more"),
    "seconds": ("{n} giây", "{n} s"),
    "minutes": ("{n} phút", "{n} min"),
    "hours-long": ("{n} giờ", "{n} h"),
    "days-long": ("{n} ngày", "{n} d"),
    # on time
    "by-procedure": ("Đúng hạn theo thủ tục", "On time by procedure"),
    "by-office": ("Đúng hạn theo đơn vị", "On time by office"),
    "on-time-lead": (
        "Hồ sơ đã giải quyết có thời hạn: trước hạn, đúng hạn, quá hạn.",
        "Resolved dossiers that have a time limit: before the due day, on it, overdue.",
    ),
    "by-office-lead": (
        "Các đơn vị có tỷ lệ thấp nhất trước.",
        "The offices with the lowest rates first.",
    ),
    "office": ("Đơn vị hải quan", "Customs office"),
    "early": ("Trước hạn", "Before the due day"),
    "on-time": ("Đúng hạn", "On the due day"),
    "overdue": ("Quá hạn", "Overdue"),
    "without-limit": ("Không thời hạn", "No limit"),
    "not-received": ("Không tiếp nhận", "Not received"),
    "open": ("Còn mở", "Still open"),
    "rate": ("Tỷ lệ đúng hạn", "On-time rate"),
    # desks
    "desks": ("Công chức theo đơn vị", "Officers by office"),
    "desks-lead": (
        "“*” là mỗi đơn vị không nêu tên.",
        "“*” stands for each office that isn't named.",
    ),
    "officers": ("Công chức", "Officers"),
    "shift": ("Ca", "Shift"),
    "leave": ("Nghỉ phép", "Leave"),
    # what was assumed
    "bases": ("Giả định và nguồn", "What was assumed, and what has a source"),
    "bases-lead": (
        "Mọi con số của bộ dữ liệu và nhân sự, kèm nguồn hay ghi là giả định; tên viết tắt: {file}.",
        "Every figure of preset and staffing, with its source or assumed; short names: {file}.",
    ),
    "bases-preset": ("Bộ dữ liệu {name}", "Preset {name}"),
    "bases-staffing": ("Nhân sự {name}", "Staffing {name}"),
    "figure": ("Con số", "Figure"),
    "value": ("Giá trị", "Value"),
    "rests-on": ("Cơ sở", "Rests on"),
    "assumed": ("giả định", "assumed"),
    "sourced": ("có nguồn", "has a source"),
    "unsaid": ("tệp không nói rõ", "the file doesn't say"),
    "source": ("Nguồn, ghi chú", "Source, note"),
    # how it ran
    "run": ("Lần chạy", "How it ran"),
    "run-lead": (
        (
            "Thời điểm nộp dự định luôn được giữ: đồng hồ mô phỏng chờ bên nộp."
            " Khi bên nộp chậm hơn, các dịch vụ phải chờ; dưới đây ghi bao lâu."
        ),
        (
            "Intended instants are kept whatever happens: the simulated clock waits for the crowd."
            " Where the crowd was slower than the services, they waited for it; here it says for how long."
        ),
    ),
    "what": ("Mục", "What"),
    "run-seconds": ("Thời gian thực", "Real time"),
    "run-sessions": ("Số phiên (1: không bị ngắt)", "Sessions (1: never interrupted)"),
    "run-rate": ("Từ nộp đến kết quả, đã đếm", "From filing to result, counted"),
    "run-first-tenth": ("Phần mười đầu", "First tenth"),
    "run-last-tenth": ("Phần mười cuối", "Last tenth"),
    "run-crowd-waited": ("Bên nộp chờ các dịch vụ", "The crowd waited for the services"),
    "run-services-waited": ("Các dịch vụ chờ bên nộp", "The services waited for the crowd"),
    "run-late-steps": ("Bước mà các dịch vụ phải chờ", "Steps for which the services waited"),
    "run-partitions": ("Phân vùng", "Partitions"),
    "run-machine": ("Máy", "Machine"),
    "per-second": ("{n} hồ sơ/giây", "{n} dossiers/s"),
    "in-seconds": ("{n} giây", "{n} s"),
    "of-all": ("{n} trong {all}", "{n} of {all}"),
    "machine": (
        "{cpus} nhân, {memory} GiB, {processor}, {system}, Python {python}",
        "{cpus} cores, {memory} GiB, {processor}, {system}, Python {python}",
    ),
}
