"""From JSON to declarations: checked field by field, every mistake named with a pointer to it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import Schema, ValidationError

from services.contracts.catalogue import Catalogue
from services.contracts.identifiers import is_personal_number
from services.contracts.vocabulary import ApplicantKind, CustomsChannel
from services.portal.api.compiled_reading import CompiledRegistrations
from services.portal.api.forms import TAX_CODE_MESSAGE, Forms, is_valid_tax_code
from services.portal.api.registers.declarations_schemas import EnteredDeclarationSchema, RegistrationSchema
from services.portal.api.submissions import invalid_body
from services.portal.application.clearance import DOCUMENTS, ClearanceForms
from services.portal.application.declarations import EnteredDeclaration, Registration
from services.portal.domain.registers.declarations import DeclarationKind, DeclarationState, direction_of, split_number
from services.portal.domain.sandbox import Submission


class DeclarationReader:
    """Reads declarations that are registered, or entered as they are; built once."""

    def __init__(self, catalogue: Catalogue, kinds: Mapping[str, DeclarationKind]) -> None:
        self._compiled = CompiledRegistrations(catalogue, kinds)
        self._offices = catalogue.offices
        self._kinds = kinds
        self._forms = Forms(replace(catalogue, procedures={DOCUMENTS: catalogue.procedures[DOCUMENTS]}))
        self._registration = RegistrationSchema()
        self._entered = EnteredDeclarationSchema()

    def read_registration(self, data: Any) -> Submission:
        """A declaration to be registered, as the dossier that will clear it.

        Raises:
            ProblemError: `invalid-body`.
        """
        return self._compiled.read(data) or self.read_registration_thoroughly(data)

    def read_registration_thoroughly(self, data: Any) -> Submission:
        """As `read_registration`, by the schemas alone."""
        given = self._load(self._registration, data)
        declarant = given["declarant"]
        return Registration(
            kind=self._kinds[given["kind"]],
            office_code=given["office"],
            declarant_kind=ApplicantKind(declarant["kind"]),
            declarant_id=declarant["identifier"],
            declarant_name=declarant["name"],
            channel=_channel(given["customs_channel"]),
            filed_at=given["filed_at"],
            content=self._content(given["content"]),
        ).to_submission()

    def _content(self, content: Mapping[str, Any]) -> Mapping[str, Any]:
        """As the form wants it, but nothing is required, and what the register writes isn't given."""
        if not content:
            return content
        found = self._forms.errors(DOCUMENTS, content)
        messages = {
            name: sentences
            for name, sentences in found.items()
            if not all(str(sentence).startswith("Missing data") for sentence in sentences)
        }
        messages |= {name: ["Unknown field."] for name in content if name in ClearanceForms.filled_fields()}
        if messages:
            raise invalid_body({"content": messages})
        return content

    def read_entered(self, data: Any) -> EnteredDeclaration:
        """An existing declaration.

        Raises:
            ProblemError: `invalid-body`.
        """
        given = self._load(self._entered, data)
        kind = self._kinds[given["kind"]]
        if direction_of(split_number(given["number"])[0]) is not kind.direction:
            raise invalid_body({"kind": [f"Not a kind of the number: {kind.code} is for {kind.direction}s."]})
        if not (is_personal_number(given["declarant"]) or is_valid_tax_code(given["declarant"])):
            raise invalid_body({"declarant": [TAX_CODE_MESSAGE]})
        return EnteredDeclaration(
            number=given["number"],
            kind=kind,
            office_code=given["office"],
            declarant_id=given["declarant"],
            channel=_channel(given["customs_channel"]),
            state=DeclarationState(given["state"]),
            registered_at=given["registered_at"],
            cleared_at=given["cleared_at"],
        )

    def _load(self, schema: Schema, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise invalid_body({"_schema": ["Not a valid object."]})
        try:
            given: dict[str, Any] = schema.load(data)
        except ValidationError as error:
            raise invalid_body(error.messages) from error
        messages = {}
        if given["kind"] not in self._kinds:
            messages["kind"] = [f"Must be one of: {', '.join(self._kinds)}."]
        if given["office"] not in self._offices:
            messages["office"] = ["Unknown customs office."]
        if messages:
            raise invalid_body(messages)
        return given


def _channel(value: str | None) -> CustomsChannel | None:
    return CustomsChannel(value) if value else None
