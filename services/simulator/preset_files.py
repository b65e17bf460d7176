"""Presets read from their data files and checked: every mistake is told with file, line and field."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final, TypeVar

from services.contracts.catalogue import Catalogue
from services.contracts.vocabulary import CustomsChannel
from services.runtime.records import DataFileError, Record, read_yaml
from services.simulator.preset import (
    NO_STAFFING,
    Basis,
    Bounds,
    ChannelShare,
    Declarations,
    Figure,
    KindShare,
    OfficeShare,
    Peak,
    Period,
    Preset,
    ProcedureShare,
    Refiling,
    Season,
    Weights,
)
from services.simulator.preset_keys import Change, change

T = TypeVar("T")

#: Where the shipped presets are.
PRESETS_FOLDER: Final = Path(__file__).parent / "presets"

#: How many days are filed at a time where a preset doesn't say it.
_WINDOW_DAYS: Final = Figure(7, Basis(None, True, None))
_LONGEST_WINDOW_DAYS: Final = 31

#: Dossiers and declarations together: what the whole country filed in eight years. A crowd holds all of it as columns;
#: what is more, by a slip, is told here, and not by memory that runs out. Likewise the bounds below.
_MOST_FILINGS: Final = 100_000_000

#: Enterprises and individuals together: each has a tax code, of which the made-up range has some 9 million.
_MOST_SUBJECTS: Final = 5_000_000

_LONGEST_PERIOD_DAYS: Final = 2 * 366

#: Between what happens and what follows from it: ten years.
_LONGEST_AFTER_DAYS: Final = 3_660

#: The second files a thousandth of what the first does.
_MOST_SKEW_PERCENT: Final = 1_000

_MOST_WEIGHT: Final = 1_000_000_000

#: A sandbox takes no larger one.
_MOST_SEED: Final = 2**62

#: The declarations' form, and its field that says their kind.
_CLEARANCE: Final = "clearance-documentary-check"
_KIND: Final = "kind"


def preset_names(folder: Path = PRESETS_FOLDER) -> list[str]:
    """Names of the shipped presets, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def preset_file(name: str) -> Path:
    """The file of a preset.

    Args:
        name: of a shipped preset, or a path that ends in `.yaml`.

    Raises:
        DataFileError: no such preset.
    """
    if name.endswith(".yaml"):
        return Path(name)
    if name not in preset_names():
        raise DataFileError(f"There is no preset {name}; there are: {', '.join(preset_names())}.")
    return PRESETS_FOLDER / f"{name}.yaml"


def load_preset(name: str, catalogue: Catalogue, changes: Sequence[Change] = ()) -> Preset:
    """A preset by name, or from a file of one's own.

    Args:
        name: of a shipped preset, or a path that ends in `.yaml`.
        catalogue: what procedures and offices must be in, and days within.
        changes: figures that are other than the file's.

    Raises:
        DataFileError: no such preset, or something in it is wrong; the sentence names file, line and field, and the
            changes if the file by itself is right.
    """
    file = preset_file(name)
    preset = _preset(read_preset(file), file.stem, catalogue)
    if not changes:
        return preset
    return _preset(read_preset(file, changes), file.stem, catalogue)


def read_preset(file: Path, changes: Sequence[Change] = ()) -> Record:
    """A preset's file, on top of the one that it is like, with some figures changed; nothing is checked.

    Raises:
        DataFileError: the file can't be read, is like one that there isn't or like itself, or a change is of no figure.
    """
    said = "".join(f" --set {one.key}={one.value}" for one in changes)
    record = _on_top_of_like(file, f" with{said}" if changes else "", ())
    for one in changes:
        change(record, one)
    return record


def _on_top_of_like(file: Path, said: str, above: tuple[Path, ...]) -> Record:
    row = read_yaml(file, file.name + said)
    like = row.optional("like", row.text)
    if like is None:
        return row
    try:
        base = preset_file(like if not like.endswith(".yaml") else str(file.parent / like))
    except DataFileError as error:
        row.fail("like", str(error).removesuffix("."))
    if base in {file, *above}:
        row.fail("like", f"{like} is like this one")
    return _on_top_of_like(base, said, (file, *above)).changed_by(row)


