-- Who uses it. `[chosen]` stands for the text of chosen.sql.

-- name: people
-- People by team (and all together: team NULL) in the period, in its last 28 days, and how far they got. Whole weeks are read
-- from r_week, the days around them and the last 28 days from r_activity; a finer filter needs r_activity_by.
WITH [chosen],
spans AS (
    SELECT user_number, slice, opened, messages, 0 AS recent, answered, rated, solved
    FROM r_week
    WHERE week >= $whole_from AND week < $whole_to
    UNION ALL
    SELECT user_number, slice, opened, messages, 0, answered, rated, solved
    FROM r_activity
    WHERE day BETWEEN $first AND $last AND day < $whole_from
    UNION ALL
    SELECT user_number, slice, opened, messages, 0, answered, rated, solved
    FROM r_activity
    WHERE day BETWEEN $first AND $last AND day >= $whole_to
    UNION ALL
    SELECT user_number, slice, 0, messages, messages, 0, 0, 0
    FROM r_activity
    WHERE day BETWEEN $recent AND $last
),
by_slice AS (
    SELECT user_number, slice, max(CASE WHEN opened = 1 OR $grain = 0 THEN 1 ELSE 0 END) AS seen,
           sum(CASE WHEN $grain = 0 THEN messages ELSE 0 END) AS asked, sum(CASE WHEN $grain = 0 THEN recent ELSE 0 END) AS recent,
           sum(CASE WHEN $grain = 0 THEN answered ELSE 0 END) AS answered, sum(CASE WHEN $grain = 0 THEN rated ELSE 0 END) AS rated,
           sum(CASE WHEN $grain = 0 THEN solved ELSE 0 END) AS solved
    FROM spans
    GROUP BY user_number, slice
    UNION ALL
    SELECT a.user_number, a.slice, 1, sum(a.messages), sum(CASE WHEN a.day >= $recent THEN 1 ELSE 0 END), sum(a.answered),
           sum(a.rated), sum(a.solved)
    FROM r_activity_by a JOIN chosen c ON c.number = a.slice
    WHERE $grain = 1 AND a.day BETWEEN $first AND $last
    GROUP BY a.user_number, a.slice
),
by_team AS (
    SELECT b.user_number, c.team, sum(b.asked) AS asked, sum(b.recent) AS recent, sum(b.answered) AS answered,
           sum(b.rated) AS rated, sum(b.solved) AS solved
    FROM by_slice b JOIN r_slices c ON c.number = b.slice
    WHERE b.seen = 1 AND (CAST($teams AS VARCHAR[]) IS NULL OR c.team = ANY(CAST($teams AS VARCHAR[])))
    GROUP BY b.user_number, c.team
),
together AS (
    SELECT user_number, sum(asked) AS asked, sum(recent) AS recent, sum(answered) AS answered, sum(rated) AS rated,
           sum(solved) AS solved
    FROM by_team
    GROUP BY user_number
)
SELECT team, count(*), count(CASE WHEN asked > 0 THEN 1 END), count(CASE WHEN recent > 0 THEN 1 END),
       count(CASE WHEN answered > 0 THEN 1 END), count(CASE WHEN rated > 0 THEN 1 END), count(CASE WHEN solved > 0 THEN 1 END)
FROM by_team
GROUP BY team
UNION ALL
SELECT CAST(NULL AS VARCHAR), count(*), count(CASE WHEN asked > 0 THEN 1 END), count(CASE WHEN recent > 0 THEN 1 END),
       count(CASE WHEN answered > 0 THEN 1 END), count(CASE WHEN rated > 0 THEN 1 END), count(CASE WHEN solved > 0 THEN 1 END)
FROM together;

-- name: days
WITH [chosen]
SELECT r.day, sum(r.people), sum(r.messages)
FROM r_day r JOIN chosen c ON c.number = r.slice
WHERE $grain = 0 AND r.day BETWEEN $first AND $last
GROUP BY r.day
UNION ALL
SELECT a.day, count(DISTINCT a.user_number), sum(a.messages)
FROM r_activity_by a JOIN chosen c ON c.number = a.slice
WHERE $grain = 1 AND a.day BETWEEN $first AND $last
GROUP BY a.day
ORDER BY 1;

-- name: weeks
-- People by week, by the week of their first question, and by whether they asked in the week before too. Weeks begin on Monday
-- and are whole.
WITH [chosen],
active AS (
    SELECT DISTINCT w.week, w.user_number
    FROM r_asked_weekly w JOIN chosen c ON c.number = w.slice
    WHERE w.grain = $grain AND w.week BETWEEN $week_before AND $last
),
followed AS (
    SELECT week, user_number, lag(week) OVER (PARTITION BY user_number ORDER BY week) AS before FROM active
)
SELECT f.week, CAST(date_trunc('week', CAST(u.first_day AS TIMESTAMP)) AS DATE) AS cohort,
       CASE WHEN f.before = f.week - 7 THEN 1 ELSE 0 END AS kept, count(*)
FROM followed f JOIN r_users u ON u.number = f.user_number
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- name: months
WITH [chosen]
SELECT m.month, count(DISTINCT m.user_number)
FROM r_month m JOIN chosen c ON c.number = m.slice
WHERE $grain = 0 AND m.messages > 0
  AND m.month BETWEEN CAST(date_trunc('month', CAST($first AS TIMESTAMP)) AS DATE) AND $last
GROUP BY m.month
UNION ALL
SELECT CAST(date_trunc('month', CAST(a.day AS TIMESTAMP)) AS DATE), count(DISTINCT a.user_number)
FROM r_activity_by a JOIN chosen c ON c.number = a.slice
WHERE $grain = 1 AND a.day >= CAST(date_trunc('month', CAST($first AS TIMESTAMP)) AS DATE) AND a.day < $after_month
GROUP BY 1
ORDER BY 1;

-- name: active_days
-- Over the last 28 days of the period: how many people asked on how many days.
WITH [chosen],
each AS (
    SELECT a.user_number, count(DISTINCT a.day) AS days
    FROM r_asked a JOIN chosen c ON c.number = a.slice
    WHERE a.grain = $grain AND a.day BETWEEN $recent AND $last
    GROUP BY a.user_number
)
SELECT days, count(*) FROM each GROUP BY days ORDER BY days;
