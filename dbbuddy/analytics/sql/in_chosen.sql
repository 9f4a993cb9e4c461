-- Whether the exchange `e` passes the filter.
EXISTS (
    SELECT 1 FROM chosen c
    WHERE c.team = coalesce(e.team, '') AND c.category = coalesce(e.category, '') AND c.engine = coalesce(e.engine, '')
      AND c.environment = coalesce(e.environment, '') AND c.provider = e.provider
)
