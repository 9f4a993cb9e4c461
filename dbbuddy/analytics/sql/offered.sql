-- What can be chosen in the filter bar.

-- name: values
SELECT DISTINCT 'team' AS dimension, team AS value FROM r_slices
UNION ALL
SELECT DISTINCT 'category', category FROM r_slices
UNION ALL
SELECT DISTINCT 'engine', engine FROM r_slices
UNION ALL
SELECT DISTINCT 'environment', environment FROM r_slices
UNION ALL
SELECT DISTINCT 'provider', provider FROM r_slices
ORDER BY 1, 2;
