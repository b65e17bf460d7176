"""`/api/v1/attachments`: upload files, hand them in with a dossier, list and download them."""

from datetime import datetime
from typing import Any, Final

from flask import Response, request
from marshmallow import RAISE

from services.portal.api.answers import do_once, json_answer, respond
from services.portal.api.blueprint import ApiBlueprint
from services.portal.api.context import parts, sandbox, sandbox_id
from services.portal.api.found import find_dossier
from services.portal.api.papers.attachments_schemas import (
    AttachmentListSchema,
    AttachmentSchema,
    HandedInSchema,
    HandInSchema,
    UploadQuerySchema,
    read_refs,
)
from services.portal.api.papers.downloads import file_response
from services.portal.application.attachments import hand_in, upload
from services.portal.application.ports import Answer, DoorUnit
from services.portal.application.problems import problem
from services.portal.domain.attachments import WAITING_FILES_KEPT_FOR, AttachedFile, Attachment, CopyKind, Stage
from services.portal.domain.dossier_ids import dossier_id
from services.portal.domain.sandbox import Dossier
from services.runtime.clock import real_now

blp = ApiBlueprint("attachments", __name__, url_prefix="/api/v1", description="Files that belong to dossiers")

#: The part of a form that holds the file.
_PART: Final = "file"

_BINARY: Final = {"type": "string", "format": "binary"}
_UPLOAD_BODY: Final = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": _BINARY},
        "multipart/form-data": {
            "schema": {"type": "object", "properties": {_PART: _BINARY}, "required": [_PART]},
        },
    },
}


@blp.route("/attachments", methods=["POST"])
@blp.arguments(UploadQuerySchema, location="query", unknown=RAISE)
@blp.doc(requestBody=_UPLOAD_BODY)
@blp.response(201, AttachmentSchema)
def upload_attachment(query: dict[str, Any]) -> Response:
    """Upload a file: as the whole body, or as part `file` of a form; 201 means it is on disk.

    At most 10 MiB. By its content it has to be PDF, PNG, JPEG, TIFF, XML, DOCX or XLSX, whatever the sender calls it.
    It waits 24 hours for a dossier.
    """
    where = sandbox_id()
    body = request.get_data()  # kept by the request: an Idempotency-Key is compared with all of it
    if request.mimetype == "multipart/form-data":
        part = request.files.get(_PART)
        if part is None:
            error = {"pointer": f"/{_PART}", "code": "required", "detail": "Missing.", "detail_vi": "Thiếu tệp."}
            raise problem("invalid-body", count=1, errors=[error])
        content, name = part.read(), part.filename or ""
    else:
        content, name = body, query.get("filename", "")
    kind, kinds = parts().file_kind(content)

    def effect(unit: DoorUnit) -> Answer:
        file = upload(unit, where, content=content, file_name=name, kind=kind, allowed=kinds, real_now=real_now())
        return json_answer(attachment_resource(file), 201, {"Location": _url(file)})

    return respond(do_once(where, effect))


@blp.route("/attachments/<string:attachment_id>", methods=["GET"])
@blp.response(200, _BINARY, content_type="application/octet-stream")
def download_attachment(attachment_id: str) -> Response:
    """Download a file; always to be saved, never to be shown."""
    where = sandbox_id()
    file = parts().attachments.attachment(where, attachment_id)
    if file is None:
        raise problem("not-found", what="attachment", name=attachment_id)
    return attachment_response(file)


@blp.route("/dossiers/<string:name>/attachments", methods=["GET"])
@blp.response(200, AttachmentListSchema)
def list_attachments(name: str) -> Response:
    """List a dossier's files, in the order in which they were handed in."""
    dossier = find_dossier(sandbox_id(), name)
    return respond(json_answer(_list(dossier)))


@blp.route("/dossiers/<string:name>/attachments", methods=["POST"])
@blp.arguments(HandInSchema)
@blp.response(201, HandedInSchema)
def hand_in_attachments(data: dict[str, Any], name: str) -> Response:
    """Hand in uploaded files: until receipt, when a supplement is asked for, and before the result is returned."""
    here = sandbox()
    dossier = find_dossier(here.sandbox_id, name)
    refs = read_refs(data["attachments"])

    def effect(unit: DoorUnit) -> Answer:
        files = hand_in(unit, dossier, refs, here, real_now())
        return json_answer({"items": [_handed_in(file) for file in files]}, 201)

    return respond(do_once(here.sandbox_id, effect))


def attachment_response(file: Attachment) -> Response:
    """A file with its content."""

    def read() -> bytes:
        content = parts().attachments.content(file.sandbox_id, file.attachment_id)
        if content is None:  # expired this moment
            raise problem("not-found", what="attachment", name=file.attachment_id)
        return content

    return file_response(
        file.sha256.hex(), file.content_type, file.file_name, read, is_from_a_stranger=True, sha256=file.sha256
    )


def attachment_resource(file: Attachment) -> dict[str, Any]:
    """A file without its content."""
    expires_at: datetime | None = file.uploaded_at + WAITING_FILES_KEPT_FOR if file.number is None else None
    return {
        "attachment_id": file.attachment_id,
        "file_name": file.file_name,
        "content_type": file.content_type,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256.hex(),
        "uploaded_at": file.uploaded_at,
        "expires_at": expires_at,
        "url": _url(file),
    }


def _list(dossier: Dossier) -> dict[str, Any]:
    files = parts().attachments.attachments(dossier.sandbox_id, dossier.number)
    return {"items": [_dossier_resource(file, dossier_id(dossier)) for file in files]}


def _dossier_resource(file: Attachment, name: str) -> dict[str, Any]:
    return {
        **attachment_resource(file),
        "dossier_id": name,
        "document": file.document,
        **_codes(CopyKind(file.copy_kind or 0), Stage(file.stage or Stage.RECEIPT)),
        "attached_at": file.attached_at,
    }


def _handed_in(file: AttachedFile) -> dict[str, Any]:
    return {
        "attachment_id": file.ref.attachment_id,
        "document": file.ref.document,
        **_codes(file.ref.copy_kind, file.stage),
        "attached_at": file.attached_at,
    }


def _codes(copy_kind: CopyKind, stage: Stage) -> dict[str, Any]:
    """In our words, and in the national portal's numbers."""
    return {
        "copy_kind": copy_kind.slug,
        "copy_kind_code": int(copy_kind),
        "stage": stage.slug,
        "stage_code": int(stage),
    }


def _url(file: Attachment) -> str:
    return f"/api/v1/attachments/{file.attachment_id}"
