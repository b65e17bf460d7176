"""The banks that payers can choose, read from `services/portal/data/banks.yaml`."""

from collections.abc import Mapping
from datetime import time
from pathlib import Path
from typing import Any, Final

import yaml

from services.portal.domain.payments.bank_messages import Bank
from services.runtime.errors import ConfigurationError

_PATH: Final = Path(__file__).parent.parent.parent / "data" / "banks.yaml"


def load_banks(path: Path = _PATH) -> Mapping[str, Bank]:
    """The banks by code, in the order of the file.

    Raises:
        ConfigurationError: A value is missing or wrong, or a code stands there twice.
    """
    rows: list[dict[str, Any]] = yaml.safe_load(path.read_text(encoding="utf-8"))["banks"]
    banks: dict[str, Bank] = {}
    for row in rows:
        try:
            cut_off = None if row["cut_off"] is None else time.fromisoformat(row["cut_off"])
            bank = Bank(row["code"], row["name_vi"], row["name_en"], cut_off)
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigurationError(f"{path.name}: {row.get('code', '?')}: {error!r}") from error
        if bank.code in banks:
            raise ConfigurationError(f"{path.name}: {bank.code} stands there twice.")
        banks[bank.code] = bank
    return banks