def _preset(row: Record, name: str, catalogue: Catalogue) -> Preset:
    if row.slug("preset", "-") != name:
        row.fail("preset", f"the file's name says {name!r}")
    period = _period(row.record("period"), catalogue)
    parts, parts_basis = _parts(row, period)
    procedures, procedures_basis = _several(
        row, "procedures", "shares", lambda share: _procedure_share(share, catalogue, period)
    )
    peaks, peaks_basis = _optional_several(row, "peaks", "shares", lambda share: _peak(share, period, procedures))
    offices, offices_basis = _several(row, "offices", "shares", lambda share: _office_share(share, catalogue))
    seasons, seasons_basis = _several(row, "seasons", "spans", _season)
    preset = Preset(
        name=name,
        title_vi=row.text("title_vi"),
        title_en=row.text("title_en"),
        published_in=row.text("published_in"),
        dossier_count=_figure(row, "dossier_count", least=1, most=_MOST_FILINGS),
        enterprise_count=_figure(row, "enterprise_count", most=_MOST_SUBJECTS),
        individual_count=_figure(row, "individual_count", most=_MOST_SUBJECTS),
        period=period,
        parts=parts,
        parts_basis=parts_basis,
        procedures=procedures,
        procedures_basis=procedures_basis,
        peaks=peaks,
        peaks_basis=peaks_basis,
        offices=offices,
        offices_basis=offices_basis,
        activity_skew_percent=_figure(row, "activity_skew_percent", most=_MOST_SKEW_PERCENT),
        home_office_percent=_figure(row, "home_office_percent", most=100),
        weekday_weights=_weights(row, "weekday_weights", 7),
        hour_weights=_weights(row, "hour_weights", 24),
        day_off_weight=_figure(row, "day_off_weight", most=_MOST_WEIGHT),
        month_end_weight=_figure(row, "month_end_weight", least=1, most=_MOST_WEIGHT),
        quarter_end_weight=_figure(row, "quarter_end_weight", least=1, most=_MOST_WEIGHT),
        seasons=seasons,
        seasons_basis=seasons_basis,
        declarations=_declarations(row, catalogue),
        refiling=_refiling(row),
        staffing=_staffing(row),
        window_days=row.optional("window_days", lambda field: _figure(row, field, least=1, most=_LONGEST_WINDOW_DAYS))
        or _WINDOW_DAYS,
        seed=_figure(row, "seed", most=_MOST_SEED),
        longest_wait_days=_figure(row, "longest_wait_days", most=_LONGEST_AFTER_DAYS),
    )
    _check_together(preset, row)
    row.finish()
    return preset


def _staffing(row: Record) -> str | None:
    name = row.optional("staffing", row.text)
    return None if name == NO_STAFFING else name


def _check_together(preset: Preset, row: Record) -> None:
    """Refuse figures that can't be right beside each other."""
    if not 1 <= preset.subject_count <= preset.dossier_count.value:
        row.fail("enterprise_count", "with the individuals it must be at least 1 and no more than the dossiers")
    if len(preset.procedures) > preset.dossier_count.value:
        row.fail("procedures", "there are more of them than dossiers")
    if len({share.procedure_id for share in preset.procedures}) < len(preset.procedures):
        row.fail("procedures", "one of them is given twice")
    if len({share.office_code for share in preset.offices}) < len(preset.offices):
        row.fail("offices", "one of them is given twice")
    if preset.all_enterprise_count + preset.individual_count.value > _MOST_SUBJECTS:
        row.fail("individual_count", f"with all enterprises it must be at most {_MOST_SUBJECTS}")
    if preset.total_count > _MOST_FILINGS:
        row.fail("declaration_count", f"with the dossiers it must be at most {_MOST_FILINGS}")
    declarations = preset.declarations
    if declarations is not None and not (
        preset.enterprise_count.value <= declarations.enterprise_count.value <= declarations.count.value
    ):
        problem = "their enterprises must be at least those that file dossiers, and no more than the declarations"
        row.fail("declaring_enterprise_count", problem)


def _basis(row: Record) -> Basis:
    """Take what a figure rests on; neither source nor assumption is a mistake, as is `assumed: false`."""
    is_assumed = row.optional("assumed", row.flag)
    source = row.optional("source", row.text)
    if is_assumed is False or (source is None and not is_assumed):
        row.fail("source", "say where the figure comes from, or assumed: true")
    return Basis(source, bool(is_assumed), row.optional("note", row.text))


def _figure(parent: Record, field: str, *, least: int = 0, most: int) -> Figure:
    row = parent.record(field)
    figure = Figure(row.number("value"), _basis(row))
    if not least <= figure.value <= most:
        row.fail("value", f"{figure.value} is not {least} to {most}")
    row.finish()
    return figure


def _weights(parent: Record, field: str, count: int) -> Weights:
    row = parent.record(field)
    weights = Weights(row.numbers("values"), _basis(row))
    if len(weights.values) != count or not 0 <= min(weights.values) <= max(weights.values) <= _MOST_WEIGHT:
        row.fail("values", f"{count} numbers are needed, none negative or more than {_MOST_WEIGHT}")
    if sum(weights.values) == 0:
        row.fail("values", "not all of them may be 0")
    row.finish()
    return weights


def _bounds(parent: Record, field: str, least: int) -> Bounds:
    row = parent.record(field)
    values = row.numbers("values")
    if len(values) != 2 or not least <= values[0] <= values[1] <= _LONGEST_AFTER_DAYS:
        row.fail("values", f"the least and the most are needed, from {least} to {_LONGEST_AFTER_DAYS}")
    bounds = Bounds(*values, _basis(row))
    row.finish()
    return bounds


