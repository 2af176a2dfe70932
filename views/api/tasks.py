"""Tasks: what is to be done about leads."""

from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from crm import clock
from crm.access import Right, readable_lead, require
from crm.errors import Conflict, Refusal
from crm.held import held
from crm.leads import directives, matters, next_steps, tasks, to_do
from crm.leads.moves import locked_lead
from crm.messages import msg
from crm.promises import service as promises
from crm.promises.rules import NewPromise
from models.enums import Side, TaskKind, TaskState
from models.lead import Lead
from models.task import Task
from views.api import answers
from views.api.noun import Noun
from views.api.schemas.work import NewTaskSchema, TaskChangesSchema, TaskQuery, TaskSchema
from views.guard import actor

noun = Noun(
    "tasks", "Tasks: the next step of a lead, directives, promises, what else is to be done."
)

# Which kind needs which is asked once it is known; a next step, a task and a matter are the lead's.
_RIGHTS = {TaskKind.DIRECTIVE: Right.DIRECT, TaskKind.PROMISE: Right.LOG_VISITS}
_CHANGING = (Right.WRITE_LEADS, *_RIGHTS.values())
_NAMES = {
    "next_step": "text",
    "next_step_on": "due_on",
    "to": "assignee",
    "every": "repeat_every",
}


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
@noun.needs(*_CHANGING)
@noun.arguments(NewTaskSchema)
@noun.makes(TaskSchema)
def create(sent: dict[str, Any]) -> Response:
    """Set the next step or a task of a lead, give a directive, write down a promise or a matter

    A lead has one next step: the one that was open is closed as `moved`. A directive asks somebody
    who may change the lead for an answer by a day; managers and the lead's liaison leader give it.
    A `promise` stands in the promise book; a `task` is for a colleague who may read the lead, by a
    working day, and may come back. A `matter` is what others have to coordinate; it stands in the
    ledger until it is done, and with a day it reminds the lead's owner.
    """
    kind = TaskKind(sent.pop("kind"))
    require(actor(), _RIGHTS.get(kind, Right.WRITE_LEADS))
    _refuse_unasked(kind, sent)

    def make() -> Response:
        with answers.named("lead"):
            readable_lead(actor(), sent["lead"])
        try:
            task = _MAKERS[kind](sent)
        except Refusal as refusal:
            raise answers.renamed(refusal, _NAMES) from None
        return answers.made(_dumped(task.public_id), f"tasks/{task.public_id}")

    return answers.once(make)


@noun.patch("/<id:task_id>")
@noun.needs(*_CHANGING)
@noun.arguments(TaskChangesSchema)
@noun.answers(TaskSchema)
def change(sent: dict[str, Any], task_id: str) -> Response:
    """Finish a task, put it off or take it back

    An open next step is done with `{"state": "done"}` or put off with `{"due_on": …}`. An open
    directive is answered with `{"state": "done", "answer": …}`; who gave it may give it another day
    with `{"due_on": …, "reason": …}`, take it back with `{"state": "cancelled"}` and ask for it
    again with `{"state": "open"}`. A promise is kept with `{"state": "done"}`, withdrawn with
    `{"state": "cancelled", "reason": …}` and moved with `{"due_on": …, "reason": …}`. A task is
    done (one that comes back makes the next one, once), withdrawn or moved with `{"due_on": …}`.
    Tasks, promises and matters are taken up again with `{"state": "open"}`.
    """
    found = tasks.readable_task(actor(), task_id)
    try:
        lead = answers.matched(lambda: _held(found), lambda _held: _dumped(task_id))
        if found.task.kind is TaskKind.NEXT_STEP:
            _change_step(found.task, lead, sent)
        else:
            _CHANGERS[found.task.kind](task_id, sent)
    except Refusal as refusal:
        raise answers.renamed(refusal, _NAMES) from None
    return answers.changed(_dumped(task_id))


def _next_step(sent: dict[str, Any]) -> Task:
    lead = locked_lead(sent["lead"], actor())
    if "due_on" not in sent:
        raise Refusal({"due_on": [msg("请给下一步选一个日期。")]})
    return next_steps.set_next_step(
        lead, sent["text"], sent["due_on"], now=clock.now(), by=actor().id
    )


def _directed(sent: dict[str, Any]) -> Task:
    return directives.give(
        sent["lead"],
        sent["text"],
        sent.get("due_on"),
        sent.get("assignee", ""),
        actor(),
        now=clock.now(),
    )


def _matter(sent: dict[str, Any]) -> Task:
    return matters.note(
        sent["lead"], sent["text"], actor(), now=clock.now(), due_on=sent.get("due_on")
    )


def _promise(sent: dict[str, Any]) -> Task:
    side = sent.get("side", Side.OURS)
    who = sent.get("assignee" if side is Side.OURS else "contact", "")
    new = NewPromise(side, sent["text"], sent.get("due_on"), who)
    try:
        return promises.make(sent["lead"], new, actor(), now=clock.now())
    except Refusal as refusal:
        at = "assignee" if side is Side.OURS else "contact"
        raise answers.renamed(refusal, {"who": at}) from None


def _task(sent: dict[str, Any]) -> Task:
    new = to_do.NewTask(
        sent["text"],
        sent.get("due_on"),
        sent.get("assignee", ""),
        sent.get("repeat_every"),
        sent.get("repeat_unit"),
    )
    return to_do.assign(sent["lead"], new, actor(), now=clock.now())


_MAKERS = {
    TaskKind.PROMISE: _promise,
    TaskKind.TASK: _task,
    TaskKind.NEXT_STEP: _next_step,
    TaskKind.DIRECTIVE: _directed,
    TaskKind.MATTER: _matter,
}


