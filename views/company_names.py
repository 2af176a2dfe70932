"""What else a company is called: added, taken away, brought back."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from crm.access import Right
from crm.companies.other_names import add_name, remove_name
from crm.companies.queries import company_or_404
from crm.errors import NotFound
from models import db
from models.company import NameKind
from views.forms.base import answer
from views.forms.company import NameForm
from views.guard import needs
from views.toasts import toast
from views.ways_back import sealed, unsealed

blueprint = Blueprint("company_names", __name__, url_prefix="/companies/<public_id>/names")


@blueprint.route("", methods=["GET", "POST"])
@needs(Right.WRITE_COMPANIES)
def new(public_id: str) -> ResponseReturnValue:
    """Give a company one more name."""
    company = company_or_404(public_id)
    form = NameForm().offer()
    if form.validate_on_submit():
        with form.refusals():
            made = add_name(company, form.name.data, NameKind(form.kind.data))
            db.session.commit()
            toast(_("现在也能用“%(name)s”找到它", name=made.name))
            return redirect(url_for("companies.show", public_id=public_id))
    return answer(form, "companies/name.html", company=company_or_404(public_id))


@blueprint.post("/<int:name_id>/removals")
@needs(Right.WRITE_COMPANIES)
def remove(public_id: str, name_id: int) -> ResponseReturnValue:
    """Take back a name that is wrong."""
    gone = remove_name(company_or_404(public_id), name_id)
    was = sealed("company-name", [gone.company_id, gone.name, gone.kind.value])
    db.session.commit()
    back = url_for("company_names.restore", public_id=public_id, was=was)
    toast(_("已去掉名称“%(name)s”", name=gone.name), back)
    return redirect(url_for("companies.show", public_id=public_id))


@blueprint.post("/restorations")
@needs(Right.WRITE_COMPANIES)
def restore(public_id: str) -> ResponseReturnValue:
    """Bring back a name that was just taken away."""
    company = company_or_404(public_id)
    of_company, name, kind = unsealed("company-name")
    if company.id != of_company:
        raise NotFound
    made = add_name(company, name, NameKind(kind))
    db.session.commit()
    toast(_("现在也能用“%(name)s”找到它", name=made.name))
    return redirect(url_for("companies.show", public_id=public_id))
