"""Credentials in Airflow: Connections, Variables with what was renewed, and what people see."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl

from tests.dags.conftest import ROOT, own_environment
from tests.loopback import Asked, Reply, loopback

ORGANISATION = """
name = "acme"
title = "Acme"
history_from = 2026-02-01
{reads}
[[ours]]
name = "Acme"
kind = "brand"
accounts = ["threads::acme"]
"""
READ = '[[read]]\nplatform = "{}"\naccount = "{}"\noptions = {{ {} }}\n'
SECRETS = (b"first-t0ken", b"fresh-t0ken", b"r3fresh-", b"cl1ent-secret")


def run(home: Path, *words: str, **connections: object) -> str:
    """How a command ended, and what it said."""
    told = {f"AIRFLOW_CONN_{name}": json.dumps(held) for name, held in connections.items()}
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=own_environment(home, RAPPORT_ORGANISATIONS=home, **told),
        capture_output=True,
        text=True,
        check=False,
    )
    return f"{done.returncode}\n{done.stdout}{done.stderr}"


def check(home: Path, *words: str, **connections: object) -> str:
    return run(home, "-m", "extractors", "check", *words, **connections)


def write_organisation(home: Path, *reads: tuple[str, str, str]) -> None:
    text = ORGANISATION.format(reads="".join(READ.format(*each) for each in reads))
    (home / "acme.toml").write_text(text, encoding="utf-8")


def connection(password: str, host: str = "", **extra: object) -> dict[str, object]:
    return {"conn_type": "http", "host": host, "password": password, "extra": extra}


def kept(home: Path) -> list[tuple[str, bool]]:
    with closing(sqlite3.connect(home / "airflow" / "airflow.db")) as database:
        return database.execute("select key, is_encrypted from variable order by key").fetchall()


def assert_nothing_holds_a_secret(home: Path, said: str) -> None:
    assert not [secret for secret in SECRETS if secret.decode() in said]
    files = [file for file in home.rglob("*") if file.is_file()]
    assert any(file.name == "airflow.db" for file in files)
    for file in files:
        assert not [secret for secret in SECRETS if secret in file.read_bytes()], file


def threads(asked: Asked) -> Reply:
    """Threads, where nobody has said anything; one token can be renewed, the other cannot."""
    token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
    if asked.path == "/refresh_access_token":
        if asked.query["access_token"].endswith("-of-help"):
            return Reply({"error": {"code": 100, "message": "no"}}, 400)
        return Reply({"access_token": "fresh-t0ken", "expires_in": 60 * 86400})
    if asked.path == "/v1.0/me":
        name = "help" if token.endswith("-of-help") else "acme"
        return Reply({"id": "1", "username": name, "name": name})
    if asked.path == "/v1.0/debug_token":
        return Reply({"error": {"code": 100, "message": "no"}}, 400)
    return Reply({"data": []})


def test_a_night_keeps_what_it_renews_and_shows_what_it_cannot(tmp_path: Path) -> None:
    write_organisation(tmp_path, ("threads", "acme", ""), ("threads", "help", ""))
    soon = (datetime.now(UTC) + timedelta(days=9, hours=1)).isoformat()
    with loopback(threads) as server:
        connections = {
            "THREADS_ACME": connection("first-t0ken", server.url),
            "THREADS_HELP": connection("first-t0ken-of-help", server.url, expires_at=soon),
        }
        nights = ("2026-02-04", "2026-02-05")
        said = run(tmp_path, "tests/dags/extracting.py", "acme", *nights, **connections)
        paths, sent = server.paths, [each.headers.get("Authorization") for each in server.asked]
    assert said.startswith("0\n"), said
    assert said.count("  extract_threads acme  ") == 2
    assert said.count("  extract_threads help (credentials expire in 9 days)  ") == 2
    assert said.count("connection=threads_help not renewed, still used: HTTP 400") == 2
    ends = soon.replace("T", " ")
    assert said.count(f"connection=threads_help expire_at={ends} days_left=9: put new ones") == 2
    assert kept(tmp_path) == [("rapport_token_threads_acme", True)]
    assert paths.count("/refresh_access_token") == 3, "once for one, each night for the other"
    assert "Bearer fresh-t0ken" in sent
    assert "Bearer first-t0ken" not in sent
    assert_nothing_holds_a_secret(tmp_path, said)


class XDoor:
    """X, whose refresh tokens work once."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, asked: Asked) -> Reply:
        if asked.path == "/2/oauth2/token":
            given = dict(parse_qsl(asked.body.decode()))["refresh_token"]
            if given != f"r3fresh-{self.made}":
                return Reply({"error": "invalid_request"}, 400)
            self.made += 1
            told = {"access_token": f"fresh-t0ken-{self.made}", "expires_in": 7200}
            scope = "tweet.read users.read like.read offline.access"
            return Reply(told | {"refresh_token": f"r3fresh-{self.made}", "scope": scope})
        if asked.headers["Authorization"] != f"Bearer fresh-t0ken-{self.made}":
            return Reply({"title": "Unauthorized"}, 401)
        return Reply({"data": {"id": "1000", "username": "acme"}})


def test_check_takes_what_a_night_would_take_and_renews_it_once(tmp_path: Path) -> None:
    with loopback(XDoor()) as server:
        write_organisation(tmp_path, ("x", "acme", f'url = "{server.url}"'))
        app = {"client_id": "our-app", "client_secret": "cl1ent-secret"}
        held = {"X_ACME": connection("first-t0ken", refresh_token="r3fresh-0", **app)}
        twice = [check(tmp_path, "x", *words, **held) for words in ((), ("--organisation", "acme"))]
    for said in twice:
        assert said.startswith("0\n"), said
        assert "acme: x acme\n  connection  x_acme\n  works       yes: @acme" in said
        assert "allows      tweet.read, users.read, like.read, offline.access" in said
        assert_nothing_holds_a_secret(tmp_path, said)
    assert server.paths.count("/2/oauth2/token") == 1
    assert kept(tmp_path) == [("rapport_token_x_acme", True)]


def test_a_connection_in_airflow_s_database_is_found(tmp_path: Path) -> None:
    write_organisation(tmp_path, ("threads", "acme", ""))
    with loopback(threads) as server:
        held = json.dumps(connection("first-t0ken", server.url))
        add = ("-m", "dags", "airflow", "connections", "add", "threads_acme", "--conn-json", held)
        assert "Successfully added" in run(tmp_path, *add)
        said = check(tmp_path, "threads")
    assert said.startswith("0\nacme: threads acme\n  connection  threads_acme\n"), said
    assert "works       yes: @acme, number 1" in said
    assert "days, and is renewed before" in said
    assert kept(tmp_path) == [("rapport_token_threads_acme", True)]
    assert_nothing_holds_a_secret(tmp_path, said)


def test_what_cannot_be_asked_is_one_line(tmp_path: Path) -> None:
    write_organisation(tmp_path, ("threads", "acme", ""))
    said = check(tmp_path, "x")
    assert said == "2\nno account of x is read by these organisations: acme\n"
    wrong = {"THREADS_ACME": connection("first-t0ken", expires_at="in the spring")}
    said = check(tmp_path, "threads", **wrong)
    assert said.startswith("2\nthe Airflow connection 'threads_acme': expires_at in extra is no t")
    assert said.count("\n") == 2
