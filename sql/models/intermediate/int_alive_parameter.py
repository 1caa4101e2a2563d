"""How contacts come and end among all people, fitted each month: the BG/NBD model.

While a relationship lives, days of contact come at a rate of its own (gamma over people, r and
alpha, in weeks); after each it ends with a chance of its own (beta over people, a and b). Fader,
Hardie and Lee (2005), https://doi.org/10.1287/mksc.1040.0098. Grain: month_at.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from scipy.optimize import minimize
from scipy.special import betaln, gammaln

PEOPLE_AT_MOST = 4000  # by the hash of their ids: enough for four numbers, and bounded
RETURNED_AT_LEAST = 30  # people who came back, below which four numbers cannot be told
START, BOUNDS = np.zeros(4), [(-7.0, 7.0)] * 4  # of the logarithms

# What was known of people at each month: whom the month's own past chooses, so that nobody who came
# later changes it.
HISTORY = """
with known as (
    select
        moment.moment_at as month_at,
        count(*) - 1 as repeat_count,
        min(contact_date) as first_date,
        max(contact_date) as last_date
    from contact_day
    inner join moment on contact_day.contact_date < cast(moment.moment_at as date)
    where moment.is_month
    group by person_id, moment.moment_at
    qualify row_number() over (
        partition by moment.moment_at order by hash(person_id), person_id
    ) <= $people_at_most
)
select
    month_at,
    repeat_count,
    (last_date - first_date) / 7 as last_week,
    (cast(month_at as date) - first_date) / 7 as week_count,
    count(*) as people
from known
group by all
order by all
"""


def unlikelihood(logarithms: Any, repeats: Any, last: Any, weeks: Any, people: Any) -> float:
    """Minus the mean log-likelihood of what was seen of people, one column each."""
    r, alpha, a, b = np.exp(logarithms)
    pace = gammaln(r + repeats) - gammaln(r) + r * np.log(alpha)
    stayed = betaln(a, b + repeats) - betaln(a, b) - (r + repeats) * np.log(alpha + weeks)
    ended = (
        betaln(a + 1, b + np.maximum(repeats, 1) - 1)
        - betaln(a, b)
        - (r + repeats) * np.log(alpha + last)
    )
    seen = pace + np.where(repeats > 0, np.logaddexp(stayed, ended), stayed)
    return float(-(people * seen).sum() / people.sum())


def fit(repeats: Any, last: Any, weeks: Any, people: Any) -> list[float] | None:
    """r, alpha, a and b that make what was seen most likely; none where too few came back."""
    if people[repeats > 0].sum() < RETURNED_AT_LEAST:
        return None
    found = minimize(unlikelihood, START, (repeats, last, weeks, people), "L-BFGS-B", bounds=BOUNDS)
    return [float(f"{number:.6g}") for number in np.exp(found.x)]


def model(dbt: Any, session: Any) -> pa.Table:
    """One row for each month whose past tells enough."""
    dbt.config(materialized="table")
    dbt.ref("int_contact_day").create_view("contact_day", replace=True)
    dbt.ref("int_moment").create_view("moment", replace=True)
    history = session.execute(HISTORY, {"people_at_most": PEOPLE_AT_MOST}).fetchnumpy()
    session.execute("drop view contact_day; drop view moment")
    rows = []
    for month_at in np.unique(history["month_at"]):
        of_month = history["month_at"] == month_at
        seen = [history[name][of_month] for name in ("repeat_count", "last_week", "week_count")]
        people = history["people"][of_month]
        fitted = fit(*(each.astype(float) for each in seen), people)
        if fitted:
            names = ("rate_shape", "rate_scale", "end_shape_a", "end_shape_b")
            moment = month_at.astype("datetime64[us]").item()
            rows.append({"month_at": moment, **dict(zip(names, fitted, strict=True))})
    schema = pa.schema(
        [
            ("month_at", pa.timestamp("us", "UTC")),
            *((name, pa.float64()) for name in ("rate_shape", "rate_scale")),
            *((name, pa.float64()) for name in ("end_shape_a", "end_shape_b")),
        ]
    )
    return pa.Table.from_pylist(rows, schema)
