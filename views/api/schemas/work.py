"""The daily work: visits, tasks, reminders."""

from __future__ import annotations

from crm.leads.inputs import MAX_HEADCOUNT, MAX_SPACE_M2, MAX_STEP
from crm.leads.recurrence import MOST_EVERY
from crm.promises.rules import LONGEST as LONGEST_PROMISE
from crm.promises.rules import MOST as MOST_PROMISES
from crm.reminders.later import LONGEST_REASON
from crm.visits.rules import KEY_LENGTH, LONGEST
from models.enums import Every, MessageState, ReminderState, Side, TaskKind, TaskState, VisitMode
from views.api import fields as f

_ID = "k3x8m2qwe7ra"
_SUMMARY = f.EXAMPLES["summary"]
_MODE = "How they were met; `out` and `in` are visits, so is an arranged `video`"
_MOST_PEOPLE = 50
_KINDS = [kind.value for kind in TaskKind]


class VisitSchema(f.Record):
    """A visit, call or message: the evidence."""

    id = f.Key("Id", attribute="public_id", required=True)
    client_key = f.Text(
        required=True, metadata=f.about("The sender's own number of it", "phone-0001-20261125")
    )
    author = f.Key("Id of who logged it", attribute="author.public_id", required=True)
    company = f.Key("Id of the company", attribute="company.public_id", required=True)
    leads = f.Several(
        f.Key("Id of a lead"),
        "Ids of the leads it was about that the caller may read",
        [_ID],
        required=True,
    )
    contacts = f.Several(f.Key("Id of a contact"), "Ids of who was met", [_ID], required=True)
    companions = f.Several(f.Key("Id of a person"), "Ids of who came along", [_ID], required=True)
    mode = f.Choice(VisitMode, _MODE, "out", required=True)
    arranged = f.Flag("Whether it was arranged", required=True)
    reached = f.Flag("Whether somebody was reached", required=True)
    summary = f.Text(required=True, metadata=f.about("What was said", _SUMMARY))
    need = f.Text(allow_none=True, metadata=f.about("What they want", f.EXAMPLES["need"]))
    outcome = f.Text(allow_none=True, metadata=f.about("What came of it", f.EXAMPLES["outcome"]))
    rival_cities = f.Text(
        allow_none=True,
        metadata=f.about("Other cities that court the company", f.EXAMPLES["rival_cities"]),
    )
    reception_host = f.Text(
        allow_none=True,
        metadata=f.about("Who received them; null when nobody came", f.EXAMPLES["reception_host"]),
    )
    reception_place = f.Text(
        allow_none=True, metadata=f.about("Where", f.EXAMPLES["reception_place"])
    )
    reception_materials = f.Text(
        allow_none=True, metadata=f.about("With what", f.EXAMPLES["reception_materials"])
    )
    occurred_at = f.Moment("When it happened", required=True)
    recorded_at = f.Moment("When it was written down", required=True)
    back_dated = f.Flag("Whether it was written down more than a week after it", required=True)
    amended_at = f.Moment(
        "When its author last changed it later than a day after writing it down", allow_none=True
    )


class VisitQuery(f.Paging):
    """Filters by field."""

    company = f.Key("At this company")
    lead = f.Key("About this lead")
    author = f.Key("Logged by this person")
    mode = f.Choice(VisitMode, "Of this mode", "out")
    reached = f.FlagArgument("Only those that reached somebody (true) or nobody (false)")


class NewPromiseSchema(f.Body):
    """A promise that was made at a visit."""

    side = f.Choice(Side, "Who made it: `ours` or `theirs`", "ours", required=True)
    text = f.Text(
        required=True,
        validate=f.Length(LONGEST_PROMISE, 1),
        metadata=f.about("What was promised", f.EXAMPLES["promise"]),
    )
    due_on = f.Day("By when, not before the visit", required=True)
    who = f.Key(
        "Id of who owes it: of ours a person who may read the lead, the caller where left out; of"
        " theirs a contact, the company where left out"
    )


