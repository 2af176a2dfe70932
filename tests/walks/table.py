"""Which roles may use which route. Written by hand: it is what the code is held against."""

from __future__ import annotations

from dataclasses import dataclass

from models.enums import Role

EVERYBODY = frozenset(Role)
SCOUTING = frozenset({Role.SCOUT, Role.TEAM_LEAD, Role.MANAGER})
LEAD_READERS = SCOUTING | {Role.PARK_OFFICER, Role.LIAISON_LEADER, Role.AUDITOR}
SPACE_WRITERS = SCOUTING | {Role.PARK_OFFICER}
VISITORS = SCOUTING | {Role.PARK_OFFICER, Role.LIAISON_LEADER}
LEAD_IMPORTERS = frozenset({Role.TEAM_LEAD, Role.MANAGER})
OFFER_READERS = SCOUTING | {Role.PARK_OFFICER, Role.AUDITOR}
MANAGERS = frozenset({Role.MANAGER})
DIRECTING = MANAGERS | {Role.LIAISON_LEADER}
IMPORTERS = frozenset({Role.MANAGER, Role.ADMINISTRATOR})
ACCOUNT_READERS = frozenset({Role.ADMINISTRATOR, Role.SECURITY_OFFICER, Role.AUDITOR})
ACCOUNT_WRITERS = frozenset({Role.ADMINISTRATOR})
OUTBOX_READERS = frozenset({Role.ADMINISTRATOR, Role.AUDITOR})

# Who sees the leads of all teams; for everybody else another team's lead is not there.
CITYWIDE = frozenset({Role.MANAGER, Role.AUDITOR})

SHOWN = frozenset({200})
GONE_ON = frozenset({302})
# A form sent empty is refused at its fields, or there was nothing to fill in.
SENT = frozenset({200, 201, 302, 409, 422})
# What a colleague said they read, and only the one who said it changes it.
THEIRS = SENT | {403}


@dataclass(frozen=True)
class Row:
    """One route and method.

    ``roles`` may use it and get one of ``answers``; the others get ``refused``. ``scoped``: of
    another team's record, who is not citywide gets 404 whatever the method. ``public``: signed out
    is answered too, else sent to sign in.
    """

    roles: frozenset[Role]
    answers: frozenset[int] = SHOWN
    refused: int = 404
    scoped: bool = False
    public: bool = False


def _reads(roles: frozenset[Role], **more: bool) -> Row:
    return Row(roles, **more)


def _writes(roles: frozenset[Role], refused: int = 404, **more: bool) -> Row:
    return Row(roles, SENT, refused, **more)


