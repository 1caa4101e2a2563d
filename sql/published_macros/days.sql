-- Seconds as days, to one digit; null where they are.
-- Try: select person_name, days(age_seconds) from waiting_now
create macro days(seconds) as round(seconds / 86400, 1);
