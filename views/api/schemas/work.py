"""The daily work: visits, tasks, reminders."""

from __future__ import annotations

from crm.leads.inputs import MAX_HEADCOUNT
from crm.leads.next_steps import LONGEST as LONGEST_STEP
from crm.visits.rules import KEY_LENGTH, LONGEST
from models.enums import MessageState, ReminderState, TaskKind, TaskState, VisitMode
from views.api.fields import (
    EXAMPLES,
    Among,
    Body,
    Choice,
    Day,
    Flag,
    FlagArgument,
    Key,
    Length,
    Moment,
    Paging,
    Record,
    Several,
    Text,
    Whole,
    about,
    money,
)

_ID = "k3x8m2qwe7ra"
_SUMMARY = EXAMPLES["summary"]
_MODE = "How they were met; `out` and `in` are visits, so is an arranged `video`"
_MOST_PEOPLE = 50
# No service sets a promise: those are read.
WRITABLE = (TaskKind.NEXT_STEP.value, TaskKind.DIRECTIVE.value, TaskKind.TASK.value)


class VisitSchema(Record):
    """A visit, call or message: the evidence."""

    id = Key("Id", attribute="public_id", required=True)
    client_key = Text(
        required=True, metadata=about("The sender's own number of it", "phone-0001-20261125")
    )
    author = Key("Id of who logged it", attribute="author.public_id", required=True)
    company = Key("Id of the company", attribute="company.public_id", required=True)
    leads = Several(
        Key("Id of a lead"),
        "Ids of the leads it was about that the caller may read",
        [_ID],
        required=True,
    )
    contacts = Several(Key("Id of a contact"), "Ids of who was met", [_ID], required=True)
    companions = Several(Key("Id of a person"), "Ids of who came along", [_ID], required=True)
    mode = Choice(VisitMode, _MODE, "out", required=True)
    arranged = Flag("Whether it was arranged", required=True)
    reached = Flag("Whether somebody was reached", required=True)
    summary = Text(required=True, metadata=about("What was said", _SUMMARY))
    need = Text(allow_none=True, metadata=about("What they want", EXAMPLES["need"]))
    outcome = Text(allow_none=True, metadata=about("What came of it", EXAMPLES["outcome"]))
    occurred_at = Moment("When it happened", required=True)
    recorded_at = Moment("When it was written down", required=True)


class VisitQuery(Paging):
    """Filters by field."""

    company = Key("At this company")
    lead = Key("About this lead")
    author = Key("Logged by this person")
    mode = Choice(VisitMode, "Of this mode", "out")
    reached = FlagArgument("Only those that reached somebody (true) or nobody (false)")


class NewVisitSchema(Body):
    """A visit as it is logged. `lead` or `company` is needed, `contacts` when `reached`."""

    client_key = Text(
        required=True,
        validate=Length(KEY_LENGTH[1], KEY_LENGTH[0]),
        metadata=about(
            "Your own number of this visit: sent twice it is logged once", "phone-0001-20261125"
        ),
    )
    lead = Key("Id of the lead it was about")
    company = Key("Id of the company; with it alone it is about the caller's open leads there")
    leads = Several(
        Key("Id of a lead"), "Further leads it was about", [], validate=Length(_MOST_PEOPLE)
    )
    mode = Choice(VisitMode, _MODE, "out", required=True)
    arranged = Flag("Whether it was arranged; true where it is left out")
    occurred_at = Moment("When it happened", required=True)
    reached = Flag("Whether somebody was reached", required=True)
    contacts = Several(
        Key("Id of a contact"), "Ids of who was met", [_ID], validate=Length(_MOST_PEOPLE)
    )
    companions = Several(
        Key("Id of a person"), "Ids of who came along", [], validate=Length(_MOST_PEOPLE)
    )
    summary = Text(validate=Length(LONGEST["summary"]), metadata=about("What was said", _SUMMARY))
    need = Text(
        validate=Length(LONGEST["need"]),
        metadata=about("What they want; the lead learns it", EXAMPLES["need"]),
    )
    outcome = Text(
        validate=Length(LONGEST["outcome"]), metadata=about("What came of it", EXAMPLES["outcome"])
    )
    next_step = Text(
        validate=Length(LONGEST["next_step"]),
        metadata=about("The lead's next step from now on", EXAMPLES["next_step"]),
    )
    next_step_on = Day("When; goes with `next_step`")
    planned_investment_cny = money("Planned investment, as they said")
    planned_revenue_cny = money("Software revenue in year three, as they said", 240_000_000)
    planned_headcount = Whole(
        "People in year three, as they said", 160, least=1, most=MAX_HEADCOUNT
    )


