-- Row counts, and distinct values of columns that lead a statistics object, as JSON: numbers and names only, none of your values.
-- SQL Server 2017 or later. In Management Studio choose "Results to Text" with the longest line, or use sqlcmd -y 0.
WITH leading AS (
  SELECT s.object_id, c.name AS column_name,
         MAX(h.distinct_values) AS distinct_values
  FROM sys.stats s
  JOIN sys.stats_columns sc ON sc.object_id = s.object_id AND sc.stats_id = s.stats_id AND sc.stats_column_id = 1
  JOIN sys.columns c ON c.object_id = sc.object_id AND c.column_id = sc.column_id
  CROSS APPLY (SELECT SUM(d.distinct_range_rows) + COUNT(*) AS distinct_values
               FROM sys.dm_db_stats_histogram(s.object_id, s.stats_id) d) h
  GROUP BY s.object_id, c.name
), columns_of AS (
  SELECT object_id,
         STRING_AGG(CAST(N'"' + STRING_ESCAPE(column_name, 'json') + N'": {"distinct": '
                         + CAST(distinct_values AS nvarchar(20)) + N'}' AS nvarchar(max)), N', ') AS facts
  FROM leading
  WHERE distinct_values > 0
  GROUP BY object_id
), rows_of AS (
  SELECT object_id, SUM(rows) AS row_count
  FROM sys.partitions
  WHERE index_id IN (0, 1)
  GROUP BY object_id
)
SELECT N'{' + STRING_AGG(CAST(N'"' + STRING_ESCAPE(t.name, 'json') + N'": {"rows": ' + CAST(r.row_count AS nvarchar(20))
              + N', "columns": {' + ISNULL(k.facts, N'') + N'}}' AS nvarchar(max)), N', ') + N'}' AS [statistics]
FROM sys.tables t
JOIN rows_of r ON r.object_id = t.object_id
LEFT JOIN columns_of k ON k.object_id = t.object_id
WHERE t.is_ms_shipped = 0 AND SCHEMA_NAME(t.schema_id) = N'dbo';  -- your schema
