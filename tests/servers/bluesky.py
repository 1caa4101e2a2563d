"""A real network on loopback: Bluesky's own directory, server of accounts and app view.

It needs the packages `postgresql redis-server` and what `bluesky_software/install` installs. All of
it listens on free ports of this machine only, and its limits of requests are switched on.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import requests

from tests.night.pipeline import ROOT
from tests.servers import bluesky_facts as facts
from tests.servers.processes import (
    located,
    start,
    start_postgres,
    start_redis,
    unavailable,
    workplace,
)

SOFTWARE = ROOT / "build" / "bluesky"
INSTALL = Path(__file__).parent / "bluesky_software" / "install"
BOOT = INSTALL.with_name("boot.mjs")
ADMIN = ("admin", "admin-pass")  # of every network that the software boots for tests
PATIENCE = 60.0  # seconds for an answer
COLLECTIONS = {
    "post": "app.bsky.feed.post",
    "like": "app.bsky.feed.like",
    "repost": "app.bsky.feed.repost",
    "follow": "app.bsky.graph.follow",
    "block": "app.bsky.graph.block",
}

Reference = dict[str, str]  # address and version of a record, as records refer to others


@dataclass
class Network:
    """A running network, and what people do there: done when a method ends, and seen by all."""

    server: str
    appview: str
    control: str
    dids: dict[str, str] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict, repr=False)
    _told: dict[str, Reference] = field(default_factory=dict)
    _roots: dict[str, Reference] = field(default_factory=dict)
    _done: dict[facts.Act, Reference] = field(default_factory=dict)

    def join(self, names: Iterable[str]) -> None:
        """Make accounts, each named like its handle with a capital."""
        for name in names:
            account = {"handle": f"{name}.test", "email": f"{name}@mail.test"}
            done = self._post("server.createAccount", {**account, "password": password(name)})
            self.dids[name], self._tokens[name] = done["did"], done["accessJwt"]
            profile = {"$type": "app.bsky.actor.profile", "displayName": name.title()}
            where = {"repo": done["did"], "collection": profile["$type"], "rkey": "self"}
            self._post("repo.putRecord", {**where, "record": profile}, name)

    def tell(self, until: datetime) -> None:
        """Let all of the facts happen that lie before a moment and have not happened yet."""
        due: list[tuple[datetime, facts.Post | facts.Act]] = [
            (post.sent_at, post) for post in facts.POSTS if post.key not in self._told
        ]
        due += [(act.done_at, act) for act in facts.ACTS if act not in self._done]
        for moment, fact in sorted(due, key=lambda each: each[0]):
            if moment < until:
                self._say(fact) if isinstance(fact, facts.Post) else self._do(fact)
        self._settle()

    def delete(self, *what: str | facts.Act) -> None:
        """Delete posts by their keys, and take acts back."""
        names = {did: name for name, did in self.dids.items()}
        for each in what:
            uri = (self._told[each] if isinstance(each, str) else self._done[each])["uri"]
            author, collection, place = uri.removeprefix("at://").split("/")
            where = {"repo": author, "collection": collection, "rkey": place}
            self._post("repo.deleteRecord", where, names[author])
        self._settle()

    def leave(self, name: str) -> None:
        """Deactivate an account, which may come back."""
        self._post("server.deactivateAccount", {}, name)
        self._settle()

    def come_back(self, name: str) -> None:
        """Activate an account again."""
        self._post("server.activateAccount", None, name)
        self._settle()

    def delete_account(self, name: str) -> None:
        """Delete an account for good."""
        self._post("admin.deleteAccount", {"did": self.dids[name]})
        self._settle()

    def app_password(self, name: str) -> str:
        """A password for programs, as people make it in the settings."""
        called = {"name": f"rapport-{secrets.token_hex(4)}"}  # no name twice
        done = self._post("server.createAppPassword", called, name)
        return str(done["password"])

    def names(self) -> dict[str, str]:
        """The facts' names of messages and accounts by the ids that Rapport gives them."""
        accounts = {f"bluesky::{did}": name for name, did in self.dids.items()}
        return accounts | {f"bluesky::{each['uri']}": key for key, each in self._told.items()}

    def organisation(self, read: str = facts.READ) -> str:
        """An organisation file that reads this network as one of the accounts: TOML text."""
        ours = (
            f'[[ours]]\nname = "{each.title()}"\nkind = "{kind}"\n'
            f'accounts = ["bluesky::{each}.test"]\n'
            for each, kind in facts.OURS.items()
        )
        options = f'appview = "{self.appview}", server = "{self.server}"'
        return f"""
name = "meters"
title = "Meters"
time_zone = "{facts.TIME_ZONE}"
history_from = {facts.HISTORY_FROM}

[[read]]
platform = "bluesky"
account = "{read}.test"
options = {{ {options}, searches = ["{facts.SEARCHED}"] }}

{"".join(ours)}"""

    def _say(self, post: facts.Post) -> None:
        record: dict[str, Any] = {"text": post.text, "createdAt": _told(post.sent_at)}
        if post.answers:
            parent = self._told[post.answers]
            self._roots[post.key] = self._roots.get(post.answers, parent)
            record["reply"] = {"parent": parent, "root": self._roots[post.key]}
        if post.quotes:
            quoted = self._told[post.quotes]
            record["embed"] = {"$type": "app.bsky.embed.record", "record": quoted}
        if post.mentions:
            start_at = post.text.index(f"@{post.mentions}.test")
            span = {"byteStart": start_at, "byteEnd": start_at + len(f"@{post.mentions}.test")}
            mention = {"$type": "app.bsky.richtext.facet#mention", "did": self.dids[post.mentions]}
            record["facets"] = [{"index": span, "features": [mention]}]
        self._told[post.key] = self._create("post", post.author, record)

    def _do(self, act: facts.Act) -> None:
        is_of_a_post = act.kind in ("like", "repost")
        subject = self._told[act.whom] if is_of_a_post else self.dids[act.whom]
        record = {"subject": subject, "createdAt": _told(act.done_at)}
        self._done[act] = self._create(act.kind, act.who, record)

    def _create(self, kind: str, who: str, record: dict[str, Any]) -> Reference:
        record["$type"] = collection = COLLECTIONS[kind]
        where = {"repo": self.dids[who], "collection": collection}
        done = self._post("repo.createRecord", {**where, "record": record}, who)
        return {"uri": done["uri"], "cid": done["cid"]}

    def _settle(self) -> None:
        """Wait until the app view has taken in all that happened."""
        answer = requests.post(self.control, timeout=PATIENCE)
        assert answer.ok, answer.text

    def _post(self, method: str, body: Any, who: str = "") -> dict[str, Any]:
        answer = requests.post(
            f"{self.server}/xrpc/com.atproto.{method}",
            json=body,
            headers={"Authorization": f"Bearer {self._tokens[who]}"} if who else {},
            auth=ADMIN if method.startswith("admin.") else None,
            timeout=PATIENCE,
        )
        assert answer.ok, f"{method}: {answer.text}"
        done: dict[str, Any] = answer.json() if answer.content else {}
        return done


