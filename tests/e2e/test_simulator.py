"""The crowd against the running services: parts of the shipped workloads, followed to the dossier."""

import os
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from motcua import Client

from services.runtime.clock import real_now
from services.simulator.door import PortalError, UnreachableError, patiently
from services.simulator.driver import ForgottenRunError, Outcome, Progress, Stage, run
from services.simulator.report import Report, make_report
from services.simulator.run_figures import RunFigures
from services.simulator.session import Session, Wish, begin_session, resume_session
from tests.support import crowds
from tests.support.filings import catalogue


def session_of(runs: Path, preset: str, fraction: float, *changes: str, seed: int = 11) -> Session:
    wish = Wish(preset, fraction, seed, changes, None, 2)
    return begin_session(runs, wish, catalogue(), real_now(), in_vietnamese=False)


def play(admin: Client, session: Session, steps: list[Progress] | None = None) -> tuple[Outcome, Report]:
    seen: list[Progress] = []
    outcome = run(admin, session.workload, session.log, (seen if steps is None else steps).append)
    return outcome, make_report(session.preset, outcome, session.log.state)


def ends(admin: Client, session: Session) -> list[tuple[int, str, str]]:
    """Every dossier's number, status and the instant of it."""
    assert session.log.key is not None
    with Client(admin.url, session.log.key) as sandbox:
        return sorted((int(d["number"]), str(d["status"]), str(d["status_at"])) for d in sandbox.dossiers())


def test_a_crowd_is_filed_processed_counted_and_recounted(admin: Client, tmp_path: Path) -> None:
    steps: list[Progress] = []
    session = session_of(tmp_path, "ha-tinh-2020", 0.05)
    _, report = play(admin, session, steps)

    assert report.is_right
    assert report.sent.refused_count == 0
    assert (report.total.filed, report.total.open, report.total.awaiting_receipt) == (79, 0, 0)
    assert (report.enterprise_count, report.individual_count) == (18, 0)

    stages = list(dict.fromkeys(step.stage for step in steps))
    assert stages == [Stage.OPENING, Stage.FILING, Stage.FINISHING, Stage.RECOUNTING]
    assert [step.now for step in steps] == sorted(step.now for step in steps)
    last = steps[-1]
    assert (last.sent_count, last.filed_count, last.ended_count, last.total_count) == (79, 79, 79, 79)
    assert last.backlog == 0


def test_the_portal_has_what_was_sent_for_the_instants_that_were_meant(admin: Client, tmp_path: Path) -> None:
    session = session_of(tmp_path, "national-2018-q2", 0.0005)
    _, report = play(admin, session)
    assert report.is_right
    assert report.sent.total_count == report.sent.taken_count == session.preset.total_count

    expected = list(crowds.lines(crowds.Crowd(session.preset, catalogue(), 11)))
    assert session.log.key is not None
    with Client(admin.url, session.log.key) as sandbox:
        dossiers = sorted(sandbox.dossiers(), key=lambda dossier: int(dossier["number"]))
    assert len(dossiers) == len(expected)
    assert [told(dossier) for dossier in dossiers] == [sent(line.body) for line in expected]
    assert {dossier["is_final"] for dossier in dossiers} == {True}


def told(dossier: dict[str, Any]) -> tuple[str, datetime]:
    return dossier["office"], datetime.fromisoformat(dossier["filed_at"])


def sent(body: dict[str, Any]) -> tuple[str, datetime]:
    return body["office"], datetime.fromisoformat(body["filed_at"])


def test_the_same_seed_ends_the_same_way(admin: Client, tmp_path: Path) -> None:
    sessions = [session_of(tmp_path, "ha-tinh-2020", 0.05) for _ in range(2)]
    first, second = (play(admin, session)[1] for session in sessions)
    assert first == second
    assert ends(admin, sessions[0]) == ends(admin, sessions[1])


class StoppedError(Exception):
    """Somebody has pulled the plug."""


def stopping_at(count: int) -> Callable[[Progress], None]:
    """Pulls it once so many have been sent."""

    def stop(progress: Progress) -> None:
        if progress.sent_count >= count:
            raise StoppedError

    return stop


def test_a_run_that_was_stopped_goes_on_and_files_nothing_twice(admin: Client, tmp_path: Path) -> None:
    """Stopped three times in one run, in the middle of whatever; the rest is another process's."""
    undisturbed = session_of(tmp_path, "ha-tinh-2020", 0.1)
    _, wanted = play(admin, undisturbed)

    session = session_of(tmp_path, "ha-tinh-2020", 0.1)
    for stop_at in (20, 60, 110):
        with pytest.raises(StoppedError):
            run(admin, session.workload, session.log, stopping_at(stop_at))
        before = session.log.state
        session = resume_session(tmp_path, before.plan.run_id, catalogue(), in_vietnamese=False)
        assert session.log.state == before
        assert 0 <= before.windows_done < len(session.workload.crowd.plans)
    _, report = play(admin, session)

    assert report == wanted
    assert ends(admin, session) == ends(admin, undisturbed)
    figures = RunFigures.of(session.log.state)
    assert (figures.sessions, figures.count) == (4, 158)


