"""Errors named by what to do next. Each says where: platform, account, stream, page."""

from __future__ import annotations


class ReadingError(Exception):
    """Something went wrong at a known place; `str()` is one line without secrets or bodies."""

    def __init__(
        self,
        reason: str,
        *,
        platform: str,
        account: str,
        stream: str | None = None,
        page: int | None = None,
    ) -> None:
        self.reason, self.platform, self.account = reason, platform, account
        self.stream, self.page = stream, page
        super().__init__(reason)

    def __str__(self) -> str:
        where = [f"platform={self.platform}", f"account={self.account}"]
        where += [f"stream={self.stream}"] if self.stream else []
        where += [f"page={self.page}"] if self.page is not None else []
        return f"{type(self).__name__} {' '.join(where)}: {self.reason}"


class TryLater(ReadingError):
    """The platform asks for patience or is out of order: it may work `after` seconds from now."""

    def __init__(
        self,
        reason: str,
        *,
        platform: str,
        account: str,
        stream: str | None = None,
        page: int | None = None,
        after: float | None = None,
    ) -> None:
        super().__init__(reason, platform=platform, account=account, stream=stream, page=page)
        self.after = after


class BadCredentials(ReadingError):
    """Missing, wrong, expired or too narrow: a human must act, trying again does not help."""


class NotThere(ReadingError):
    """What was asked for does not exist, or not any more: skip it and count."""


class Unreadable(ReadingError):
    """The item is not what the platform promises: keep it aside, count, go on."""
