"""A real WordPress, read by the real DAG: the marts say what was written there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from lake.store import Lake
from tests.night.airflow_night import ask, run_night
from tests.servers import wordpress_facts as facts
from tests.servers.wordpress import wordpress_site

pytestmark = pytest.mark.server

NIGHT = (facts.AS_OF - timedelta(days=1)).date()
WEEKS_LATER = NIGHT + timedelta(days=16)
QUERY = (
    "select ask_id, asked_at, outcome, message_count, human_reply_seconds, "
    "human_reply_business_seconds, is_only_thanks from ask"
)


def expected(asks: tuple[facts.Ask, ...]) -> dict[str, tuple[object, ...]]:
    return {
        each.ask_id: (
            each.asked_at,
            each.outcome,
            each.message_count,
            each.human,
            each.human_business,
            each.is_only_thanks,
        )
        for each in asks
    }


def found(home: Path) -> dict[str, tuple[object, ...]]:
    return {row[0]: row[1:] for row in ask(home, "blog", QUERY)}


def comments_in_core(home: Path) -> dict[int, dict[str, Any]]:
    rows = Lake.of("blog", str(home)).core_table("message").to_pylist()
    named = (row["message_id"].rpartition(":comment-") for row in rows)
    return {int(name[2]): row for name, row in zip(named, rows, strict=True) if name[1]}


def test_a_wordpress_site_becomes_marts_equal_to_what_was_written_there(tmp_path: Path) -> None:
    with wordpress_site() as site:
        organisations = tmp_path / "organisations"
        organisations.mkdir()
        (organisations / "blog.toml").write_text(site.organisation("blog"), encoding="utf-8")
        done = run_night(tmp_path, "blog", NIGHT, organisations)
        assert done.returncode == 0, done.stdout + done.stderr
        assert found(tmp_path) == expected(facts.ASKS)
        waiting = {row[0] for row in ask(tmp_path, "blog", "select ask_id from waiting_now")}
        assert waiting == {
            each.ask_id for each in facts.ASKS if each.outcome in ("open", "peer_answered")
        }
        # The night after, with a late approval and an edit, as the look-back sees them.
        site.approve(*facts.LATE)
        site.edit(facts.EDITED, facts.EDITED_TEXT)
        again = run_night(tmp_path, "blog", NIGHT + timedelta(days=1), organisations)
        assert again.returncode == 0, again.stdout + again.stderr
        changed = {each.ask_id: each for each in (*facts.ASKS, facts.LATE_ASK, facts.EDITED_ASK)}
        assert found(tmp_path) == expected(tuple(changed.values()))
        # Weeks later moderators are at work on what was said in February.
        site.approve(facts.VERY_LATE)
        site.edit(facts.OLD_EDITED, facts.OLD_EDITED_TEXT)
        site.delete(facts.DELETED)
        site.trash(f"comments/{facts.TRASHED}")
        site.mark_as_spam(facts.SPAM)
        later = run_night(tmp_path, "blog", WEEKS_LATER, organisations)
        assert later.returncode == 0, later.stdout + later.stderr
    messages = comments_in_core(tmp_path)
    assert messages[facts.OLD_EDITED]["text"] == facts.OLD_EDITED_TEXT
    assert messages[facts.OLD_EDITED]["edited_at"] > facts.AS_OF
    assert messages[facts.VERY_LATE]["deleted_at"] is None
    assert f"wordpress:{facts.ACCOUNT}:comment-{facts.VERY_LATE}" in found(tmp_path)
    gone = {one: row["text"] for one, row in messages.items() if row["deleted_at"]}
    assert gone == dict.fromkeys((facts.DELETED, facts.TRASHED, facts.SPAM))
