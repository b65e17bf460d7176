"""The dossiers with which declarations are cleared: which procedure by channel, and what stands in its form.

It works both ways: a declaration that is registered files such a dossier, and such a dossier that somebody files
without naming a declaration registers one. So each of them is in the register once, whichever way it came.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from services.contracts.catalogue import Procedure
from services.contracts.vocabulary import CustomsChannel
from services.portal.domain.registers.declarations import Declaration, DeclarationKind, NewDeclaration, split_number
from services.portal.domain.sandbox import Submission
from services.runtime.errors import ConfigurationError

#: Check of documents: yellow within 2 working hours; green is cleared by the system at once (Law on Customs art. 23).
DOCUMENTS: Final = "clearance-documentary-check"
#: Check of goods: within 8 working hours.
GOODS: Final = "clearance-goods-inspection"

#: The field that names the declaration.
NUMBER_FIELD: Final = "declaration_number"
_KIND: Final = "kind"
_CHANNEL: Final = "customs_channel"

#: What the register writes into the form, by field.
_FILLED: Final[Mapping[str, Callable[[Declaration], Any]]] = {
    NUMBER_FIELD: lambda declaration: declaration.number,
    _KIND: lambda declaration: declaration.kind,
    _CHANNEL: lambda declaration: declaration.channel,
    "registration_office_code": lambda declaration: declaration.office_code,
    "declarant_tax_code": lambda declaration: declaration.declarant_id,
}


class ClearanceForms:
    """Reads and fills the forms of clearance dossiers.

    Args:
        procedures: all of the catalogue.
        kinds: of declarations, by code.

    Raises:
        ConfigurationError: a clearance procedure is missing, or a field of its form that the register writes.
    """

    def __init__(self, procedures: Mapping[str, Procedure], kinds: Mapping[str, DeclarationKind]) -> None:
        for procedure_id in (DOCUMENTS, GOODS):
            form = procedures[procedure_id].form if procedure_id in procedures else ()
            if missing := _FILLED.keys() - {field.name for field in form}:
                names = ", ".join(sorted(missing))
                raise ConfigurationError(f"{procedure_id}: form fields {names}: needed to clear declarations.")
        self._kinds = kinds

    @staticmethod
    def filled_fields() -> frozenset[str]:
        """Fields that the register writes."""
        return frozenset(_FILLED)

    @staticmethod
    def clears(procedure_id: str) -> bool:
        """Whether dossiers of this procedure clear declarations."""
        return procedure_id in {DOCUMENTS, GOODS}

    def new_declaration(self, submission: Submission) -> NewDeclaration | None:
        """The declaration that a filing registers; `None`: none, or its form names one that is there already."""
        if submission.declaration is not None:
            return submission.declaration
        if not self.clears(submission.procedure_id) or submission.form.get(NUMBER_FIELD) is not None:
            return None
        kind = self._kinds.get(submission.form[_KIND])
        if kind is None:
            return None  # a kind of a user's own form: the register doesn't know it
        channel = CustomsChannel(submission.form[_CHANNEL])
        return NewDeclaration(kind=kind.code, direction=kind.direction, channel=channel)

    def named_base(self, submission: Submission) -> int | None:
        """The declaration that a clearance dossier names, without the last digit; `None`: it names none."""
        number = submission.form.get(NUMBER_FIELD) if self.clears(submission.procedure_id) else None
        return split_number(number)[0] if number else None

    def fill(self, declaration: Declaration, form: Mapping[str, Any]) -> dict[str, Any]:
        """The form of the dossier that clears a declaration: what is known of it, beside what was filled in."""
        return {**form, **{name: filler(declaration) for name, filler in _FILLED.items()}}

    def procedure_for(self, channel: CustomsChannel) -> str:
        """Which procedure checks a declaration of this channel."""
        return GOODS if channel is CustomsChannel.RED else DOCUMENTS
