"""The JSON API under `/api/v1`, described by itself in OpenAPI 3.1."""

from services.portal.api.app_setup import openapi_document, register_api

__all__ = ["openapi_document", "register_api"]
