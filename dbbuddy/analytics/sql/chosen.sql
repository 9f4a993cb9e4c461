chosen AS (
    SELECT number, team, category, engine, environment, provider
    FROM r_slices
    WHERE (CAST($teams AS VARCHAR[]) IS NULL OR team = ANY(CAST($teams AS VARCHAR[])))
      AND (CAST($categories AS VARCHAR[]) IS NULL OR category = ANY(CAST($categories AS VARCHAR[])))
      AND (CAST($engines AS VARCHAR[]) IS NULL OR engine = ANY(CAST($engines AS VARCHAR[])))
      AND (CAST($environments AS VARCHAR[]) IS NULL OR environment = ANY(CAST($environments AS VARCHAR[])))
      AND (CAST($providers AS VARCHAR[]) IS NULL OR provider = ANY(CAST($providers AS VARCHAR[])))
)
