"""The dossiers with which declarations are cleared: which procedure by channel, and what stands in its form."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.contracts.catalogue import FieldKind, FormField, Procedure
from services.contracts.timeliness import vietnamese_day
from services.contracts.vocabulary import CustomsChannel
from services.portal.domain.declarations import Declaration
from services.runtime.errors import ConfigurationError

#: Check of documents: yellow within 2 working hours; green is cleared by the system at once (Law on Customs art. 23).
DOCUMENTS: Final = "clearance-documentary-check"
#: Check of goods: within 8 working hours.
GOODS: Final = "clearance-goods-inspection"

_Filler = Callable[[Declaration], Any]

#: What a declaration knows, by name of the form's field; a field of another name is filled by its kind.
_BY_NAME: Final[Mapping[str, _Filler]] = {
    "declaration_kind": lambda declaration: declaration.kind,
    "declaration_kind_code": lambda declaration: declaration.kind,
    "kind": lambda declaration: declaration.kind,
    "kind_code": lambda declaration: declaration.kind,
}

_BY_KIND: Final[Mapping[FieldKind, _Filler]] = {
    FieldKind.DECLARATION_NUMBER: lambda declaration: declaration.number,
    FieldKind.OFFICE_CODE: lambda declaration: declaration.office_code,
    FieldKind.TAX_CODE: lambda declaration: declaration.declarant_id,
    FieldKind.DATE: lambda declaration: vietnamese_day(declaration.registered_at).isoformat(),
}


class ClearanceForms:
    """Fills the forms of clearance dossiers from declarations.

    Raises:
        ConfigurationError: a procedure is missing, or its form asks for something that no declaration knows.
    """

    def __init__(self, procedures: Mapping[str, Procedure]) -> None:
        for procedure_id in (DOCUMENTS, GOODS):
            if procedure_id not in procedures:
                raise ConfigurationError(f"The catalogue has no procedure {procedure_id}: it clears declarations.")
        self.documents = procedures[DOCUMENTS]
        self.goods = procedures[GOODS]
        self._fillers = {name: _fillers(procedures[name]) for name in (DOCUMENTS, GOODS)}

    def fill(self, declaration: Declaration, channel: CustomsChannel) -> tuple[str, dict[str, Any]]:
        """Procedure and form of the dossier that clears a declaration of this channel."""
        procedure_id = GOODS if channel is CustomsChannel.RED else DOCUMENTS
        return procedure_id, {name: filler(declaration) for name, filler in self._fillers[procedure_id].items()}


def _fillers(procedure: Procedure) -> dict[str, _Filler]:
    found: dict[str, _Filler] = {}
    for field in procedure.form:
        filler = _BY_NAME.get(field.name) or _BY_KIND.get(field.kind)
        if filler is not None and (field.required or field.kind is FieldKind.DECLARATION_NUMBER):
            found[field.name] = filler
        elif field.required:
            raise ConfigurationError(_nobody_knows(procedure, field))
    return found


def _nobody_knows(procedure: Procedure, field: FormField) -> str:
    return f"{procedure.procedure_id}: {field.name}: required, but no declaration knows it, so none could be cleared."
