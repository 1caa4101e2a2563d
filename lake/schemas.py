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
        _column("role_evidence", TEXT, "decision, organisation_file, platform_flag or none"),
        _column("first_seen_at", INSTANT),
        _column("last_seen_at", INSTANT),
        _maybe("gone_at", INSTANT),
    ]
)
IDENTITY = pa.schema(
    [
        _column("account_id", TEXT),
        _column("person_id", TEXT),
        _column(
            "method",
            TEXT,
            "what links the account to its person: organisation_file, decision, profile_links, "
            "names, or same_account where nothing does or need",
        ),
        _column("score", pa.float64(), "probability that the link holds; 1 where it is certain"),
        _column("evidence", TEXT),
        _column("decided_by", TEXT, "organisation_file, rule, decisions_file or who decided there"),
        _column("valid_from", INSTANT, "since when the evidence is known, or the decision stands"),
    ]
)
# What a human may want to decide, in the decisions file. Nothing here has any effect.
REVIEW = pa.schema(
    [
        _column("review_id", TEXT),
        _column("kind", TEXT, "same_person, bot or unseen_account"),
        _column("account_id", TEXT, "of an unseen account what the decisions file calls it"),
        _maybe("other_account_id", TEXT, "of the same person perhaps; null for other kinds"),
        _column(
            "method",
            TEXT,
            "profile_links, one_way_link, email_hash, names, name_pattern, behaviour or decision",
        ),
        _maybe("match_weight", pa.float64(), "bits in favour, prior included; null if not weighed"),
        _maybe("probability", pa.float64(), "of one person, by the match weight"),
        _column("evidence", TEXT, "what speaks for it, with numbers"),
        _maybe(
            "veto",
            TEXT,
            "why it was not merged in spite of evidence that is good enough: same_platform, ours, "
            "look_alike, keep_apart or crowd",
        ),
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
# What later nights need to go on folding a message; not for analysts. See `transforms.fold`.
FOLD = pa.struct(
    [
        _maybe("mark", pa.uint64(), "of all that the latest row says: decides between equal times"),
        _maybe("text_mark", pa.uint64()),
        _maybe("edited_at", INSTANT, "as the platform tells it"),
        _maybe("parent_author_id", TEXT),
        _maybe("root_id", TEXT),
        _maybe("is_own_space", FLAG),
        _maybe("said_gone_at", INSTANT, "when it was last told that the message is gone"),
        _maybe("went_at", INSTANT),
        _maybe(
            "texts",
            pa.list_(pa.struct([_maybe("text_mark", pa.uint64()), _maybe("seen_at", INSTANT)])),
            "where it had several",
        ),
        _maybe(
            "told",
            pa.list_(
                pa.struct(
                    [
                        _maybe("bit", pa.uint8()),
                        _maybe("observed_at", INSTANT),
                        _maybe("mark", pa.uint64()),
                    ]
                )
            ),
            "the earlier rows that told what the latest does not tell",
        ),
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
        _column("fold", FOLD, "what later nights need; not for analysts"),
    ]
)
NUMBERS = pa.list_(pa.uint32())
# What one text shows, kept by its hash and apart from it, so that it outlives the text.
TEXT_SIGNAL = pa.schema(
    [
        _column("content_hash", TEXT),
        _column("signal_version", TEXT),
        _column("word_count", COUNT),
        _column("is_question", FLAG),
        _maybe("beside_thanks", NUMBERS, "of mere thanks the other words; null where it is more"),
        _column("has_greeting", FLAG),
        _column("has_thanks", FLAG),
        _column("has_apology", FLAG),
        _column("has_promise", FLAG),
        _column("has_deflection", FLAG),
        _maybe("promotion_evidence", TEXT),
        _column("leads_to_link", FLAG, "an imperative that leads to a link"),
        _maybe("language", TEXT),
        _maybe("sentiment_score", pa.float64()),
        _maybe("sentiment_model", TEXT),
        _maybe(
            "function_word_counts",
            pa.list_(pa.uint16()),
            "words of each of nine kinds, as docs/signals.md orders them; null if not English",
        ),
    ]
)
# What is left of a text of ours to compare with others. Numbers hide words, but who has a
# dictionary can find them again: this is as personal as the text.
REPLY_SHAPE = pa.schema(
    [
        _column("content_hash", TEXT),
        _column("signal_version", TEXT),
        _column("token_count", COUNT),
        _column("shingles", NUMBERS, "three tokens in a row, after masking; none if too short"),
        _column("bands", pa.list_(pa.uint64()), "MinHash by bands: like shapes share some"),
        _column("words", NUMBERS),
        _column("link_hosts", TEXTS),
        _column("is_signed", FLAG),
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
        _column("has_thanks", FLAG),
        _column("has_apology", FLAG),
        _column("has_promise", FLAG, "says that somebody will look, answer or act"),
        _column("has_deflection", FLAG, "sends the person elsewhere, or is nothing but a link"),
        _column("is_promotion", FLAG),
        _maybe(
            "promotion_evidence",
            TEXT,
            "tracking_link, discount, call_to_action, short_link, price or own_link",
        ),
        _maybe("language", TEXT, "ISO 639 code; null where the text is too short to tell"),
        _maybe("sentiment_score", pa.float64(), "-1 to 1; null where the model has no say"),
        _maybe("sentiment_model", TEXT),
        _maybe(
            "function_word_counts",
            pa.list_(pa.uint16()),
            "words of each of nine kinds, as docs/signals.md orders them; null if not English",
        ),
        _maybe("echoed_word_count", COUNT, "content words of the answered message used again"),
        _maybe("reply_seconds", COUNT, "seconds after the message that it answers"),
    ]
)
REPLY_SIGNAL = pa.schema(
    [
        _column("message_id", TEXT, "a message of ours to a person"),
        _column("names_addressee", FLAG, "uses the name of the person it is written to"),
        _column("is_signed", FLAG, "by a human: initials or a name at its end"),
        _column("is_personal", FLAG, "written for this person: see docs/signals.md"),
        _maybe("template_id", TEXT, "first known message of the template; null without template"),
        _column("is_template_origin", FLAG, "the earliest reply of its template"),
        _maybe("canned_at", INSTANT, "since when it counts as canned; null if it does not"),
        _column("outside_template_ratio", pa.float64(), "share of its shingles, 0 to 1"),
    ]
)
AUTOMATED_MESSAGE = pa.schema(
    [
        _column("message_id", TEXT, "a message that a machine wrote"),
        _column(
            "automation_reason",
            TEXT,
            "first that holds: our_bot, bot_account, scheduling_client, quick_around_the_clock",
        ),
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
        _maybe("depth", COUNT, "of the deepest answer; null where the tree is not whole"),
        _maybe("h_index", COUNT, "deepest level down to which each holds as many as its number"),
        _maybe("structural_virality", pa.float64(), "mean distance of two messages, in answers"),
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
    "review": REVIEW,
    "message": MESSAGE,
    "message_signal": MESSAGE_SIGNAL,
    "reply_signal": REPLY_SIGNAL,
    "automated_message": AUTOMATED_MESSAGE,
    "interaction": INTERACTION,
    "conversation": CONVERSATION,
    "opening": OPENING,
    "reading": READING,
    "set_aside": SET_ASIDE,
}
RATIO = pa.float64()
# How relationships stood at a past moment, as the models worked it out: only moments of which
# something has changed since are worked out again. See `int_standing`.
STANDING = pa.schema(
    [
        _column("person_id", TEXT),
        _column("moment_at", INSTANT),
        _column("is_week", FLAG),
        _column("is_month", FLAG),
        _column("stage", TEXT),
        _maybe("score", RATIO),
        _maybe("confidence_ratio", RATIO),
        _maybe("first_driver", TEXT),
        _maybe("second_driver", TEXT),
        _column("strength", RATIO),
        _column("decayed_inbound", RATIO),
        _column("decayed_outbound", RATIO),
        _column("inbound_count", COUNT),
        _column("outbound_count", COUNT),
        _maybe("reciprocity_ratio", RATIO),
        _maybe("imbalance_ratio", RATIO),
        _column("two_way_contact_count", COUNT),
        _column("contact_day_count", COUNT),
        _maybe("first_two_way_contact_at", INSTANT),
        _maybe("last_two_way_contact_at", INSTANT),
        _maybe("median_gap_days", RATIO),
        _maybe("silent_days", RATIO),
        _maybe("overdue_ratio", RATIO),
        _maybe("alive_ratio", RATIO),
        _column("ask_count", COUNT),
        _column("answered_ask_count", COUNT),
        _column("open_ask_count", COUNT),
        _maybe("personal_answer_ratio", RATIO),
        _maybe("warmth_ratio", RATIO),
        _maybe("warmth_coverage_ratio", RATIO),
        _column("mark", pa.uint64(), "of all that the moment was worked out from"),
    ]
)
# Kept beside core for later nights.
STATE: dict[str, pa.Schema] = {
    "standing": STANDING,
    "gone": pa.schema(
        [
            _column("message_id", TEXT, "known only as gone"),
            _column("said_gone_at", INSTANT),
            _column("went_at", INSTANT),
        ]
    ),
    "reaction": pa.schema(
        [
            _column("account_id", TEXT),
            _column("message_id", TEXT),
            _column("kind", TEXT),
            _maybe("reacted_at", INSTANT),
        ]
    ),
    "follow": pa.schema(
        [
            _column("follower_id", TEXT),
            _column("followed_id", TEXT),
            _maybe("followed_at", INSTANT),
        ]
    ),
}