TABLE: dict[tuple[str, str], Row] = {
    ("static", "GET"): Row(EVERYBODY, public=True),
    ("health.healthz", "GET"): Row(EVERYBODY, public=True),
    ("health.readyz", "GET"): Row(EVERYBODY, public=True),
    # Without a token whoever asks from this machine.
    ("metrics.show", "GET"): Row(EVERYBODY, public=True),
    ("security.login", "GET"): Row(EVERYBODY, GONE_ON, public=True),
    ("security.login", "POST"): Row(EVERYBODY, GONE_ON, public=True),
    ("offline.manifest", "GET"): Row(EVERYBODY, public=True),
    ("offline.worker", "GET"): Row(EVERYBODY, public=True),
    ("offline.page", "GET"): Row(EVERYBODY, public=True),
    ("queue.show", "GET"): _reads(EVERYBODY),
    ("queue.ticket", "GET"): _reads(EVERYBODY),
    ("home.home", "GET"): Row(EVERYBODY, GONE_ON),
    ("account.show", "GET"): _reads(EVERYBODY),
    ("account.language", "POST"): _writes(EVERYBODY),
    ("api_docs.show", "GET"): Row(EVERYBODY, public=True),
    ("api_docs.document", "GET"): Row(EVERYBODY, public=True),
    ("tokens.new", "GET"): _reads(EVERYBODY),
    ("tokens.create", "POST"): _writes(EVERYBODY),
    ("tokens.revoke", "POST"): Row(EVERYBODY, frozenset({404})),
    ("calendar.show", "GET"): _reads(LEAD_READERS),
    ("calendar.edit_day", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("calendar.update_day", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("calendar.download", "GET"): _reads(LEAD_READERS, scoped=True),
    ("calendar_feeds.create", "POST"): _writes(LEAD_READERS),
    ("calendar_feeds.revoke", "POST"): _writes(LEAD_READERS),
    # Whoever has the address is let in; nobody has this one.
    ("calendar_feeds.show", "GET"): Row(EVERYBODY, frozenset({404}), public=True),
    ("security.change_password", "GET"): _reads(EVERYBODY),
    ("security.change_password", "POST"): _writes(EVERYBODY),
    ("accounts.index", "GET"): _reads(ACCOUNT_READERS),
    ("accounts.new", "GET"): _reads(ACCOUNT_WRITERS),
    ("accounts.create", "POST"): _writes(ACCOUNT_WRITERS),
    ("accounts.reset_password", "POST"): _writes(ACCOUNT_WRITERS),
    ("accounts.edit_address", "GET"): _reads(ACCOUNT_WRITERS),
    ("accounts.change_address", "POST"): _writes(ACCOUNT_WRITERS),
    ("accounts.deactivate", "POST"): _writes(ACCOUNT_WRITERS),
    ("accounts.activate", "POST"): _writes(ACCOUNT_WRITERS),
    ("leads.board", "GET"): _reads(LEAD_READERS),
    ("leads.column", "GET"): _reads(LEAD_READERS),
    ("leads.headings", "GET"): _reads(LEAD_READERS),
    ("leads.card", "GET"): _reads(LEAD_READERS, scoped=True),
    ("leads.index", "GET"): _reads(LEAD_READERS),
    # What somebody prepares is theirs alone: another's is not there.
    ("bulk_edits.create", "POST"): _writes(SCOUTING, 403),
    ("bulk_edits.show", "GET"): Row(SCOUTING, SHOWN | {404}, 403),
    ("bulk_edits.preview", "POST"): Row(SCOUTING, SENT | {404}, 403),
    ("bulk_edits.apply", "POST"): Row(SCOUTING, SENT | {404}, 403),
    ("bulk_edits.reverse", "POST"): Row(SCOUTING, SENT | {404}, 403),
    ("lead_columns.show", "GET"): _reads(LEAD_READERS),
    ("saved_views.new", "GET"): _reads(LEAD_READERS),
    ("saved_views.create", "POST"): _writes(LEAD_READERS),
    # A view is shown to whom it is saved for; theirs to change it is its maker's.
    ("saved_views.edit", "GET"): Row(LEAD_READERS, SHOWN | {403, 404}),
    ("saved_views.change", "POST"): Row(LEAD_READERS, SENT | {403, 404}),
    ("saved_views.remove", "POST"): Row(LEAD_READERS, SENT | {403, 404}),
    ("saved_views.restore", "POST"): Row(LEAD_READERS, SENT | {403, 404}),
    ("leads.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("leads.sheet", "GET"): _reads(LEAD_READERS, scoped=True),
    ("leads.new", "GET"): Row(SCOUTING, refused=403),
    ("leads.new", "POST"): _writes(SCOUTING, 403),
    ("leads.create", "POST"): _writes(SCOUTING, 403),
    ("leads.edit", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("leads.edit", "POST"): _writes(SCOUTING, 403, scoped=True),
    # Who works on a lead is changed by those who hand over; one fact is as good as another here.
    ("lead_facts.edit", "GET"): Row(SCOUTING, SHOWN | GONE_ON, 403, scoped=True),
    ("lead_facts.update", "POST"): _writes(SCOUTING, 403, scoped=True),
    # Registering it, its only change, is no edit.
    ("lead_edits.reverse", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("stage_changes.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("stage_changes.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    # Registering a lead, its only change there, is no move that could be taken back.
    ("stage_changes.reverse", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("placements.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    # A scout's own lead is handed over by the team lead or a manager.
    ("hand_overs.new", "GET"): Row(SCOUTING, SHOWN | {403}, 403, scoped=True),
    ("hand_overs.create", "POST"): Row(SCOUTING, SENT | {403}, 403, scoped=True),
    ("registrations.edit", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("registrations.edit", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("arrivals.edit", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("arrivals.edit", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("premises.new", "GET"): Row(SPACE_WRITERS, refused=403, scoped=True),
    ("premises.new", "POST"): _writes(SPACE_WRITERS, 403, scoped=True),
    ("premises.edit", "GET"): Row(SPACE_WRITERS, refused=403, scoped=True),
    ("premises.edit", "POST"): _writes(SPACE_WRITERS, 403, scoped=True),
    ("premises.remove", "POST"): _writes(SPACE_WRITERS, 403, scoped=True),
    ("premises.restore", "POST"): _writes(SPACE_WRITERS, 403, scoped=True),
    ("attachments.new_on_lead", "GET"): Row(VISITORS, refused=403, scoped=True),
    ("attachments.create_on_lead", "POST"): _writes(VISITORS, 403, scoped=True),
    ("attachments.new_on_visit", "GET"): Row(VISITORS, refused=403, scoped=True),
    ("attachments.create_on_visit", "POST"): _writes(VISITORS, 403, scoped=True),
    ("attachments.show", "GET"): _reads(LEAD_READERS, scoped=True),
    # Who only reads the lead may not take somebody else's file away.
    ("attachments.remove", "POST"): Row(VISITORS, SENT | {403}, 403, scoped=True),
    ("attachments.restore", "POST"): Row(VISITORS, SENT | {403}, 403, scoped=True),
    ("offers.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("offers.create_offer", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("offers.show", "GET"): _reads(OFFER_READERS, scoped=True),
    ("offers.decide", "POST"): _writes(MANAGERS, 403, scoped=True),
    ("offers.new_attachment", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("offers.create_attachment", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("offers.withdraw", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("directives.new", "GET"): Row(DIRECTING, refused=403, scoped=True),
    ("directives.create", "POST"): _writes(DIRECTING, 403, scoped=True),
    ("directives.retract", "POST"): Row(DIRECTING, THEIRS, 403, scoped=True),
    ("directives.restore", "POST"): Row(DIRECTING, THEIRS, 403, scoped=True),
    # The one who gave it gives it another day; a liaison leader did not give the walk's.
    ("directives.another_day", "GET"): Row(DIRECTING, SHOWN | {403}, 403, scoped=True),
    ("directives.put_off", "POST"): Row(DIRECTING, SENT | {403}, 403, scoped=True),
    ("directives.answer", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("promises.index", "GET"): _reads(LEAD_READERS),
    ("promises.new", "GET"): Row(VISITORS, refused=403, scoped=True),
    ("promises.create", "POST"): _writes(VISITORS, 403, scoped=True),
    # Kept, withdrawn and moved by who has to see to it and who may change the lead.
    ("promises.another_day", "GET"): Row(OFFER_READERS, SHOWN | {403}, scoped=True),
    ("promises.put_off", "POST"): Row(OFFER_READERS, THEIRS, scoped=True),
    ("promises.ask_why", "GET"): Row(OFFER_READERS, SHOWN | {403}, scoped=True),
    ("promises.withdraw", "POST"): Row(OFFER_READERS, THEIRS, scoped=True),
    ("promises.keep", "POST"): Row(OFFER_READERS, THEIRS, scoped=True),
    ("promises.reopen", "POST"): Row(OFFER_READERS, THEIRS, scoped=True),
    ("comments.new", "GET"): Row(VISITORS, refused=403, scoped=True),
    ("comments.create", "POST"): _writes(VISITORS, 403, scoped=True),
    ("comments.edit", "GET"): Row(VISITORS, frozenset({200, 403}), 403, scoped=True),
    ("comments.update", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("comments.remove", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("comments.restore", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("comments.see", "POST"): _writes(LEAD_READERS, scoped=True),
    ("matters.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("matters.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("matters.complete", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("matters.reopen", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("tasks.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("tasks.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    # Done and moved by who is to do it, too; the walk's are the owner's.
    ("tasks.edit_day", "GET"): Row(LEAD_READERS, SHOWN | {403}, scoped=True),
    ("tasks.update_day", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("tasks.complete", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("tasks.reopen", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("tasks.withdraw", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("next_steps.blank", "GET"): Row(SCOUTING, refused=403),
    ("next_steps.create_chosen", "POST"): _writes(SCOUTING, 403),
    ("next_steps.index", "GET"): _reads(LEAD_READERS, scoped=True),
    ("next_steps.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("next_steps.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("next_steps.reverse", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("next_steps.put_off", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("next_steps.complete", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("snoozes.new", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("snoozes.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("snoozes.reverse", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("today.show", "GET"): _reads(LEAD_READERS),
    ("today.targets", "GET"): _reads(LEAD_READERS),
    ("overview.show", "GET"): _reads(LEAD_READERS),
    ("trips.index", "GET"): _reads(LEAD_READERS),
    ("trips.new", "GET"): Row(SCOUTING, refused=403),
    ("trips.create", "POST"): _writes(SCOUTING, 403),
    # A park officer and a liaison leader see the trips on which they go.
    ("trips.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("trips.edit", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("trips.edit", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trips.report_page", "GET"): _reads(LEAD_READERS, scoped=True),
    # Who only goes along reads it.
    ("trips.report_page", "POST"): Row(LEAD_READERS, THEIRS, scoped=True),
    ("exports.trip_report", "GET"): _reads(LEAD_READERS, scoped=True),
    ("trip_stops.create", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trip_stops.edit", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("trip_stops.edit", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trip_stops.place", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trip_stops.join", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trip_stops.leave", "POST"): _writes(SCOUTING, 403, scoped=True),
    # The next one finds the company off the trip.
    ("trip_stops.remove", "POST"): Row(SCOUTING, SENT | {404}, 403, scoped=True),
    ("trips.cancel", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trips.restore", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("appointments.new", "GET"): Row(VISITORS, refused=403),
    ("appointments.create", "POST"): _writes(VISITORS, 403),
    ("appointments.of_lead", "GET"): _reads(LEAD_READERS, scoped=True),
    ("appointments.show", "GET"): _reads(LEAD_READERS, scoped=True),
    # Who reads the lead reads it; who takes part or works on the lead changes it.
    ("appointments.edit", "GET"): Row(VISITORS, SHOWN | {403}, 403, scoped=True),
    ("appointments.update", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("appointments.cancel", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("appointments.restore", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("appointments.reverse", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("visits.index", "GET"): _reads(LEAD_READERS),
    ("visits.show", "GET"): _reads(LEAD_READERS, scoped=True),
    ("visits.briefing", "GET"): _reads(LEAD_READERS, scoped=True),
    # What was said is put right by who said it.
    ("visits.edit", "GET"): Row(VISITORS, SHOWN | {403}, 403, scoped=True),
    ("visits.edit", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("visit_edits.reverse", "POST"): Row(VISITORS, THEIRS, 403, scoped=True),
    ("visits.new", "GET"): Row(VISITORS, refused=403),
    ("visits.create", "POST"): _writes(VISITORS, 403),
    ("visit_drafts.new", "GET"): Row(VISITORS, refused=403),
    ("visit_drafts.create", "POST"): _writes(VISITORS, 403),
    ("targets.index", "GET"): _reads(EVERYBODY),
    ("targets.show", "GET"): _reads(EVERYBODY),
    # Sent without a choice, which the page does not offer, it is a bad request.
    ("targets.decide", "POST"): Row(IMPORTERS, SENT | {400}),
    ("targets.assign", "POST"): _writes(MANAGERS, 403),
    ("targets.take_back", "POST"): Row(MANAGERS, frozenset({404}), 403),
    ("target_imports.new", "GET"): _reads(IMPORTERS),
    ("target_imports.create", "POST"): _writes(IMPORTERS),
    ("target_imports.show", "GET"): _reads(IMPORTERS),
    ("target_imports.columns", "POST"): _writes(IMPORTERS),
    ("target_imports.decide", "POST"): _writes(IMPORTERS),
    ("target_imports.repair", "POST"): _writes(IMPORTERS),
    ("target_imports.apply", "POST"): _writes(IMPORTERS),
    ("target_imports.undo", "POST"): _writes(IMPORTERS),
    ("target_imports.drop", "POST"): _writes(IMPORTERS),
    ("lead_imports.new", "GET"): _reads(LEAD_IMPORTERS),
    ("lead_imports.create", "POST"): _writes(LEAD_IMPORTERS),
    ("lead_imports.show", "GET"): _reads(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.progress", "GET"): _reads(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.rejected", "GET"): _reads(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.work", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.columns", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.choose", "POST"): Row(LEAD_IMPORTERS, SENT | {400}, scoped=True),
    ("lead_imports.words", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.decide", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.repair", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.apply", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.undo", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("lead_imports.drop", "POST"): _writes(LEAD_IMPORTERS, scoped=True),
    ("events.index", "GET"): _reads(LEAD_READERS),
    ("events.new", "GET"): Row(SCOUTING, refused=403),
    ("events.create", "POST"): _writes(SCOUTING, 403),
    ("events.show", "GET"): _reads(LEAD_READERS),
    ("events.edit", "GET"): Row(SCOUTING, refused=403),
    ("events.edit", "POST"): _writes(SCOUTING, 403),
    ("exports.guest_list", "GET"): _reads(LEAD_READERS),
    ("invitations.new", "GET"): Row(SCOUTING, refused=403),
    ("invitations.create", "POST"): _writes(SCOUTING, 403),
    ("invitations.pasted", "GET"): Row(SCOUTING, refused=403),
    ("invitations.pasted", "POST"): _writes(SCOUTING, 403),
    ("invitations.listed", "GET"): Row(SCOUTING, refused=403),
    ("invitations.listed", "POST"): _writes(SCOUTING, 403),
    ("invitations.edit", "GET"): Row(SCOUTING, refused=403),
    ("invitations.edit", "POST"): _writes(SCOUTING, 403),
    # Sent without what was answered, which the page does not offer, there is no such answer.
    ("invitations.reply", "POST"): Row(SCOUTING, SENT | {404}, 403),
    ("invitations.log", "POST"): _writes(VISITORS, 403),
    ("invitations.attendance", "POST"): _writes(SCOUTING, 403),
    ("invitations.take_back", "POST"): _writes(SCOUTING, 403),
    ("invitations.restore", "POST"): _writes(SCOUTING, 403),
    ("invitations.remove", "POST"): _writes(SCOUTING, 403),
    ("event_leads.link", "POST"): _writes(SCOUTING, 403),
    ("event_leads.unlink", "POST"): _writes(SCOUTING, 403),
    ("event_leads.restore", "POST"): _writes(SCOUTING, 403),
    ("referrals.index", "GET"): _reads(LEAD_READERS),
    ("referrals.origins_of_lead", "GET"): _reads(LEAD_READERS, scoped=True),
    ("referrals.of_lead", "GET"): Row(SCOUTING, refused=403, scoped=True),
    ("referrals.of_lead", "POST"): _writes(SCOUTING, 403, scoped=True),
    # Of a manager's other lead nothing was said.
    ("referrals.forget_lead", "POST"): Row(SCOUTING, SENT | {404}, 403, scoped=True),
    ("referrals.restore_lead", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("referrals.of_company", "GET"): Row(SCOUTING, refused=403),
    ("referrals.of_company", "POST"): _writes(SCOUTING, 403),
    # Nothing was said of the company itself.
    ("referrals.forget_company", "POST"): Row(SCOUTING, SENT | {404}, 403),
    ("referrals.restore_company", "POST"): _writes(SCOUTING, 403),
    ("chain.index", "GET"): _reads(EVERYBODY),
    ("chain.show", "GET"): _reads(EVERYBODY),
    ("companies.index", "GET"): _reads(EVERYBODY),
    ("companies.show", "GET"): _reads(EVERYBODY),
    ("companies.suggest", "GET"): _reads(EVERYBODY),
    ("companies.edit", "GET"): Row(SCOUTING, refused=403),
    ("companies.edit", "POST"): _writes(SCOUTING, 403),
    ("companies.relate", "GET"): Row(SCOUTING, refused=403),
    ("companies.relate", "POST"): _writes(SCOUTING, 403),
    ("companies.unrelate", "POST"): _writes(SCOUTING, 403),
    ("companies.relate_again", "POST"): _writes(SCOUTING, 403),
    ("contacts.new", "GET"): Row(VISITORS, refused=403),
    ("contacts.create", "POST"): _writes(VISITORS, 403),
    ("contacts.edit", "GET"): Row(VISITORS, refused=403),
    ("contacts.edit", "POST"): _writes(VISITORS, 403),
    ("incentives.show", "GET"): _reads(LEAD_READERS),
    ("exports.leads", "GET"): _reads(LEAD_READERS),
    ("exports.ledgers", "GET"): _reads(LEAD_READERS),
    ("exports.promises", "GET"): _reads(LEAD_READERS),
    ("exports.company_list", "GET"): _reads(EVERYBODY),
    ("exports.entries", "GET"): _reads(EVERYBODY),
    # Whoever has the link is let in; nobody has this one.
    ("mail_links.show", "GET"): Row(EVERYBODY, frozenset({410}), public=True),
    ("mail_links.act", "POST"): Row(EVERYBODY, frozenset({410, 429}), public=True),
    ("mail_links.reverse", "POST"): Row(EVERYBODY, frozenset({410, 429}), public=True),
    ("notices.index", "GET"): _reads(LEAD_READERS),
    ("notices.read_all", "POST"): _writes(LEAD_READERS),
    # The scout's own; another's is not there.
    ("notices.read", "POST"): Row(LEAD_READERS, frozenset({302, 404})),
    ("reminder_settings.show", "GET"): _reads(LEAD_READERS),
    ("reminder_settings.update", "POST"): _writes(LEAD_READERS),
    ("reminder_settings.robot", "GET"): _reads(LEAD_READERS),
    ("reminder_settings.set_robot", "POST"): _writes(LEAD_READERS),
    ("reminder_settings.try_robot", "POST"): Row(LEAD_READERS, frozenset({404})),
    ("reminder_settings.remove_robot", "POST"): Row(LEAD_READERS, frozenset({404})),
    ("leaves.new", "GET"): _reads(LEAD_READERS),
    ("leaves.create", "POST"): _writes(LEAD_READERS),
    ("leaves.end", "POST"): Row(LEAD_READERS, frozenset({404})),
    ("leaves.restore", "POST"): Row(LEAD_READERS, frozenset({404})),
    ("reminders.index", "GET"): _reads(LEAD_READERS),
    ("reminders.of_lead", "GET"): _reads(LEAD_READERS, scoped=True),
    ("reminder_forecasts.index", "GET"): _reads(LEAD_READERS | OUTBOX_READERS),
    ("reminder_rules.index", "GET"): _reads(OUTBOX_READERS),
    ("reminder_rules.show", "GET"): _reads(OUTBOX_READERS),
    ("reminder_rules.update", "POST"): _writes(ACCOUNT_WRITERS),
    ("reminder_rules.try_out", "POST"): _writes(ACCOUNT_WRITERS),
    ("reminder_rules.restore", "POST"): _writes(ACCOUNT_WRITERS),
    ("reminder_rules.reverse", "POST"): _writes(ACCOUNT_WRITERS),
    ("reminder_rules.copy", "POST"): _writes(ACCOUNT_WRITERS),
    ("reminder_rules.remove", "POST"): _writes(ACCOUNT_WRITERS),
    ("outbox.index", "GET"): _reads(OUTBOX_READERS),
    ("outbox.show", "GET"): _reads(OUTBOX_READERS),
    ("outbox.body", "GET"): _reads(OUTBOX_READERS),
    ("outbox.retry", "POST"): _writes(ACCOUNT_WRITERS),
    ("outbox.drop", "POST"): _writes(ACCOUNT_WRITERS),
    ("outbox.restore", "POST"): _writes(ACCOUNT_WRITERS),
    ("job_runs.index", "GET"): _reads(OUTBOX_READERS),
    ("search.show", "GET"): _reads(EVERYBODY),
    ("search.suggest", "GET"): _reads(EVERYBODY),
    ("trash.index", "GET"): _reads(VISITORS | ACCOUNT_WRITERS),
    ("trash.restore", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("trash.purge", "GET"): _reads(ACCOUNT_WRITERS),
    ("trash.purge", "POST"): _writes(ACCOUNT_WRITERS),
    # Who is first brings it back; for the next nothing lies there.
    ("trash.bring_back", "POST"): Row(VISITORS | ACCOUNT_WRITERS, SENT | {404}),
    ("removals.of_lead", "GET"): Row(SCOUTING, refused=403, scoped=True),
    # A visit is put away by who logged it, their team lead or a manager.
    ("removals.of_visit", "GET"): Row(VISITORS, SHOWN | {403}, 403, scoped=True),
    # For who may see the person's numbers; the person is there once.
    ("removals.of_contact", "GET"): Row(VISITORS, SHOWN | {404}, 403),
    ("removals.of_company", "GET"): Row(IMPORTERS, refused=403),
    ("removals.of_company", "POST"): _writes(IMPORTERS, 403),
    # An event is put away by who wrote it down, their team lead or a manager.
    ("removals.of_event", "GET"): Row(SCOUTING, SHOWN | {403}, 403),
    ("removals.of_event", "POST"): Row(SCOUTING, SENT | {403}, 403),
    # After all that reads them.
    ("removals.of_contact", "POST"): Row(VISITORS, SENT | {404}, 403),
    ("removals.of_visit", "POST"): Row(VISITORS, SENT | {403, 404}, 403, scoped=True),
    ("removals.of_lead", "POST"): _writes(SCOUTING, 403, scoped=True),
    ("security.logout", "POST"): Row(EVERYBODY, GONE_ON),
}
