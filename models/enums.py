"""The codes that records, rules and the API share."""

from __future__ import annotations

import enum


class Stage(enum.StrEnum):
    """The stages of a lead, in order."""

    IDENTIFIED = "identified"
    ENGAGED = "engaged"
    NEGOTIATING = "negotiating"
    COMMITTED = "committed"
    REGISTERED = "registered"
    LANDED = "landed"


# An agreement stands, whatever became of it since.
SIGNED = (Stage.COMMITTED, Stage.REGISTERED, Stage.LANDED)


class Status(enum.StrEnum):
    """Whether a lead is worked on."""

    ACTIVE = "active"
    ON_HOLD = "on_hold"
    LOST = "lost"


class VisitMode(enum.StrEnum):
    """How somebody was met."""

    OUT = "out"
    IN = "in"
    CALL = "call"
    VIDEO = "video"
    MESSAGE = "message"
    EVENT = "event"

    @property
    def is_contact(self) -> bool:
        """A call or a message is called a contact (联系); the others are visits (走访)."""
        return self in {VisitMode.CALL, VisitMode.MESSAGE}


class Role(enum.StrEnum):
    """What an account is for."""

    SCOUT = "scout"
    TEAM_LEAD = "team_lead"
    MANAGER = "manager"
    PARK_OFFICER = "park_officer"
    LIAISON_LEADER = "liaison_leader"
    ADMINISTRATOR = "administrator"
    SECURITY_OFFICER = "security_officer"
    AUDITOR = "auditor"


class TaskKind(enum.StrEnum):
    """What a task is."""

    NEXT_STEP = "next_step"
    TASK = "task"
    """Something a colleague has to do beside it (待办)."""
    MATTER = "matter"
    """What other offices or leaders have to coordinate (需协调事项)."""
    PROMISE = "promise"
    DIRECTIVE = "directive"


class TaskState(enum.StrEnum):
    """Where a task stands."""

    OPEN = "open"
    DONE = "done"
    MOVED = "moved"
    CANCELLED = "cancelled"


class Side(enum.StrEnum):
    """Who made a promise."""

    OURS = "ours"
    THEIRS = "theirs"


class Every(enum.StrEnum):
    """How a task comes back."""

    WEEK = "week"
    MONTH = "month"


class CompanyKind(enum.StrEnum):
    """What a company record stands for."""

    LEGAL = "legal"
    GROUP = "group"
    INSTITUTION = "institution"


class MatchState(enum.StrEnum):
    """Which company a list entry was found to be."""

    UNDECIDED = "undecided"
    MATCHED = "matched"
    NEW = "new"
    REJECTED = "rejected"


class Via(enum.StrEnum):
    """Through what a change came."""

    WEB = "web"
    CLI = "cli"
    API = "api"
    MAIL = "mail"
    JOB = "job"
    IMPORT = "import"
    DEMO = "demo"


class RuleKind(enum.StrEnum):
    """What a rule looks at; ``crm/reminders/causes.py`` has a pure function for each."""

    NEXT_STEP = "next_step"
    NO_STEP = "no_step"
    CADENCE = "cadence"
    STALLED = "stalled"
    SIGNING = "signing"
    LANDING = "landing"
    UNCOVERED = "uncovered"
    PROMISE_OURS = "promise_ours"
    PROMISE_THEIRS = "promise_theirs"
    DIRECTIVE = "directive"
    TASK = "task"
    MATTER = "matter"
    MENTION = "mention"
    OFFER = "offer"
    OFFER_APPROVED = "offer_approved"
    OFFER_REFUSED = "offer_refused"
    PROTECTION = "protection"
    WAKING = "waking"
    AFTERCARE = "aftercare"


class ReminderState(enum.StrEnum):
    """Where a reminder stands."""

    PLANNED = "planned"
    QUEUED = "queued"
    SHOWN = "shown"
    """Its person reads reminders of this kind in the application alone."""
    CANCELLED = "cancelled"


class Way(enum.StrEnum):
    """How a reminder reaches its person."""

    MAIL = "mail"
    WECOM = "wecom"
    DINGTALK = "dingtalk"
    FEISHU = "feishu"
    APP = "app"
    """Nothing leaves the house: it stands in the application."""


class CalledOff(enum.StrEnum):
    """Why a planned reminder was not sent."""

    UNTRUE = "untrue"
    """What it would have said was no longer so."""
    RULE_OFF = "rule_off"
    RULE_CHANGED = "rule_changed"


class MessageState(enum.StrEnum):
    """Where a mail stands."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    DEAD = "dead"
    UNWRITTEN = "unwritten"
    MERGED = "merged"
    DROPPED = "dropped"


class OfferState(enum.StrEnum):
    """Where an offer stands."""

    PROPOSED = "proposed"
    RECORDED = "recorded"
    """A statement that nothing is asked: it holds without anybody's approval."""
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    """Approved or recorded once; a version approved later took its place."""


class ApiScope(enum.StrEnum):
    """How much of its person's rights a token has."""

    READ = "read"
    WRITE = "write"
