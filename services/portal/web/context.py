"""What a page needs to know about the request: the parts, the sandbox of the session, and what its clock shows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from flask import current_app, g

from services.contracts.catalogue import Catalogue
from services.portal.application.throttle import Throttle
from services.portal.bootstrap import Parts
from services.portal.domain.sandbox import Sandbox
from services.runtime.clock import real_now, virtual_now

EXTENSION: Final = "motcua-pages"


@dataclass(frozen=True, slots=True)
class Pages:
    """What the pages of one application share."""

    parts: Parts
    failed_sign_ins: Throttle


def pages() -> Pages:
    """What was given to `register_pages`."""
    return cast("Pages", current_app.extensions[EXTENSION])


def parts() -> Parts:
    """The parts of this process."""
    return pages().parts


def catalogue() -> Catalogue:
    """Procedures and offices."""
    return parts().catalogue


def sandbox() -> Sandbox:
    """The sandbox of the session; only on pages that need one."""
    return cast("Sandbox", g.sandbox)


def now() -> datetime:
    """What the sandbox's clock shows."""
    return virtual_now(sandbox().clock, real_now())
