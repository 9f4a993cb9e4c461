-- Row counts and column statistics of your schema as JSON: numbers and names only, none of your values.
-- They are as old as the last DBMS_STATS run. Oracle 12.2 or later; in SQL*Plus first: SET LONG 10000000 LONGCHUNKSIZE 32000 LINESIZE 32000
SELECT JSON_OBJECTAGG(KEY t.table_name
         VALUE JSON_OBJECT(KEY 'rows' VALUE t.num_rows, KEY 'columns' VALUE c.facts FORMAT JSON RETURNING CLOB)
         FORMAT JSON RETURNING CLOB) AS statistics
FROM user_tables t
LEFT JOIN (
  SELECT s.table_name,
         JSON_OBJECTAGG(KEY s.column_name
           VALUE JSON_OBJECT(KEY 'distinct' VALUE s.num_distinct,
                             KEY 'null_share' VALUE ROUND(s.num_nulls / GREATEST(u.num_rows, 1), 4))
           FORMAT JSON RETURNING CLOB) AS facts
  FROM user_tab_col_statistics s
  JOIN user_tables u ON u.table_name = s.table_name
  WHERE s.num_distinct IS NOT NULL
  GROUP BY s.table_name
) c ON c.table_name = t.table_name
WHERE t.num_rows IS NOT NULL;
