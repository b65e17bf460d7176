"""Submissions and declarations recognised at the speed of C: ordinary ones, without attachments (ADR 18).

What is read here, the schemas of `submissions` and of `registers.declarations_schemas` read as the same. What isn't may
still be right: they decide, and say what is wrong.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from services.contracts.catalogue import Catalogue
from services.contracts.identifiers import is_personal_number
from services.contracts.vocabulary import ApplicantKind, Channel, CustomsChannel
from services.portal.api.compiled_forms import ORDINARY_TEXT, CompiledForm, compile_forms, is_known_tax_code
from services.portal.api.strict_fields import read_instant
from services.portal.application.clearance import DOCUMENTS, ClearanceForms
from services.portal.domain.registers.declarations import DeclarationKind, NewDeclaration
from services.portal.domain.sandbox import Submission

#: Longest name of an applicant, as `ApplicantSchema` has it.
_LONGEST_NAME: Final = 200


#: Longest tax code: of a branch. What is longer needn't be looked at, and isn't remembered.
_LONGEST_IDENTIFIER: Final = 14


class _Applicant(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    identifier: Annotated[str, msgspec.Meta(max_length=_LONGEST_IDENTIFIER)]
    name: Annotated[str, msgspec.Meta(max_length=_LONGEST_NAME, pattern=ORDINARY_TEXT)]
    kind: ApplicantKind = ApplicantKind.ENTERPRISE

    @property
    def is_known(self) -> bool:
        is_right = is_personal_number if self.kind is ApplicantKind.CITIZEN else is_known_tax_code
        return is_right(self.identifier)


class _Filing(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    procedure: str
    office: str
    applicant: _Applicant
    form: Any
    channel: Channel = Channel.ONLINE
    filed_at: str | None = None


class _Registration(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    kind: str
    office: str
    declarant: _Applicant
    customs_channel: CustomsChannel | None = None
    filed_at: str | None = None
    content: Any = msgspec.UNSET


class CompiledSubmissions:
    """Reads ordinary submissions of all procedures; built once."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._offices = catalogue.offices
        self._forms = compile_forms(catalogue)

    def read(self, data: Any) -> Submission | None:
        """The submission that decoded JSON is; `None`: this isn't an ordinary one."""
        try:
            filing = msgspec.convert(data, _Filing)
        except msgspec.ValidationError:
            return None
        applicant = filing.applicant
        form = self._forms.get(filing.procedure)
        if form is None or filing.office not in self._offices or not (applicant.is_known and form.accepts(filing.form)):
            return None
        filed_at: datetime | None = None
        if filing.filed_at is not None and (filed_at := read_instant(filing.filed_at)) is None:
            return None
        return Submission(
            filing.procedure,
            filing.office,
            filing.channel,
            applicant.kind,
            applicant.identifier,
            applicant.name,
            filed_at,
            filing.form,
        )


class CompiledRegistrations:
    """Reads ordinary declarations that are to be registered; built once."""

    def __init__(self, catalogue: Catalogue, kinds: Mapping[str, DeclarationKind]) -> None:
        self._offices = catalogue.offices
        fields = catalogue.procedures[DOCUMENTS].form
        given = [field for field in fields if field.name not in ClearanceForms.filled_fields()]
        self._content = CompiledForm(given, catalogue.offices, required=False)
        # There are a few hundred of them: each is made once.
        self._declarations = {
            (kind.code, channel): NewDeclaration(kind=kind.code, direction=kind.direction, channel=channel)
            for kind in kinds.values()
            for channel in (None, *CustomsChannel)
        }

    def read(self, data: Any) -> Submission | None:
        """The dossier that will clear the declaration that decoded JSON is; `None`: this isn't an ordinary one."""
        try:
            given = msgspec.convert(data, _Registration)
        except msgspec.ValidationError:
            return None
        declarant = given.declarant
        declaration = self._declarations.get((given.kind, given.customs_channel))
        if declaration is None or given.office not in self._offices or not declarant.is_known:
            return None
        content = {} if given.content is msgspec.UNSET else given.content
        if not self._content.accepts(content):
            return None
        filed_at: datetime | None = None
        if given.filed_at is not None and (filed_at := read_instant(given.filed_at)) is None:
            return None
        return Submission(
            DOCUMENTS,
            given.office,
            Channel.ONLINE,
            declarant.kind,
            declarant.identifier,
            declarant.name,
            filed_at,
            content,
            declaration,
        )