def _several(parent: Record, field: str, inner: str, reader: Callable[[Record], T]) -> tuple[tuple[T, ...], Basis]:
    row = parent.record(field)
    items = tuple(reader(item) for item in row.records(inner))
    basis = _basis(row)
    row.finish()
    return items, basis


def _optional_several(
    parent: Record, field: str, inner: str, reader: Callable[[Record], T]
) -> tuple[tuple[T, ...], Basis | None]:
    found = parent.optional(field, lambda name: _several(parent, name, inner, reader))
    return found or ((), None)


def _weight(row: Record, least: int = 1) -> int:
    weight = row.number("weight")
    if not least <= weight <= _MOST_WEIGHT:
        row.fail("weight", f"{weight} is not {least} to {_MOST_WEIGHT}")
    return weight


def _procedure_share(row: Record, catalogue: Catalogue, period: Period) -> ProcedureShare:
    procedure_id = row.text("procedure_id")
    procedure = catalogue.procedures.get(procedure_id)
    if procedure is None:
        row.fail("procedure_id", f"{procedure_id!r} is not in the catalogue")
    first_on, last_on = procedure.in_force_from, procedure.in_force_until
    if (first_on and first_on > period.first_on) or (last_on and last_on < period.last_on):
        row.fail("procedure_id", f"{procedure_id} is in force from {first_on or '…'} to {last_on or '…'} only")
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
    if (last_on - first_on).days >= _LONGEST_PERIOD_DAYS:
        row.fail("last_on", f"a period has at most {_LONGEST_PERIOD_DAYS} days")
    period = Period(first_on, last_on, _basis(row))
    row.finish()
    return period


def _season(row: Record) -> Season:
    season = Season(*_days(row), _weight(row))
    row.finish()
    return season


def _parts(row: Record, period: Period) -> tuple[tuple[Season, ...], Basis | None]:
    """The parts of the period: each day of it is in exactly one."""
    parts, basis = _optional_several(row, "parts", "spans", _season)
    begins_on = period.first_on
    for part in parts:
        if part.first_on != begins_on:
            row.fail("parts", f"one of them must begin on {begins_on}")
        begins_on = part.last_on + timedelta(days=1)
    if parts and parts[-1].last_on != period.last_on:
        row.fail("parts", f"the last one must end on {period.last_on}")
    return parts, basis


def _peak(row: Record, period: Period, procedures: Sequence[ProcedureShare]) -> Peak:
    procedure_id = row.text("procedure_id")
    if procedure_id not in {share.procedure_id for share in procedures}:
        row.fail("procedure_id", f"{procedure_id!r} is none of the procedures above")
    first_on, last_on = _days(row)
    if not period.first_on <= first_on <= last_on <= period.last_on:
        row.fail("first_on", f"the period is {period.first_on} to {period.last_on}")
    peak = Peak(procedure_id, Season(first_on, last_on, _weight(row)))
    row.finish()
    return peak


def _declarations(row: Record, catalogue: Catalogue) -> Declarations | None:
    """The declarations; a count of 0 leaves them out, whatever else is said of them."""
    count = row.optional("declaration_count", lambda field: _figure(row, field, most=_MOST_FILINGS))
    if count is None:
        return None
    form = catalogue.procedures[_CLEARANCE].form
    kinds = {choice.value for field in form if field.name == _KIND for choice in field.choices}
    channels, channels_basis = _several(row, "declaration_channels", "shares", _channel_share)
    if not sum(share.weight for share in channels):
        row.fail("declaration_channels", "one of them must have a weight")
    kind_shares, kinds_basis = _several(row, "declaration_kinds", "shares", lambda share: _kind_share(share, kinds))
    declarations = Declarations(
        count=count,
        enterprise_count=_figure(row, "declaring_enterprise_count", most=_MOST_SUBJECTS),
        activity_skew_percent=_figure(row, "declaring_skew_percent", most=_MOST_SKEW_PERCENT),
        channels=channels,
        channels_basis=channels_basis,
        kinds=kind_shares,
        kinds_basis=kinds_basis,
        named_after_days=_bounds(row, "named_after_days", 1),
    )
    return declarations if count.value else None


def _channel_share(row: Record) -> ChannelShare:
    share = ChannelShare(row.member("channel", CustomsChannel), _weight(row, 0))
    row.finish()
    return share


def _kind_share(row: Record, kinds: set[str]) -> KindShare:
    kind = row.text("kind")
    if kind not in kinds:
        row.fail("kind", f"{kind!r} is no kind of declaration")
    direction = row.text("direction")
    if direction not in {"import", "export"}:
        row.fail("direction", f"{direction!r} is neither import nor export")
    share = KindShare(kind, direction == "import", _weight(row))
    row.finish()
    return share


def _refiling(row: Record) -> Refiling | None:
    percent = row.optional("refiling_percent", lambda field: _figure(row, field, most=100))
    return Refiling(percent, _bounds(row, "refiling_after_days", 1)) if percent else None
