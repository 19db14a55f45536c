"""Who acts, and on whose behalf: the names of `[people]` in qc.toml, and what each may do.

This is a record, not a lock: whoever can write the workspace's files can do anything to them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from qc_pipeline.errors import UsageError, did_you_mean
from qc_pipeline.workspace.settings import Person, Settings

INSPECTORS = ("inspector", "reviewer", "manager")
REVIEWERS = ("reviewer", "manager")
MANAGERS = ("manager",)
LEADS = ("lead", "manager")
ASKERS = ("agent", "inspector", "lead", "manager", "reviewer")
"""Who enters what an agent asks for: the agent, or somebody who takes it in."""
ANYBODY = ("inspector", "lead", "manager", "reviewer")

DEPUTY, CLERK = "deputy", "clerk"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who acts under a name. `known`: `[people]` names people at all, so that roles and
    teams can be checked; a deputy has the roles and teams of those they stand in for, too.

    `on_behalf_of` is whose act it is where somebody else does it, `capacity` whether as their
    deputy or as a clerk who enters what they decided: roles and teams are theirs then. `near` are
    the teams that either of them leads. `login_of` is whose login it was, where it was another's.
    """

    name: str
    known: bool = False
    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    on_behalf_of: str | None = None
    capacity: str | None = None
    near: frozenset[str] = frozenset()
    login_of: str | None = None

    @property
    def people(self) -> tuple[str, ...]:
        """Everybody whose act it is: who does it, and on whose behalf."""
        return (self.name,) if self.on_behalf_of is None else (self.name, self.on_behalf_of)

    def leads(self, team: str | None) -> bool:
        """Whether this is the lead (or the lead's deputy) of a team."""
        return "lead" in self.roles and team is not None and team in self.teams

    def close_to(self, team: str | None) -> bool:
        """Whether anybody whose act it is leads a team: such people do not judge its objections."""
        return team is not None and team in self.near


def find_actor(
    settings: Settings,
    name: str | None,
    login: str,
    *,
    may: Collection[str],
    on_behalf: str | None = None,
) -> Actor:
    """The person named, else the one whose login it is; `on_behalf` names whose act it is.

    Acting for somebody, it is their roles that count; whoever `[people]` names may do that, as
    their deputy or as a clerk, and both names are kept. A deputy who names nobody acts for the one
    whose role they use. Raises UsageError for a name that `[people]` does not have, a login that
    several share, or without any of the roles `may`. Where `[people]` is empty every name is taken
    as it is.
    """
    people = settings.people
    if not people:
        own = (name or login).strip() or login
        return _for_somebody(Actor(name=own), (on_behalf or "").strip() or own, None)
    key = _find(people, name, login)
    if key is None:
        said = f"{name!r} is nobody of [people] in qc.toml"
        if name is None:
            said = f"say who you are with --as NAME; the login {login!r} is nobody's in [people]"
        raise _nobody(people, said, name)
    person = people[key]
    owner = _owner(people, login)
    actor = replace(
        _actor(people, key),
        login_of=None if owner in (None, person.name) else owner,
    )
    if on_behalf is None:
        return _own_act(people, key, actor, may)
    other = _named(people, on_behalf)
    if other is None:
        raise _nobody(people, f"--for {on_behalf!r} is nobody of [people] in qc.toml", on_behalf)
    if other == key:
        return _own_act(people, key, actor, may)
    theirs = _actor(people, other)
    _need_role(theirs, may)
    stands_in = people[other].deputy in (key, person.name)
    acting = _for_somebody(actor, theirs.name, DEPUTY if stands_in else CLERK)
    return replace(
        acting,
        roles=theirs.roles,
        teams=theirs.teams,
        near=actor.near | theirs.near,
    )


def agent_of(settings: Settings, actor: Actor) -> str | None:
    """Whose calls are somebody's own: the agent's id of an actor who is an agent and nothing else;
    None for anybody else.
    """
    for person in settings.people.values():
        if person.name == (actor.on_behalf_of or actor.name) and person.roles == ("agent",):
            return person.agent_id
    return None


