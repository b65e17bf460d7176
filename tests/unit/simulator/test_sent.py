"""What a crowd has sent, by its own count, beside its lines."""

from collections import Counter
from datetime import date, datetime
from typing import Any

import pytest

from services.contracts.catalogue import Catalogue
from services.contracts.vocabulary import ApplicantKind
from services.simulator.crowd import Crowd
from services.simulator.preset import Preset
from services.simulator.sent import Sent, count_sent
from tests.support import crowds


@pytest.fixture(scope="module")
def made(national: Preset, catalogue: Catalogue) -> Crowd:
    """A crowd that has made all its windows."""
    crowd = Crowd(national, catalogue, 7)
    list(crowd)
    return crowd


def subject(body: dict[str, Any]) -> tuple[str, str]:
    who = body.get("declarant") or body["applicant"]
    return who["kind"], who["identifier"]


def day_of(body: dict[str, Any]) -> date:
    return datetime.fromisoformat(body["filed_at"]).date()


def compare(sent: Sent, lines: list[crowds.Line]) -> None:
    bodies = [line.body for line in lines]
    assert sent.taken_count == len(bodies)
    assert sent.by_day == Counter(map(day_of, bodies))
    assert sent.by_office == Counter(body["office"] for body in bodies)
    dossiers = Counter(body["procedure"] for body in bodies if "procedure" in body)
    assert {
        name: count for name, count in sent.by_procedure.items() if "clearance-" not in name or name in dossiers
    } == dossiers
    assert sent.by_channel == Counter(body["customs_channel"] for body in bodies if "customs_channel" in body)
    at = [datetime.fromisoformat(body["filed_at"]) for body in bodies]
    hours = Counter((instant.weekday(), instant.hour) for instant in at)
    assert sent.by_weekday_and_hour == tuple(tuple(hours[day, hour] for hour in range(24)) for day in range(7))
    kinds = Counter(ApplicantKind(kind) for kind, _ in {subject(body) for body in bodies})
    assert sent.subjects == kinds


def test_columns_are_counted_as_lines_say(made: Crowd, national_lines: list[crowds.Line]) -> None:
    sent = count_sent(made, len(made.plans), ())
    compare(sent, national_lines)
    assert (sent.refused_count, sent.total_count) == (0, len(national_lines))


def test_what_was_refused_counts_nowhere_else(made: Crowd, national_lines: list[crowds.Line]) -> None:
    refused = {line.number for line in national_lines[::7]}
    sent = count_sent(made, len(made.plans), refused)
    compare(sent, [line for line in national_lines if line.number not in refused])
    assert sent.refused_count == len(refused)


def test_windows_that_were_not_sent_are_not_counted(made: Crowd, national_lines: list[crowds.Line]) -> None:
    assert count_sent(made, 3, ()).taken_count == sum(line.window < 3 for line in national_lines)
