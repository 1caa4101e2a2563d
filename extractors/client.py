"""The only HTTP: session, credentials, timeout, retry, rate limits, budget, redaction."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Credentials:
    """What an Airflow Connection holds; secrets never show in its text form."""

    base_url: str = ""
    login: str = ""
    secret: str = field(default="", repr=False)


class Client:
    """Speaks to one platform for one account."""