def is_own_team(settings: Settings, actor: Actor, team: str | None) -> bool:
    """Whether somebody leads a team, stands in for its lead, or is of it: such people do not listen
    to its calls.
    """
    person = settings.people.get(actor.name)
    if person is None:
        person = next((p for p in settings.people.values() if p.name == actor.name), None)
    own = person is not None and person.team == team
    return team is not None and (own or actor.close_to(team))


def refuse_own_team(settings: Settings, actor: Actor, teams: Mapping[str, str | None]) -> None:
    """Raises UsageError where recordings (with the team of each) are of somebody's own team."""
    own = sorted(k for k, team in teams.items() if is_own_team(settings, actor, team))
    if own:
        some = ", ".join(own[:5]) + (f" and {len(own) - 5} more" if len(own) > 5 else "")
        raise UsageError(
            f"{some}: a call of {actor.name}'s own team; somebody else listens to it and decides"
        )


def _own_act(people: Mapping[str, Person], key: str, actor: Actor, may: Collection[str]) -> Actor:
    """Somebody's act in their own name, or as deputy of the one whose role they use."""
    _need_role(actor, may)
    if set(people[key].roles) & set(may):
        return actor
    stood_for = [p for p in _stood_for(people, key) if set(p.roles) & set(may)]
    if len(stood_for) > 1:
        names = ", ".join(p.name for p in stood_for)
        raise UsageError(f"{actor.name} stands in for {names} here: say for whom with --for NAME")
    return _for_somebody(actor, stood_for[0].name, DEPUTY)


def _actor(people: Mapping[str, Person], key: str) -> Actor:
    person = people[key]
    both = (person, *_stood_for(people, key))
    teams = frozenset(p.team for p in both if p.team and "lead" in p.roles)
    return Actor(
        name=person.name,
        known=True,
        roles=frozenset(r for p in both for r in p.roles),
        teams=teams,
        near=teams,
    )


def _stood_for(people: Mapping[str, Person], key: str) -> tuple[Person, ...]:
    """Those whose deputy this person is, by their keys."""
    names = (key, people[key].name)
    return tuple(p for _, p in sorted(people.items()) if p.deputy in names)


def _for_somebody(actor: Actor, name: str, capacity: str | None) -> Actor:
    if name == actor.name:
        return actor
    return replace(actor, on_behalf_of=name, capacity=capacity)


def _need_role(actor: Actor, may: Collection[str]) -> None:
    if not actor.roles & set(may):
        raise UsageError(
            f"{actor.name} may not do this: it is for the roles {', '.join(sorted(may))}"
            f" of [people], not {', '.join(sorted(actor.roles)) or 'somebody without a role'}"
        )


def _nobody(people: Mapping[str, Person], said: str, name: str | None) -> UsageError:
    hint = did_you_mean(name or "", [*people, *(p.name for p in people.values())])
    allowed = ", ".join(sorted(p.name for p in people.values()))
    return UsageError(f"{said}; allowed: {allowed}" + (f" – {hint}" if hint else ""))


def _find(people: Mapping[str, Person], name: str | None, login: str) -> str | None:
    if name is not None:
        return _named(people, name)
    found = [key for key, person in sorted(people.items()) if person.login == login]
    if len(found) > 1:
        names = ", ".join(people[key].name for key in found)
        raise UsageError(
            f"the login {login!r} is shared by {names}: say who you are with --as NAME"
        )
    return found[0] if found else None


def _named(people: Mapping[str, Person], name: str) -> str | None:
    return next((k for k, p in sorted(people.items()) if name in (k, p.name)), None)


def _owner(people: Mapping[str, Person], login: str) -> str | None:
    """The one whose login it is, None where it is nobody's or several people's."""
    found = [p.name for p in people.values() if p.login == login]
    return found[0] if len(found) == 1 else None


def lead_of(people: Iterable[Person], team: str | None) -> str:
    """The name of a team's lead, "" where `[people]` names none."""
    found = (p.name for p in people if team and p.team == team and "lead" in p.roles)
    return next(found, "")


def names_of(settings: Settings, who: str) -> frozenset[str]:
    """Every name that somebody may stand under in the record: key, name and login of `[people]`."""
    names = {who}
    for key, person in settings.people.items():
        own = {key, person.name, *([person.login] if person.login else [])}
        if who in (key, person.name):
            names |= own
    return frozenset(names)
