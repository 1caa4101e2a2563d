"""The decisions file: what a person decided about accounts. It wins over everything.

It lies beside the organisation file as `<name>.decisions.toml`, and may be missing. A decision that
is taken out of the file is undone by the next night.
"""

from __future__ import annotations

from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError, model_validator

from lake.settings_file import (
    Login,
    OrganisationError,
    Strict,
    first_fault,
    login_parts,
    parsed,
)

SUFFIX = ".decisions.toml"
Role = Literal["ours_brand", "ours_person", "ours_bot", "bot", "person", "unknown"]


class Decision(Strict):
    """Who decided, when, and why, as far as it was written down."""

    note: str | None = None
    decided_by: str = Field("decisions_file", min_length=1)
    on: date | None = None


class Merge(Decision):
    """These accounts are one person's."""

    accounts: tuple[Login, ...] = Field(min_length=2)


class KeepApart(Decision):
    """No two of these accounts are the same person's."""

    accounts: tuple[Login, ...] = Field(min_length=2)


class RoleDecision(Decision):
    """What an account is to us."""

    account: Login
    role: Role


class Decisions(Strict):
    """Everything that was decided."""

    merge: tuple[Merge, ...] = ()
    keep_apart: tuple[KeepApart, ...] = ()
    role: tuple[RoleDecision, ...] = ()

    @model_validator(mode="after")
    def _without_contradiction(self) -> Decisions:
        named = [each.accounts for each in self.merge] + [each.accounts for each in self.keep_apart]
        for logins in named:
            _no_account_twice("accounts", [login_parts(login) for login in logins])
        _no_account_twice("role", [login_parts(decided.account) for decided in self.role])
        person = _people([[login_parts(login) for login in each.accounts] for each in self.merge])
        for number, apart in enumerate(self.keep_apart):
            for one, other in combinations(apart.accounts, 2):
                found = person.get(login_parts(one))
                if found is not None and found == person.get(login_parts(other)):
                    raise ValueError(
                        f"keep_apart[{number}]: {one!r} and {other!r} are also merged; "
                        "allowed is one of the two"
                    )
        return self


Account = tuple[str, str, str]


def _no_account_twice(key: str, accounts: list[Account]) -> None:
    twice = sorted({each for each in accounts if accounts.count(each) > 1})
    if twice:
        raise ValueError(f"{key}: {':'.join(twice[0])!r} is listed twice; list each account once")


def _people(merges: list[list[Account]]) -> dict[Account, int]:
    """A number for each account's person, where merges that share an account are one."""
    person: dict[Account, int] = {}
    for number, accounts in enumerate(merges):
        joined = {person[each] for each in accounts if each in person}
        person |= {each: number for each, other in person.items() if other in joined}
        person |= dict.fromkeys(accounts, number)
    return person


def load_decisions(path: Path) -> Decisions:
    """Read and validate a decisions file; nothing is decided where there is none.

    Raises `OrganisationError` with one line that names the file, the key and what is allowed.
    """
    if not path.exists():
        return Decisions()
    try:
        return Decisions.model_validate(parsed(path))
    except ValidationError as error:
        parts: dict[str, type[Strict]] = {
            "merge": Merge,
            "keep_apart": KeepApart,
            "role": RoleDecision,
        }
        fault = first_fault(error, Decisions, parts)
        raise OrganisationError(f"{path}: {fault}") from None
