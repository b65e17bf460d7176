"""The calendar's routes over a portal in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from services.contracts.commands import CalendarOverride, Command, CommandType
from services.portal.application.ports import NewCommand
from services.portal.application.sandbox_calendars import DECISIONS, WORKING_DAYS_KEPT, SandboxCalendars, decide
from services.portal.bootstrap import Parts
from services.portal.domain.calendar_overrides import DecidedOverride, MovedDeadline
from services.runtime.errors import ProblemError
from tests.support.fakes import (
    KEY,
    NOW,
    RECORDED,
    SANDBOX_ID,
    MemoryOverrideReader,
    a_sandbox,
    make_portal,
    the_book,
    the_catalogue,
)
from tests.support.limits import local

STORM = CalendarOverride(date(2018, 6, 7), False, "Nghỉ do bão", "12/QĐ")


@pytest.fixture(scope="module")
def app() -> Flask:
    return make_portal()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {KEY}"
    return client


def parts_of(app: Flask) -> Parts:
    found: Parts = app.extensions["motcua-parts"]
    return found


def decided(number: int, override: CalendarOverride) -> DecidedOverride:
    return DecidedOverride(
        sandbox_id=SANDBOX_ID,
        number=number,
        override=override,
        decided_at=NOW - timedelta(days=1),
        recorded_at=RECORDED,
        sequences={0: 3},
    )


def test_days_are_listed_with_what_makes_them_special(client: FlaskClient) -> None:
    body = client.get("/api/v1/calendar?from=2018-04-24&to=2018-04-28").get_json()
    assert [day["is_working"] for day in body["items"]] == [True, False, True, True, False]
    feast = body["items"][1]
    assert (feast["day"], feast["decision_number"]) == ("2018-04-25", None)
    assert "Giỗ Tổ" in feast["name"]
    assert body["items"][4] == {
        "day": "2018-04-28", "is_working": False, "name": None, "source": None, "decision_number": None,
    }  # fmt: skip
    assert body["sessions"] == [{"opens": "08:00", "closes": "12:00"}, {"opens": "13:00", "closes": "17:00"}]


def test_without_a_question_the_next_month_is_listed(client: FlaskClient) -> None:
    days = [day["day"] for day in client.get("/api/v1/calendar").get_json()["items"]]
    assert (days[0], days[-1], len(days)) == ("2018-06-08", "2018-07-08", 31)


@pytest.mark.parametrize(
    ("query", "code", "pointer"),
    [
        ({"from": "2018-06-05", "to": "2018-06-04"}, "invalid-query", "/to"),
        ({"from": "2018-06-05", "to": "2019-06-06"}, "invalid-query", "/to"),
        ({"from": "5/6/2018"}, "invalid-query", "/from"),
        ({"until": "2018-06-05"}, "invalid-query", "/until"),
        ({"from": "1999-01-01", "to": "1999-01-02"}, "day-outside-calendar", "/from"),
        ({"from": "9999-12-31"}, "day-outside-calendar", "/from"),
    ],
)
def test_a_question_that_has_no_answer_is_refused(
    client: FlaskClient, query: dict[str, str], code: str, pointer: str
) -> None:
    answer = client.get("/api/v1/calendar", query_string=query)
    body = answer.get_json()
    assert (answer.status_code, body["code"], body["errors"][0]["pointer"]) == (422, code, pointer)


def test_a_decision_says_what_it_moved_page_by_page(app: Flask, client: FlaskClient) -> None:
    moved = [
        MovedDeadline(
            number=number,
            position=10 * number,
            filed_at=NOW,
            limit_unit="working-days",
            before=local("2018-06-08 17:00").astimezone(UTC),
            after=local("2018-06-11 17:00").astimezone(UTC),
        )
        for number in (3, 4, 7)
    ]
    parts = parts_of(app)
    vars(parts)["override_reader"] = reader = MemoryOverrideReader([decided(1, STORM)], moved)
    vars(parts)["calendars"] = SandboxCalendars(the_book(), reader)
    first = client.get("/api/v1/calendar/overrides/1?limit=2").get_json()
    assert (first["day"], first["kind"], first["moved_count"]) == ("2018-06-07", "off", 3)
    assert first["moved"]["items"][0] == {
        "dossier_id": "000.00.00.G12-180608-000003",
        "before": "2018-06-08T10:00:00Z",
        "after": "2018-06-11T10:00:00Z",
        "moved_by": {"amount": 1, "unit": "working-days"},
    }
    cursor = first["moved"]["next_cursor"]
    second = client.get(f"/api/v1/calendar/overrides/1?limit=2&cursor={cursor}").get_json()["moved"]
    assert ([item["dossier_id"][-1] for item in second["items"]], second["next_cursor"]) == (["7"], None)
    assert client.get("/api/v1/calendar/overrides").get_json()["items"][0]["decision_number"] == "12/QĐ"
    assert client.get("/api/v1/calendar/overrides/2").status_code == 404
    assert client.get("/api/v1/calendar/overrides/1?cursor=n0p0").status_code == 422


@pytest.mark.parametrize(
    ("override", "unit", "before", "after", "amount"),
    [
        (STORM, "working-days", "2018-06-07 17:00", "2018-06-08 17:00", 1),
        (STORM, "working-days", "2018-06-08 17:00", "2018-06-11 17:00", 1),
        (STORM, "working-hours", "2018-06-07 10:00", "2018-06-08 10:00", 8.0),
        (STORM, "working-hours", "2018-06-07 16:00", "2018-06-08 09:30", 2.5),
        (STORM, "calendar-days", "2018-06-07 17:00", "2018-06-08 17:00", 1),
        (
            CalendarOverride(date(2018, 6, 9), True, "Làm bù", "13/QĐ"),
            "working-days",
            "2018-06-12 17:00",
            "2018-06-11 17:00",
            -1,
        ),
        (
            CalendarOverride(date(2018, 6, 9), True, "Làm bù", "13/QĐ"),
            "working-hours",
            "2018-06-11 10:00",
            "2018-06-09 10:00",
            -8.0,
        ),
        (STORM, None, "2018-06-07 17:00", "2018-06-08 17:00", None),
    ],
)
def test_how_far_a_deadline_moved_is_counted_with_the_day_as_worked(
    override: CalendarOverride, unit: str | None, before: str, after: str, amount: float | None
) -> None:
    one = decided(1, override)
    moved = MovedDeadline(number=1, position=1, filed_at=NOW, limit_unit=unit, before=local(before), after=local(after))
    assert SandboxCalendars(the_book(), MemoryOverrideReader([one])).moved_by(one, [moved]) == [amount]


class CommandUnit:
    """The door's transaction, as far as deciding uses it."""

    def __init__(self, earlier: Sequence[CalendarOverride] = ()) -> None:
        self.earlier = earlier
        self.commands: list[NewCommand] = []
        self.kept: list[DecidedOverride] = []

    def calendar_overrides(self, sandbox_id: str) -> Sequence[CalendarOverride]:
        assert sandbox_id == SANDBOX_ID
        return self.earlier

    def append(self, sandbox_id: str, commands: list[NewCommand]) -> dict[int, int]:
        assert sandbox_id == SANDBOX_ID
        self.commands += commands
        return {command.partition: 7 + command.partition for command in commands}

    def add_calendar_override(self, one: DecidedOverride) -> int:
        self.kept.append(one)
        return 4


