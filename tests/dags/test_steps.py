"""What a step is told about the run it belongs to."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowSkipException

from dags.steps import base_url_of, credentials_of, run_read, window_of
from extractors.client import Credentials

START, END = datetime(2026, 2, 4, tzinfo=UTC), datetime(2026, 2, 5, tzinfo=UTC)
TODAY = datetime(2026, 11, 23, 20, 15, tzinfo=UTC)


def context(run_type: str) -> dict[str, object]:
    run = SimpleNamespace(run_type=run_type, start_date=TODAY)
    return {"dag_run": run, "data_interval_start": START, "data_interval_end": END}


@pytest.mark.parametrize("run_type", ["scheduled", "manual"])
def test_a_night_is_told_as_of_its_end(run_type: str) -> None:
    window = window_of(context(run_type))
    assert (window.start, window.end, window.observed_at) == (START, END, END)


def test_a_backfill_sees_a_past_night_with_the_eyes_of_today() -> None:
    window = window_of(context("backfill"))
    assert (window.start, window.end, window.observed_at) == (START, END, TODAY)


def test_a_backfill_only_reads_platforms() -> None:
    with pytest.raises(AirflowSkipException, match="the next night publishes"):
        run_read(None, context("backfill"))


@pytest.mark.parametrize(
    ("uri", "address"),
    [
        ("http://acme:secret@social.example", "https://social.example"),
        ("http://acme:secret@social.example:8443", "https://social.example:8443"),
        ("http://acme:secret@127.0.0.1:8080/http", "http://127.0.0.1:8080"),
        ("http://acme:secret@https%3A%2F%2Fsocial.example%2F", "https://social.example"),
        ("http://acme:secret@", ""),
    ],
)
def test_the_address_of_a_connection_is_what_its_host_schema_and_port_say(
    monkeypatch: pytest.MonkeyPatch, uri: str, address: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MASTODON_ACME", uri)
    assert credentials_of("mastodon_acme") == Credentials(address, "acme", "secret")


def test_an_account_without_a_connection_has_no_credentials() -> None:
    assert credentials_of("mastodon_nobody") is None


def test_an_address_without_a_host_is_none() -> None:
    assert base_url_of(Connection(conn_id="empty", conn_type="http")) == ""
