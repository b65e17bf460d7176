"""The official report, the statistics of online services, and how units score: pages and files to save."""

from datetime import date

from flask import render_template, request
from werkzeug.wrappers import Response

from services.contracts.timeliness import vietnamese_day
from services.portal.api.reports.routes_report import quarter_of_text, report_file
from services.portal.application.problems import problem
from services.portal.application.reporting import quarter_of
from services.portal.domain.reports.scores import UNIT_CLASS_LABELS
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, parts, sandbox
from services.portal.web.language import gettext
from services.portal.web.view_models import reports as view
from services.portal.web.view_models.chart import on_time_chart
from services.runtime.errors import ProblemError


@bp.get("/reports")
def report() -> str:
    """The report of a period as a table, with a chart; a note instead while metrics is away."""
    form = view.parse_report_form(request.args, catalogue(), _today())
    found = None
    if form.question is not None:
        try:
            found = parts().report_desk.form06(sandbox().sandbox_id, now(), form.question)
        except ProblemError as error:
            _raise_unless_away(error)
    return render_template(
        "pages/report.html",
        form=form,
        report=found,
        chart=on_time_chart(view.bars(found)) if found else None,
        rules=view.rule_choices(form),
        counted_by=view.rules_in_words(found) if found else [],
        units=view.unit_groups(catalogue()),
        sectors=view.sector_options(),
        presets=view.presets(_today()),
        numbers_of=view.numbers_of,
    )


@bp.get("/reports/form-06.<any(csv, xlsx):kind>")
def report_download(kind: str) -> Response:
    """The same as a file."""
    form = view.parse_report_form(request.args, catalogue(), _today())
    if form.question is None:
        errors = [{"pointer": f"/{name}", "code": "invalid", "detail": text} for name, text in form.errors.items()]
        raise problem("invalid-query", count=len(errors), errors=errors)
    return report_file(parts().report_desk.form06(sandbox().sandbox_id, now(), form.question), kind)


@bp.get("/reports/services")
def report_services() -> str:
    """The portal's own statistics of each online service, since the start of the year."""
    last_on, unit = request.args.get("to", "").strip(), view.chosen_unit(request.args)
    errors = view.unit_error(unit, catalogue())
    day = view.day_of(last_on) if last_on else _today()
    if day is None:
        errors["to"] = gettext("Enter a day such as 2018-06-05")
    elif day > _today():
        errors["to"] = gettext("The sandbox's clock has not come to this day yet")
    found = None
    if not errors:
        try:
            found = parts().report_desk.services(sandbox().sandbox_id, now(), day, unit)
        except ProblemError as error:
            _raise_unless_away(error)
    return render_template(
        "pages/report_services.html",
        statistics=found,
        last_on=last_on or _today().isoformat(),
        unit=unit,
        used_only="used" in request.args,
        errors=errors,
        units=view.unit_groups(catalogue()),
    )


@bp.get("/reports/scores")
def report_scores() -> str:
    """How a unit scored in a quarter, and those below it."""
    unit = view.chosen_unit(request.args)
    choices = view.quarters(_today(), catalogue().calendar.first_on)
    asked = request.args.get("quarter", "")
    quarter = quarter_of_text(asked) if asked in map(str, choices) else quarter_of(_today())
    errors, found = view.unit_error(unit, catalogue()), None
    if not errors:
        try:
            found = parts().report_desk.scores(sandbox().sandbox_id, now(), quarter, unit)
        except ProblemError as error:
            _raise_unless_away(error)
    return render_template(
        "pages/report_scores.html",
        scores=found,
        class_labels=UNIT_CLASS_LABELS,
        tenths=view.tenths,
        quarter=quarter,
        quarters=choices,
        unit=unit,
        errors=errors,
        units=view.unit_groups(catalogue()),
    )


def _today() -> date:
    return vietnamese_day(now())


def _raise_unless_away(error: ProblemError) -> None:
    """While metrics is away, the page says so by itself."""
    if error.code != "metrics-unavailable":
        raise error