def test_a_finished_run_can_be_reported_again(admin: Client, tmp_path: Path) -> None:
    session = session_of(tmp_path, "portal-2018-h1", 0.002)
    _, report = play(admin, session)
    again = resume_session(tmp_path, "portal-2018-h1", catalogue(), in_vietnamese=False)
    assert again.log.state.is_finished
    assert play(admin, again)[1] == report


def test_a_run_that_goes_on_says_from_where(admin: Client, tmp_path: Path) -> None:
    session = session_of(tmp_path, "portal-2018-h1", 0.002)
    play(admin, session)
    again = resume_session(tmp_path, "portal-2018-h1", catalogue(), in_vietnamese=False)
    told: list[Progress] = []
    run(admin, again.workload, again.log, told.append)
    assert told[0].now == again.workload.crowd.plans[-1].end


def refusing_session(runs: Path, session: Session | None = None) -> Session:
    """A new one, or one that was gone on with, in which nobody enters the declarations that dossiers name."""
    session = session or session_of(runs, "ha-tinh-2020", 0.05)
    entries = session.workload.earlier.entries
    session.workload.earlier.entries = lambda _, now: entries((), now)  # type: ignore[method-assign]
    return session


def test_what_the_portal_refuses_is_counted_and_the_rest_still_adds_up(admin: Client, tmp_path: Path) -> None:
    """A crowd that names declarations nobody has entered: each is refused, each is told, nothing is lost."""
    session = refusing_session(tmp_path)
    _, report = play(admin, session)
    assert report.is_right
    assert report.sent.refused_count > 0
    assert report.refused_codes == {"not-in-register": report.sent.refused_count}
    assert report.total.filed + report.sent.refused_count == 79
    assert Counter(refused.code for refused in session.log.state.refused) == report.refused_codes


def test_refusals_are_counted_once_however_often_a_run_is_stopped(admin: Client, tmp_path: Path) -> None:
    _, wanted = play(admin, refusing_session(tmp_path))
    assert wanted.sent.refused_count > 3

    session = refusing_session(tmp_path)
    for quarter in (1, 2, 3):
        with pytest.raises(StoppedError):
            run(admin, session.workload, session.log, stopping_at(wanted.sent.taken_count * quarter // 4))
        resumed = resume_session(tmp_path, session.log.state.plan.run_id, catalogue(), in_vietnamese=False)
        session = refusing_session(tmp_path, resumed)
    _, report = play(admin, session)
    assert report.is_right
    assert report == wanted


def test_a_run_that_nobody_remembers_half_of_is_not_gone_on_with(admin: Client, tmp_path: Path) -> None:
    """The portal forgets after a day what it has answered under a key: to send it again would file it twice."""
    session = session_of(tmp_path, "ha-tinh-2020", 0.1)
    with pytest.raises(StoppedError):
        run(admin, session.workload, session.log, stopping_at(30))
    two_days_ago = (real_now() - timedelta(days=2)).timestamp()
    state = next(tmp_path.glob("*/run.json"))
    os.utime(state, (two_days_ago, two_days_ago))
    session = resume_session(tmp_path, session.log.state.plan.run_id, catalogue(), in_vietnamese=False)
    with pytest.raises(ForgottenRunError):
        play(admin, session)


def test_a_run_that_was_stopped_between_two_windows_is_gone_on_with_after_days(admin: Client, tmp_path: Path) -> None:
    session = session_of(tmp_path, "ha-tinh-2020", 0.05)

    def stop(progress: Progress) -> None:
        if progress.stage is not Stage.OPENING:
            raise StoppedError

    with pytest.raises(StoppedError):
        run(admin, session.workload, session.log, stop)
    assert session.log.key is not None
    long_ago = (real_now() - timedelta(days=9)).timestamp()
    os.utime(next(tmp_path.glob("*/run.json")), (long_ago, long_ago))
    session = resume_session(tmp_path, session.log.state.plan.run_id, catalogue(), in_vietnamese=False)
    assert play(admin, session)[1].is_right


def test_a_key_that_may_not_is_told_so(sandbox: Client, tmp_path: Path) -> None:
    with pytest.raises(PortalError, match=r"^admin-key-needed"):
        play(sandbox, session_of(tmp_path, "ha-tinh-2020", 0.05))


def test_a_portal_that_is_not_there_is_told_so() -> None:
    with Client("http://127.0.0.1:9", "nobody") as nobody, pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9"):
        patiently(nobody.clock, nobody.url, patience_seconds=1)