def password(name: str) -> str:
    return f"pass-word-of-{name}"


def _told(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def bluesky_network() -> Iterator[Network]:
    """Boot a network whose people have joined and said nothing yet; remove every trace in the end.

    Where the software is missing the test is skipped, in CI (environment variable `CI`) failed.
    """
    missing = [program for program in ("initdb", "redis-server") if not located(program)]
    if not (SOFTWARE / "installed").is_file():
        missing.append(f"what {INSTALL.relative_to(ROOT)} installs")
    if missing:
        unavailable("Bluesky", missing)
    with workplace("bluesky") as (folder, stack):
        postgres = start_postgres(folder, stack, "bluesky", "loopback")
        log, scratch = folder / "network.log", folder / "scratch"
        scratch.mkdir()
        start(
            *(SOFTWARE / "bin" / "node", BOOT),
            SOFTWARE / "node_modules" / "@atproto" / "dev-env" / "dist" / "index.js",
            log=log,
            stack=stack,
            is_up=lambda: log.read_text().endswith("}\n"),
            environment={
                "DB_POSTGRES_URL": f"postgresql://bluesky:loopback@{postgres}/bluesky",
                "REDIS_HOST": start_redis(folder, stack),
                "LOG_ENABLED": "false",
                "TMPDIR": str(scratch),
            },
        )
        network = Network(**json.loads(log.read_text().splitlines()[-1]))
        network.join((*facts.OURS, *facts.STRANGERS))
        yield network
