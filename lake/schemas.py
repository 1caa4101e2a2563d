"""Arrow schemas of everything the lake holds: raw envelope, observations, core tables.

Every time is an instant in UTC with microseconds; every id is text; a list is never null.
Column meanings that a name cannot carry are the field's metadata, under `comment`.
"""

from __future__ import annotations

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")
TEXT = pa.string()
TEXTS = pa.list_(pa.string())
FLAG = pa.bool_()
COUNT = pa.int64()


def _column(name: str, kind: pa.DataType, comment: str = "", *, null: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=null, metadata={"comment": comment} if comment else None)


def _maybe(name: str, kind: pa.DataType, comment: str = "") -> pa.Field:
    return _column(name, kind, comment, null=True)


RAW = pa.schema(
    [
        _column("platform", TEXT),
        _column("account", TEXT, "the account that was read, as the organisation file names it"),
        _column("stream", TEXT),
        _column("observed_at", INSTANT, "the moment as of which the platform told us this"),
        _column("extractor_version", TEXT),
        _column("position", COUNT, "running number of the item within its partition"),
        _maybe("page", COUNT, "page of the answer, or line of the file, that the item came from"),
        _column("item", TEXT, "the item as JSON, untouched; for a set-aside row the text as found"),
        _maybe("set_aside_reason", TEXT, "why the item cannot be read; null where it can"),
        _column(
            "row_count", COUNT, "input rows this stands for: 1, or a run of equal set-aside rows"
        ),
    ]
)

# What items say, one row an observation; `observation` tells which columns are meant.
OBSERVED = pa.schema(
    [
        _column(
            "observation",
            TEXT,
            "AccountSeen, MessageSeen, ReactionSeen, FollowSeen, Gone, SetAside",
        ),
        _column("platform", TEXT),
        _column("account", TEXT, "the account that was read"),
        _column("stream", TEXT),
        _column("observed_at", INSTANT),
        _maybe("account_id", TEXT),
        _maybe("handle", TEXT),
        _maybe("display_name", TEXT),
        _maybe("profile_url", TEXT),
        _maybe("declared_kind", TEXT, "what the platform says: person, bot or organisation"),
        _maybe("follower_count", COUNT),
        _maybe("profile_links", TEXTS),
        _maybe("message_id", TEXT),
        _maybe("author_id", TEXT, "account; null where the platform does not tell"),
        _maybe("sent_at", INSTANT),
        _maybe("text", TEXT),
        _maybe("kind", TEXT, "of a message or a reaction"),
        _maybe("channel", TEXT, "the place people speak in, e.g. a blog, forum or server"),
        _maybe("visibility", TEXT, "public, unlisted, private or direct"),
        _maybe("parent_id", TEXT),
        _maybe("parent_author_id", TEXT),
        _maybe("root_id", TEXT, "root message as the platform declares it"),
        _maybe("quoted_id", TEXT),
        _maybe("mentions", TEXTS, "account ids"),
        _maybe("is_own_space", FLAG, "the place belongs to us whoever opens the thread"),
        _maybe("is_flat", FLAG, "the place has no threads: conversations are inferred"),
        _maybe("edited_at", INSTANT),
        _maybe("permalink", TEXT),
        _maybe("client_name", TEXT, "the program it was sent with"),
        _maybe("reply_count", COUNT, "the platform's own counter"),
        _maybe("reacted_at", INSTANT),
        _maybe("follower_id", TEXT),
        _maybe("followed_id", TEXT),
        _maybe("followed_at", INSTANT),
        _maybe("gone_at", INSTANT),
        _maybe("page", COUNT),
        _maybe("reason", TEXT, "why it was set aside"),
        _maybe("row_count", COUNT, "input rows that were set aside together"),
    ]
)
SET_ASIDE = pa.schema(
    [
        _column("platform", TEXT),
        _column("account", TEXT),
        _column("stream", TEXT),
        _column("observed_at", INSTANT),
        _maybe("page", COUNT),
        _column("reason", TEXT),
        _column("row_count", COUNT),
    ]
)

READING = pa.schema(
    [
        _column("platform", TEXT),
        _column("account", TEXT),
        _column("stream", TEXT),
        _column("interval_from", INSTANT),
        _column("interval_to", INSTANT),
        _column("observed_at", INSTANT),
        _column("item_count", COUNT),
        _column("request_count", COUNT),
        _column("status", TEXT, "read, failed or not_read"),
        _maybe(
            "error_kind", TEXT, "TryLater, BadCredentials, NotThere, Unreadable or another name"
        ),
        _maybe("error", TEXT, "one line, redacted"),
    ]
)

