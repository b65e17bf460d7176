"""Presets: how many dossiers of which procedures come from how many subjects, when and where.

Data files, read and checked here; nothing is drawn here. Every figure keeps its basis: a source, or that it is assumed.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, Self, TypeVar

from services.contracts.catalogue import Catalogue
from services.runtime.records import DataFileError, Record, read_yaml

T = TypeVar("T")

#: Where the shipped presets are.
PRESETS_FOLDER: Final = Path(__file__).parent / "presets"


@dataclass(frozen=True, slots=True)
class Basis:
    """Why a figure is what it is.

    Attributes:
        source: the publication; `None` when there is none, and then it is assumed.
        note: what else there is to know.
    """

    source: str | None
    is_assumed: bool
    note: str | None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number."""

    value: int
    basis: Basis


@dataclass(frozen=True, slots=True)
class Weights:
    """Numbers that count only beside each other."""

    values: tuple[int, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class ProcedureShare:
    """How much of all dossiers is of this procedure; the labels are short names for tables."""

    procedure_id: str
    weight: int
    label_vi: str
    label_en: str


@dataclass(frozen=True, slots=True)
class OfficeShare:
    """How much of all trade goes through this office."""

    office_code: str
    weight: int


@dataclass(frozen=True, slots=True)
class Period:
    """First and last day of filing, in Vietnam."""

    first_on: date
    last_on: date
    basis: Basis


@dataclass(frozen=True, slots=True)
class Season:
    """Days with more or less filing than others; 100 is as usual."""

    first_on: date
    last_on: date
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """A workload.

    Attributes:
        published_in: where its first figures come from, for people.
        activity_skew_percent: hundred times the exponent by which activity falls with rank.
        home_office_percent: part of a subject's dossiers that go to its own office.
        weekday_weights: Monday to Sunday.
        hour_weights: 24, from midnight in Vietnam.
        day_off_weight: of a public holiday, beside `weekday_weights`.
        month_end_weight: of the last days of a month, where 100 is as usual.
        quarter_end_weight: of the last days of a quarter, on top.
        longest_wait_days: days after the last filing until which dossiers are waited for.
    """

    name: str
    title_vi: str
    title_en: str
    published_in: str
    dossier_count: Figure
    enterprise_count: Figure
    individual_count: Figure
    period: Period
    procedures: tuple[ProcedureShare, ...]
    procedures_basis: Basis
    offices: tuple[OfficeShare, ...]
    offices_basis: Basis
    activity_skew_percent: Figure
    home_office_percent: Figure
    weekday_weights: Weights
    hour_weights: Weights
    day_off_weight: Figure
    month_end_weight: Figure
    quarter_end_weight: Figure
    seasons: tuple[Season, ...]
    seasons_basis: Basis
    seed: Figure
    longest_wait_days: Figure

    @property
    def subject_count(self) -> int:
        """Enterprises and individuals."""
        return self.enterprise_count.value + self.individual_count.value

    def scaled(self, fraction: float) -> Self:
        """The same with this part of its dossiers and subjects; every procedure and somebody to file stay.

        Args:
            fraction: above 0, at most 1.
        """
        enterprises = self.enterprise_count
        individuals = self.individual_count
        fewer_individuals = min(individuals.value, round(individuals.value * fraction))
        fewer_enterprises = max(round(enterprises.value * fraction), 0 if fewer_individuals else 1)
        dossiers = max(
            round(self.dossier_count.value * fraction), len(self.procedures), fewer_enterprises + fewer_individuals
        )
        return replace(
            self,
            dossier_count=replace(self.dossier_count, value=dossiers),
            enterprise_count=replace(enterprises, value=fewer_enterprises),
            individual_count=replace(individuals, value=fewer_individuals),
        )


def preset_names(folder: Path = PRESETS_FOLDER) -> list[str]:
    """Names of the shipped presets, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def load_preset(name: str, catalogue: Catalogue) -> Preset:
    """A preset by name, or from a file of one's own.

    Args:
        name: of a shipped preset, or a path that ends in `.yaml`.
        catalogue: what procedures and offices must be in, and days within.

    Raises:
        DataFileError: no such preset, or something in it is wrong; the sentence names file, line and field.
    """
    if name.endswith(".yaml"):
        return _preset(read_yaml(Path(name)), Path(name).stem, catalogue)
    if name not in preset_names():
        raise DataFileError(f"There is no preset {name}; there are: {', '.join(preset_names())}.")
    return _preset(read_yaml(PRESETS_FOLDER / f"{name}.yaml"), name, catalogue)


def _preset(row: Record, name: str, catalogue: Catalogue) -> Preset:
    if row.slug("preset", "-") != name:
        row.fail("preset", f"the file's name says {name!r}")
    procedures, procedures_basis = _several(
        row, "procedures", "shares", lambda share: _procedure_share(share, catalogue)
    )
    offices, offices_basis = _several(row, "offices", "shares", lambda share: _office_share(share, catalogue))
    seasons, seasons_basis = _several(row, "seasons", "spans", _season)
    preset = Preset(
        name=name,
        title_vi=row.text("title_vi"),
        title_en=row.text("title_en"),
        published_in=row.text("published_in"),
        dossier_count=_figure(row, "dossier_count", least=1),
        enterprise_count=_figure(row, "enterprise_count"),
        individual_count=_figure(row, "individual_count"),
        period=_period(row.record("period"), catalogue),
        procedures=procedures,
        procedures_basis=procedures_basis,
        offices=offices,
        offices_basis=offices_basis,
        activity_skew_percent=_figure(row, "activity_skew_percent"),
        home_office_percent=_figure(row, "home_office_percent", most=100),
        weekday_weights=_weights(row, "weekday_weights", 7),
        hour_weights=_weights(row, "hour_weights", 24),
        day_off_weight=_figure(row, "day_off_weight"),
        month_end_weight=_figure(row, "month_end_weight", least=1),
        quarter_end_weight=_figure(row, "quarter_end_weight", least=1),
        seasons=seasons,
        seasons_basis=seasons_basis,
        seed=_figure(row, "seed"),
        longest_wait_days=_figure(row, "longest_wait_days"),
    )
    if not 1 <= preset.subject_count <= preset.dossier_count.value:
        row.fail("enterprise_count", "with the individuals it must be at least 1 and no more than the dossiers")
    if len(procedures) > preset.dossier_count.value:
        row.fail("procedures", "there are more of them than dossiers")
    if len({share.procedure_id for share in procedures}) < len(procedures):
        row.fail("procedures", "one of them is given twice")
    row.finish()
    return preset


def _basis(row: Record) -> Basis:
    """Take what a figure rests on; neither source nor assumption is a mistake, as is `assumed: false`."""
    is_assumed = row.optional("assumed", row.flag)
    source = row.optional("source", row.text)
    if is_assumed is False or (source is None and not is_assumed):
        row.fail("source", "say where the figure comes from, or assumed: true")
    return Basis(source, bool(is_assumed), row.optional("note", row.text))


def _figure(parent: Record, field: str, *, least: int = 0, most: int | None = None) -> Figure:
    row = parent.record(field)
    figure = Figure(row.number("value"), _basis(row))
    if figure.value < least or (most is not None and figure.value > most):
        bounds = f"at least {least}" if most is None else f"{least} to {most}"
        row.fail("value", f"{figure.value} is not {bounds}")
    row.finish()
    return figure


def _weights(parent: Record, field: str, count: int) -> Weights:
    row = parent.record(field)
    weights = Weights(row.numbers("values"), _basis(row))
    if len(weights.values) != count or min(weights.values) < 0 or sum(weights.values) == 0:
        row.fail("values", f"{count} numbers are needed, none negative, not all 0")
    row.finish()
    return weights


def _several(parent: Record, field: str, inner: str, reader: Callable[[Record], T]) -> tuple[tuple[T, ...], Basis]:
    row = parent.record(field)
    items = tuple(reader(item) for item in row.records(inner))
    basis = _basis(row)
    row.finish()
    return items, basis


def _weight(row: Record) -> int:
    weight = row.number("weight")
    if weight < 1:
        row.fail("weight", f"{weight} is not at least 1")
    return weight


def _procedure_share(row: Record, catalogue: Catalogue) -> ProcedureShare:
    procedure_id = row.text("procedure_id")
    procedure = catalogue.procedures.get(procedure_id)
    if procedure is None:
        row.fail("procedure_id", f"{procedure_id!r} is not in the catalogue")
    share = ProcedureShare(
        procedure_id,
        _weight(row),
        row.optional("label_vi", row.text) or procedure.name_vi,
        row.optional("label_en", row.text) or procedure.name_en,
    )
    row.finish()
    return share


def _office_share(row: Record, catalogue: Catalogue) -> OfficeShare:
    share = OfficeShare(row.text("office_code"), _weight(row))
    if share.office_code not in catalogue.offices:
        row.fail("office_code", f"{share.office_code!r} is not in the catalogue")
    row.finish()
    return share


def _days(row: Record) -> tuple[date, date]:
    first_on, last_on = row.day("first_on"), row.day("last_on")
    if last_on < first_on:
        row.fail("last_on", f"{last_on} is before {first_on}")
    return first_on, last_on


def _period(row: Record, catalogue: Catalogue) -> Period:
    first_on, last_on = _days(row)
    if not catalogue.calendar.first_on < first_on <= last_on < catalogue.calendar.last_on:
        row.fail("first_on", f"the calendar knows {catalogue.calendar.first_on} to {catalogue.calendar.last_on} only")
    period = Period(first_on, last_on, _basis(row))
    row.finish()
    return period


def _season(row: Record) -> Season:
    season = Season(*_days(row), _weight(row))
    row.finish()
    return season
