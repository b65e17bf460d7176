"""A sandbox's staffing as requests bring it: its shape and its limits.

What must fit together is `services.contracts.staffing`'s to say, which checks all of it once more.
"""

from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError, fields, post_load, validate

from services.contracts import staffing as contract
from services.contracts.catalogue import Catalogue
from services.contracts.staffing import WEEKDAYS, Discipline, Hours, Spread, Staffing, StaffingError, staffing_from_wire
from services.portal.api.sentences import in_vietnamese
from services.portal.api.strict_fields import Day, StrictSchema, Whole
from services.portal.application.problems import problem

_NAME: Final = "^[a-z0-9]+(-[a-z0-9]+)*$"
_TIME_OF_DAY: Final = "^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$"


def _procedure() -> fields.String:
    return fields.String(validate=validate.Length(min=1, max=100))


def _count(least: int, most: int, text: str) -> Whole:
    return Whole(
        required=True,
        validate=validate.Range(min=least, max=most),
        metadata={"type": "integer", "description": text},
    )


class Entries(fields.Dict):
    """A JSON object of limited size; what is wrong about an entry is told where the entry is."""

    def __init__(self, *, least: int = 0, most: int, metadata: Mapping[str, Any], **more: Any) -> None:
        super().__init__(metadata={"minProperties": least, "maxProperties": most, **metadata}, **more)
        self._sizes = range(least, most + 1)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:
        if isinstance(value, dict) and len(value) not in self._sizes:
            raise ValidationError(f"Length must be between {self._sizes[0]} and {self._sizes[-1]}.")
        try:
            return super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            messages = error.messages
            if isinstance(messages, dict):
                messages = {name: wrong.get("key") or wrong["value"] for name, wrong in messages.items()}
            raise ValidationError(messages) from error


class Amount(fields.Field[float]):
    """A JSON number."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> float:  # noqa: ARG002
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise ValidationError("Not a valid number.")
        return value


class ShiftDays(fields.Field[Any]):
    """Days of the week, or the calendar's working days."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any) -> Any:  # noqa: ARG002
        if value == Hours.OFFICE:
            return value
        if not isinstance(value, list) or not value or any(day not in WEEKDAYS for day in value):
            raise ValidationError(f"Must be one of: {', '.join(WEEKDAYS)}.")
        return value


class ServiceTimeSchema(StrictSchema):
    """How long an officer works on a dossier each time it is taken up."""

    mean_minutes = Amount(
        required=True,
        validate=validate.Range(min=contract.LEAST_MINUTES, max=contract.MOST_MINUTES),
        metadata={"type": "number", "description": "Working minutes of the officer's shift.", "example": 12},
    )
    spread = fields.String(
        required=True,
        validate=validate.OneOf([spread.value for spread in Spread]),
        metadata={"description": "How the times of dossiers differ."},
    )
    variation_percent = Whole(
        validate=validate.Range(min=1, max=contract.MOST_VARIATION_PERCENT),
        metadata={"type": "integer", "description": "Of `lognormal` alone: the standard deviation beside the mean."},
    )


class ShiftSchema(StrictSchema):
    """When officers work: `hours`, or `days` with `from` and `to`."""

    hours = fields.String(
        validate=validate.OneOf([hours.value for hours in Hours]),
        metadata={"description": "`office`: office hours of the sandbox's calendar; `all`: round the clock."},
    )
    days = ShiftDays(
        metadata={
            "description": "Days of the week, also when they are public holidays; or `office`: working days of the"
            " sandbox's calendar.",
            "anyOf": [
                {"type": "string", "enum": [Hours.OFFICE.value]},
                {"type": "array", "items": {"type": "string", "enum": list(WEEKDAYS)}, "minItems": 1},
            ],
        }
    )
    from_ = fields.String(
        data_key="from",
        validate=validate.Regexp(_TIME_OF_DAY),
        metadata={"description": "Time of day in Vietnam.", "example": "06:00"},
    )
    to = fields.String(
        validate=validate.Regexp(_TIME_OF_DAY),
        metadata={"description": "Likewise, up to 24:00; before `from`: on the day after.", "example": "22:00"},
    )


class LeaveSchema(StrictSchema):
    """Officers of a desk who are away."""

    first_on = Day(required=True, metadata={"type": "string", "format": "date", "description": "First day (Vietnam)."})
    last_on = Day(required=True, metadata={"type": "string", "format": "date", "description": "Last day."})
    officers = _count(1, contract.MOST_OFFICERS, "How many.")