ACCOUNT = pa.schema(
    [
        _column("account_id", TEXT),
        _column("platform", TEXT),
        _column("instance", TEXT),
        _column("source_account_id", TEXT),
        _maybe("handle", TEXT),
        _maybe("display_name", TEXT),
        _maybe("profile_url", TEXT),
        _maybe("declared_kind", TEXT, "what the platform says: person, bot or organisation"),
        _maybe("follower_count", COUNT),
        _column("profile_links", TEXTS),
        _column("role", TEXT, "ours_brand, ours_person, ours_bot, bot, person or unknown"),
        _column("role_evidence", TEXT, "organisation_file, platform_flag or none"),
        _column("first_seen_at", INSTANT),
        _column("last_seen_at", INSTANT),
        _maybe("gone_at", INSTANT),
    ]
)
IDENTITY = pa.schema(
    [
        _column("account_id", TEXT),
        _column("person_id", TEXT),
        _column("method", TEXT, "organisation_file or same_account"),
        _column("score", pa.float64()),
        _column("evidence", TEXT),
        _column("decided_by", TEXT),
        _column("valid_from", INSTANT),
    ]
)
PERSON = pa.schema(
    [
        _column("person_id", TEXT),
        _column("person_kind", TEXT, "ours_brand, ours_person, ours_bot, bot, person or unknown"),
        _maybe("display_name", TEXT),
        _column("account_count", COUNT),
        _column("first_seen_at", INSTANT),
    ]
)
MESSAGE = pa.schema(
    [
        _column("message_id", TEXT),
        _column("platform", TEXT),
        _column("channel", TEXT, "<platform>/<place>"),
        _column("conversation_id", TEXT),
        _maybe("parent_id", TEXT),
        _column("parent_state", TEXT, "root, resolved, unresolved, deleted or cut"),
        _maybe("author_id", TEXT),
        _column("sent_at", INSTANT),
        _maybe("edited_at", INSTANT),
        _maybe("deleted_at", INSTANT),
        _maybe("text", TEXT, "latest text; null once deleted or in metadata-only mode"),
        _maybe("content_hash", TEXT),
        _column("kind", TEXT),
        _column("visibility", TEXT),
        _column("mentions", TEXTS),
        _maybe("quoted_id", TEXT),
        _column("home", TEXT, "own_space or beyond"),
        _column("is_addressed_to_us", FLAG),
        _maybe(
            "addressed_reason",
            TEXT,
            "direct, reply, quote, mention, previous_speaker, continues or own_space",
        ),
        _column("depth", COUNT, "steps from the root; 0 for the root"),
        _column("is_flat", FLAG, "said in a place without threads"),
        _maybe("permalink", TEXT),
        _maybe("client_name", TEXT),
        _column("first_seen_at", INSTANT),
        _column("last_seen_at", INSTANT),
    ]
)
MESSAGE_SIGNAL = pa.schema(
    [
        _column("message_id", TEXT),
        _maybe("content_hash", TEXT),
        _column("signal_version", TEXT),
        _column("word_count", COUNT),
        _column("is_question", FLAG),
        _column("is_thanks", FLAG, "nothing but thanks or a good-bye: asks for no answer"),
        _column("has_greeting", FLAG),
        _column("names_addressee", FLAG, "uses the name of the person it is written to"),
    ]
)
INTERACTION = pa.schema(
    [
        _column("interaction_id", TEXT),
        _column("kind", TEXT, "post, reply, mention, quote, direct, reaction, repost or follow"),
        _maybe("occurred_at", INSTANT, "null where the platform does not tell when"),
        _maybe("from_account_id", TEXT, "null where the platform does not tell who"),
        _maybe("to_account_id", TEXT, "null: to us as a whole, no one account named"),
        _column("direction", TEXT, "inbound, outbound, peer or internal"),
        _maybe("message_id", TEXT),
        _maybe("conversation_id", TEXT),
        _column(
            "addressee_method",
            TEXT,
            "parent, mention, quote, own_space, previous_speaker, continues or platform",
        ),
        _column("is_inferred", FLAG),
    ]
)
CONVERSATION = pa.schema(
    [
        _column("conversation_id", TEXT),
        _column("channel", TEXT),
        _maybe("root_message_id", TEXT, "null where the root was never seen"),
        _maybe("started_by", TEXT, "account"),
        _column("started_at", INSTANT),
        _column("last_message_at", INSTANT),
        _column("home", TEXT, "own_space or beyond"),
        _column("is_inferred", FLAG, "a session cut out of a place without threads"),
        _column("message_count", COUNT),
        _column("participant_count", COUNT),
    ]
)
OPENING = pa.schema(
    [
        _column("opened_at", INSTANT),
        _column("closed_at", INSTANT),
        _column("open_seconds_before", COUNT, "open seconds of all earlier spans"),
    ]
)
CORE: dict[str, pa.Schema] = {
    "account": ACCOUNT,
    "identity": IDENTITY,
    "person": PERSON,
    "message": MESSAGE,
    "message_signal": MESSAGE_SIGNAL,
    "interaction": INTERACTION,
    "conversation": CONVERSATION,
    "opening": OPENING,
    "reading": READING,
    "set_aside": SET_ASIDE,
}
