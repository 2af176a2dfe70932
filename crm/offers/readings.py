"""How open readings are taken: the default of each switch, or what somebody chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from crm.errors import Refusal
from crm.messages import Message, Name, msg
from crm.offers.terms import Policy, Rule, Switch

Chosen = Mapping[str, str]
NONE: Chosen = MappingProxyType({})


@dataclass(frozen=True)
class Reading:
    """A switch as it was taken in one calculation."""

    switch: Switch
    value: str

    @property
    def name(self) -> Name:
        """What the option taken is called."""
        return self.switch.option(self.value) or Name(self.value, self.value)

    @property
    def is_default(self) -> bool:
        """Whether nobody chose otherwise."""
        return self.value == self.switch.default


def choose(policy: Policy, rules: Iterable[Rule], given: Chosen = NONE) -> dict[str, Chosen]:
    """What each rule's switches say, by code of the rule.

    ``given`` maps a switch (``jump``), or one of a rule (``outsourcing.cap_per``), to an option; a
    bare name holds for every rule that has this option. Refusal names the switch.
    """
    rules = tuple(rules)
    taken = {rule.code: {s.name: s.default for s in rule.switches} for rule in rules}
    errors: dict[str, list[Message]] = {}
    # What is said of one rule goes before what is said of all.
    for name, value in sorted(given.items(), key=lambda item: "." in item[0]):
        problem = _take(taken, rules, name, value)
        if problem:
            errors[name] = [problem]
    if errors:
        raise Refusal(errors)
    return dict(taken)


def _take(
    taken: Mapping[str, dict[str, str]], rules: tuple[Rule, ...], name: str, value: str
) -> Message | None:
    code, dot, bare = name.rpartition(".")
    having = [
        (rule, rule.switch_names[bare])
        for rule in rules
        if bare in rule.switch_names and (not dot or rule.code == code)
    ]
    if not having:
        known = sorted({switch.name for rule in rules for switch in rule.switches})
        return msg(
            "没有“%(name)s”这个口径。可以改的有：%(known)s。", name=name, known="、".join(known)
        )
    fitting = [(rule, switch) for rule, switch in having if switch.option(value)]
    if not fitting:
        options = sorted({option.value for _rule, switch in having for option in switch.options})
        return msg(
            "“%(name)s”不能是“%(value)s”，请从这些里选：%(options)s。",
            name=name,
            value=value,
            options="、".join(options),
        )
    for rule, switch in fitting:
        taken[rule.code][switch.name] = value
    return None


def readings(rule: Rule, chosen: Chosen) -> tuple[Reading, ...]:
    """The rule's switches as they were taken."""
    return tuple(Reading(switch, chosen[switch.name]) for switch in rule.switches)
