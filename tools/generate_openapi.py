"""Writes `docs/reference/openapi.json` from the portal's application; `--check` says whether it is current."""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from services.portal.api import openapi_document
from services.portal.app_factory import create_app
from services.portal.bootstrap import Parts
from services.portal.config import Settings
from tools.generated_files import ROOT, write_or_check


def document() -> str:
    """The document; needs no server: nothing connects before the first request."""
    settings = Settings(
        redis_url="",
        log_level="info",
        heartbeat_file="",
        database_url="",
        admin_key="",
        secret_key="x",
        metrics_url="",
        internal_key="",
        bind="",
        port=0,
        workers=1,
        public_url="",
    )
    return json.dumps(openapi_document(create_app(Parts(settings, "openapi"))), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.exit(write_or_check({ROOT / "docs/reference/openapi.json": document}))
