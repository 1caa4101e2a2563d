"""Which failures are worth another try."""

from __future__ import annotations

from datetime import timedelta

import pytest
from airflow.sdk.definitions.retry_policy import RetryAction

from dags.retries import RetryByError
from extractors.errors import BadCredentials, NotThere, TryLater, Unreadable
from lake.organisation import OrganisationError

WHERE = {"platform": "mastodon", "account": "acme", "stream": "statuses"}


def decision(error: Exception) -> tuple[RetryAction, timedelta | None]:
    found = RetryByError().evaluate(exception=error, try_number=1, max_tries=3)
    return found.action, found.retry_delay


def test_a_platform_that_asks_for_patience_gets_as_much_as_it_asks_for() -> None:
    error = TryLater("too many requests", after=900, **WHERE)
    assert decision(error) == (RetryAction.RETRY, timedelta(minutes=15))


def test_a_platform_that_does_not_say_when_is_tried_after_the_usual_pause() -> None:
    assert decision(TryLater("out of order", **WHERE)) == (RetryAction.RETRY, None)


@pytest.mark.parametrize(
    "error",
    [
        BadCredentials("the token has expired", **WHERE),
        NotThere("no such account", **WHERE),
        OrganisationError("acme.toml: title: is missing"),
        ValueError("the same data is wrong in the same way"),
        PermissionError(13, "Permission denied"),
    ],
)
def test_what_only_a_human_can_put_right_is_not_tried_again(error: Exception) -> None:
    assert decision(error) == (RetryAction.FAIL, None)


@pytest.mark.parametrize(
    "error", [Unreadable("the answer is cut off", **WHERE), OSError(5, "Input/output error")]
)
def test_whatever_else_happens_is_tried_as_often_as_the_task_allows(error: Exception) -> None:
    assert decision(error) == (RetryAction.DEFAULT, None)


def test_the_reason_of_another_try_is_the_error_in_one_line() -> None:
    error = TryLater("too many requests", after=900, **WHERE)
    assert RetryByError().evaluate(error, 1, 3).reason == str(error)
