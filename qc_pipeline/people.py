"""Who acts: the names of `[people]` in qc.toml, and what each may do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from qc_pipeline.config import Person, Settings
from qc_pipeline.errors import UsageError
from qc_pipeline.suggest import did_you_mean

INSPECTORS = ("inspector", "reviewer", "manager")
REVIEWERS = ("reviewer", "manager")
LEADS = ("lead", "manager")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts under a name. `known`: `[people]` names people at all, so that roles and
    teams can be checked; a deputy has the roles and teams of those they stand in for, too.
    """

    name: str
    known: bool = False
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()

    def leads(self, team: str | None) -> bool:
        """Whether this is the lead (or the lead's deputy) of a team."""
        return "lead" in self.roles and team is not None and team in self.teams


def find_actor(settings: Settings, name: str | None, login: str, *, may: Collection[str]) -> Actor:
    """The person named, else the one whose login it is.

    Raises UsageError for a name that `[people]` does not have, or without any of the roles `may`.
    Where `[people]` is empty every name is taken as it is.
    """
    people = settings.people
    if not people:
        return Actor(name=(name or login).strip() or login)
    key = _find(people, name, login)
    if key is None:
        said = f"{name!r} is nobody of [people] in qc.toml"
        if name is None:
            said = f"say who you are with --as NAME; the login {login!r} is nobody's in [people]"
        hint = did_you_mean(name or "", [*people, *(p.name for p in people.values())])
        allowed = ", ".join(sorted(p.name for p in people.values()))
        raise UsageError(f"{said}; allowed: {allowed}" + (f" – {hint}" if hint else ""))
    person = people[key]
    stands_in = [p for p in people.values() if p.deputy in (key, person.name)]
    roles = {r for p in (person, *stands_in) for r in p.roles}
    if not roles & set(may):
        raise UsageError(
            f"{person.name} may not do this: it is for the roles {', '.join(sorted(may))}"
            f" of [people], not {', '.join(sorted(roles)) or 'somebody without a role'}"
        )
    teams = {p.team for p in (person, *stands_in) if p.team and "lead" in p.roles}
    return Actor(name=person.name, known=True, roles=frozenset(roles), teams=frozenset(teams))


def _find(people: Mapping[str, Person], name: str | None, login: str) -> str | None:
    for key, person in sorted(people.items()):
        if name is None and person.login == login:
            return key
        if name is not None and name in (key, person.name):
            return key
    return None
