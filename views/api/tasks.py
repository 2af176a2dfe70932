"""Tasks: what is to be done about leads."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right, readable_lead
from crm.errors import Conflict, NotFound, Refusal
from crm.leads import next_steps, tasks
from crm.leads.moves import locked_lead
from crm.messages import msg
from models.enums import TaskKind, TaskState
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import NewTaskSchema, TaskChangesSchema, TaskQuery, TaskSchema
from views.guard import actor

noun = Noun("tasks", "Tasks: the one next step of a lead, and what else is to be done.")

_NAMES = {"next_step": "text", "next_step_on": "due_on"}


@noun.get("")
@noun.needs(Right.READ_LEADS)
@noun.arguments(TaskQuery, location="query")
@noun.pages(TaskSchema)
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List tasks

    Of the leads that the caller may read, the newest first.
    """
    limit = query.pop("limit")
    cursor = answers.check_cursor(query.pop("cursor", None), (answers.row_key,))
    found = tasks.tasks_page(actor(), tasks.Wanted(**query), limit=limit, cursor=cursor)
    return answers.page(found, found.items)


@noun.get("/<id:task_id>")
@noun.needs(Right.READ_LEADS)
@noun.answers(TaskSchema)
def show(task_id: str) -> Response:
    """Get a task"""
    return answers.read(_dumped(task_id))


@noun.post("")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(NewTaskSchema)
@noun.answers(TaskSchema, 201)
def create(sent: dict[str, Any]) -> Response:
    """Set the next step of a lead

    A lead has one next step: the one that was open is closed as `moved`.
    """

    def make() -> Response:
        try:
            readable_lead(actor(), sent["lead"])
        except NotFound:
            raise Refusal({"lead": [msg("没有这条线索，或不归您看。")]}) from None
        lead = locked_lead(sent["lead"], actor())
        try:
            step = next_steps.set_next_step(
                lead, sent["text"], sent["due_on"], now=clock.now(), by=actor().id
            )
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
        return answers.made(_dumped(step.public_id), f"tasks/{step.public_id}")

    return answers.once(make)


@noun.patch("/<id:task_id>")
@noun.needs(Right.WRITE_LEADS)
@noun.arguments(TaskChangesSchema)
@noun.answers(TaskSchema)
def change(sent: dict[str, Any], task_id: str) -> Response:
    """Finish a task or put it off

    An open next step is done with `{"state": "done"}` or put off with `{"due_on": …}`.
    """
    found = tasks.readable_task(actor(), task_id)
    lead = locked_lead(found.lead, actor())
    answers.require_match(_dumped(task_id))
    if found.task.kind is not TaskKind.NEXT_STEP or found.task.state is not TaskState.OPEN:
        raise Conflict(msg("只有还没办的下一步能改。"))
    if len(sent) != 1 or sent.get("state", TaskState.DONE) is not TaskState.DONE:
        raise Refusal({"state": [msg("请填 state 为 done，或填新的 due_on，二选一。")]})
    try:
        if "due_on" in sent:
            next_steps.reschedule(lead, sent["due_on"], now=clock.now())
        else:
            next_steps.finish_next_step(lead, now=clock.now())
    except Refusal as refusal:
        raise answers.renamed(refusal, _NAMES) from None
    return answers.changed(_dumped(task_id))


def _dumped(task_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = TaskSchema().dump(tasks.readable_task(actor(), task_id))
    return dumped