def test_deciding_is_a_command_to_every_partition() -> None:
    unit: Any = CommandUnit()
    found = decide(unit, a_sandbox(), STORM, the_catalogue().calendar, RECORDED)
    assert (found.number, found.sequences, found.decided_at) == (4, {0: 7, 1: 8}, NOW)
    assert [(one.partition, one.type, one.at) for one in unit.commands] == [
        (0, CommandType.OVERRIDE_CALENDAR, NOW),
        (1, CommandType.OVERRIDE_CALENDAR, NOW),
    ]
    command = Command(7, unit.commands[0].type, NOW, unit.commands[0].data)
    assert Command.from_wire(command.to_wire()).calendar_overrides == [STORM]


def test_a_day_that_nobody_knows_is_not_decided_on() -> None:
    unit: Any = CommandUnit()
    with pytest.raises(ProblemError) as caught:
        decide(unit, a_sandbox(), CalendarOverride(date(1999, 1, 1), False, "x", "y"), the_catalogue().calendar, NOW)
    assert (caught.value.code, caught.value.errors[0]["pointer"]) == ("day-outside-calendar", "/day")
    assert unit.commands == []


def test_a_year_keeps_its_working_days() -> None:
    plain = the_book().plain
    days = [date(2032, 1, 1) + timedelta(days=place) for place in range(366)]
    working = [day for day in days if plain.is_working_day(day)]
    off = [CalendarOverride(day, False, "Nghỉ", "1/QĐ") for day in reversed(working)]
    spare = len(working) - WORKING_DAYS_KEPT
    unit: Any = CommandUnit(off[: spare - 1])
    decide(unit, a_sandbox(), off[spare - 1], the_catalogue().calendar, RECORDED)
    unit = CommandUnit(off[:spare])
    decide(unit, a_sandbox(), CalendarOverride(date(2031, 12, 31), False, "x", "y"), the_catalogue().calendar, RECORDED)
    decide(unit, a_sandbox(), replace(off[0], is_working=True), the_catalogue().calendar, RECORDED)
    with pytest.raises(ProblemError) as caught:
        decide(unit, a_sandbox(), off[spare], the_catalogue().calendar, RECORDED)
    assert (caught.value.code, caught.value.errors[0]["pointer"]) == ("too-many-days-off", "/day")
    assert len(unit.kept) == 2


def test_a_sandbox_decides_so_often_and_no_more() -> None:
    unit: Any = CommandUnit([STORM] * (DECISIONS - 1))
    decide(unit, a_sandbox(), STORM, the_catalogue().calendar, RECORDED)
    unit = CommandUnit([STORM] * DECISIONS)
    with pytest.raises(ProblemError) as caught:
        decide(unit, a_sandbox(), STORM, the_catalogue().calendar, RECORDED)
    assert (caught.value.code, unit.commands) == ("too-many-decisions", [])


def test_a_calendar_holds_what_was_decided_by_its_instant() -> None:
    first, second = decided(1, STORM), replace(decided(2, replace(STORM, is_working=True)), decided_at=NOW)
    calendars = SandboxCalendars(the_book(), MemoryOverrideReader([first, second])).by_instant(SANDBOX_ID)
    instants = (first.decided_at - timedelta(seconds=1), first.decided_at, NOW - timedelta(seconds=1), NOW)
    assert [calendars(at).is_working_day(STORM.day) for at in instants] == [True, False, False, True]
    assert calendars(instants[1]) is calendars(instants[2])
