-- Who uses it. `[chosen]` stands for the text of chosen.sql.

-- name: people
-- People by team (and all together: team NULL) in the period, in its last 28 days, and how far they got.
WITH [chosen],
opened AS (
    SELECT a.user_number, c.team
    FROM r_activity a JOIN r_slices c ON c.number = a.slice
    WHERE a.day BETWEEN $first AND $last AND a.opened = 1
      AND (CAST($teams AS VARCHAR[]) IS NULL OR c.team = ANY(CAST($teams AS VARCHAR[])))
    GROUP BY a.user_number, c.team
),
asked AS (
    SELECT a.user_number, c.team, max(a.day) AS latest, sum(a.answered) AS answered, sum(a.rated) AS rated, sum(a.solved) AS solved
    FROM r_asked a JOIN chosen c ON c.number = a.slice
    WHERE a.grain = $grain AND a.day BETWEEN $first AND $last
    GROUP BY a.user_number, c.team
),
steps AS (
    SELECT user_number, team, 0 AS asked, 0 AS recent, 0 AS answered, 0 AS rated, 0 AS solved FROM opened
    UNION ALL
    SELECT user_number, team, 1, CASE WHEN latest >= $recent THEN 1 ELSE 0 END, CASE WHEN answered > 0 THEN 1 ELSE 0 END,
           CASE WHEN rated > 0 THEN 1 ELSE 0 END, CASE WHEN solved > 0 THEN 1 ELSE 0 END
    FROM asked
),
by_team AS (
    SELECT user_number, team, max(asked) AS asked, max(recent) AS recent, max(answered) AS answered, max(rated) AS rated,
           max(solved) AS solved
    FROM steps
    GROUP BY user_number, team
),
together AS (
    SELECT user_number, max(asked) AS asked, max(recent) AS recent, max(answered) AS answered, max(rated) AS rated,
           max(solved) AS solved
    FROM by_team
    GROUP BY user_number
)
SELECT team, count(*), sum(asked), sum(recent), sum(answered), sum(rated), sum(solved) FROM by_team GROUP BY team
UNION ALL
SELECT CAST(NULL AS VARCHAR), count(*), coalesce(sum(asked), 0), coalesce(sum(recent), 0), coalesce(sum(answered), 0),
       coalesce(sum(rated), 0), coalesce(sum(solved), 0)
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
-- People by week: new, active the week before too, and back after a pause. Weeks begin on Monday; the first one is whole.
WITH [chosen],
active AS (
    SELECT DISTINCT w.week, w.user_number
    FROM r_asked_weekly w JOIN chosen c ON c.number = w.slice
    WHERE w.grain = $grain AND w.week BETWEEN $week_before AND $last
),
followed AS (
    SELECT a.week, a.user_number, lag(a.week) OVER (PARTITION BY a.user_number ORDER BY a.week) AS before
    FROM active a
)
SELECT f.week, count(*),
       count(CASE WHEN u.first_day >= f.week AND u.first_day < f.week + 7 THEN 1 END),
       count(CASE WHEN f.before = f.week - 7 THEN 1 END)
FROM followed f JOIN r_users u ON u.number = f.user_number
GROUP BY f.week
ORDER BY f.week;

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

-- name: cohorts
-- Of the people whose first question fell into a week, how many asked in each week from then on.
WITH [chosen],
active AS (
    SELECT DISTINCT w.week, w.user_number
    FROM r_asked_weekly w JOIN chosen c ON c.number = w.slice
    WHERE w.grain = $grain AND w.week BETWEEN $first_week AND $last
)
SELECT CAST(date_trunc('week', CAST(u.first_day AS TIMESTAMP)) AS DATE) AS cohort, a.week, count(*)
FROM active a JOIN r_users u ON u.number = a.user_number
WHERE u.first_day >= $first_week
GROUP BY 1, 2
ORDER BY 1, 2;

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
