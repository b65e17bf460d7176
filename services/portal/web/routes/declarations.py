"""The list of declarations and the page of one; read-only."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.contracts.identifiers import is_declaration_number
from services.contracts.labels import CUSTOMS_CHANNEL_LABELS
from services.portal.application.problems import problem
from services.portal.domain.registers.counterparts import window_of
from services.portal.domain.registers.declarations import DIRECTION_LABELS, STATE_LABELS, Declaration, split_number
from services.portal.domain.registers.registers import Register
from services.portal.domain.sandbox import Dossier
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, now, parts, sandbox
from services.portal.web.language import gettext
from services.portal.web.view_models.declarations import (
    PAGE_SIZE,
    DossierRegisters,
    declaration_list,
    declaration_page,
    dossier_registers,
    parse_declaration_query,
)

#: Events, dossiers and notes that the page of a declaration shows at most, the newest ones.
_SHOWN_AT_MOST = 100


@bp.get("/declarations")
def declarations() -> str | Response:
    """The list, or straight to the declaration that was looked up."""
    wanted = request.args.get("number", "").strip()
    found = _by_number(wanted) if wanted else None
    if found is not None:
        return redirect(url_for("pages.declaration", number=found.number))
    query = parse_declaration_query(request.args)
    rows = parts().register_reader.declarations(sandbox().sandbox_id, query.to_filter(), PAGE_SIZE + 1)
    return render_template(
        "pages/declaration_list.html",
        page=declaration_list(query, rows, parts().declaration_kinds, catalogue()),
        directions=DIRECTION_LABELS,
        channels=CUSTOMS_CHANNEL_LABELS,
        states=STATE_LABELS,
        looked_up=wanted,
        look_up_error=gettext("There is no declaration with this number here") if wanted else "",
    )


@bp.get("/declarations/<number>")
def declaration(number: str) -> str:
    """One declaration: where it stands, its numbers, the dossiers that name it, how an amendment would stand now."""
    found = _by_number(number)
    if found is None:
        raise problem("not-found", what=gettext("declaration"), name=number)
    where, key, registers = found.sandbox_id, str(found.base), parts().register_reader
    about = registers.about_declaration(found, _SHOWN_AT_MOST)
    page = declaration_page(
        found,
        events=registers.events_of(where, Register.DECLARATION, key, _SHOWN_AT_MOST),
        dossiers=registers.linked_dossiers(where, Register.DECLARATION, key, _SHOWN_AT_MOST),
        about=about,
        window=window_of(found, about, now(), parts().calendars.of_sandbox(where)),
        kinds=parts().declaration_kinds,
        catalogue=catalogue(),
    )
    return render_template("pages/declaration_detail.html", page=page)


def registers_of(dossier: Dossier) -> DossierRegisters:
    """What the registers have to do with a dossier, for its page."""
    where, registers = dossier.sandbox_id, parts().register_reader
    links = registers.links_of(where, dossier.number)
    bases = [int(link.key) for link in links if link.register == Register.DECLARATION]
    return dossier_registers(
        catalogue().procedures[dossier.procedure_id],
        cleared=registers.declaration_of_check(where, dossier.number),
        links=links,
        declarations=registers.declarations_by_base(where, bases),
        events=registers.events_of_dossier(where, dossier.number, _SHOWN_AT_MOST),
    )


def _by_number(text: str) -> Declaration | None:
    """By any number that it has had."""
    if not is_declaration_number(text):
        return None
    base, branch = split_number(text)
    found = parts().register_reader.declaration(sandbox().sandbox_id, base)
    return found if found is not None and branch <= found.branch else None
