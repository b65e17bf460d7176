"""A thin client of the portal's API: one method a route, problems as exceptions, nothing hidden.

with Client("http://127.0.0.1:8080", admin_key).open_sandbox(seed=7) as sandbox:
    dossier = sandbox.file({"procedure": "declaration-cancellation", ...})
    sandbox.advance(days=60)
    assert sandbox.dossier(dossier["dossier_id"])["status"] == "returned"
"""

import json
import math
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from types import TracebackType
from typing import Any, Self

import requests

Json = dict[str, Any]

#: Pause before a portal that had no room for a waiting request is asked again.
ASK_AGAIN_SECONDS = 0.1

#: Filings sent in one request by `Client.file_many`.
LINES_PER_REQUEST = 5000


class ProblemError(Exception):
    """The portal refused; `code` says why, `errors` which fields."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(f"{problem.get('code')}: {problem.get('detail')} {problem.get('errors', '')}".strip())
        self.problem = dict(problem)
        self.code: str = problem.get("code", "unknown")
        self.status: int = problem.get("status", 0)
        self.errors: list[Json] = problem.get("errors", [])


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a batch: the ids of what was filed, and the problems of the rest, by line number from 1."""

    dossier_ids: list[str]
    problems: dict[int, Json]


@dataclass(frozen=True, slots=True)
class Registered:
    """What became of a batch of declarations: the numbers given, and the problems of the rest, by line from 1."""

    numbers: list[str]
    problems: dict[int, Json]


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of lines sent as they were: how many were filed, and the problems of the rest, by line from 1."""

    filed_count: int
    problems: dict[int, Json]


@dataclass(frozen=True, slots=True)
class Advanced:
    """Where the clock stands and whether all that fell due has happened and been counted.

    `is_counted` may be false while `is_settled` is true: metrics is away, and only statistics lag behind.
    `sequences` is what this is said of: `Client.settle(upto=…)` waits for that, whatever has been asked since.
    """

    now: datetime
    is_settled: bool
    is_counted: bool
    sequences: Mapping[str, int] = field(default_factory=dict)


class NotSettledError(Exception):
    """Not all that fell due has happened in the time allowed; it goes on, and `advanced` says where the clock stands.

    Wait on with `Client.settle`; moving the clock again would move it twice.
    """

    def __init__(self, advanced: Advanced, wait_seconds: float) -> None:
        super().__init__(f"not settled at {advanced.now.isoformat()} within {wait_seconds:g} s; wait on with settle()")
        self.advanced = advanced


class Client:
    """One key's view of a portal.

    Args:
        url: the portal, such as `http://127.0.0.1:8080`.
        key: a sandbox's key, or the administrator's.
        timeout_seconds: longest wait for an answer, beyond what a call itself asks the portal to wait.
    """

    def __init__(self, url: str, key: str, *, timeout_seconds: float = 30) -> None:
        self.url = url.rstrip("/")
        self.key = key
        self._timeout_seconds = timeout_seconds
        self._session = requests.Session()
        # The address was given: a proxy or a .netrc of the machine has no say in it.
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {key}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connection back."""
        self._session.close()

    def request(self, method: str, path: str, *, wait_seconds: float = 0, **options: Any) -> requests.Response:
        """Any request below the portal's address.

        Raises:
            ProblemError: the portal refused.
            requests.RequestException: it could not be reached.
        """
        timeout = self._timeout_seconds + wait_seconds
        response = self._session.request(method, self.url + path, timeout=timeout, **options)
        if response.status_code >= 400:
            raise ProblemError(_problem_of(response))
        return response

    def _json(self, method: str, path: str, **options: Any) -> Json:
        answer: Json = self.request(method, path, **options).json()
        return answer

    # sandboxes: with the administrator's key

    def open_sandbox(
        self,
        *,
        name: str = "sandbox",
        seed: int = 1,
        now: datetime | str | None = None,
        mode: str = "manual",
        speed: int = 1,
        officer: str = "robot",
        partitions: int = 2,
        unknown_declarations: str = "refuse",
        staffing: Mapping[str, Any] | None = None,
        expected_dossiers: int | None = None,
        idempotency_key: str | None = None,
    ) -> "Client":
        """Open a sandbox; returns a client with its key.

        Args:
            name: for people.
            seed: of the robot officers.
            now: where the clock stands; `None`: real time.
            mode: `manual`, `scaled` or `real`.
            speed: virtual seconds a real second, for `scaled`.
            officer: `robot` or `human`.
            partitions: how many workers can share its work.
            unknown_declarations: `adopt` takes a declaration number that isn't registered for a cleared declaration of
                the applicant's; `refuse` doesn't file such a dossier.
            staffing: who works in the offices, as the API takes it: dossiers wait for officers then; `None`: the robot
                is never busy. With officer `robot` only.
            expected_dossiers: how many are going to be filed; the statistics page then shows how far it has come.
            idempotency_key: with it a lost answer can be asked for again, and one sandbox is opened.
        """
        clock: Json = {"mode": mode, "speed": speed}
        if now is not None:
            clock["now"] = _instant(now)
        body: Json = {
            "name": name,
            "seed": seed,
            "officer": officer,
            "partitions": partitions,
            "clock": clock,
            "unknown_declarations": unknown_declarations,
        }
        if staffing is not None:
            body["staffing"] = staffing
        if expected_dossiers is not None:
            body["expected_dossiers"] = expected_dossiers
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return Client(self.url, self._json("POST", "/api/v1/sandboxes", json=body, headers=headers)["key"])

    # catalogue

    def procedures(self) -> list[Json]:
        """All procedures."""
        return list(self._json("GET", "/api/v1/procedures")["items"])

    def procedure(self, procedure_id: str) -> Json:
        """One procedure with its form's schema and a valid example."""
        return self._json("GET", f"/api/v1/procedures/{procedure_id}")

    def offices(self) -> list[Json]:
        """All customs offices."""
        return list(self._json("GET", "/api/v1/offices")["items"])

    # dossiers

    def file(self, filing: Mapping[str, Any], *, idempotency_key: str | None = None) -> Json:
        """File one dossier; when this returns, it is on the portal's disk."""
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        return self._json("POST", "/api/v1/dossiers", json=filing, headers=headers)

    def file_many(self, filings: Iterable[Mapping[str, Any]]) -> Filed:
        """File many dossiers, several thousand a request; a bad one doesn't keep the others out."""
        ids, problems = self._send_many("/api/v1/dossiers", filings, "dossier_id")
        return Filed(ids, problems)

    def register_many(self, declarations: Iterable[Mapping[str, Any]]) -> Registered:
        """Register many declarations, several thousand a request; a bad one doesn't keep the others out."""
        numbers, problems = self._send_many("/api/v1/declarations/batch", declarations, "number")
        return Registered(numbers, problems)

    def _send_many(self, path: str, items: Iterable[Mapping[str, Any]], name: str) -> tuple[list[str], dict[int, Json]]:
        """The member `name` of each result, and the problems."""
        given: list[str] = []
        problems: dict[int, Json] = {}
        for first, body in _ndjson(items):
            headers = {"Content-Type": "application/x-ndjson"}
            response = self.request("POST", path, data=body, headers=headers, wait_seconds=60)
            for result in map(json.loads, response.text.splitlines()):
                if "problem" in result:
                    problems[first + result["line"]] = result["problem"]
                else:
                    given.append(result[name])
        return given, problems

    def send_lines(self, path: str, lines: bytes, *, idempotency_key: str | None = None) -> Taken:
        """Send NDJSON as it is, in one request, to a route that files what each line says.

        For loads: nothing is encoded, and the answer is looked into only when something was refused.

        Args:
            path: such as `/api/v1/dossiers` or `/api/v1/declarations/batch`.
            lines: at most as many as the route takes.
            idempotency_key: with it the same lines can be sent again after a lost answer, and are filed once.
        """
        headers = {"Content-Type": "application/x-ndjson", "Prefer": "return=minimal"}
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        response = self.request("POST", path, data=lines, headers=headers, wait_seconds=60)
        problems: dict[int, Json] = {}
        if int(response.headers["X-Refused-Count"]):
            results = map(json.loads, response.content.splitlines())
            problems = {result["line"]: result["problem"] for result in results if "problem" in result}
        return Taken(int(response.headers["X-Filed-Count"]), problems)

    def dossier(self, dossier_id: str) -> Json:
        """One dossier with its form."""
        return self._json("GET", f"/api/v1/dossiers/{dossier_id}")

    def dossiers(self, **filters: Any) -> Iterator[Json]:
        """Dossiers, newest first, page after page."""
        query: Json = {"limit": 500, **filters}
        while True:
            page = self._json("GET", "/api/v1/dossiers", params=query)
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    def timeline(self, dossier_id: str) -> list[Json]:
        """What happened to a dossier, in order."""
        return list(self._json("GET", f"/api/v1/dossiers/{dossier_id}/timeline")["items"])

    def deadline(self, dossier_id: str, *, explain: bool = False) -> Json:
        """How a dossier's due date came about; with `explain` each day or span counted or skipped."""
        query = {"explain": "true"} if explain else {}
        return self._json("GET", f"/api/v1/dossiers/{dossier_id}/deadline", params=query)

    def act(
        self,
        dossier_id: str,
        action: str,
        actor: str,
        *,
        reason: str | None = None,
        note: str | None = None,
        detail: Mapping[str, Any] | None = None,
        version: int | None = None,
        wait_seconds: int = 10,
    ) -> Json:
        """Act on a dossier; returns it as it is then, or the pending action when that took longer.

        Args:
            dossier_id: which.
            action: what, such as `apologize`.
            actor: `applicant`, `officer` or `leader`.
            reason: why, a word of the portal's list.
            note: free text.
            detail: what the action needs beside, such as `{"new_date_at": "2018-06-20T17:00:00+07:00"}`.
            version: refuse when the dossier has changed since it had this version.
            wait_seconds: longest wait for the outcome; 0 returns at once.
        """
        body = {"action": action, "actor": actor, "reason": reason, "note": note, "detail": detail}
        headers = {"Prefer": f"wait={wait_seconds}"} if wait_seconds else {}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        given = {name: value for name, value in body.items() if value is not None}
        path = f"/api/v1/dossiers/{dossier_id}/actions"
        return self._json("POST", path, json=given, headers=headers, wait_seconds=wait_seconds)

    def act_many(self, actions: Iterable[Mapping[str, Any]], *, wait_seconds: int = 0) -> list[Json]:
        """Carry out actions in their order, several on one dossier too; returns a result for each.

        Args:
            actions: each with `dossier_id`, `action`, `actor` and, where it needs them, `reason`, `note`, `detail`,
                `version`.
            wait_seconds: longest wait for their outcomes; without it each is `pending`.

        Returns:
            For each action `command_id` and `outcome`, or `problem`; its `line` counts from 1 within a request.
        """
        headers = {"Content-Type": "application/x-ndjson"}
        if wait_seconds:
            headers["Prefer"] = f"wait={wait_seconds}"
        results: list[Json] = []
        for _, body in _ndjson(actions):
            answer = self.request("POST", "/api/v1/actions", data=body, headers=headers, wait_seconds=wait_seconds)
            results += [json.loads(line) for line in answer.content.splitlines()]
        return results

    # clock

    def clock(self) -> Json:
        """Where the clock stands, and whether all has happened."""
        return self._json("GET", "/api/v1/clock")

    def set_clock(self, mode: str, *, speed: int = 1, now: datetime | str | None = None) -> Json:
        """Set the clock's mode."""
        body: Json = {"mode": mode, "speed": speed}
        if now is not None:
            body["now"] = _instant(now)
        return self._json("PUT", "/api/v1/clock", json=body)

    def advance(
        self,
        by: timedelta | None = None,
        *,
        to: datetime | str | None = None,
        wait_seconds: int = 120,
        must_settle: bool = True,
        **units: float,
    ) -> Advanced:
        """Move a manual clock by a duration (`days=60`, `hours=2` …) or to an instant; waits until settled.

        Args:
            by: how far; or `to`, or units of `timedelta`.
            to: the instant to move to, with its offset.
            wait_seconds: longest wait; 0 moves the clock and returns at once.
            must_settle: `False` leaves it to the caller to look at `is_settled`.
            units: what `timedelta` takes.

        Raises:
            NotSettledError: the clock has moved, and after `wait_seconds` not everything has happened yet.
            ProblemError: the portal refused; the clock hasn't moved.
        """
        body: Json = {"wait_seconds": wait_seconds}
        if to is not None:
            body["to"] = _instant(to)
        else:
            body["by"] = f"PT{int((by or timedelta(**units)).total_seconds())}S"
        return self._settled("advance", body, must_settle=must_settle)

    def settle(
        self,
        *,
        upto: Advanced | None = None,
        wait_seconds: int = 120,
        must_settle: bool = True,
        must_be_counted: bool = True,
    ) -> Advanced:
        """Wait until everything asked so far has happened, without moving the clock.

        Args:
            upto: wait only for what had been asked when this was answered.
            wait_seconds: longest wait; 0 only looks.
            must_settle: `False` leaves it to the caller to look at `is_settled`.
            must_be_counted: `False` doesn't wait until statistics show it, too.

        Raises:
            NotSettledError: after `wait_seconds` not everything has happened yet.
        """
        body: Json = {"wait_seconds": wait_seconds}
        if not must_be_counted:
            body["counted"] = False
        if upto is not None:
            body["sequences"] = dict(upto.sequences)
        return self._settled("settle", body, must_settle=must_settle)

    def _settled(self, verb: str, body: Json, *, must_settle: bool) -> Advanced:
        wait_seconds = body["wait_seconds"]
        ends_at = time.monotonic() + wait_seconds
        advanced = self._ask_settled(verb, body)
        # The portal answers sooner when many are waiting already: then it is asked again until the time is up.
        while not advanced.is_settled and (left_seconds := ends_at - time.monotonic()) > 0:
            time.sleep(min(ASK_AGAIN_SECONDS, left_seconds))
            left = {
                "wait_seconds": math.ceil(max(ends_at - time.monotonic(), 0)),
                "sequences": dict(advanced.sequences),
                "counted": body.get("counted", True),
            }
            advanced = self._ask_settled("settle", left)
        # Who doesn't wait asks for no more than to have the clock moved.
        if must_settle and wait_seconds and not advanced.is_settled:
            raise NotSettledError(advanced, wait_seconds)
        return advanced

    def _ask_settled(self, verb: str, body: Json) -> Advanced:
        answer = self._json("POST", f"/api/v1/clock/{verb}", json=body, wait_seconds=body["wait_seconds"])
        now = datetime.fromisoformat(answer["now"])
        return Advanced(now, answer["is_settled"], answer["is_counted"], answer["sequences"])

    # calendar

    def calendar(self, first_on: date | str, last_on: date | str) -> list[Json]:
        """Days from one to another, up to a year: working or not, and why."""
        return list(self._json("GET", "/api/v1/calendar", params={"from": str(first_on), "to": str(last_on)})["items"])

    def override_calendar(
        self,
        day: date | str,
        kind: str,
        *,
        name: str,
        decision_number: str,
        wait_seconds: int = 60,
        idempotency_key: str | None = None,
    ) -> Json:
        """Make a day `off` or `working` by decision, and wait until open deadlines have moved."""
        body = {
            "day": str(day),
            "kind": kind,
            "name": name,
            "decision_number": decision_number,
            "wait_seconds": wait_seconds,
        }
        headers = {"Idempotency-Key": idempotency_key} if idempotency_key else {}
        path = "/api/v1/calendar/overrides"
        return self._json("POST", path, json=body, headers=headers, wait_seconds=wait_seconds)

    def calendar_overrides(self) -> list[Json]:
        """The sandbox's decisions on its calendar, in their order."""
        return list(self._json("GET", "/api/v1/calendar/overrides")["items"])

    def moved_deadlines(self, override_number: int) -> Iterator[Json]:
        """The deadlines that a decision moved, page after page."""
        query: Json = {"limit": 500}
        while True:
            path = f"/api/v1/calendar/overrides/{override_number}"
            page = self._json("GET", path, params=query)["moved"]
            yield from page["items"]
            if page["next_cursor"] is None:
                return
            query["cursor"] = page["next_cursor"]

    # counts

    def statistics(self, **query: Any) -> Json:
        """Counts; `group_by`, `procedure`, `office`, `level`, `channel`, `from`, `until`."""
        return self._json("GET", "/api/v1/statistics", params=query)

    def report(self, first_on: date | str, last_on: date | str, **query: str) -> Json:
        """The official report of a period, both days included.

        Args:
            first_on: first day, in Vietnam.
            last_on: last day; today at the latest.
            query: `unit`, `field`, `rows`, and the counting rules.
        """
        wanted = {"from": str(first_on), "to": str(last_on), **query}
        return self._json("GET", "/api/v1/reports/form-06", params=wanted)

    def report_file(self, kind: str, first_on: date | str, last_on: date | str, **query: str) -> bytes:
        """The same as a file: `csv`, or `xlsx` laid out as the form."""
        wanted = {"from": str(first_on), "to": str(last_on), **query, "format": kind}
        return self.request("GET", "/api/v1/reports/form-06", params=wanted).content

    def services(self, **query: str) -> Json:
        """Each online service since the start of the year; `unit` and `to` narrow it."""
        return self._json("GET", "/api/v1/reports/services", params=query)

    def scores(self, **query: str) -> Json:
        """How a unit scored in a quarter, and those below it; `unit`, and `quarter` such as `2018-Q2`."""
        return self._json("GET", "/api/v1/reports/scores", params=query)

    def waiting_times(self) -> Json:
        """How long dossiers waited for receipt and for their result, by procedure, in classes."""
        return self._json("GET", "/api/v1/statistics/waiting", wait_seconds=120)

    def recount(self) -> Json:
        """Whether a recount of the ledger gives the same counts."""
        return self._json("POST", "/api/v1/statistics/recount", wait_seconds=300)

    def sign_in_link(self) -> str:
        """A link that opens this sandbox's pages in a browser, for a day."""
        sandbox_id = self._json("GET", "/api/v1/sandbox")["sandbox_id"]
        return str(self._json("POST", f"/api/v1/sandboxes/{sandbox_id}/sign-in-links")["url"])


def _ndjson(filings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, bytes]]:
    lines: list[str] = []
    first = 0
    for filing in filings:
        lines.append(json.dumps(filing, ensure_ascii=False, separators=(",", ":")))
        if len(lines) == LINES_PER_REQUEST:
            yield first, "\n".join(lines).encode()
            first, lines = first + len(lines), []
    if lines:
        yield first, "\n".join(lines).encode()


def _problem_of(response: requests.Response) -> Json:
    try:
        problem = response.json()
    except requests.JSONDecodeError:
        problem = None
    if isinstance(problem, dict):
        return problem
    return {"code": "unknown", "status": response.status_code, "detail": response.text[:200]}


def _instant(at: datetime | str) -> str:
    return at if isinstance(at, str) else at.isoformat()
