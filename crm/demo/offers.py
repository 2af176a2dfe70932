"""Offers of the demo, held to the product's rules: proposed, decided by another, or not asked."""

from __future__ import annotations

from dataclasses import asdict
from random import Random
from typing import Any

from crm.demo import words
from crm.demo.bulk import Bulk
from crm.demo.records import LeadFile, write_offer
from crm.demo.trail import Trail
from crm.offers import rules
from crm.offers.incentives import calculate
from crm.offers.policy import policy
from crm.offers.terms import Fixed, Kind, Negotiated
from models.base import public_id_from
from models.enums import OfferState

WAN = 10_000
# Of the investment, in percent, as the subsidy that is talked about.
SHARES = (2, 3, 5, 8)


class Offers:
    """Makes offers with their lines.

    One is written once its decision is answered, or at the end.
    """

    def __init__(self, bulk: Bulk, trail: Trail, random: Random) -> None:
        self.bulk = bulk
        self.trail = trail
        self.random = random
        offered = [rule for rule in rules.offered(policy()) if rule.kind is Kind.GRANT]
        self.talked_about = [
            rule
            for rule in offered
            if isinstance(rule.amount, Negotiated) and rule.applies_to == "lead"
        ]
        self.fixed = [
            (rule.code, rule.amount.cny) for rule in offered if isinstance(rule.amount, Fixed)
        ]
        self.asked = {fact.name for rule in policy().rules for fact in rule.facts}

    def propose(self, file: LeadFile) -> None:
        """The owner proposes a version."""
        self.answer(file)
        facts = self._facts(file)
        lines = self._lines(file)
        known = rules.with_amounts(facts, lines, policy())
        held = rules.hold(lines, calculate(known, policy(), rules=lines))
        offer = self._offer(file, OfferState.PROPOSED, facts)
        for line in held:
            row = {"id": self.bulk.next_id("offer_line"), "offer_id": offer["id"], **asdict(line)}
            self.trail.created("offer_line", row["id"], row)
            file.offer_lines.append(row)
        file.offer = offer

    def decide(self, file: LeadFile, manager_id: int, how: str) -> None:
        """A manager approves or refuses what waits."""
        offer = file.offer
        if offer is None or offer["state"] is not OfferState.PROPOSED:
            return
        refused = how == "refuse"
        decided: dict[str, Any] = {
            "state": OfferState.REFUSED if refused else OfferState.APPROVED,
            "approver_id": manager_id,
            "decided_at": self.trail.at,
        }
        if refused:
            decided["reason"] = self.random.choice(words.REFUSALS)
        for name, value in decided.items():
            self.trail.edited("offer", offer["id"], name, offer[name], value)
        offer.update(decided)
        file.offer_ready = file.offer_ready or not refused

    def state_nothing(self, file: LeadFile) -> None:
        """The owner puts on record that nothing is asked."""
        self.answer(file)
        offer = self._offer(file, OfferState.RECORDED, self._facts(file))
        self.bulk.add("offer", offer)
        file.offer_ready = True

    def answer(self, file: LeadFile) -> None:
        """What was decided is answered: by the version that comes now, or by going on."""
        if (decided := file.offer) is None or decided["state"] is OfferState.PROPOSED:
            return
        self.trail.edited("offer", decided["id"], "answered_at", None, self.trail.at)
        self.trail.forget("offer", decided["id"])
        write_offer(self.bulk, file, {"answered_at": self.trail.at})

    def _offer(self, file: LeadFile, state: OfferState, facts: dict[str, Any]) -> dict[str, Any]:
        file.offers += 1
        nothing = state is OfferState.RECORDED
        offer: dict[str, Any] = {
            "id": self.bulk.next_id("offer"),
            "public_id": public_id_from(self.random),
            "lead_id": file.values["id"],
            "version": file.offers,
            "rules_version": policy().rules_version,
            "no_incentive": nothing,
            "state": state,
            "note": self.random.choice(words.WAIVERS) if nothing else None,
            "facts": facts,
            "proposer_id": file.values["owner_id"],
            "approver_id": None,
            "reason": None,
            "created_at": self.trail.at,
            "decided_at": None,
            "withdrawn_by_id": None,
            "withdrawn_at": None,
            "answered_at": None,
        }
        self.trail.created("offer", offer["id"], offer)
        return offer

    def _facts(self, file: LeadFile) -> dict[str, Any]:
        known = {
            "agreed_investment_cny": file.values["planned_investment_cny"],
            "project": file.values["project"] or None,
            "segment_in_chain": True,
        }
        return {k: v for k, v in known.items() if v is not None and k in self.asked}

    def _lines(self, file: LeadFile) -> dict[str, int]:
        """A subsidy that is a share of the investment, and sometimes a fixed reward beside it."""
        investment = file.values["planned_investment_cny"] or 1000 * WAN
        share = investment * self.random.choice(SHARES) // 100 // WAN * WAN
        lines = {
            rule.code: max(WAN, min(share, rule.cap_cny or share)) for rule in self.talked_about[:1]
        }
        if not lines or self.random.random() < 0.4:
            lines |= dict(self.random.sample(self.fixed, min(1, len(self.fixed))))
        return lines
