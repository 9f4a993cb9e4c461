-- Row counts and column statistics of a schema as JSON: numbers and names only, none of your values.
-- They are as old as the last ANALYZE; in psql use \pset format unaligned first.
SELECT json_object_agg(t.relname, t.facts) AS statistics
FROM (
  SELECT c.relname,
         json_build_object(
           'rows', c.reltuples::bigint,
           'visible_share', round(least(1, c.relallvisible::numeric / greatest(c.relpages, 1)), 3),
           'columns', (
             SELECT json_object_agg(s.attname, json_build_object(
                      'distinct', round(CASE WHEN s.n_distinct < 0 THEN -s.n_distinct * c.reltuples
                                             ELSE s.n_distinct END),
                      'null_share', round(s.null_frac::numeric, 4),
                      'correlation', round(s.correlation::numeric, 3)))
             FROM pg_stats s
             WHERE s.schemaname = n.nspname AND s.tablename = c.relname
               AND s.inherited = (c.relkind = 'p'))) AS facts
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'm') AND c.reltuples >= 0
    AND n.nspname = 'public'  -- your schema
) t;
