"""The working calendar: days off and days worked by exception, and what decisions moved."""

from flask import render_template, request

from services.contracts.timeliness import vietnamese_day
from services.portal.application.problems import problem
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, parts, sandbox
from services.portal.web.language import gettext
from services.portal.web.view_models.calendars import (
    OverridePage,
    calendar_page,
    moved_rows,
    override_row,
    parse_year,
)

#: Moved deadlines on one page.
_PAGE_SIZE = 50


@bp.get("/calendar")
def calendar() -> str:
    """A year of the sandbox's calendar."""
    known, sandbox_id = catalogue().calendar, sandbox().sandbox_id
    year = parse_year(request.args, known, vietnamese_day(now()))
    reader = parts().override_reader
    decided, counts = reader.overrides(sandbox_id), reader.moved_counts(sandbox_id)
    rows = [override_row(one, counts.get(one.number, 0)) for one in decided]
    page = calendar_page(year, parts().calendars.of_sandbox(sandbox_id), known, rows)
    return render_template("pages/calendar.html", page=page)


@bp.get("/calendar/overrides/<int:number>")
def calendar_override(number: int) -> str:
    """A decision, and the deadlines that it moved."""
    reader, sandbox_id = parts().override_reader, sandbox().sandbox_id
    found = next((one for one in reader.overrides(sandbox_id) if one.number == number), None)
    if found is None:
        raise problem("not-found", what=gettext("decision"), name=number)
    moved = reader.moved_deadlines(sandbox_id, found, _after(request.args.get("after", "")), _PAGE_SIZE + 1)
    shown = moved[:_PAGE_SIZE]
    rows = moved_rows(shown, parts().calendars.moved_by(found, shown))
    more = f"{shown[-1].number}-{shown[-1].position}" if len(moved) > _PAGE_SIZE else None
    row = override_row(found, reader.moved_counts(sandbox_id, number).get(number, 0))
    return render_template("pages/calendar_override.html", page=OverridePage(row, rows, more))


def _after(text: str) -> tuple[int, int]:
    """Where the page before ended."""
    if not text:
        return 0, 0
    number, _, position = text.partition("-")
    if not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in (number, position)):
        raise problem("invalid-query", count=1, errors=[{"pointer": "/after"}])
    return int(number), int(position)
