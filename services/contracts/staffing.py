"""Staffings: which officers an office has, when they work, how long their work takes, and what they take first.

Said when a sandbox is opened, and in the files of shipped staffings. In a staffed sandbox the work of officers waits in
queues, and the time to a decision is what comes of it (docs/adr/0016-staffed-offices.md; `services.casework` says how).
Plain frozen values with their JSON form; `staffing_from_wire` checks all of it and names each mistake by its pointer.

An example, as YAML; JSON has the same shape:

    discipline: first-come            # earliest-deadline, by-procedure
    priorities: {}                    # by-procedure: {procedure id: rank}; lower goes first, those without one last
    skills:                           # each procedure belongs to one skill; "*": all that are named nowhere, once
      documents: [clearance-documentary-check]
      goods: [clearance-goods-inspection]
      dossiers: ["*"]
    service:                          # an officer's time with a dossier, each time it is taken up
      "*": {mean_minutes: 30, spread: exponential}
      clearance-documentary-check: {mean_minutes: 12, spread: lognormal, variation_percent: 80}
    shifts:
      day: {hours: office}            # the office hours of the sandbox's calendar
      port: {days: [mon, tue, wed, thu, fri, sat, sun], from: "06:00", to: "22:00"}   # also on public holidays
      late: {days: office, from: "17:00", to: "20:00"}                  # on the calendar's working days
      night: {days: [mon, tue, wed, thu, fri], from: "22:00", to: "06:00"}   # over midnight; belongs to the first day
      always: {hours: all}
    desks:                            # officers of an office with a skill, by shift
      - {office: 02CI, skill: documents, officers: 12, shift: day,
         leave: [{first_on: "2018-06-01", last_on: "2018-06-10", officers: 2}]}
      - {office: "*", skill: documents, officers: 1, shift: day}   # each office that has no desk of this skill above

A queue belongs to an office and a skill; desks of several shifts may serve the same one. Where no desk serves a queue,
its dossiers wait for ever.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from services.contracts.staffing_reading import Problem, Reader

#: Every other procedure, every office not listed.
OTHERS: Final = "*"

#: Days of the week on the wire; the place is `date.weekday()`.
WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

MOST_OFFICERS: Final = 10_000  #: of one desk
MOST_DESKS: Final = 2_000
MOST_SKILLS: Final = 50
MOST_SHIFTS: Final = 50
MOST_LEAVES: Final = 20  #: of one desk
MOST_RANK: Final = 1_000
MOST_PROCEDURES: Final = 1_000  #: named in one place
LEAST_MINUTES: Final = 0.1  #: mean of a service time
MOST_MINUTES: Final = 10_000.0  #: likewise: about a month of office hours
MOST_VARIATION_PERCENT: Final = 500


class Discipline(StrEnum):
    """Which waiting dossier an officer takes; among equals the one with the lowest number."""

    FIRST_COME = "first-come"  #: that has waited longest in this queue
    #: The one due first, as its limit stood when it came into the queue; those without a limit last.
    EARLIEST_DEADLINE = "earliest-deadline"
    BY_PROCEDURE = "by-procedure"  #: by the rank of its procedure; within a rank first come


class Spread(StrEnum):
    """How service times differ from dossier to dossier."""

    FIXED = "fixed"  #: not at all
    EXPONENTIAL = "exponential"  #: without memory; the standard deviation is the mean
    LOGNORMAL = "lognormal"  #: `variation_percent` is the standard deviation beside the mean


class Hours(StrEnum):
    """Hours that need no days of their own."""

    OFFICE = "office"  #: office hours on the working days of the sandbox's calendar
    ALL = "all"  #: round the clock


@dataclass(frozen=True, slots=True)
class ServiceTime:
    """An officer's working time with a dossier.

    Attributes:
        mean_minutes: Working minutes of the officer's shift.
        variation_percent: Of `lognormal`; `None` with any other spread.
    """

    mean_minutes: float
    spread: Spread
    variation_percent: int | None = None

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        data: dict[str, Any] = {"mean_minutes": self.mean_minutes, "spread": str(self.spread)}
        if self.variation_percent is not None:
            data["variation_percent"] = self.variation_percent
        return data


@dataclass(frozen=True, slots=True)
class OwnHours:
    """A shift with hours of its own.

    Attributes:
        days: Days of the week, 0 is Monday, whatever the calendar says of them; `None`: its working days.
        opens: Minutes after midnight in Vietnam.
        closes: Likewise, up to 24 hours; not after `opens`: on the day after.
    """

    days: tuple[int, ...] | None
    opens: int
    closes: int

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        days = str(Hours.OFFICE) if self.days is None else [WEEKDAYS[day] for day in self.days]
        return {"days": days, "from": _clock(self.opens), "to": _clock(self.closes)}


#: When officers work.
Shift = Hours | OwnHours


@dataclass(frozen=True, slots=True)
class Leave:
    """Officers of a desk who are away on some days, the first and the last included."""

    first_on: date
    last_on: date
    officers: int

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "first_on": self.first_on.isoformat(),
            "last_on": self.last_on.isoformat(),
            "officers": self.officers,
        }


@dataclass(frozen=True, slots=True)
class Desk:
    """Officers of an office who have a skill and work the same shift; all alike."""

    office: str  #: its code; `OTHERS`: each office that has no desk of this skill
    skill: str
    officers: int
    shift: str
    leave: tuple[Leave, ...] = ()

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        data: dict[str, Any] = {
            "office": self.office,
            "skill": self.skill,
            "officers": self.officers,
            "shift": self.shift,
        }
        if self.leave:
            data["leave"] = [one.to_wire() for one in self.leave]
        return data


# Not slotted: the look-up tables are made on first use.
@dataclass(frozen=True, kw_only=True)
class Staffing:
    """Who works in a sandbox's offices. Complete and consistent when it comes from `staffing_from_wire`."""

    discipline: Discipline
    skills: Mapping[str, tuple[str, ...]]
    service: Mapping[str, ServiceTime]
    shifts: Mapping[str, Shift]
    desks: tuple[Desk, ...]
    priorities: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def _skill_by_procedure(self) -> Mapping[str, str]:
        return {procedure: skill for skill, procedures in self.skills.items() for procedure in procedures}

    @cached_property
    def _desks_by_queue(self) -> Mapping[tuple[str, str], tuple[Desk, ...]]:
        found: dict[tuple[str, str], list[Desk]] = {}
        for desk in self.desks:
            found.setdefault((desk.office, desk.skill), []).append(desk)
        return {key: tuple(desks) for key, desks in found.items()}

    def skill_of(self, procedure_id: str) -> str:
        """The skill that a procedure needs."""
        found = self._skill_by_procedure.get(procedure_id)
        return self._skill_by_procedure[OTHERS] if found is None else found

    def service_of(self, procedure_id: str) -> ServiceTime:
        """How long a dossier of a procedure takes."""
        return self.service.get(procedure_id) or self.service[OTHERS]

    def desks_of(self, office_code: str, skill: str) -> tuple[Desk, ...]:
        """The desks that serve a queue, in the order of the staffing; none: nobody does."""
        found = self._desks_by_queue.get((office_code, skill))
        return self._desks_by_queue.get((OTHERS, skill), ()) if found is None else found

    def to_wire(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "discipline": str(self.discipline),
            "priorities": dict(self.priorities),
            "skills": {skill: list(procedures) for skill, procedures in self.skills.items()},
            "service": {name: one.to_wire() for name, one in self.service.items()},
            "shifts": {
                name: {"hours": str(one)} if isinstance(one, Hours) else one.to_wire()
                for name, one in self.shifts.items()
            },
            "desks": [desk.to_wire() for desk in self.desks],
        }


