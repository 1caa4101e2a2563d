-- Lower end of the 95 % interval (Wilson) of a share that was counted: k of n; null without any.
-- What lies within both ends cannot be told apart by these numbers.
-- Try: select wilson_low(9, 10), wilson_high(9, 10)
create macro wilson_low(k, n) as case
    when n > 0
        then round(
            (k + 1.920729 - 1.959964 * sqrt(k * (n - k) / cast(n as double) + 0.960365))
            / (n + 3.841459),
            6
        )
end;
