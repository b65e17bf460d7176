"""The dossiers with which declarations are cleared: which procedure by channel, and what stands in its form.

It works both ways: a declaration that is registered files such a dossier, and such a dossier that somebody files
without naming a declaration registers one. So each of them is in the register once, whichever way it came.
"""

from collections.abc import Mapping
from typing import Final

from services.contracts.catalogue import Procedure
from services.contracts.vocabulary import CustomsChannel
from services.portal.domain.registers.declarations import DeclarationKind, NewDeclaration, split_number
from services.portal.domain.sandbox import Submission
from services.runtime.errors import ConfigurationError

#: Check of documents: yellow within 2 working hours; green is cleared by the system at once (Law on Customs art. 23).
DOCUMENTS: Final = "clearance-documentary-check"
#: Check of goods: within 8 working hours.
GOODS: Final = "clearance-goods-inspection"

#: Fields that name the declaration and its channel.
NUMBER_FIELD: Final = "declaration_number"
CHANNEL_FIELD: Final = "customs_channel"
_KIND: Final = "kind"

_OFFICE: Final = "registration_office_code"
_DECLARANT: Final = "declarant_tax_code"

#: What the register writes into the form.
_FILLED: Final = frozenset({NUMBER_FIELD, _KIND, CHANNEL_FIELD, _OFFICE, _DECLARANT})


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
            if missing := _FILLED - {field.name for field in form}:
                names = ", ".join(sorted(missing))
                raise ConfigurationError(f"{procedure_id}: form fields {names}: needed to clear declarations.")
        self._kinds = kinds

    @staticmethod
    def filled_fields() -> frozenset[str]:
        """Fields that the register writes."""
        return _FILLED

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
        channel = CustomsChannel(submission.form[CHANNEL_FIELD])
        return NewDeclaration(kind=kind.code, direction=kind.direction, channel=channel)

    def named_base(self, submission: Submission) -> int | None:
        """The declaration that a clearance dossier names, without the last digit; `None`: it names none."""
        number = submission.form.get(NUMBER_FIELD) if self.clears(submission.procedure_id) else None
        return split_number(number)[0] if number else None

    @staticmethod
    def registered(submission: Submission, number: str, kind: str, channel: CustomsChannel) -> Submission:
        """The dossier that clears a declaration: what the register knows of that one, beside what was filled in.

        What was filed by hand stays the procedure that it is; what was registered follows its channel.
        """
        form = {
            **submission.form,
            NUMBER_FIELD: number,
            _KIND: kind,
            CHANNEL_FIELD: channel.value,
            _OFFICE: submission.office_code,
            _DECLARANT: submission.applicant_id,
        }
        if submission.declaration is None:
            return submission._replace(form=form)
        procedure_id = GOODS if channel is CustomsChannel.RED else DOCUMENTS
        return submission._replace(procedure_id=procedure_id, form=form)
