"""Signals of a message among its neighbours: its text's, what it takes up, how soon it came."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from lake.schemas import OBSERVED
from lake.store import Lake
from transforms.engine import open_core, open_files, open_parts, value, write_parts
from transforms.signals.texts import SIGNAL_VERSION, tell_text_signals
from transforms.signals.words import numbered

# Words of four letters and more that say nothing of what a message is about.
STOP_WORDS = """
about after again also always another anything because been before being better both cannot could
does doing down each even ever every find first from getting give going good have hello help here
into just know last like little look made make many maybe more most much must need never next only
other over please really right same shall should since some something soon still such sure take tell
than thank thanks that their them then there these they thing think this those time today tomorrow
under until very want well were what when where which while will with work would write your yours
algo alguien ahora antes aquí cada como cómo con cual cuando cuándo cuenta después donde dónde ella
ellos entonces entre eres esta está estas este esto estos esté favor gracias hace hasta hola mañana
mucho muchas nada nosotros nuestra nuestro otra otro para pero poco porque puede puedes pues quien
quién sabe siempre sino sobre solo tanto también tengo tenemos tiene todo todos tras tuyo usted
vamos vosotros vuestra
aber alle allem allen aller alles also andere auch beim bitte damit danke dann dass deine deinem
deinen deiner diese diesem diesen dieser dieses doch durch eine einem einen einer eines einmal
euch euer fast gern gibt habe haben hallo hast hatte heute hier ihnen immer jetzt kann kannst kein
keine können machen mehr meine meinem meinen meiner mich morgen muss nach nicht nichts noch nach
oder ohne schon sehr sein seine sich sind soll sollte uber über unser unsere unter viel viele vielen
vielleicht wann warum weil wenn wenig werden wieder wird wurde zwischen
"""
_CONTENT = (
    "list_filter(list_distinct(regexp_split_to_array(lower({text}), '[^\\p{{L}}\\p{{M}}]+')), "
    f"lambda word: len(word) >= 4 and not list_contains({STOP_WORDS.split()}, word))"
)
_NAME = "[lower(split_part(trim(display_name), ' ', 1))]"

# Replies of ours and what they answer, by the hashes of their latest texts, erased or not.
PAIR = """
create temp table pair as
select
    message.message_id,
    message.content_hash as said,
    parent.message_id as parent_id,
    parent.content_hash as answered
from conversed as message
inner join conversed as parent
    on message.parent_id = parent.message_id
    and message.conversation_id = parent.conversation_id
where message.author_id in (select account_id from account where role like 'ours%')
    and message.content_hash is not null
    and parent.content_hash is not null
"""

PAIRED_TEXT = """
create temp table paired_text as
select content_hash, min(text) as text
from known_text
where content_hash in (select unnest([said, answered]) from pair)
group by content_hash
"""

# Pairs of which a text is neither in core nor new, and of which nothing was told before: an answer
# that became known after what it answers was deleted, or the other way round.
FORGOTTEN = """
create temp table forgotten as
select unnest([message_id, parent_id]) as message_id
from pair
where (
    said not in (select content_hash from paired_text)
    or answered not in (select content_hash from paired_text)
)
    and message_id not in (
        select message_id from signal_before where echoed_word_count is not null
    )
"""

REMEMBERED = """
insert into paired_text
select distinct md5(text) as content_hash, text
from observed
where message_id in (from forgotten)
    and md5(text) in (select unnest([said, answered]) from pair)
    and md5(text) not in (select content_hash from paired_text)
"""

ECHO = f"""
create temp table echo as
select
    pair.message_id,
    case
        when said.text is not null and answered.text is not null
            then len(list_intersect(
                {_CONTENT.format(text="said.text")}, {_CONTENT.format(text="answered.text")}
            ))
        else before.echoed_word_count
    end as echoed_word_count
from pair
left join paired_text as said on pair.said = said.content_hash
left join paired_text as answered on pair.answered = answered.content_hash
left join signal_before as before on pair.message_id = before.message_id
"""

SIGNAL = f"""
with ours as (
    select
        coalesce(list(distinct {numbered(_NAME)}[1]) filter (where display_name is not null), [])
            as names,
        coalesce(
            list_distinct(flatten(list(regexp_extract_all(
                lower(array_to_string(profile_links, ' ')), 'https?://(www\\.)?([^/\\s:?#]+)', 2
            )))), []
        ) as hosts
    from account
    where role like 'ours%'
),
timed as (
    select
        message.message_id,
        date_diff('second', parent.sent_at, message.sent_at) as reply_seconds
    from conversed as message
    inner join conversed as parent
        on message.parent_id = parent.message_id
        and message.conversation_id = parent.conversation_id
    where message.sent_at >= parent.sent_at
),
told as (
    select
        conversed.message_id,
        conversed.content_hash,
        text_signal.* exclude (content_hash, signal_version, promotion_evidence),
        coalesce(beside_thanks is not null and list_has_all(names, beside_thanks), false)
            as is_thanks,
        coalesce(
            promotion_evidence,
            case when leads_to_link and list_has_any(hosts, link_hosts) then 'own_link' end
        ) as promotion_evidence
    from conversed
    cross join ours
    left join text_signal using (content_hash)
    left join reply_shape using (content_hash)
)
select
    told.* exclude (
        word_count, is_question, has_greeting, has_thanks, has_apology, has_promise, has_deflection
    ),
    '{SIGNAL_VERSION}' as signal_version,
    coalesce(word_count, 0) as word_count,
    coalesce(is_question, false) as is_question,
    coalesce(has_greeting, false) as has_greeting,
    coalesce(has_thanks, false) as has_thanks,
    coalesce(has_apology, false) as has_apology,
    coalesce(has_promise, false) as has_promise,
    coalesce(has_deflection, false) as has_deflection,
    promotion_evidence is not null as is_promotion,
    echo.echoed_word_count,
    timed.reply_seconds
from told
left join echo using (message_id)
left join timed using (message_id)
"""


def write_signals(
    connection: duckdb.DuckDBPyConnection, lake: Lake, fresh: Sequence[str], parts: Sequence[str]
) -> dict[str, int]:
    """Replace `parts` of `message_signal`; `fresh` are the observed files that were new tonight.

    Needs the core tables `account` and `message` as of tonight. Returns rows written.
    """
    if not parts:
        return {}
    open_core(connection, lake, "account")
    open_files(connection, "fresh", lake, fresh, OBSERVED, is_numbered=True)
    open_parts(connection, "conversed", lake, "core/message", parts)
    open_parts(connection, "signal_before", lake, "core/message_signal", parts)
    tell_text_signals(connection, lake)
    for statement in (PAIR, PAIRED_TEXT, FORGOTTEN):
        connection.execute(statement)
    if value(connection, "select count(*) from forgotten"):
        open_files(connection, "observed", lake, lake.paths("observed"), OBSERVED)
        connection.execute(REMEMBERED)
    connection.execute(ECHO)
    placed = (
        f"from ({SIGNAL}) inner join (select message_id, part from conversed) using (message_id)"
    )
    return {"message_signal": write_parts(connection, lake, "core/message_signal", placed, parts)}
