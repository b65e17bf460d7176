"""The declarations of a crowd, as columns over the whole period, and as the lines in which they are registered.

What a declaration says is settled here; which dossier names it is not (`naming`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import orjson

from services.contracts.catalogue import CalendarData
from services.contracts.identifiers import is_hs_code
from services.contracts.vocabulary import CustomsChannel
from services.runtime.records import Record, read_yaml
from services.simulator.arrivals import Offsets, offsets
from services.simulator.draws import Draws, Wheel, share_out
from services.simulator.population import Applicant, declarations_by_enterprise
from services.simulator.preset import Declarations, Preset
from services.simulator.windows import CHANNELS

_GOODS: Final = Path(__file__).parent / "data" / "goods.yaml"

#: The procedure that clears a declaration of each channel (Luật Hải quan 54/2014 art. 23).
CLEARANCE_OF_CHANNEL: Final = {
    CustomsChannel.GREEN: "clearance-documentary-check",
    CustomsChannel.YELLOW: "clearance-documentary-check",
    CustomsChannel.RED: "clearance-goods-inspection",
}

#: Value of a declaration in dong, from here to there, as many small as large ones by order of magnitude; ours.
_LEAST_VALUE_VND: Final = 5_000_000
_MOST_VALUE_VND: Final = 5_000_000_000
_VALUES: Final = 1000

_DAY_SECONDS: Final = 24 * 60 * 60

Small = npt.NDArray[np.uint8]
Middle = npt.NDArray[np.uint16]
Large = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class DeclarationColumns:
    """All declarations of a crowd in order of time; compact, since there are millions.

    Attributes:
        offset: Seconds since the midnight with which the period begins.
        enterprise: Place among the applicants.
        office: Place among the preset's offices.
        kind: Place among the preset's kinds.
        channel: See `services.simulator.windows.CHANNELS`.
    """

    offset: Offsets
    enterprise: Large
    office: Middle
    kind: Small
    channel: Small


def no_declarations() -> DeclarationColumns:
    """Those of a preset without any."""
    nothing = np.zeros(0, np.int32)
    return DeclarationColumns(nothing, nothing, nothing.astype(np.uint16), *(nothing.astype(np.uint8),) * 2)


def draw_declarations(
    preset: Preset, plan: Declarations, calendar: CalendarData, homes: npt.NDArray[np.uint16], seed: int
) -> DeclarationColumns:
    """Everything about them but what they say: exact by channel and by enterprise.

    Args:
        preset: Period, shape and offices.
        plan: How many, whose, of which kinds and channels.
        calendar: The days off.
        homes: The place of each applicant's own office.
        seed: The run's.
    """
    count = plan.count.value
    offset = offsets(preset, calendar, Draws(seed, "declarations: arrivals"), count)
    by_enterprise = declarations_by_enterprise(plan)
    order = Draws(seed, "declarations: order").order(count)
    enterprise = np.repeat(np.arange(len(by_enterprise), dtype=np.int32), by_enterprise)[order]
    by_channel = share_out(count, _channel_weights(plan))
    order = Draws(seed, "declarations: channels").order(count)
    channel = np.repeat(np.arange(1, len(CHANNELS) + 1, dtype=np.uint8), by_channel)[order]
    del order
    kinds = Wheel([share.weight for share in plan.kinds])
    kind = kinds.places(Draws(seed, "declarations: kinds").column(count)).astype(np.uint8)
    draws = Draws(seed, "declarations: offices")
    trade = Wheel([share.weight for share in preset.offices])
    office = trade.places(draws.column(count)).astype(np.uint16)
    is_home = draws.column(count) < preset.home_office_percent.value / 100
    office[is_home] = homes[enterprise[is_home]]
    return DeclarationColumns(offset, enterprise, office, kind, channel)


def _channel_weights(plan: Declarations) -> list[int]:
    weights = {share.channel: share.weight for share in plan.channels}
    return [weights.get(channel, 0) for channel in CHANNELS]


class DeclarationLines:
    """Makes the lines of declarations: whatever many of them say is made once and put together.

    Args:
        preset: Its period and its offices.
        plan: Its kinds.
        applicants: All.
        seed: The run's.
    """

    def __init__(self, preset: Preset, plan: Declarations, applicants: Sequence[Applicant], seed: int) -> None:
        self._first_on = preset.period.first_on
        self._seed = seed
        self._kinds = [f'{{"kind":"{share.kind}","office":"'.encode() for share in plan.kinds]
        self._offices = [f'{share.office_code}","declarant":'.encode() for share in preset.offices]
        self._declarants = [_declarant(one) for one in applicants[: plan.enterprise_count.value]]
        self._channels = [b"", *(f',"customs_channel":"{channel}","filed_at":"'.encode() for channel in CHANNELS)]
        self._times = [_time(second) for second in range(_DAY_SECONDS)]
        imports, exports = load_goods()
        self._goods = [*imports, *exports]
        ranges = [(0, len(imports)) if share.is_import else (len(imports), len(exports)) for share in plan.kinds]
        self._goods_of_kind = np.array(ranges)
        self._values = [f"{value}}}}}".encode() for value in _values()]

    def lines(self, columns: DeclarationColumns, first: int, last: int, window: int) -> list[bytes]:
        """The lines of the declarations at these places, `last` excluded.

        Args:
            columns: Of the whole crowd.
            first: Place of the first one.
            last: Place after the last one.
            window: Which window they are; what they say is drawn for it.
        """
        if first == last:
            return []
        draws = Draws(self._seed, f"declarations: content {window}")
        kind = columns.kind[first:last]
        start, count = self._goods_of_kind[kind].T
        days, seconds = np.divmod(columns.offset[first:last], _DAY_SECONDS)
        parts = zip(
            _each(self._kinds, kind),
            _each(self._offices, columns.office[first:last]),
            _each(self._declarants, columns.enterprise[first:last]),
            _each(self._channels, columns.channel[first:last]),
            _each(self._dates(int(days[0]), int(days[-1])), days - days[0]),
            _each(self._times, seconds),
            _each(self._goods, start + (draws.column(last - first) * count).astype(np.int64)),
            _each(self._values, (draws.column(last - first) * len(self._values)).astype(np.int64)),
            strict=True,
        )
        return list(map(b"".join, parts))

    def _dates(self, first: int, last: int) -> list[bytes]:
        return [(self._first_on + timedelta(days=day)).isoformat().encode() for day in range(first, last + 1)]


def _each(parts: Sequence[bytes], places: npt.NDArray[Any]) -> Iterator[bytes]:
    return map(parts.__getitem__, places.tolist())


def _declarant(applicant: Applicant) -> bytes:
    # Not orjson: it keeps a kilobyte for each of the many thousand short texts that are held on to.
    said = {"kind": applicant.kind.value, "identifier": applicant.identifier, "name": applicant.name}
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def _time(second: int) -> bytes:
    return f'T{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+07:00","content":'.encode()


def _values() -> list[int]:
    """Values to pick from, each as likely, in whole thousands of dong."""
    ratio = _MOST_VALUE_VND / _LEAST_VALUE_VND
    return [int(_LEAST_VALUE_VND * ratio ** (step / _VALUES)) // 1000 * 1000 for step in range(_VALUES + 1)]


def load_goods(file: Path = _GOODS) -> tuple[list[bytes], list[bytes]]:
    """What imports and exports say of their goods: JSON up to their value.

    Raises:
        DataFileError: The file is wrong; the sentence names line and field.
    """
    listing = read_yaml(file)
    imports, exports = ([_goods(row) for row in listing.records(field)] for field in ("imports", "exports"))
    listing.finish()
    return imports, exports


def _goods(row: Record) -> bytes:
    said = {"goods_name": row.text("goods_name"), "hs_code": row.text("hs_code")}
    if not is_hs_code(said["hs_code"]):
        row.fail("hs_code", f"{said['hs_code']} is no HS code")
    row.finish()
    return orjson.dumps(said)[:-1] + b',"value_vnd":'