class NewVisitSchema(f.Body):
    """A visit as it is logged. `lead` or `company` is needed, `contacts` when `reached`."""

    client_key = f.Text(
        required=True,
        validate=f.Length(KEY_LENGTH[1], KEY_LENGTH[0]),
        metadata=f.about(
            "Your own number of this visit: sent twice it is logged once", "phone-0001-20261125"
        ),
    )
    lead = f.Key("Id of the lead it was about")
    company = f.Key("Id of the company; with it alone it is about the caller's open leads there")
    leads = f.Several(
        f.Key("Id of a lead"),
        "Further leads it was about, also of parents and subsidiaries; what they want, plan and do "
        "next goes to `lead`, without one to all of these",
        [],
        validate=f.Length(_MOST_PEOPLE),
    )
    mode = f.Choice(VisitMode, _MODE, "out", required=True)
    arranged = f.Flag("Whether it was arranged; true where it is left out")
    appointment = f.Key("Id of the appointment that it came of, which it closes, once")
    occurred_at = f.Moment("When it happened", required=True)
    reached = f.Flag("Whether somebody was reached", required=True)
    contacts = f.Several(
        f.Key("Id of a contact"), "Ids of who was met", [_ID], validate=f.Length(_MOST_PEOPLE)
    )
    companions = f.Several(
        f.Key("Id of a person"), "Ids of who came along", [], validate=f.Length(_MOST_PEOPLE)
    )
    summary = f.Text(
        validate=f.Length(LONGEST["summary"]), metadata=f.about("What was said", _SUMMARY)
    )
    need = f.Text(
        validate=f.Length(LONGEST["need"]),
        metadata=f.about("What they want; the lead learns it", f.EXAMPLES["need"]),
    )
    outcome = f.Text(
        validate=f.Length(LONGEST["outcome"]),
        metadata=f.about("What came of it", f.EXAMPLES["outcome"]),
    )
    rival_cities = f.Text(
        validate=f.Length(LONGEST["rival_cities"]),
        metadata=f.about("Other cities that court the company", f.EXAMPLES["rival_cities"]),
    )
    reception_host = f.Text(
        validate=f.Length(LONGEST["reception_host"]),
        metadata=f.about("Who received them; of mode `in` only", f.EXAMPLES["reception_host"]),
    )
    reception_place = f.Text(
        validate=f.Length(LONGEST["reception_place"]),
        metadata=f.about("Where", f.EXAMPLES["reception_place"]),
    )
    reception_materials = f.Text(
        validate=f.Length(LONGEST["reception_materials"]),
        metadata=f.about("With what", f.EXAMPLES["reception_materials"]),
    )
    next_step = f.Text(
        validate=f.Length(MAX_STEP),
        metadata=f.about("The lead's next step from now on", f.EXAMPLES["next_step"]),
    )
    next_step_on = f.Day("When; goes with `next_step`")
    promises = f.Several(
        f.Part(NewPromiseSchema),
        "What both sides promised; each becomes a task of kind `promise` on the lead",
        [],
        validate=f.Length(MOST_PROMISES),
    )
    planned_investment_cny = f.money("Planned investment, as they said")
    planned_revenue_cny = f.money("Software revenue in year three, as they said", 240_000_000)
    planned_headcount = f.Whole(
        "People in year three, as they said", 160, least=1, most=MAX_HEADCOUNT
    )
    space_m2 = f.Whole("Space asked for, m²", 3000, least=1, most=MAX_SPACE_M2)


class TaskSchema(f.Record):
    """What is to be done about a lead."""

    id = f.Key("Id", attribute="task.public_id", required=True)
    lead = f.Key("Id of the lead", required=True)
    kind = f.Choice(TaskKind, "What it is", "next_step", attribute="task.kind", required=True)
    state = f.Choice(TaskState, "Where it stands", "open", attribute="task.state", required=True)
    text = f.Text(
        attribute="task.text",
        required=True,
        metadata=f.about("What is to be done", f.EXAMPLES["next_step"]),
    )
    due_on = f.Day("By when", attribute="task.due_on", allow_none=True)
    assignee = f.Key("Id of who is to do it", allow_none=True)
    created_by = f.Key("Id of who set it", allow_none=True)
    created_at = f.Moment("Set", attribute="task.created_at", required=True)
    closed_at = f.Moment("Closed", attribute="task.closed_at", allow_none=True)
    answer = f.Text(
        allow_none=True,
        metadata=f.about("What a directive was answered", f.EXAMPLES["answer"]),
    )
    answered_by = f.Key("Id of who answered it", allow_none=True)
    first_due_on = f.Day(
        "Of a directive or promise that was given another day: the first of them", allow_none=True
    )
    due_on_reason = f.Text(
        allow_none=True,
        metadata=f.about("Why its day was last changed", f.EXAMPLES["reason"]),
    )
    side = f.Choice(Side, "Whose promise it is", "ours", allow_none=True)
    contact = f.Key("Of their promise: id of who of theirs made it", allow_none=True)
    visit = f.Key("Of a promise: id of the visit at which it was made", allow_none=True)
    reason = f.Text(
        allow_none=True,
        metadata=f.about("Why a promise was withdrawn", f.EXAMPLES["reason"]),
    )
    repeat_every = f.Whole("Comes back every so many", 2, most=MOST_EVERY, allow_none=True)
    repeat_unit = f.Choice(Every, "weeks or months", "week", allow_none=True)