class TaskSchema(Record):
    """What is to be done about a lead."""

    id = Key("Id", attribute="task.public_id", required=True)
    lead = Key("Id of the lead", required=True)
    kind = Choice(TaskKind, "What it is", "next_step", attribute="task.kind", required=True)
    state = Choice(TaskState, "Where it stands", "open", attribute="task.state", required=True)
    text = Text(
        attribute="task.text",
        required=True,
        metadata=about("What is to be done", EXAMPLES["next_step"]),
    )
    due_on = Day("By when", attribute="task.due_on", allow_none=True)
    assignee = Key("Id of who is to do it", allow_none=True)
    created_by = Key("Id of who set it", allow_none=True)
    created_at = Moment("Set", attribute="task.created_at", required=True)
    closed_at = Moment("Closed", attribute="task.closed_at", allow_none=True)
    answer = Text(
        allow_none=True,
        metadata=about("What a directive was answered", EXAMPLES["answer"]),
    )
    answered_by = Key("Id of who answered it", allow_none=True)


class TaskQuery(Paging):
    """Filters by field."""

    lead = Key("Of this lead")
    assignee = Key("To be done by this person")
    kind = Choice(TaskKind, "Of this kind", "next_step")
    state = Choice(TaskState, "In this state", "open")
    due_from = Day("Due on this day or later")
    due_to = Day("Due on this day or earlier", "2026-12-31")


class NewTaskSchema(Body):
    """The next step of a lead (the one that was open is closed as moved), a directive, or a matter
    that has to be coordinated (`task`)."""

    lead = Key("Id of the lead", required=True)
    kind = Text(
        validate=Among(WRITABLE),
        load_default=TaskKind.NEXT_STEP.value,
        metadata=about("`next_step` where it is left out", WRITABLE[0]),
    )
    text = Text(
        required=True,
        validate=Length(LONGEST_STEP, 1),
        metadata=about("What is to be done", EXAMPLES["next_step"]),
    )
    due_on = Day("By when, today or later; a `task` has no day, the others need one")
    assignee = Key("Of a directive: id of who is to answer; the lead's owner where it is left out")


class TaskChangesSchema(Body):
    """One of: done (a directive with its answer), another day (a next step), taken back."""

    state = Choice(
        TaskState,
        "`done`; `cancelled` takes back a directive that nobody has answered; `open` takes up a"
        " `task` again",
        "done",
    )
    answer = Text(
        validate=Length(LONGEST_STEP, 1),
        metadata=about("Goes with `done` of a directive: where the matter stands"),
    )
    due_on = Day("Of a next step: another day, today or later", "2026-12-08")


class ReminderSchema(Record):
    """What was found due for the caller, and why."""

    rule = Text(
        attribute="reminder.rule", required=True, metadata=about("Code of the rule", "cadence")
    )
    occurrence = Text(
        attribute="reminder.occurrence",
        required=True,
        metadata=about("The cause; the same cause is said once", "touch 812 +14"),
    )
    lead = Key("Id of the lead", attribute="reminder.lead.public_id", required=True)
    company = Key("Id of the company", attribute="reminder.lead.company.public_id", required=True)
    due_on = Day("Due", attribute="reminder.due_on", required=True)
    state = Choice(
        ReminderState, "Where it stands", "queued", attribute="reminder.state", required=True
    )
    headline = Text(
        required=True, metadata=about("In a word, in the reader's language", EXAMPLES["headline"])
    )
    reason = Text(
        required=True,
        metadata=about("Why, in the reader's language", EXAMPLES["reason"]),
    )
    planned_at = Moment("Found", attribute="reminder.planned_at", required=True)
    mail_state = Choice(
        MessageState, "Where its mail stands; null before there is one", "sent", allow_none=True
    )
    sent_at = Moment("Mailed", allow_none=True)


class ReminderQuery(Paging):
    """Filters by field."""

    state = Choice(ReminderState, "In this state", "queued")
