"""The hosted pay page: where an applicant pays, and a class sees what a bank and customs tell each other.

It opens with the token of its link (`services.portal.application.pay_links`), or for whoever is signed in to the
sandbox. Identification numbers can be guessed, so a number alone opens nothing.
"""

import secrets

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from services.portal.application.pay_links import sandbox_of_token
from services.portal.application.payments import deliver
from services.portal.application.problems import problem
from services.portal.domain.payments.payments import PaymentDocument
from services.portal.domain.sandbox import Sandbox
from services.portal.web import session as page_session
from services.portal.web.blueprint import bp
from services.portal.web.context import catalogue, parts
from services.portal.web.language import gettext
from services.portal.web.view_models.payments import (
    PayForm,
    PayPage,
    empty_form,
    message_of,
    pay_page,
    payment_result,
    read_form,
)
from services.runtime.clock import real_now, virtual_now


@bp.get("/pay/<payment_id>")
def pay(payment_id: str) -> str | Response:
    """The document, and the form to pay it."""
    here = _sandbox(payment_id)
    if here is None:
        return _to_sign_in()
    document = _document(here, payment_id)
    return _show(here, document, empty_form(secrets.token_hex(8), parts().banks))


@bp.post("/pay/<payment_id>")
def pay_at_bank(payment_id: str) -> str | tuple[str, int] | Response:
    """Let the chosen bank tell customs what was chosen; leads to what customs answered."""
    here = _sandbox(payment_id)
    if here is None:
        return _to_sign_in()
    document = _document(here, payment_id)
    form = read_form(request.form, document, parts().banks)
    if form is None:
        return _show(here, document, empty_form(secrets.token_hex(8), parts().banks))
    if form.errors:
        return _show(here, document, form), 422
    # Asked for before the transaction, which must not wait for a second connection.
    calendar, moment = parts().calendars.of_sandbox(here.sandbox_id), real_now()
    message = message_of(form, document, virtual_now(here.clock, moment))
    with parts().payments.unit() as unit:
        deliver(unit, here.sandbox_id, message, banks=parts().banks, calendar=calendar, real_now=moment)
    address = url_for(
        "pages.payment_result",
        payment_id=payment_id,
        bank=message.bank_code,
        message_id=message.message_id,
        link=request.args.get("link"),
    )
    return redirect(address, 303)


@bp.get("/pay/<payment_id>/<bank>/<message_id>", endpoint="payment_result")
def show_result(payment_id: str, bank: str, message_id: str) -> str | Response:
    """What customs answered the bank: a receipt, or why it wasn't recorded."""
    here = _sandbox(payment_id)
    if here is None:
        return _to_sign_in()
    page = _page(here, _document(here, payment_id), empty_form("", parts().banks))
    answer = parts().payments.answer_to(here.sandbox_id, bank, message_id)
    result = payment_result(page, answer, parts().banks) if answer else None
    if result is None:
        raise problem("not-found", what="payment message", name=message_id)
    return render_template("pages/payment_result.html", result=result, page=page, link=request.args.get("link"))


def _sandbox(payment_id: str) -> Sandbox | None:
    """Whose document it is: told by the link, else by who is signed in; None: nobody may see it."""
    g.sandbox = page_session.signed_in_sandbox()
    by_link = sandbox_of_token(parts().settings.secret_key, request.args.get("link", ""), payment_id)
    if by_link is None:
        return g.sandbox  # type: ignore[no-any-return]
    return parts().reader.sandbox(by_link)


def _to_sign_in() -> Response:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("pages.sign_in", next=wanted))


def _document(here: Sandbox, payment_id: str) -> PaymentDocument:
    found = parts().payments.document(here.sandbox_id, payment_id)
    if found is None:
        raise problem("not-found", what=gettext("payment document"), name=payment_id)
    return found


def _page(here: Sandbox, document: PaymentDocument, form: PayForm) -> PayPage:
    return pay_page(
        document,
        form,
        banks=parts().banks,
        catalogue=catalogue(),
        calendar=parts().calendars.of_sandbox(here.sandbox_id),
        now=virtual_now(here.clock, real_now()),
    )


def _show(here: Sandbox, document: PaymentDocument, form: PayForm) -> str:
    return render_template("pages/pay.html", page=_page(here, document, form), link=request.args.get("link"))