class StaffingError(ValueError):
    """A staffing is wrong; `problems` has each mistake, in the order in which they stand."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(f"{one.pointer or '/'}: {one.message}" for one in problems))
        self.problems = tuple(problems)


def staffing_from_wire(
    data: Any, *, procedures: Collection[str] | None = None, offices: Collection[str] | None = None
) -> Staffing:
    """A staffing from its JSON form, or from YAML of the same shape.

    Args:
        data: Decoded.
        procedures: Ids that there are; `None`: any.
        offices: Codes that there are; `None`: any.

    Raises:
        StaffingError: Something is missing, unknown, out of range, or doesn't fit the rest.
    """
    read = Reader()
    fields = read.fields(
        "", data, required=("discipline", "skills", "service", "shifts", "desks"), optional=("priorities",)
    )
    discipline = read.choice("/discipline", fields.get("discipline"), Discipline)
    staffing = Staffing(
        discipline=discipline or Discipline.FIRST_COME,
        priorities=_priorities(read, fields.get("priorities", {}), discipline, procedures),
        skills=_skills(read, fields.get("skills"), procedures),
        service=_service(read, fields.get("service"), procedures),
        shifts=_shifts(read, fields.get("shifts")),
        desks=(),
    )
    staffing = replace(staffing, desks=tuple(_desks(read, fields.get("desks"), staffing, offices)))
    if read.problems:
        raise StaffingError(read.problems)
    return staffing


def _priorities(
    read: Reader, data: Any, discipline: Discipline | None, known: Collection[str] | None
) -> dict[str, int]:
    ranks: dict[str, int] = {}
    for pointer, procedure, value in read.items("/priorities", data, most=MOST_PROCEDURES):
        read.known(pointer, procedure, known, "unknown-procedure", "procedure")
        rank = read.whole(pointer, value, 0, MOST_RANK)
        ranks[procedure] = rank or 0
    if ranks and discipline is not None and discipline is not Discipline.BY_PROCEDURE:
        read.fail("/priorities", "not-allowed", f"Priorities belong to the discipline `{Discipline.BY_PROCEDURE}`.")
    return ranks


def _skills(read: Reader, data: Any, known: Collection[str] | None) -> dict[str, tuple[str, ...]]:
    skills: dict[str, tuple[str, ...]] = {}
    seen: dict[str, str] = {}
    for pointer, skill, value in read.items("/skills", data, most=MOST_SKILLS, least=1):
        read.name(pointer, skill)
        procedures = [
            read.text(place, one) for place, one in read.elements(pointer, value, most=MOST_PROCEDURES, least=1)
        ]
        skills[skill] = tuple(one for one in procedures if one is not None)
        for place, procedure in enumerate(procedures):
            if procedure is None:
                continue
            where = f"{pointer}/{place}"
            if procedure != OTHERS:
                read.known(where, procedure, known, "unknown-procedure", "procedure")
            if procedure in seen:
                read.fail(where, "twice", f"`{procedure}` belongs to the skill `{seen[procedure]}` already.")
            seen[procedure] = skill
    if OTHERS not in seen and not read.is_told("/skills"):
        read.fail("/skills", "others-missing", f"One skill must have `{OTHERS}`: all procedures named in none.")
    return skills


def _service(read: Reader, data: Any, known: Collection[str] | None) -> dict[str, ServiceTime]:
    service: dict[str, ServiceTime] = {}
    for pointer, procedure, value in read.items("/service", data, most=MOST_PROCEDURES):
        if procedure != OTHERS:
            read.known(pointer, procedure, known, "unknown-procedure", "procedure")
        fields = read.fields(pointer, value, required=("mean_minutes", "spread"), optional=("variation_percent",))
        mean = read.number(f"{pointer}/mean_minutes", fields.get("mean_minutes"), LEAST_MINUTES, MOST_MINUTES)
        spread = read.choice(f"{pointer}/spread", fields.get("spread"), Spread)
        variation = None
        if "variation_percent" in fields:
            where = f"{pointer}/variation_percent"
            variation = read.whole(where, fields["variation_percent"], 1, MOST_VARIATION_PERCENT)
            if spread is not None and spread is not Spread.LOGNORMAL:
                read.fail(where, "not-allowed", f"Only the spread `{Spread.LOGNORMAL}` has a variation.")
        elif spread is Spread.LOGNORMAL:
            read.fail(f"{pointer}/variation_percent", "required", f"The spread `{spread}` needs a variation.")
        if mean is not None and spread is not None:
            service[procedure] = ServiceTime(mean, spread, variation)
    if OTHERS not in service and not read.is_told("/service") and OTHERS not in data:
        read.fail("/service", "others-missing", f"`{OTHERS}` is missing: the service time of all other procedures.")
    return service


def _shifts(read: Reader, data: Any) -> dict[str, Shift]:
    shifts: dict[str, Shift] = {}
    for pointer, name, value in read.items("/shifts", data, most=MOST_SHIFTS, least=1):
        read.name(pointer, name)
        if isinstance(value, Mapping) and "hours" in value:
            fields = read.fields(pointer, value, required=("hours",))
            hours: Shift | None = read.choice(f"{pointer}/hours", fields["hours"], Hours)
        else:
            hours = _own_hours(read, pointer, value)
        # Also when it is wrong: so that desks that name it aren't told that there is no such shift.
        shifts[name] = hours or Hours.OFFICE
    return shifts


def _own_hours(read: Reader, pointer: str, data: Any) -> OwnHours | None:
    fields = read.fields(pointer, data, required=("days", "from", "to"))
    opens = read.time_of_day(f"{pointer}/from", fields.get("from"))
    closes = read.time_of_day(f"{pointer}/to", fields.get("to"))
    days: tuple[int, ...] | None = ()
    if fields.get("days") == Hours.OFFICE:
        days = None
    elif "days" in fields:
        days = tuple(_days(read, f"{pointer}/days", fields["days"]))
    if opens is None or closes is None:
        return None
    if opens == 24 * 60:
        read.fail(f"{pointer}/from", "out-of-range", "A shift begins before 24:00.")
    elif opens == closes:
        read.fail(f"{pointer}/to", "out-of-range", "A shift ends at another time than it begins; see `hours: all`.")
    return OwnHours(days, opens, closes)


def _days(read: Reader, pointer: str, data: Any) -> Iterator[int]:
    seen: set[int] = set()
    for place, value in read.elements(pointer, data, most=len(WEEKDAYS), least=1):
        if value not in WEEKDAYS:
            read.fail(place, "not-a-choice", f"Must be one of: {', '.join(WEEKDAYS)}.")
        elif WEEKDAYS.index(value) in seen:
            read.fail(place, "twice", f"`{value}` stands there already.")
        else:
            seen.add(WEEKDAYS.index(value))
    yield from sorted(seen)


def _desks(read: Reader, data: Any, staffing: Staffing, offices: Collection[str] | None) -> Iterator[Desk]:
    seen: set[tuple[str, str, str]] = set()
    for pointer, value in read.elements("/desks", data, most=MOST_DESKS):
        fields = read.fields(pointer, value, required=("office", "skill", "officers", "shift"), optional=("leave",))
        office = read.text(f"{pointer}/office", fields.get("office"))
        skill = read.text(f"{pointer}/skill", fields.get("skill"))
        shift = read.text(f"{pointer}/shift", fields.get("shift"))
        officers = read.whole(f"{pointer}/officers", fields.get("officers"), 0, MOST_OFFICERS)
        leave = tuple(_leave(read, f"{pointer}/leave", fields.get("leave", []), officers))
        if office is None or skill is None or shift is None or officers is None:
            continue
        if office != OTHERS:
            read.known(f"{pointer}/office", office, offices, "unknown-office", "office")
        read.known(f"{pointer}/skill", skill, staffing.skills or None, "unknown-skill", "skill")
        read.known(f"{pointer}/shift", shift, staffing.shifts or None, "unknown-shift", "shift")
        if (office, skill, shift) in seen:
            read.fail(pointer, "twice", f"Office `{office}` has a desk `{skill}` in the shift `{shift}` already.")
        seen.add((office, skill, shift))
        yield Desk(office, skill, officers, shift, leave)


def _leave(read: Reader, pointer: str, data: Any, officers: int | None) -> Iterator[Leave]:
    for place, value in read.elements(pointer, data, most=MOST_LEAVES):
        fields = read.fields(place, value, required=("first_on", "last_on", "officers"))
        first_on = read.day(f"{place}/first_on", fields.get("first_on"))
        last_on = read.day(f"{place}/last_on", fields.get("last_on"))
        away = read.whole(f"{place}/officers", fields.get("officers"), 1, MOST_OFFICERS)
        if first_on is None or last_on is None or away is None:
            continue
        if last_on < first_on:
            read.fail(f"{place}/last_on", "out-of-range", "Leave ends on its first day or later.")
        if officers is not None and away > officers:
            read.fail(f"{place}/officers", "out-of-range", f"The desk has no more than {officers} officers.")
        yield Leave(first_on, last_on, away)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
