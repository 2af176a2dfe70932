"""What stands behind the later stages: agreement, local company, first people."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from crm.companies.names import short_name
from crm.demo.bulk import Bulk
from crm.demo.companies import MadeUp
from crm.demo.names import credit_code
from crm.demo.records import LeadFile, Values
from crm.demo.trail import Trail
from crm.landing.words import LICENCE, REPORTED
from crm.leads.facts import CAPITAL, EMPLOYEES
from models.attachment import AttachmentKind
from models.base import public_id_from
from models.company import RelationKind
from models.lead import EntityPhase

# The administrative division that stands in the codes of companies registered in the city.
DIVISION = "330402"
SEGMENT_SOURCE = "lead"


class Later:
    """Makes the records that the gates of the later stages ask for."""

    def __init__(
        self, bulk: Bulk, trail: Trail, made_up: MadeUp, random: Random, agreement_id: int
    ) -> None:
        self.bulk = bulk
        self.trail = trail
        self.made_up = made_up
        self.random = random
        self.agreement_id = agreement_id

    def commit(self, file: LeadFile, today: date) -> Values:
        """The agreement; the columns that signing sets."""
        lead = file.values
        if not file.has_agreement:
            name = f"{short_name(file.company.name)}投资协议（示例）.pdf"
            self.paper(file, name, AttachmentKind.AGREEMENT)
            file.has_agreement = True
        planned = lead["planned_investment_cny"]
        return {
            "signed_on": lead["signed_on"] or today,
            "signed_investment_cny": lead["signed_investment_cny"]
            or round(planned * self.random.choice((0.8, 1, 1, 1.1))),
            "expected_landing_on": lead["expected_landing_on"]
            or today + timedelta(days=self.random.randint(120, 300)),
        }

    def register(self, file: LeadFile, today: date) -> Values:
        """The local company; the columns that its registration sets."""
        if file.local_company is None:
            self._local_company(file, today)
        return {"registered_on": file.values["registered_on"] or today}

    def land(self, file: LeadFile, today: date) -> Values:
        """First employees and premises; the columns that landing sets."""
        file.employees = file.employees or self.random.randint(5, 60)
        if not file.premises:
            self._premises(file, today)
        if file.local_company is not None:
            self._figure(file.local_company["id"], EMPLOYEES, file.employees, today, REPORTED)
        if file.entity is not None and file.entity["phase"] is not EntityPhase.LANDED:
            before, file.entity["phase"] = file.entity["phase"], EntityPhase.LANDED
            self.trail.edited("lead_entity", file.values["id"], "phase", before, EntityPhase.LANDED)
        return {"landed_on": file.values["landed_on"] or today}

    def paper(self, file: LeadFile, name: str, kind: AttachmentKind = AttachmentKind.FILE) -> None:
        """A file on the lead, brought by its owner."""
        attachment: dict[str, Any] = {
            "id": self.bulk.next_id("attachment"),
            "public_id": public_id_from(self.random),
            "blob_id": self.agreement_id,
            "kind": kind,
            "name": name,
            "lead_id": file.values["id"],
            "visit_id": None,
            "offer_id": None,
            "created_by_id": file.values["owner_id"],
            "created_at": self.trail.at,
            "removed_by_id": None,
            "removed_at": None,
        }
        self.bulk.add("attachment", attachment)
        self.trail.created("attachment", attachment["id"], attachment)

    def _local_company(self, file: LeadFile, today: date) -> None:
        home = self.made_up.city.home.removesuffix("市")
        brand = short_name(file.company.name)
        name = f"{home}{brand}软件有限公司"
        if file.values["project"] or len(file.company.leads) > 1:
            name = f"{home}{brand}{file.values['project'] or '第二'}软件有限公司"
        place_id = self.made_up.city.places.get(self.made_up.city.home)
        code = credit_code(self.random, DIVISION)
        company = self.made_up.add(name, f"{home}{brand}"[:64], place_id=place_id, credit_code=code)
        self._relation(file.company.id, company.id, today)
        file.company.relatives.append(company)
        company.relatives.append(file.company)
        entity = {
            "lead_id": file.values["id"],
            "company_id": company.id,
            "phase": EntityPhase.REGISTERED,
        }
        self.trail.created("lead_entity", file.values["id"], entity)
        file.entity = entity
        segment = file.values["segment_id"]
        self.bulk.add_row("company_segment", (company.id, segment, SEGMENT_SOURCE))
        file.local_company = {"id": company.id}
        file.capital = self.random.choice((5, 10, 20, 30, 50)) * 1_000_000
        self._figure(company.id, CAPITAL, file.capital, today, LICENCE)

    def _premises(self, file: LeadFile, today: date) -> None:
        """Space where the project was headed, taken some weeks before people moved in."""
        lead, random = file.values, self.random
        premises: dict[str, Any] = {
            "id": self.bulk.next_id("premises"),
            "public_id": public_id_from(random),
            "lead_id": lead["id"],
            "company_id": file.local_company["id"] if file.local_company else None,
            "district_id": lead["district_id"],
            "park_id": lead["park_id"],
            "address": f"{random.randint(1, 12)} 号楼 {random.randint(2, 18)} 层",
            "area_m2": lead["space_m2"] or random.randint(2, 50) * 100,
            "lease_start": today - timedelta(days=random.randint(14, 60)),
            "lease_end": None,
            "created_at": self.trail.at,
            "created_by_id": lead["owner_id"],
        }
        if random.random() < 0.7:
            premises["lease_end"] = premises["lease_start"] + timedelta(days=3 * 365)
        self.bulk.add("premises", premises)
        self.trail.created("premises", premises["id"], premises)
        file.premises = True

    def _relation(self, parent_id: int, child_id: int, today: date) -> None:
        relation: dict[str, Any] = {
            "id": self.bulk.next_id("company_relation"),
            "parent_id": parent_id,
            "child_id": child_id,
            "kind": RelationKind.SUBSIDIARY,
            "share_bp": 10_000,
            "from_on": today,
            "to_on": None,
        }
        self.bulk.add("company_relation", relation)
        self.trail.created("company_relation", relation["id"], relation)

    def _figure(self, company_id: int, metric: str, value: int, today: date, source: str) -> None:
        figure: dict[str, Any] = {
            "id": self.bulk.next_id("figure"),
            "company_id": company_id,
            "year": today.year,
            "metric": metric,
            "value": value,
            "source": source,
            "recorded_at": self.trail.at,
            "as_of": today,
        }
        self.bulk.add("figure", figure)
        self.trail.created("figure", figure["id"], figure)
