"""What YouTube means when it refuses.

The same HTTP 403 is a used-up quota, a video without comments or a wrong key: the body tells.

Reasons: https://developers.google.com/youtube/v3/docs/errors
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from extractors.client import Answer
from extractors.errors import BadCredentials, NotThere, ReadingError, TryLater, Unreadable

COMMENTS_OFF = "comments are switched off here"
_PACIFIC = ZoneInfo("America/Los_Angeles")
_USED_UP = {"quotaExceeded", "dailyLimitExceeded"}
_TOO_FAST = {"rateLimitExceeded", "userRateLimitExceeded"}
_BAD_KEY = {  # wrong and expired ones come as HTTP 400
    **dict.fromkeys(
        ("keyInvalid", "keyExpired", "API_KEY_INVALID"), "the API key is wrong or expired"
    ),
    **dict.fromkeys(
        ("accessNotConfigured", "SERVICE_DISABLED"),
        "YouTube Data API v3 is not enabled in the project of the API key",
    ),
    **dict.fromkeys(
        (
            *("ipRefererBlocked", "API_KEY_IP_ADDRESS_BLOCKED"),
            *("API_KEY_HTTP_REFERRER_BLOCKED", "API_KEY_SERVICE_BLOCKED"),
        ),
        "the restrictions of the API key forbid its use from here, or for YouTube Data API v3",
    ),
}


def seconds_to_midnight(now: datetime) -> float:
    """Until the quota is renewed: at midnight Pacific Time."""
    tomorrow = now.astimezone(_PACIFIC).date() + timedelta(days=1)
    return (datetime.combine(tomorrow, time(), _PACIFIC) - now).total_seconds()


def judge(answer: Answer, now: datetime) -> ReadingError | None:
    """What a refusal means; null where its status says so."""
    reasons = _reasons(answer)
    if reasons & _USED_UP:
        reason, after = "the quota of today is used up", seconds_to_midnight(now)
        return TryLater(reason, after=after, **answer.place)
    if reasons & _TOO_FAST:
        return TryLater(f"HTTP {answer.status}, rate limit", **answer.place)
    if "commentsDisabled" in reasons:
        return NotThere(COMMENTS_OFF, **answer.place)
    for reason in sorted(reasons & _BAD_KEY.keys()):
        return BadCredentials(f"HTTP {answer.status}: {_BAD_KEY[reason]}", **answer.place)
    return None


def _reasons(answer: Answer) -> set[str]:
    """The reasons that the body gives, in Google's old way and in its new one."""
    try:
        error: Any = answer.json()["error"]
        told = [*error.get("errors", ()), *error.get("details", ())]
        return {str(each.get("reason")) for each in told}
    except (Unreadable, KeyError, TypeError, AttributeError):
        return set()  # no error of the API: the status has to do
