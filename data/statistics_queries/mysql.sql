-- Row counts, and distinct values of columns that lead an index, as JSON: numbers and names only, none of your values.
-- InnoDB estimates both; ANALYZE TABLE refreshes them. MySQL 8 repeats values up to a day old, hence the setting.
SET SESSION information_schema_stats_expiry = 0;
SELECT JSON_OBJECTAGG(t.TABLE_NAME, JSON_OBJECT('rows', t.TABLE_ROWS, 'columns', c.facts)) AS statistics
FROM information_schema.TABLES t
LEFT JOIN (
  SELECT TABLE_NAME, JSON_OBJECTAGG(COLUMN_NAME, JSON_OBJECT('distinct', CARDINALITY)) AS facts
  FROM information_schema.STATISTICS
  WHERE TABLE_SCHEMA = DATABASE() AND SEQ_IN_INDEX = 1
    AND COLUMN_NAME IS NOT NULL AND CARDINALITY IS NOT NULL
  GROUP BY TABLE_NAME
) c ON c.TABLE_NAME = t.TABLE_NAME
WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_TYPE = 'BASE TABLE';
