"""`/api/v1/dossiers/{name}/papers`: list and read papers; `/api/v1/papers/verify`: check one that somebody has."""

from typing import Any, Final

from flask import Response, request

from services.portal.api.answers import json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox_id
from services.portal.api.found import find_dossier
from services.portal.api.papers.downloads import file_response
from services.portal.api.papers.papers_schemas import PaperListSchema, SigningAuthoritySchema, VerificationSchema
from services.portal.application.papers import LARGEST_VERIFIED_BYTES, ListedPaper, PaperFile
from services.portal.application.problems import problem
from services.portal.domain.papers.signing import Verification

blp = ApiBlueprint("papers", __name__, url_prefix="/api/v1", description="Official papers as PDF")

PDF: Final = "application/pdf"

_BINARY: Final = {"type": "string", "format": "binary"}
_PDF_BODY: Final = {"required": True, "content": {PDF: {"schema": _BINARY}}}


@blp.route("/dossiers/<string:name>/papers", methods=["GET"])
@blp.response(200, PaperListSchema)
def list_papers(name: str) -> Response:
    """List the papers that a dossier has by now: receipt, requests, notices, result, control sheet."""
    dossier = find_dossier(sandbox_id(), name)
    items = [_resource(listed, name) for listed in parts().paper_office.papers(dossier)]
    return respond(json_answer({"dossier_id": name, "items": items}))


@blp.route("/dossiers/<string:name>/papers/<string:paper_id>", methods=["GET"])
@blp.response(200, _BINARY, content_type=PDF)
def read_paper(name: str, paper_id: str) -> Response:
    """Read a paper as PDF, signed by its office: the same bytes each time."""
    return paper_response(parts().paper_office.file(find_dossier(sandbox_id(), name), paper_id))


@blp.route("/papers/verify", methods=["POST"])
@blp.doc(requestBody=_PDF_BODY)
@blp.response(200, VerificationSchema)
def verify_paper() -> Response:
    """Tell whether a PDF file is what an office of this sandbox signed, who signed it and when. At most 10 MiB."""
    where, pdf = sandbox_id(), request.get_data()
    if request.mimetype not in {PDF, "application/octet-stream"}:
        raise problem("wrong-content-type", expected=PDF, actual=request.mimetype or "nothing")
    if len(pdf) > LARGEST_VERIFIED_BYTES:
        raise problem("body-too-large", limit_bytes=LARGEST_VERIFIED_BYTES)
    return respond(json_answer(_verification(parts().paper_office.verify(where, pdf))))


@blp.route("/signing-authority", methods=["GET"])
@blp.response(200, SigningAuthoritySchema)
def read_signing_authority() -> Response:
    """Read the certificate of the authority that the sandbox made for itself; the root of all signatures on papers."""
    return respond(json_answer({"certificate": parts().paper_office.authority_pem(sandbox_id())}))


def paper_response(file: PaperFile) -> Response:
    """A paper with its content, made now unless the caller has it."""
    return file_response(file.etag, PDF, file.file_name, file.make, is_from_a_stranger=False)


def _resource(listed: ListedPaper, name: str) -> dict[str, Any]:
    paper = listed.paper
    return {
        "paper_id": paper.paper_id,
        "kind": paper.kind,
        "title": {"vi": listed.title_vi, "en": listed.title_en},
        "form": listed.form or None,
        "issued_at": paper.issued_at,
        "is_signed": paper.is_signed,
        "url": f"/api/v1/dossiers/{name}/papers/{paper.paper_id}",
    }


def _verification(found: Verification) -> dict[str, Any]:
    issuer = {"code": found.issuer_code, "name": found.issuer_name} if found.issuer_name else None
    return {
        "is_valid": found.is_valid,
        "is_signed": found.is_signed,
        "is_intact": found.is_intact,
        "is_trusted": found.is_trusted,
        "issuer": issuer,
        "signed_at": found.signed_at,
        "dossier_id": found.dossier_id,
        "paper_id": found.paper_id,
    }
