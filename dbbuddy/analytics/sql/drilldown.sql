-- What stands behind the figures. `[chosen]` stands for the text of chosen.sql.

-- name: exchanges
-- The newest exchanges, without their texts and people, with the newest word on their outcome.
WITH [chosen],
newest AS (
    SELECT e.id, e.asked_at, e.team, e.category, e.engine, e.environment, e.provider, e.status, e.diagnosis, e.confidence,
           e.latency_ms
    FROM exchanges e
    WHERE e.day BETWEEN $first AND $last
      AND [in_chosen]
    ORDER BY e.asked_at DESC, e.id
    LIMIT $most
),
told AS (
    SELECT f.exchange_id, f.outcome, row_number() OVER (PARTITION BY f.exchange_id ORDER BY f.given_at DESC, f.outcome) AS place
    FROM feedback f JOIN newest n ON n.id = f.exchange_id
    WHERE f.outcome IS NOT NULL
)
SELECT n.asked_at, coalesce(n.team, ''), coalesce(n.category, ''), coalesce(n.engine, ''), coalesce(n.environment, ''), n.provider,
       n.status, n.diagnosis, n.confidence,
       CASE WHEN EXISTS (SELECT 1 FROM handovers h WHERE h.exchange_id = n.id) THEN 'handed_over' ELSE t.outcome END,
       n.latency_ms
FROM newest n LEFT JOIN told t ON t.exchange_id = n.id AND t.place = 1
ORDER BY n.asked_at DESC, n.id;

-- name: people
-- How many people of a team asked about a category.
WITH [chosen]
SELECT coalesce(e.team, ''), coalesce(e.category, ''), count(DISTINCT e.user_id)
FROM exchanges e
WHERE e.day BETWEEN $first AND $last
  AND [in_chosen]
GROUP BY 1, 2;
