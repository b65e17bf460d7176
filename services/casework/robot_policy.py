"""How an office's robot, and the applicants of a robot's sandbox, behave: the numbers, and what they must be like."""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotPolicy:
    """Habits; shares are of the dossiers that come to the question, minutes are working minutes of the office."""

    refuse_intake_share: float
    supplement_at_intake_share: float
    supplement_share: float
    payment_share: float  #: asked to pay though the procedure has no fee; a fee is asked for always
    withdraw_share: float
    forward_share: float  #: handed up one level
    consult_share: float  #: another unit is asked for its opinion
    extend_share: float  #: of the steps that the law lets take longer
    refuse_share: float
    late_share: float  #: decided after the due instant
    apology_share: float  #: of the late ones: apologised for, with a new date
    silent_share: float  #: of applicants who are asked for something
    rate_share: float  #: of results that are returned
    very_satisfied_share: float  #: of ratings
    not_satisfied_share: float
    intake_minutes: tuple[int, int]  #: from filing to the intake decision, least and most
    start_minutes: tuple[int, int]  #: from receipt to the start of examination
    return_minutes: tuple[int, int]  #: from decision to result; to the announcement of an early one, likewise
    answer_minutes: tuple[int, int]  #: an applicant takes to supplement or pay
    rate_minutes: tuple[int, int]  #: an applicant takes to rate
    unlimited_minutes: tuple[int, int]  #: to a decision where the law states no limit
    used_ratio: tuple[float, float]  #: part of the remaining limit used by a decision in time
    late_ratio: tuple[float, float]  #: multiple of the remaining limit used by a late decision
    apology_days: tuple[int, int]  #: working days from the due date to the new one
    payment_vnd: tuple[int, int]  #: asked for where the procedure has no fee
    consulted_unit: str

    def __post_init__(self) -> None:
        """Check.

        Raises:
            ValueError: Something can't be; one sentence.
        """
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if name.endswith("_share") and not 0 <= value <= 1:
                raise ValueError(f"{name}: a share is from 0 to 1, not {value}.")
            # A step at the very instant of a filing would come before or after the next filing of that instant,
            # depending on how the filings were cut into requests; so would the ledger.
            if name.endswith(("_minutes", "_days", "_vnd")) and not 1 <= value[0] <= value[1]:
                raise ValueError(f"{name}: least and most, from 1 upwards, not {list(value)}.")
        if not 0 < self.used_ratio[0] <= self.used_ratio[1] <= 1:
            raise ValueError(f"used_ratio: least and most, above 0 and up to 1, not {list(self.used_ratio)}.")
        if not 1 < self.late_ratio[0] <= self.late_ratio[1]:
            raise ValueError(f"late_ratio: least and most, above 1, not {list(self.late_ratio)}.")
        for names in _OF_ONE_DRAW:
            if sum(getattr(self, name) for name in names) > 1:
                raise ValueError(f"{', '.join(names)}: together at most 1.")


#: Shares that one draw decides between.
_OF_ONE_DRAW = (
    ("refuse_intake_share", "supplement_at_intake_share"),
    ("withdraw_share", "supplement_share", "payment_share", "forward_share", "consult_share"),
    ("very_satisfied_share", "not_satisfied_share"),
)
