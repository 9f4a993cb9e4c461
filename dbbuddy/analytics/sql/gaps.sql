-- What the playbooks lack. `[chosen]` stands for the text of chosen.sql.

-- name: unsure
-- The newest questions without a confident diagnosis that did not get one later in their conversation.
WITH [chosen],
asked AS (
    SELECT e.id, e.conversation_id, e.asked_at, e.question, e.status, coalesce(e.category, '') AS category,
           coalesce(e.engine, '') AS engine, coalesce(e.codes, '') AS codes,
           CASE WHEN e.status = 'answered' AND e.diagnosis IS NOT NULL AND e.confidence >= 0.5 THEN 1 ELSE 0 END AS sure
    FROM exchanges e
    WHERE e.day BETWEEN $first AND $last
      AND [in_chosen]
),
later AS (
    SELECT conversation_id, max(asked_at) AS sure_at FROM asked WHERE sure = 1 GROUP BY conversation_id
)
SELECT a.id, a.question, a.category, a.engine, a.codes,
       CASE WHEN EXISTS (SELECT 1 FROM feedback f WHERE f.exchange_id = a.id AND (f.outcome = 'solved' OR f.stars >= 4))
            THEN 1 ELSE 0 END
FROM asked a LEFT JOIN later l ON l.conversation_id = a.conversation_id
WHERE a.sure = 0 AND a.status <> 'out_of_scope' AND (l.sure_at IS NULL OR l.sure_at < a.asked_at)
ORDER BY a.asked_at DESC, a.id
LIMIT $most;

-- name: playbooks
-- Episodes by diagnosis: how many, and of those with a told outcome how many were confirmed.
WITH [chosen]
SELECT e.problem, max(c.category), count(*), sum(CASE WHEN e.told = 1 THEN 1 ELSE 0 END),
       sum(CASE WHEN e.outcome = 'confirmed' THEN 1 ELSE 0 END), sum(CASE WHEN e.sessions > 1 THEN 1 ELSE 0 END)
FROM r_episodes e JOIN chosen c ON c.number = e.slice
WHERE e.day BETWEEN $first AND $last AND e.problem NOT LIKE '%/%'
GROUP BY e.problem
ORDER BY e.problem;

-- name: playbook_ratings
-- How often each diagnosis got how many stars; the newest rating of an exchange counts.
WITH [chosen],
rated AS (
    SELECT e.diagnosis, f.stars, row_number() OVER (PARTITION BY f.exchange_id ORDER BY f.given_at DESC, f.stars) AS place
    FROM feedback f JOIN exchanges e ON e.id = f.exchange_id
    WHERE e.day BETWEEN $first AND $last AND f.stars IS NOT NULL AND e.status = 'answered' AND e.diagnosis IS NOT NULL
      AND [in_chosen]
)
SELECT diagnosis, stars, count(*) FROM rated WHERE place = 1 GROUP BY diagnosis, stars ORDER BY diagnosis, stars;

-- name: codes
-- Error codes as read in the questions (several are parted by blanks), with how often and whether it was solved.
WITH [chosen]
SELECT coalesce(e.engine, ''), e.codes, coalesce(e.category, ''), count(*),
       sum(CASE WHEN EXISTS (SELECT 1 FROM feedback f WHERE f.exchange_id = e.id AND (f.outcome = 'solved' OR f.stars >= 4))
                THEN 1 ELSE 0 END)
FROM exchanges e
WHERE e.day BETWEEN $first AND $last AND e.codes <> ''
  AND [in_chosen]
GROUP BY 1, 2, 3
ORDER BY 4 DESC, 1, 2, 3
LIMIT 5000;

-- name: minutes
-- What a ticket of a category took before the launch: the median minutes of each week, weighted by its tickets.
SELECT category, sum(tickets * minutes_median) / sum(tickets) FROM baselines WHERE tickets > 0 GROUP BY category;
