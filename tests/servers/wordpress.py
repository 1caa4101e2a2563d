"""A real WordPress on loopback: Debian's own, with MariaDB and PHP's built-in server.

It needs the packages `wordpress php-cli php-mysql mariadb-server`; the database listens on a
socket in the site's folder only, the site on a free port of 127.0.0.1.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.servers import wordpress_facts as facts
from tests.servers.processes import (
    PATIENCE,
    free_port,
    located,
    run,
    start,
    unavailable,
    workplace,
)

PROGRAMS = ("php", "mariadbd", "mariadb-install-db", "mariadb-admin")
PACKAGED = Path("/usr/share/wordpress")
HERE = Path(__file__).resolve().parent

_CONFIG = """<?php
define('DB_NAME', 'wordpress'); define('DB_USER', 'root'); define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:{folder}/db.sock');
define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '{url}'); define('WP_SITEURL', '{url}');
define('WP_ENVIRONMENT_TYPE', 'local'); // application passwords without HTTPS
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__ . '/');
require_once ABSPATH . 'wp-settings.php';
"""


@dataclass(frozen=True)
class Site:
    """A running site that holds the facts, and what a moderator can do there."""

    url: str
    login: str
    secret: str = field(repr=False)

    def approve(self, *comments: int) -> None:
        """Make comments public: that waited for it, or were taken out of the trash."""
        for comment in comments:
            self._moderate("POST", f"comments/{comment}", {"status": "approved"})

    def edit(self, comment: int, text: str) -> None:
        """Change what a comment says; WordPress keeps no trace of it."""
        self._moderate("POST", f"comments/{comment}", {"content": text})

    def delete(self, comment: int) -> None:
        """Delete a comment for good."""
        self._moderate("DELETE", f"comments/{comment}", {"force": True})

    def trash(self, what: str) -> None:
        """Move `comments/<number>` or `posts/<number>` into the trash."""
        self._moderate("DELETE", what, {})

    def mark_as_spam(self, comment: int) -> None:
        """Hide a comment that was public."""
        self._moderate("POST", f"comments/{comment}", {"status": "spam"})

    def edit_post(self, post: int, text: str) -> None:
        """Change what a post says; WordPress notes when, by its own clock."""
        self._moderate("POST", f"posts/{post}", {"content": text})

    def delete_user(self, user: int) -> None:
        """Delete a user; what they wrote becomes another's."""
        self._moderate("DELETE", f"users/{user}", {"force": True, "reassign": facts.ACME.user_id})

    def _moderate(self, method: str, what: str, change: dict[str, Any]) -> None:
        token = base64.b64encode(f"{self.login}:{self.secret}".encode()).decode()
        request = urllib.request.Request(
            f"{self.url}/wp-json/wp/v2/{what}",
            method=method,
            data=json.dumps(change).encode(),
            headers={"Authorization": f"Basic {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            json.load(answer)

    def organisation(self, name: str = "blog") -> str:
        """An organisation file that reads this site: TOML text."""
        return f"""
name = "{name}"
title = "Acme's blog"
time_zone = "{facts.TIME_ZONE}"
history_from = {facts.HISTORY_FROM.date()}
rewalk_days = 60

[[read]]
platform = "wordpress"
account = "{facts.ACCOUNT}"
options = {{ url = "{self.url}" }}

[[ours]]
name = "Acme Instruments"
kind = "brand"
accounts = ["wordpress:{facts.ACCOUNT}:acme"]

[[ours]]
name = "Zoe Martin"
kind = "person"
accounts = ["wordpress:{facts.ACCOUNT}:zoe"]

[[ours]]
name = "Acme Helper"
kind = "bot"
accounts = ["wordpress:{facts.ACCOUNT}:user-{facts.HELPER.user_id}"]
"""


@contextmanager
def wordpress_site() -> Iterator[Site]:
    """Boot a site that holds the facts; stop it and remove every trace in the end.

    Where the software is missing the test is skipped, in CI (environment variable `CI`) failed.
    """
    missing = [program for program in PROGRAMS if not located(program)]
    missing += [] if PACKAGED.is_dir() else ["wordpress"]
    if missing:
        unavailable("WordPress", missing)
    with workplace("wordpress") as (folder, stack):
        url = f"http://127.0.0.1:{free_port()}"
        _start_database(folder, stack)
        www = _install_files(folder, url)
        done = run("php", HERE / "wordpress_setup.php", www, given=json.dumps(_as_json()))
        _start_php(folder, url, stack)
        yield Site(url, facts.ACME.login, json.loads(done)["secret"])


def _start_database(folder: Path, stack: ExitStack) -> None:
    data, sock = folder / "db", folder / "db.sock"
    data.mkdir()
    as_user: tuple[str, ...] = ()
    if os.geteuid() == 0:
        as_user = ("--user=mysql",)
        shutil.chown(data, "mysql")
        shutil.chown(folder, "mysql")
    run(
        *("mariadb-install-db", "--no-defaults", *as_user, f"--datadir={data}"),
        *("--auth-root-authentication-method=normal", "--skip-test-db"),
    )
    start(
        *("mariadbd", "--no-defaults", *as_user, f"--datadir={data}", f"--socket={sock}"),
        *(f"--pid-file={folder}/db.pid", "--skip-networking", "--skip-log-bin"),
        *("--innodb-buffer-pool-size=64M", "--innodb-flush-log-at-trx-commit=0"),
        log=folder / "db.log",
        stack=stack,
        is_up=sock.exists,
    )
    run("mariadb-admin", "--no-defaults", f"--socket={sock}", "--user=root", "create", "wordpress")


def _install_files(folder: Path, url: str) -> Path:
    """A site of its own: WordPress finds its configuration beside its own files only."""
    www = folder / "www"
    shutil.copytree(PACKAGED, www, ignore_dangling_symlinks=True)
    (www / "wp-config.php").write_text(_CONFIG.format(folder=folder, url=url))
    return www


def _start_php(folder: Path, url: str, stack: ExitStack) -> None:
    address = url.removeprefix("http://")
    start(
        *("php", "-d", "display_errors=0", "-d", "opcache.enable_cli=1"),
        *("-S", address, "-t", folder / "www", HERE / "wordpress_router.php"),
        log=folder / "php.log",
        stack=stack,
        is_up=lambda: _answers(f"{url}/wp-json/wp/v2/types"),
    )


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, ConnectionError):
        return False


def _as_json() -> dict[str, Any]:
    return {
        "title": "Acme's blog",
        "time_zone": facts.TIME_ZONE,
        "users": [{"id": each.user_id, **asdict(each)} for each in facts.USERS],
        "posts": [_flat(each) for each in facts.POSTS],
        "comments": [_flat(each) for each in facts.COMMENTS],
    }


def _flat(said: facts.Post | facts.Comment) -> dict[str, Any]:
    """A row as the set-up script takes it: the author's fields beside the others."""
    author, sent_at = said.author, said.sent_at
    return {
        **{key: value for key, value in asdict(said).items() if key != "author"},
        "sent_at": _sql_time(sent_at),
        "author_id": author.user_id,
        "author_name": author.name,
        "author_email": author.email,
        "author_url": author.url,
    }


def _sql_time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
