"""The organisation file: who we are, whom to read, when we are open, and what we keep."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from lake.decisions import SUFFIX, Decisions, load_decisions
from lake.settings_file import Login, OrganisationError, Strict, first_fault, parsed

__all__ = ["AccountToRead", "Organisation", "OrganisationError", "Ours", "load_organisation"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class Hours(BaseModel):
    """One opening span of a local day, `[opens, closes)`; closing at 24:00 is midnight."""

    model_config = ConfigDict(frozen=True)
    opens: timedelta
    closes: timedelta

    @model_validator(mode="before")
    @classmethod
    def parse(cls, span: Any) -> Any:
        found = (
            re.fullmatch(r"(\d\d):(\d\d)-(\d\d):(\d\d)", span) if isinstance(span, str) else None
        )
        if not found:
            raise ValueError(
                f'{span!r} is not a time span; write "HH:MM-HH:MM", e.g. "09:00-18:00"'
            )
        opens_hour, opens_minute, closes_hour, closes_minute = map(int, found.groups())
        opens = timedelta(hours=opens_hour, minutes=opens_minute)
        closes = timedelta(hours=closes_hour, minutes=closes_minute)
        if max(opens_minute, closes_minute) > 59 or not opens < closes <= timedelta(hours=24):
            raise ValueError(f'{span!r} must open before it closes, between "00:00" and "24:00"')
        return {"opens": opens, "closes": closes}


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError(f'{name!r} is not a time zone; use an IANA name such as "Europe/Madrid"')
    return name


def _name(text: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", text):
        raise ValueError(f"{text!r} must start with a letter and hold only a-z, 0-9 and _")
    return text


def _spans(spans: Any) -> Any:
    return tuple(spans) if isinstance(spans, list) else spans


Name = Annotated[str, AfterValidator(_name)]
Spans = Annotated[tuple[Hours, ...], BeforeValidator(_spans)]
OFFICE_HOURS = (Hours.model_validate("09:00-18:00"),)


class AccountToRead(Strict):
    """One account on one platform that a night reads."""

    platform: Name
    account: str = Field(min_length=1)
    connection: str | None = None
    options: Mapping[str, Any] = Field(default_factory=dict)


class Ours(Strict):
    """One of us: the brand's voice, a colleague, or a bot of ours, with all its accounts."""

    name: str = Field(min_length=1)
    kind: Literal["brand", "person", "bot"]
    accounts: tuple[Login, ...] = Field(min_length=1)

    @property
    def role(self) -> str:
        return f"ours_{self.kind}"


class BusinessHours(Strict):
    """Opening spans of each weekday, in the organisation's time zone."""

    monday: Spans = OFFICE_HOURS
    tuesday: Spans = OFFICE_HOURS
    wednesday: Spans = OFFICE_HOURS
    thursday: Spans = OFFICE_HOURS
    friday: Spans = OFFICE_HOURS
    saturday: Spans = ()
    sunday: Spans = ()


class Privacy(Strict):
    """What may be kept. Metadata-only stores who, whom and when, and no text anywhere.

    Accounts of a platform under `no_matching` are never linked with others, nor suggested to be:
    some platforms restrict it. What the organisation file lists and a person decides still holds.
    """

    direct_messages: bool = False
    metadata_only: bool = False
    no_matching: frozenset[Name] = frozenset()


class Organisation(Strict):
    """The side whose relationships are measured.

    Each night looks through `rewalk_days` of its history again, for silent edits and deletions.
    """

    name: Name
    title: str
    time_zone: Annotated[str, AfterValidator(_known_zone)] = "UTC"
    history_from: date
    rewalk_days: int = Field(7, ge=0)
    business_hours: BusinessHours = BusinessHours()
    holidays: frozenset[date] = frozenset()
    read: tuple[AccountToRead, ...] = Field(min_length=1)
    ours: tuple[Ours, ...] = Field(min_length=1)
    privacy: Privacy = Privacy()
    decisions: Decisions = Decisions()  # of the file beside this one

    @model_validator(mode="after")
    def _no_account_twice(self) -> Organisation:
        logins = [login.casefold() for ours in self.ours for login in ours.accounts]
        reads = [f"{read.platform}:{read.account}" for read in self.read]
        for kind, names in (("ours", logins), ("read", reads)):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind}: {twice[0]!r} is listed twice; list each account once")
        return self

    @model_validator(mode="after")
    def _no_matching_of_what_is_read(self) -> Organisation:
        read = sorted({each.platform for each in self.read})
        for name in sorted(self.privacy.no_matching.difference(read)):
            raise ValueError(
                f"privacy.no_matching: {name!r} is not read; allowed: {', '.join(read)}"
            )
        return self

    @property
    def history_start(self) -> datetime:
        """Midnight UTC of `history_from`."""
        return datetime.combine(self.history_from, time(), tzinfo=ZoneInfo("UTC"))

    def opening_spans(self, first: date, last: date) -> list[tuple[datetime, datetime]]:
        """Open spans of the local days `first` to `last`, both included: UTC instants, in order."""
        zone, utc = ZoneInfo(self.time_zone), ZoneInfo("UTC")
        spans = []
        for offset in range((last - first).days + 1):
            day = first + timedelta(days=offset)
            if day in self.holidays:
                continue
            midnight = datetime.combine(day, time())
            for hours in getattr(self.business_hours, WEEKDAYS[day.weekday()]):
                opens = (midnight + hours.opens).replace(tzinfo=zone).astimezone(utc)
                closes = (midnight + hours.closes).replace(tzinfo=zone).astimezone(utc)
                if opens < closes:
                    spans.append((opens, closes))
        return sorted(spans)


def load_organisation(path: str | Path) -> Organisation:
    """Read and validate one organisation file, and the decisions file beside it if there is one.

    Raises `OrganisationError` with one line that names the file, the key and what is allowed.
    """
    path = Path(path)
    if not path.exists():
        files = (each for each in path.parent.glob("*.toml") if not each.name.endswith(SUFFIX))
        known = ", ".join(sorted(each.stem for each in files)) or "none yet"
        raise OrganisationError(f"{path}: no such organisation file; there are: {known}")
    decisions = path.with_name(path.stem + SUFFIX)
    told = parsed(path)
    if "decisions" in told:
        raise OrganisationError(f"{path}: decisions: write them into {decisions.name}")
    try:
        organisation = Organisation.model_validate(told)
    except ValidationError as error:
        parts: dict[str, type[BaseModel]] = {
            "read": AccountToRead,
            "ours": Ours,
            "business_hours": BusinessHours,
            "privacy": Privacy,
        }
        raise OrganisationError(f"{path}: {first_fault(error, Organisation, parts)}") from None
    return organisation.model_copy(update={"decisions": load_decisions(decisions)})
