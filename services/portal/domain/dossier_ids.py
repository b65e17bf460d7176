"""The public id of a dossier: derived from its number and the day it was filed, never stored."""

from datetime import date, datetime, timedelta, timezone
from typing import Final

from services.contracts.identifiers import format_dossier_id
from services.portal.domain.sandbox import Dossier

#: Vietnam has had one offset without daylight saving since 1975.
VIETNAM: Final = timezone(timedelta(hours=7))


def local_date(at: datetime) -> date:
    """The Vietnamese calendar day of an instant."""
    return at.astimezone(VIETNAM).date()


def dossier_id(dossier: Dossier) -> str:
    """What the dossier is called outside."""
    return format_dossier_id(dossier.number, local_date(dossier.filed_at))
