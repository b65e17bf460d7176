"""The public id of a dossier: derived from its number and the day it was filed, never stored."""

from services.contracts.identifiers import format_dossier_id
from services.contracts.timeliness import vietnamese_day
from services.portal.domain.sandbox import Dossier, Filed


def dossier_id(dossier: Dossier | Filed) -> str:
    """What the dossier is called outside."""
    return format_dossier_id(dossier.number, vietnamese_day(dossier.filed_at))
