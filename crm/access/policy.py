"""The table of rights: one row a role. What a role sees of leads stands in conditions.py."""

from __future__ import annotations

import enum

from crm.access.actor import Actor
from crm.errors import Forbidden, NotFound
from models.enums import Role


class Right(enum.StrEnum):
    """Something a role may do or see at all."""

    READ_COMPANIES = "read_companies"
    """Companies, lists, the chain map, parks, and who holds a company."""
    WRITE_COMPANIES = "write_companies"
    ARCHIVE_COMPANIES = "archive_companies"
    """Put a company away that nothing stands on, and bring it back: it is everybody's."""
    MERGE_COMPANIES = "merge_companies"
    """Make one company of two records, and part them again: what every team wrote down moves."""
    READ_LEADS = "read_leads"
    """Leads within what conditions.py lets this actor see."""
    WRITE_LEADS = "write_leads"
    """Create, change and move leads of their teams (managers: all)."""
    WRITE_PREMISES = "write_premises"
    """Where a project sits: of leads one may write, and a park's officers from signing on."""
    WRITE_EVENTS = "write_events"
    """Events, whom they invite and who came: they are the office's, whoever wrote them down."""
    LOG_VISITS = "log_visits"
    ATTACH_FILES = "attach_files"
    """Hang files on records that they may read, and take their own away again."""
    COMMENT = "comment"
    """Say something to colleagues on leads that they may read."""
    DIRECT = "direct"
    """Ask for an answer by a day: managers, and the liaison leader of a lead."""
    READ_OFFERS = "read_offers"
    """Offers of the leads that conditions.py lets this actor see them of."""
    PROPOSE_OFFERS = "propose_offers"
    """Propose, withdraw and state that nothing is asked, where they see the offers."""
    DECIDE_OFFERS = "decide_offers"
    """Approve or refuse what somebody else proposed."""
    READ_TODAY = "read_today"
    EXPORT = "export"
    """Take along as a file what one may see as a list; each file is written to the trail."""
    IMPORT_LISTS = "import_lists"
    ASSIGN_TARGETS = "assign_targets"
    """Give the entries of a list to a team."""
    JUDGE_GAPS = "judge_gaps"
    """Say what a segment of the chain lacks, above what its projects say."""
    WRITE_LANDING_GOALS = "write_landing_goals"
    """Say how many projects are to land in a year."""
    IMPORT_LEADS = "import_leads"
    """Bring in the ledgers of their own teams (managers: of all)."""
    READ_OUTBOX = "read_outbox"
    WRITE_OUTBOX = "write_outbox"
    READ_RULES = "read_rules"
    """Reminder rules, and how many they remind: no lead's content."""
    WRITE_RULES = "write_rules"
    READ_ACCOUNTS = "read_accounts"
    WRITE_ACCOUNTS = "write_accounts"
    TRASH = "trash"
    """See what was put away: as far as they may bring it back or purge it; who may do neither and
    yet has this right oversees all of it."""
    RESTORE = "restore"
    """Bring back what was put away, as far as it is theirs to."""
    PURGE = "purge"
    """Take what lies in the trash away for good, with a reason."""


_EVERYBODY = frozenset({Right.READ_COMPANIES, Right.EXPORT})
_SCOUT = _EVERYBODY | {
    Right.WRITE_COMPANIES,
    Right.READ_LEADS,
    Right.WRITE_LEADS,
    Right.WRITE_PREMISES,
    Right.WRITE_EVENTS,
    Right.LOG_VISITS,
    Right.ATTACH_FILES,
    Right.COMMENT,
    Right.READ_OFFERS,
    Right.PROPOSE_OFFERS,
    Right.READ_TODAY,
    Right.TRASH,
    Right.RESTORE,
}
_VISITING = _EVERYBODY | {
    Right.READ_LEADS,
    Right.LOG_VISITS,
    Right.ATTACH_FILES,
    Right.COMMENT,
    Right.READ_TODAY,
    Right.TRASH,
    Right.RESTORE,
}

RIGHTS: dict[Role, frozenset[Right]] = {
    Role.SCOUT: _SCOUT,
    Role.TEAM_LEAD: _SCOUT | {Right.IMPORT_LEADS},
    Role.MANAGER: _SCOUT
    | {
        Right.ARCHIVE_COMPANIES,
        Right.MERGE_COMPANIES,
        Right.IMPORT_LISTS,
        Right.ASSIGN_TARGETS,
        Right.JUDGE_GAPS,
        Right.WRITE_LANDING_GOALS,
        Right.IMPORT_LEADS,
        Right.DECIDE_OFFERS,
        Right.DIRECT,
    },
    Role.PARK_OFFICER: _VISITING | {Right.READ_OFFERS, Right.WRITE_PREMISES},
    Role.LIAISON_LEADER: _VISITING | {Right.DIRECT},
    Role.ADMINISTRATOR: _EVERYBODY
    | {
        Right.ARCHIVE_COMPANIES,
        Right.MERGE_COMPANIES,
        Right.IMPORT_LISTS,
        Right.WRITE_LANDING_GOALS,
        Right.READ_OUTBOX,
        Right.WRITE_OUTBOX,
        Right.READ_RULES,
        Right.WRITE_RULES,
        Right.READ_ACCOUNTS,
        Right.WRITE_ACCOUNTS,
        Right.TRASH,
        Right.RESTORE,
        Right.PURGE,
    },
    Role.SECURITY_OFFICER: _EVERYBODY | {Right.READ_ACCOUNTS},
    Role.AUDITOR: _EVERYBODY
    | {
        Right.READ_LEADS,
        Right.READ_OFFERS,
        Right.READ_TODAY,
        Right.READ_OUTBOX,
        Right.READ_RULES,
        Right.READ_ACCOUNTS,
        Right.TRASH,
    },
}

# Who lacks one of these is told so; who lacks any other right is shown that nothing is there.
_SAID_OPENLY = frozenset(
    {
        Right.WRITE_LEADS,
        Right.WRITE_PREMISES,
        Right.WRITE_EVENTS,
        Right.LOG_VISITS,
        Right.WRITE_COMPANIES,
        Right.ARCHIVE_COMPANIES,
        Right.MERGE_COMPANIES,
        Right.ATTACH_FILES,
        Right.COMMENT,
        Right.DIRECT,
        Right.PROPOSE_OFFERS,
        Right.DECIDE_OFFERS,
        Right.ASSIGN_TARGETS,
        Right.JUDGE_GAPS,
        Right.WRITE_LANDING_GOALS,
    }
)


def allowed(actor: Actor, right: Right) -> bool:
    """Whether the actor's role has the right."""
    return right in RIGHTS[actor.role]


def require(actor: Actor, right: Right) -> None:
    """Raise Forbidden or NotFound when the actor's role lacks the right."""
    if allowed(actor, right):
        return
    if right in _SAID_OPENLY:
        raise Forbidden
    raise NotFound
