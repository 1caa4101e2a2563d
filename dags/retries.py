"""Which failures are worth another try, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from airflow.sdk import RetryDecision, RetryPolicy

from extractors.errors import BadCredentials, NotThere, TryLater

if TYPE_CHECKING:
    from airflow.sdk import Context

# A ValueError is an organisation file, or data, that is the same at the next try.
FINAL = (BadCredentials, NotThere, ValueError, PermissionError)


class RetryByError(RetryPolicy):
    """Wait as long as the platform asks, ask a human where only a human helps, else try again."""

    def evaluate(
        self,
        exception: BaseException,
        try_number: int,  # noqa: ARG002 (Airflow passes it by name)
        max_tries: int,  # noqa: ARG002 (Airflow passes it by name)
        context: Context | None = None,  # noqa: ARG002 (Airflow passes it by name)
    ) -> RetryDecision:
        """What to do about a failed try; how often at most is the task's own `retries`."""
        if isinstance(exception, TryLater):
            after = None if exception.after is None else timedelta(seconds=exception.after)
            return RetryDecision.retry(after, reason=str(exception))
        if isinstance(exception, FINAL):
            return RetryDecision.fail(type(exception).__name__)
        return RetryDecision.default()
