"""The visit that came of an appointment closes it, exactly once."""

from __future__ import annotations

from datetime import datetime

from crm.access import Actor, visible_appointments
from crm.errors import NotFound, Refusal
from crm.held import held
from crm.messages import msg
from models import db
from models.appointment import Appointment
from models.user import User
from models.visit import Visit


def close(public_id: str, visit: Visit, actor: Actor, now: datetime) -> None:
    """Close the appointment by a visit that was just logged.

    Raises Refusal when somebody logged its visit before, when it is not there for the actor, or
    when the visit is of another company. Called off, it took place after all.
    """
    try:
        one = held(Appointment, Appointment.public_id == public_id, visible_appointments(actor))
    except NotFound:
        raise Refusal({}, msg("这个约定已经不在了，请从走访重新记。")) from None
    if one.visit_id is not None:
        before = db.session.get_one(Visit, one.visit_id)
        who = db.session.get_one(User, before.author_id).name
        raise Refusal(
            {},
            msg("%(who)s已经记过这次见面，一次约定只记一次。要补充请写在那次走访里。", who=who),
            code="appointment_closed",
        )
    if one.company_id != visit.company_id:
        raise Refusal({"company": [msg("约的是另一家企业，请从那个约定记走访，或重新记。")]})
    one.cancelled_at = None
    one.visit_id = visit.id
    one.updated_at = now
    db.session.flush()
