"""The JSON API under `/api/v1`, described by itself in OpenAPI 3.1."""

from services.portal.api.app_setup import register_api
from services.portal.api.openapi_document import openapi_document

__all__ = ["openapi_document", "register_api"]