# What only some kinds have, and what is said where it is sent with another.
_ASKED = {
    "assignee": (
        {TaskKind.DIRECTIVE, TaskKind.TASK, TaskKind.PROMISE},
        msg("只有批示、待办和我们的承诺要指定由谁办，这里不用填。"),
    ),
    "side": ({TaskKind.PROMISE}, msg("只有承诺要填是哪一方的，这里不用填。")),
    "contact": ({TaskKind.PROMISE}, msg("只有对方的承诺要填是谁，这里不用填。")),
    "repeat_every": ({TaskKind.TASK}, msg("只有待办会重复，这里不用填。")),
    "repeat_unit": ({TaskKind.TASK}, msg("只有待办会重复，这里不用填。")),
}


def _refuse_unasked(kind: TaskKind, sent: dict[str, Any]) -> None:
    errors = {
        name: [text] for name, (kinds, text) in _ASKED.items() if name in sent and kind not in kinds
    }
    if kind is TaskKind.PROMISE:
        theirs = sent.get("side") is Side.THEIRS
        name = "assignee" if theirs else "contact"
        if name in sent:
            errors[name] = [_ASKED[name][1]]
    if errors:
        raise Refusal(errors)


def _change_promise(task_id: str, sent: dict[str, Any]) -> None:
    now, who = clock.now(), actor()
    match sent:
        case {"state": TaskState.DONE, **rest} if not rest:
            promises.keep(task_id, who, now=now)
        case {"state": TaskState.CANCELLED, **rest} if not rest.keys() - {"reason"}:
            promises.withdraw(task_id, sent.get("reason", ""), who, now=now)
        case {"state": TaskState.OPEN, **rest} if not rest:
            promises.reopen(task_id, who)
        case {"due_on": due_on, **rest} if not rest.keys() - {"reason"}:
            promises.give_another_day(task_id, due_on, sent.get("reason", ""), who, now=now)
        case _:
            text = msg(
                "请填 state 为 done 或 open，填 state 为 cancelled 并写 reason，"
                "或填新的 due_on 并写 reason。"
            )
            raise Refusal({"state": [text]})


def _change_task(task_id: str, sent: dict[str, Any]) -> None:
    now, who = clock.now(), actor()
    match sent:
        case {"state": TaskState.DONE, **rest} if not rest:
            to_do.finish(task_id, who, now=now)
        case {"state": TaskState.CANCELLED, **rest} if not rest:
            to_do.withdraw(task_id, who, now=now)
        case {"state": TaskState.OPEN, **rest} if not rest:
            to_do.reopen(task_id, who, now=now)
        case {"due_on": due_on, **rest} if not rest:
            to_do.move(task_id, due_on, who, now=now)
        case _:
            text = msg("请填 state 为 done、cancelled 或 open，或填新的 due_on，二选一。")
            raise Refusal({"state": [text]})


def _change_matter(task_id: str, sent: dict[str, Any]) -> None:
    match sent:
        case {"state": TaskState.DONE, **rest} if not rest:
            matters.finish(task_id, actor(), now=clock.now())
        case {"state": TaskState.OPEN, **rest} if not rest:
            matters.reopen(task_id, actor(), now=clock.now())
        case _:
            raise Refusal({"state": [msg("请填 state 为 done 或 open。")]})


def _change_step(task: Task, lead: Lead, sent: dict[str, Any]) -> None:
    if task.kind is not TaskKind.NEXT_STEP or task.state is not TaskState.OPEN:
        raise Conflict(msg("只有还没办的下一步能改。"))
    if "answer" in sent:
        raise Refusal({"answer": [msg("只有批示要回复。")]})
    if "reason" in sent:
        raise Refusal({"reason": [msg("只有批示改期要写原因。")]})
    if len(sent) != 1 or sent.get("state", TaskState.DONE) is not TaskState.DONE:
        raise Refusal({"state": [msg("请填 state 为 done，或填新的 due_on，二选一。")]})
    if "due_on" in sent:
        next_steps.reschedule(lead, sent["due_on"], now=clock.now())
    else:
        next_steps.finish_next_step(lead, now=clock.now())


def _change_directive(task_id: str, sent: dict[str, Any]) -> None:
    match sent:
        case {"state": TaskState.DONE, **rest} if not rest.keys() - {"answer"}:
            directives.answer(task_id, sent.get("answer", ""), actor(), now=clock.now())
        case {"state": TaskState.CANCELLED, **rest} if not rest:
            directives.retract(task_id, actor(), now=clock.now())
        case {"state": TaskState.OPEN, **rest} if not rest:
            directives.restore(task_id, actor(), now=clock.now())
        case {"due_on": due_on, **rest} if not rest.keys() - {"reason"}:
            reason = sent.get("reason", "")
            directives.give_another_day(task_id, due_on, reason, actor(), now=clock.now())
        case _:
            text = msg(
                "请填 state 为 done 并写 answer，填 state 为 cancelled 或 open，"
                "或填新的 due_on 并写 reason。"
            )
            raise Refusal({"state": [text]})


_CHANGERS = {
    TaskKind.PROMISE: _change_promise,
    TaskKind.TASK: _change_task,
    TaskKind.MATTER: _change_matter,
    TaskKind.DIRECTIVE: _change_directive,
}


def _held(found: tasks.TaskExtract) -> Lead:
    """The lead of a task, which who changes a task holds; of a directive its own row, too."""
    if found.task.kind is TaskKind.NEXT_STEP:
        return locked_lead(found.lead, actor())
    lead = held(Lead, Lead.public_id == found.lead)
    if found.task.kind is TaskKind.DIRECTIVE:
        held(Task, Task.id == found.task.id)
    return lead


def _dumped(task_id: str) -> dict[str, Any]:
    dumped: dict[str, Any] = TaskSchema().dump(tasks.readable_task(actor(), task_id))
    return dumped
