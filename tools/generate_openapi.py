"""Writes `docs/reference/openapi.json` from the portal's application; `--check` says whether it is current."""

import json
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from services.portal.api import openapi_document  # noqa: E402
from services.portal.app_factory import create_app  # noqa: E402
from services.portal.bootstrap import Parts  # noqa: E402
from services.portal.config import Settings  # noqa: E402

PATH = ROOT / "docs/reference/openapi.json"


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
    )
    return json.dumps(openapi_document(create_app(Parts(settings, "openapi"))), ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write, or check."""
    if "--check" in sys.argv:
        if not PATH.exists() or PATH.read_text(encoding="utf-8") != document():
            print(f"{PATH.relative_to(ROOT)} is not current: run tools/generate_openapi.py")
            return 1
        return 0
    PATH.parent.mkdir(parents=True, exist_ok=True)
    PATH.write_text(document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
