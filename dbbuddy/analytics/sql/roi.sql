-- What the ROI page reads. `[chosen]` stands for the text of chosen.sql.

-- name: graded
-- Settled episodes of the period by category, outcome and the verdict on the last of their answers that was graded. Of several
-- verdicts on an answer the newest counts. An answer belongs to the episode in whose session it was the last word.
WITH [chosen],
newest AS (
    SELECT exchange_id, verdict, row_number() OVER (PARTITION BY exchange_id ORDER BY graded_at DESC, grader) AS place FROM grades
),
placed AS (
    SELECT p.slice, p.outcome, n.verdict,
           row_number() OVER (PARTITION BY p.user_number, p.problem, p.first_at ORDER BY x.asked_at DESC, x.id) AS latest
    FROM newest n
    JOIN exchanges x ON x.id = n.exchange_id
    JOIN r_users u ON u.user_id = x.user_id
    JOIN r_sessions s ON s.user_number = u.number AND s.ended_at = x.asked_at
    JOIN r_episodes p ON p.user_number = s.user_number AND p.problem = s.problem AND s.started_at BETWEEN p.first_at AND p.last_at
    WHERE n.place = 1 AND p.day BETWEEN $first AND $last AND p.last_day < $open_from
)
SELECT c.category, p.outcome, p.verdict, count(*)
FROM placed p JOIN chosen c ON c.number = p.slice
WHERE p.latest = 1
GROUP BY c.category, p.outcome, p.verdict
ORDER BY c.category, p.outcome, p.verdict;

-- name: model_cost
WITH [chosen]
SELECT coalesce(sum(r.cost_usd), 0), coalesce(sum(r.n), 0)
FROM r_models r JOIN chosen c ON c.number = r.slice
WHERE r.day BETWEEN $first AND $last;

-- name: tickets
SELECT category, week, tickets, minutes_median, developers FROM baselines ORDER BY week, category;

-- name: sample
-- Of the answers that were the last word of a session that ended in the week: up to $most of each category, in an order that
-- depends on nothing but the week and the answer, with how many there are of the category.
WITH ended AS (
    SELECT x.id, x.user_id, coalesce(x.category, '') AS category,
           row_number() OVER (PARTITION BY coalesce(x.category, '') ORDER BY md5(CAST($week AS VARCHAR) || x.id), x.id) AS place,
           count(*) OVER (PARTITION BY coalesce(x.category, '')) AS size
    FROM r_sessions s
    JOIN r_users u ON u.number = s.user_number
    JOIN exchanges x ON x.user_id = u.user_id AND x.asked_at = s.ended_at
    WHERE s.last_day BETWEEN $first AND $last AND x.day BETWEEN $first AND $last
      AND s.last_status = 'answered' AND x.status = 'answered'
)
SELECT id, user_id, category, place, size FROM ended WHERE place <= $most ORDER BY category, place;

-- name: revision
-- What the ledger depends on beside the roll-ups: tickets and grades, as they were last changed.
SELECT count(*), max(made_at), 0, CAST(NULL AS TIMESTAMP) FROM baselines
UNION ALL
SELECT 0, CAST(NULL AS TIMESTAMP), count(*), max(graded_at) FROM grades
ORDER BY 1, 3;
