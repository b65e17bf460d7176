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
    )
)


def in_vietnamese(sentence: str) -> str | None:
    """The sentence in Vietnamese; `None` when it isn't known here."""
    for pattern, vietnamese in _SENTENCES:
        if match := pattern.fullmatch(sentence):
            return match.expand(vietnamese)
    return None