class DeskSchema(StrictSchema):
    """Officers of an office with a skill who work the same shift."""

    office = fields.String(
        required=True,
        validate=validate.Length(min=1, max=10),
        metadata={"description": "Code from /api/v1/offices; `*`: each office without a desk of this skill."},
    )
    skill = fields.String(required=True, metadata={"description": "One of `skills`."})
    officers = _count(0, contract.MOST_OFFICERS, "How many.")
    shift = fields.String(required=True, metadata={"description": "One of `shifts`."})
    leave = fields.List(fields.Nested(LeaveSchema), validate=validate.Length(max=contract.MOST_LEAVES))


class StaffingSchema(StrictSchema):
    """Who works in the offices: dossiers wait until an officer is free, and what is on time is what comes of it."""

    discipline = fields.String(
        required=True,
        validate=validate.OneOf([discipline.value for discipline in Discipline]),
        metadata={"description": "Which waiting dossier is taken up first."},
    )
    priorities = Entries(
        keys=_procedure(),
        values=_count(0, contract.MOST_RANK, "Rank; lower goes first."),
        most=contract.MOST_PROCEDURES,
        metadata={"description": "Of `by-procedure` alone: ranks by procedure; procedures without one come last."},
    )
    skills = Entries(
        required=True,
        keys=fields.String(validate=validate.Regexp(_NAME)),
        values=fields.List(_procedure(), validate=validate.Length(min=1, max=contract.MOST_PROCEDURES)),
        least=1,
        most=contract.MOST_SKILLS,
        metadata={"description": "Procedures by skill; `*`, once: all others.", "example": {"dossiers": ["*"]}},
    )
    service = Entries(
        required=True,
        keys=_procedure(),
        values=fields.Nested(ServiceTimeSchema),
        most=contract.MOST_PROCEDURES,
        metadata={
            "description": "Service times by procedure; `*`: of all others.",
            "example": {"*": {"mean_minutes": 30, "spread": "exponential"}},
        },
    )
    shifts = Entries(
        required=True,
        keys=fields.String(validate=validate.Regexp(_NAME)),
        values=fields.Nested(ShiftSchema),
        least=1,
        most=contract.MOST_SHIFTS,
        metadata={"description": "Shifts by name.", "example": {"day": {"hours": "office"}}},
    )
    desks = fields.List(
        fields.Nested(DeskSchema),
        required=True,
        validate=validate.Length(max=contract.MOST_DESKS),
        metadata={
            "description": "Officers by office, skill and shift.",
            "example": [{"office": "*", "skill": "dossiers", "officers": 3, "shift": "day"}],
        },
    )

    @post_load(pass_original=True)
    def _as_sent(self, _data: Any, original_data: Any, **_: Any) -> Any:
        return original_data


#: What a staffing that doesn't fit together is told in Vietnamese, by code.
_DETAILS_VI: Final = {
    "required": "Thiếu trường bắt buộc.",
    "unknown-field": "Không có trường này.",
    "wrong-type": "Sai kiểu dữ liệu hoặc sai định dạng.",
    "wrong-shape": "Không đúng khuôn mẫu quy định.",
    "wrong-length": "Sai độ dài.",
    "not-a-choice": "Không thuộc các giá trị cho phép.",
    "not-allowed": "Trường này không dùng được cùng các giá trị khác đã chọn.",
    "out-of-range": "Nằm ngoài khoảng cho phép.",
    "twice": "Đã có ở trên.",
    "others-missing": "Thiếu mục `*` cho các thủ tục còn lại.",
    "unknown-procedure": "Không có thủ tục này.",
    "unknown-office": "Không có đơn vị hải quan này.",
    "unknown-skill": "Không có kỹ năng này trong `skills`.",
    "unknown-shift": "Không có ca làm việc này trong `shifts`.",
}


def read_staffing(data: Any, catalogue: Catalogue) -> Staffing:
    """The staffing of a request, whose shape has been checked.

    Raises:
        ProblemError: `invalid-body`; each error has its pointer.
    """
    try:
        return staffing_from_wire(data, procedures=catalogue.procedures, offices=catalogue.offices)
    except StaffingError as error:
        errors = [
            {
                "pointer": f"/staffing{one.pointer}",
                "code": one.code,
                "detail": one.message,
                "detail_vi": in_vietnamese(one.message) or _DETAILS_VI[one.code],
            }
            for one in error.problems
        ]
        raise problem("invalid-body", count=len(errors), errors=errors) from error