class TaskQuery(f.Paging):
    """Filters by field."""

    lead = f.Key("Of this lead")
    assignee = f.Key("To be done by this person")
    kind = f.Choice(TaskKind, "Of this kind", "next_step")
    state = f.Choice(TaskState, "In this state", "open")
    due_from = f.Day("Due on this day or later")
    due_to = f.Day("Due on this day or earlier", "2026-12-31")


class NewTaskSchema(f.Body):
    """The next step of a lead (the one that was open is closed as moved), a directive, a promise,
    a task for a colleague, or a matter that others have to coordinate."""

    lead = f.Key("Id of the lead", required=True)
    kind = f.Text(
        validate=f.Among(_KINDS),
        load_default=TaskKind.NEXT_STEP.value,
        metadata=f.about("`next_step` where it is left out", _KINDS[0]),
    )
    text = f.Text(
        required=True,
        validate=f.Length(MAX_STEP, 1),
        metadata=f.about("What is to be done", f.EXAMPLES["next_step"]),
    )
    due_on = f.Day(
        "By when, today or later, a working day of a `task`; a `matter` may go without,"
        " the others need one"
    )
    assignee = f.Key(
        "Of a directive who is to answer, of a task who is to do it, of our promise who owes it:"
        " the id of somebody who may read the lead. Left out: the lead's owner, of a promise the"
        " caller"
    )
    side = f.Choice(Side, "Of a promise: whose it is; `ours` where left out", "ours")
    contact = f.Key("Of their promise: id of who of theirs made it; the company where left out")
    repeat_every = f.Whole("Of a task that comes back: every so many", 2, least=1, most=MOST_EVERY)
    repeat_unit = f.Choice(Every, "weeks or months", "week")


class TaskChangesSchema(f.Body):
    """One of: done (a directive with its answer), another day (of a directive or promise with the
    reason), taken back (a promise with the reason), taken up again."""

    state = f.Choice(
        TaskState,
        "`done`; `cancelled` takes back a directive that nobody has answered, a promise or a task;"
        " `open` takes it up again, a matter too",
        "done",
    )
    answer = f.Text(
        validate=f.Length(MAX_STEP, 1),
        metadata=f.about("Goes with `done` of a directive: where the matter stands"),
    )
    due_on = f.Day(
        "Another day, today or later: of a next step, a directive, a promise or a task",
        "2026-12-08",
    )
    reason = f.Text(
        validate=f.Length(MAX_STEP, 1),
        metadata=f.about(
            "Why: goes with `due_on` of a directive or promise and with `cancelled` of a promise",
            f.EXAMPLES["reason"],
        ),
    )


class ReminderSchema(f.Record):
    """What was found due for the caller, and why."""

    rule = f.Text(
        attribute="reminder.rule", required=True, metadata=f.about("Code of the rule", "cadence")
    )
    occurrence = f.Text(
        attribute="reminder.occurrence",
        required=True,
        metadata=f.about("The cause; the same cause is said once", "touch 812 +14"),
    )
    lead = f.Key("Id of the lead", attribute="reminder.lead.public_id", required=True)
    company = f.Key("Id of the company", attribute="reminder.lead.company.public_id", required=True)
    due_on = f.Day("Due", attribute="reminder.due_on", required=True)
    state = f.Choice(
        ReminderState, "Where it stands", "queued", attribute="reminder.state", required=True
    )
    headline = f.Text(
        required=True,
        metadata=f.about("In a word, in the reader's language", f.EXAMPLES["headline"]),
    )
    reason = f.Text(
        required=True,
        metadata=f.about("Why, in the reader's language", f.EXAMPLES["reason"]),
    )
    planned_at = f.Moment("Found", attribute="reminder.planned_at", required=True)
    mail_state = f.Choice(
        MessageState, "Where its mail stands; null before there is one", "sent", allow_none=True
    )
    sent_at = f.Moment("Mailed", allow_none=True)
    snoozed_until = f.Day(
        "The caller has set it aside until that day; it then comes back by itself", allow_none=True
    )


class NewSnoozeSchema(f.Body):
    """Until when a lead is put off."""

    until = f.Day("The day on which it comes back: tomorrow or later", required=True)
    reason = f.Text(
        validate=f.Length(LONGEST_REASON), metadata=f.about("Why", f.EXAMPLES["snooze_reason"])
    )


class SnoozeSchema(f.Record):
    """What was put off."""

    lead = f.Key("Id of the lead", required=True)
    until = f.Day("The day on which it comes back", required=True)
    set_aside = f.Whole("How many reminders were set aside", 1, most=_MOST_PEOPLE, required=True)
    next_step_moved = f.Flag("Whether its next step got that day", required=True)


class ReminderQuery(f.Paging):
    """Filters by field."""

    state = f.Choice(ReminderState, "In this state", "queued")
