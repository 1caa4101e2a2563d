-- Seconds as people say them, e.g. 2 d 1 h, 3 h 12 min or 40 s; null where they are. For reading:
-- sort by the seconds.
-- Try: select channel, duration(median_reply_seconds) from responsiveness
create macro duration(seconds) as case
    when seconds >= 86400
        then (seconds // 86400) || ' d ' || (seconds // 3600 % 24) || ' h'
    when seconds >= 3600
        then (seconds // 3600) || ' h ' || (seconds // 60 % 60) || ' min'
    when seconds >= 60 then (seconds // 60) || ' min'
    else seconds || ' s'
end;
