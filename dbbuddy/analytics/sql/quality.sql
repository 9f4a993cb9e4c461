-- How good the answers are. `[chosen]` stands for the text of chosen.sql.

-- name: counts
WITH [chosen]
SELECT CAST(date_trunc('week', CAST(r.day AS TIMESTAMP)) AS DATE) AS week, sum(r.messages), sum(r.answered), sum(r.asked_back),
       sum(r.declined), sum(r.rated), sum(r.stars_1), sum(r.stars_2), sum(r.stars_3), sum(r.stars_4), sum(r.stars_5),
       sum(r.solved), sum(r.not_solved)
FROM r_counts r JOIN chosen c ON c.number = r.slice
WHERE r.grain = $grain AND r.day BETWEEN $first AND $last
GROUP BY 1
ORDER BY 1;

-- name: counts_by_team
WITH [chosen]
SELECT c.team, sum(r.messages), sum(r.answered), sum(r.asked_back), sum(r.declined), sum(r.rated), sum(r.stars_1),
       sum(r.stars_2), sum(r.stars_3), sum(r.stars_4), sum(r.stars_5), sum(r.solved), sum(r.not_solved)
FROM r_counts r JOIN chosen c ON c.number = r.slice
WHERE r.grain = $grain AND r.day BETWEEN $first AND $last
GROUP BY c.team
ORDER BY c.team;

-- name: outcomes
-- Episodes by the week in which they began: how many came to which end, how many are open (their last message was less than 7
-- whole days ago), and the sessions of all.
WITH [chosen]
SELECT CAST(date_trunc('week', CAST(r.day AS TIMESTAMP)) AS DATE) AS week, c.category, c.team,
       sum(CASE WHEN r.last_day < $open_from THEN r.confirmed ELSE 0 END),
       sum(CASE WHEN r.last_day < $open_from THEN r.assumed ELSE 0 END),
       sum(CASE WHEN r.last_day < $open_from THEN r.unresolved ELSE 0 END),
       sum(CASE WHEN r.last_day < $open_from THEN r.handed_over ELSE 0 END),
       sum(CASE WHEN r.last_day < $open_from THEN r.declined ELSE 0 END),
       sum(CASE WHEN r.last_day < $open_from THEN 0 ELSE r.confirmed + r.assumed + r.unresolved + r.handed_over + r.declined END),
       sum(r.sessions)
FROM r_outcomes r JOIN chosen c ON c.number = r.slice
WHERE r.grain = $grain AND r.day BETWEEN $first AND $last
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3;

-- name: calibration
-- Episodes whose outcome the user told, by the confidence (in tenths) of their last diagnosis.
WITH [chosen]
SELECT r.confidence_tenth, sum(r.confirmed), sum(r.n)
FROM r_confidence r JOIN chosen c ON c.number = r.slice
WHERE r.grain = $grain AND r.day BETWEEN $first AND $last
GROUP BY r.confidence_tenth
ORDER BY r.confidence_tenth;

-- name: people_by_category
WITH [chosen]
SELECT c.category, count(DISTINCT e.user_number)
FROM r_episodes e JOIN chosen c ON c.number = e.slice
WHERE e.day BETWEEN $people_from AND $last
GROUP BY c.category
ORDER BY c.category;

-- name: latency
WITH [chosen]
SELECT part, provider, bucket, sum(n), sum(fast)
FROM r_latency
WHERE $by_all = 0 AND day BETWEEN $first AND $last
GROUP BY part, provider, bucket
UNION ALL
SELECT r.part, c.provider, r.bucket, sum(r.n), sum(r.fast)
FROM r_latency_by r JOIN chosen c ON c.number = r.slice
WHERE $by_all = 1 AND r.day BETWEEN $first AND $last
GROUP BY r.part, c.provider, r.bucket
ORDER BY 1, 2, 3;

-- name: latency_weeks
-- The bucket of the 95th of 100 by week, and the share that was fast.
WITH [chosen],
weekly AS (
    SELECT CAST(date_trunc('week', CAST(day AS TIMESTAMP)) AS DATE) AS week, part, bucket, sum(n) AS n, sum(fast) AS fast
    FROM r_latency
    WHERE $by_all = 0 AND day BETWEEN $first AND $last
    GROUP BY 1, 2, 3
    UNION ALL
    SELECT CAST(date_trunc('week', CAST(r.day AS TIMESTAMP)) AS DATE), r.part, r.bucket, sum(r.n), sum(r.fast)
    FROM r_latency_by r JOIN chosen c ON c.number = r.slice
    WHERE $by_all = 1 AND r.day BETWEEN $first AND $last
    GROUP BY 1, 2, 3
),
running AS (
    SELECT week, part, bucket, sum(n) OVER (PARTITION BY week, part ORDER BY bucket ROWS UNBOUNDED PRECEDING) AS up_to,
           sum(n) OVER (PARTITION BY week, part) AS n, sum(fast) OVER (PARTITION BY week, part) AS fast
    FROM weekly
)
SELECT week, part, min(CASE WHEN up_to >= 0.95 * n THEN bucket END), max(n), max(fast)
FROM running
GROUP BY week, part
ORDER BY week, part;

-- name: models
WITH [chosen]
SELECT c.provider, r.model, r.outcome, sum(r.n), sum(r.fallbacks), sum(r.prompt_tokens), sum(r.completion_tokens), sum(r.cost_usd)
FROM r_models r JOIN chosen c ON c.number = r.slice
WHERE r.day BETWEEN $first AND $last
GROUP BY c.provider, r.model, r.outcome
ORDER BY c.provider, r.model, r.outcome;

-- name: tickets
SELECT week, category, sum(tickets), max(developers) FROM baselines GROUP BY week, category ORDER BY week, category;

-- name: launched
SELECT min(day) FROM r_day;

-- name: minutes_told
-- Minutes that users said an answer saved, by category: how many said so, and the quartiles.
WITH [chosen]
SELECT c.category, count(*), percentile_cont(0.25) WITHIN GROUP (ORDER BY e.minutes_saved),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY e.minutes_saved), percentile_cont(0.75) WITHIN GROUP (ORDER BY e.minutes_saved)
FROM r_episodes e JOIN chosen c ON c.number = e.slice
WHERE e.day BETWEEN $first AND $last AND e.minutes_saved IS NOT NULL
GROUP BY c.category
ORDER BY c.category;

-- name: grades
-- What graders said of answers given in the period.
WITH [chosen]
SELECT g.verdict, count(*)
FROM grades g JOIN exchanges e ON e.id = g.exchange_id
WHERE e.day BETWEEN $first AND $last
  AND [in_chosen]
GROUP BY g.verdict
ORDER BY g.verdict;
