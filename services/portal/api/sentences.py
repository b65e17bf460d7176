"""Marshmallow's English sentences about wrong fields in Vietnamese, with the values that they name.

Only sentences with values, and those of our own checks that aren't of one field; what a code alone says is beside the
codes (`services.portal.api.submissions`).
"""

import re
from typing import Final

#: Each English sentence as a pattern, and the Vietnamese one with the pattern's groups.
_SENTENCES: Final = tuple(
    (re.compile(pattern), vietnamese)
    for pattern, vietnamese in (
        (r"Must be one of: (.*)\.", r"Phải là một trong các giá trị: \1."),
        (
            r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.",
            r"Phải từ \1 đến \2.",
        ),
        (r"Must be greater than or equal to (\S+)\.", r"Phải lớn hơn hoặc bằng \1."),
        (r"Must be less than or equal to (\S+)\.", r"Phải nhỏ hơn hoặc bằng \1."),
        (r"Must be less than (\d+) days after `from`\.", r"Phải cách `from` dưới \1 ngày."),
        (r"Longer than maximum length (\d+)\.", r"Dài quá \1 ký tự."),
        (r"Shorter than minimum length (\d+)\.", r"Ngắn hơn \1 ký tự."),
        (r"Length must be between (\d+) and (\d+)\.", r"Độ dài phải từ \1 đến \2."),
        (r"Length must be (\d+)\.", r"Độ dài phải là \1."),
        (r"String does not match expected pattern\.", r"Không đúng khuôn mẫu quy định."),
        (r"Not a valid integer\.", r"Phải là số nguyên."),
        (r"Not a valid string\.", r"Phải là chuỗi ký tự."),
        (r"Not a valid boolean\.", r"Phải là true hoặc false."),
        (r"Not a valid (?:mapping type|object)\.", r"Phải là một đối tượng JSON."),
        (r"Not a valid list\.", r"Phải là một danh sách."),
        (r"Not a valid date: write it as (\S+)\.", r"Ngày không hợp lệ: hãy viết như \1."),
        (
            r"Not a valid instant: write it with its offset, as (\S+)\.",
            r"Thời điểm không hợp lệ: hãy viết kèm múi giờ, như \1.",
        ),
        (
            r"Not a valid duration: write it as (\S+) or (\S+)\.",
            r"Khoảng thời gian không hợp lệ: hãy viết như \1 hoặc \2.",
        ),
        (
            r"Not a valid text: control characters, or nothing visible\.",
            r"Văn bản không hợp lệ: có ký tự điều khiển hoặc không có ký tự nào nhìn thấy được.",
        ),
        (r"Give exactly one of `by` and `to`\.", r"Chỉ gửi một trong hai: `by` hoặc `to`."),
        (
            r"Only a sandbox with the officer `robot` has a staffing\.",
            r"Chỉ môi trường thử có công chức `robot` mới dùng được `staffing`.",
        ),
        (r"There is no procedure `(.*)`\.", r"Không có thủ tục `\1`."),
        (r"There is no office `(.*)`\.", r"Không có đơn vị hải quan `\1`."),
        (r"There is no skill `(.*)`\.", r"Không có kỹ năng `\1` trong `skills`."),
        (r"There is no shift `(.*)`\.", r"Không có ca làm việc `\1` trong `shifts`."),
        (r"`(.*)` belongs to the skill `(.*)` already\.", r"`\1` đã thuộc kỹ năng `\2`."),
        (
            r"Office `(.*)` has a desk `(.*)` in the shift `(.*)` already\.",
            r"Đơn vị `\1` đã có bàn `\2` trong ca `\3`.",
        ),
        (r"`(.*)` stands there already\.", r"`\1` đã có ở trên."),
        (r"Priorities belong to the discipline `(.*)`\.", r"Thứ tự ưu tiên chỉ dùng với cách xếp hàng `\1`."),
        (
            r"One skill must have `\*`: all procedures named in none\.",
            r"Một kỹ năng phải có `*`: mọi thủ tục không được nêu tên.",
        ),
        (
            r"`\*` is missing: the service time of all other procedures\.",
            r"Thiếu `*`: thời gian xử lý của các thủ tục còn lại.",
        ),
        (r"Only the spread `(.*)` has a variation\.", r"Chỉ phân bố `\1` có độ biến thiên."),
        (r"The spread `(.*)` needs a variation\.", r"Phân bố `\1` cần có độ biến thiên."),
        (r"A shift begins before 24:00\.", r"Ca làm việc phải bắt đầu trước 24:00."),
        (
            r"A shift ends at another time than it begins; see `hours: all`\.",
            r"Giờ kết thúc ca phải khác giờ bắt đầu; làm việc suốt ngày đêm thì dùng `hours: all`.",
        ),
        (r"Leave ends on its first day or later\.", r"Ngày nghỉ cuối không được trước ngày nghỉ đầu."),
        (r"The desk has no more than (\d+) officers\.", r"Bàn này chỉ có \1 công chức."),
        (r"Not a valid number\.", r"Phải là số."),
    )
)


def in_vietnamese(sentence: str) -> str | None:
    """The sentence in Vietnamese; `None` when it isn't known here."""
    for pattern, vietnamese in _SENTENCES:
        if match := pattern.fullmatch(sentence):
            return match.expand(vietnamese)
    return None
