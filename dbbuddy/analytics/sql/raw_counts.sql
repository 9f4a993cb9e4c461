SELECT 'exchanges' AS source, day, count(*) FROM exchanges WHERE day < $today GROUP BY day
UNION ALL
SELECT 'feedback', day, count(*) FROM feedback WHERE day < $today GROUP BY day
UNION ALL
SELECT 'elaborations', day, count(*) FROM elaborations WHERE day < $today GROUP BY day
UNION ALL
SELECT 'visits', day, count(*) FROM visits WHERE day < $today GROUP BY day
