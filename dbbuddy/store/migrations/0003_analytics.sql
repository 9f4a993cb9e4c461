CREATE TABLE annotations (
    id VARCHAR PRIMARY KEY,
    day DATE NOT NULL,
    label VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    made_by VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL
);

CREATE TABLE assumptions (
    id VARCHAR PRIMARY KEY,
    made_at TIMESTAMP NOT NULL,
    made_by VARCHAR NOT NULL,
    content VARCHAR NOT NULL
);

CREATE TABLE baselines (
    id VARCHAR PRIMARY KEY,
    category VARCHAR NOT NULL,
    week DATE NOT NULL,
    tickets INTEGER NOT NULL,
    minutes_median DOUBLE PRECISION NOT NULL,
    developers INTEGER NOT NULL,
    made_by VARCHAR NOT NULL,
    made_at TIMESTAMP NOT NULL
);

CREATE TABLE grades (
    exchange_id VARCHAR NOT NULL,
    week DATE NOT NULL,
    grader VARCHAR NOT NULL,
    graded_at TIMESTAMP NOT NULL,
    verdict VARCHAR NOT NULL,
    note VARCHAR NOT NULL
);

CREATE TABLE r_state (
    id INTEGER PRIMARY KEY,
    refreshed_at TIMESTAMP NOT NULL,
    verified_at TIMESTAMP NOT NULL,
    version BIGINT NOT NULL
);
INSERT INTO r_state VALUES (1, CAST('1970-01-01' AS TIMESTAMP), CAST('1970-01-01' AS TIMESTAMP), 0);

CREATE TABLE r_touched (
    user_id VARCHAR NOT NULL,
    day DATE NOT NULL,
    since TIMESTAMP,
    asked SMALLINT NOT NULL
);

CREATE TABLE r_pairs (
    user_number INTEGER NOT NULL,
    user_id VARCHAR NOT NULL,
    day DATE NOT NULL,
    week DATE NOT NULL,
    month DATE NOT NULL
);

CREATE TABLE r_redo (
    user_number INTEGER NOT NULL,
    user_id VARCHAR NOT NULL,
    since TIMESTAMP NOT NULL
);

CREATE TABLE r_reopened (
    user_number INTEGER NOT NULL,
    problem VARCHAR NOT NULL,
    first_at TIMESTAMP NOT NULL
);

CREATE TABLE r_episode_days (
    day DATE NOT NULL
);

CREATE TABLE r_counted (
    source VARCHAR NOT NULL,
    day DATE NOT NULL,
    n BIGINT NOT NULL
);

CREATE TABLE r_users (
    number INTEGER NOT NULL,
    user_id VARCHAR NOT NULL,
    first_day DATE
);

CREATE TABLE r_slices (
    number INTEGER NOT NULL,
    grain SMALLINT NOT NULL,
    team VARCHAR NOT NULL,
    category VARCHAR NOT NULL,
    engine VARCHAR NOT NULL,
    environment VARCHAR NOT NULL,
    provider VARCHAR NOT NULL
);

CREATE TABLE r_day (
    day DATE NOT NULL,
    slice INTEGER NOT NULL,
    people INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    asked_back INTEGER NOT NULL,
    declined INTEGER NOT NULL,
    rated INTEGER NOT NULL,
    stars_1 INTEGER NOT NULL,
    stars_2 INTEGER NOT NULL,
    stars_3 INTEGER NOT NULL,
    stars_4 INTEGER NOT NULL,
    stars_5 INTEGER NOT NULL,
    solved INTEGER NOT NULL,
    not_solved INTEGER NOT NULL
);

CREATE TABLE r_activity (
    day DATE NOT NULL,
    user_number INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    opened SMALLINT NOT NULL,
    messages INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    rated INTEGER NOT NULL,
    solved INTEGER NOT NULL
);

CREATE TABLE r_activity_by (
    day DATE NOT NULL,
    user_number INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    asked_back INTEGER NOT NULL,
    declined INTEGER NOT NULL,
    rated INTEGER NOT NULL,
    stars_1 INTEGER NOT NULL,
    stars_2 INTEGER NOT NULL,
    stars_3 INTEGER NOT NULL,
    stars_4 INTEGER NOT NULL,
    stars_5 INTEGER NOT NULL,
    solved INTEGER NOT NULL,
    not_solved INTEGER NOT NULL
);

CREATE TABLE r_week (
    week DATE NOT NULL,
    user_number INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    opened SMALLINT NOT NULL,
    messages INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    rated INTEGER NOT NULL,
    solved INTEGER NOT NULL
);

CREATE TABLE r_month (
    month DATE NOT NULL,
    user_number INTEGER NOT NULL,
    slice INTEGER NOT NULL,
    messages INTEGER NOT NULL
);

CREATE TABLE r_latency (
    day DATE NOT NULL,
    provider VARCHAR NOT NULL,
    part VARCHAR NOT NULL,
    bucket SMALLINT NOT NULL,
    n INTEGER NOT NULL,
    fast INTEGER NOT NULL
);

CREATE TABLE r_latency_by (
    day DATE NOT NULL,
    slice INTEGER NOT NULL,
    part VARCHAR NOT NULL,
    bucket SMALLINT NOT NULL,
    n INTEGER NOT NULL,
    fast INTEGER NOT NULL
);

CREATE TABLE r_models (
    day DATE NOT NULL,
    slice INTEGER NOT NULL,
    model VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    n INTEGER NOT NULL,
    fallbacks INTEGER NOT NULL,
    prompt_tokens BIGINT NOT NULL,
    completion_tokens BIGINT NOT NULL,
    cost_usd DOUBLE PRECISION NOT NULL
);

CREATE TABLE r_sessions (
    user_number INTEGER NOT NULL,
    session_start TIMESTAMP NOT NULL,
    session_end TIMESTAMP NOT NULL,
    started_at TIMESTAMP NOT NULL,
    ended_at TIMESTAMP NOT NULL,
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    problem VARCHAR NOT NULL,
    slice INTEGER NOT NULL,
    confidence DOUBLE PRECISION,
    messages INTEGER NOT NULL,
    answered INTEGER NOT NULL,
    asked_back INTEGER NOT NULL,
    last_status VARCHAR NOT NULL,
    solved_at TIMESTAMP,
    failed_at TIMESTAMP,
    liked_at TIMESTAMP,
    neutral_at TIMESTAMP,
    disliked_at TIMESTAMP,
    handed_at TIMESTAMP,
    minutes_saved INTEGER
);

CREATE TABLE r_episodes (
    day DATE NOT NULL,
    last_day DATE NOT NULL,
    user_number INTEGER NOT NULL,
    problem VARCHAR NOT NULL,
    slice INTEGER NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at TIMESTAMP NOT NULL,
    sessions INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    outcome VARCHAR NOT NULL,
    told SMALLINT NOT NULL,
    confidence_tenth SMALLINT,
    minutes_saved INTEGER
);

CREATE TABLE r_episode_day (
    day DATE NOT NULL,
    last_day DATE NOT NULL,
    slice INTEGER NOT NULL,
    confirmed INTEGER NOT NULL,
    assumed INTEGER NOT NULL,
    unresolved INTEGER NOT NULL,
    handed_over INTEGER NOT NULL,
    declined INTEGER NOT NULL,
    sessions INTEGER NOT NULL
);

CREATE TABLE r_calibration (
    day DATE NOT NULL,
    slice INTEGER NOT NULL,
    confidence_tenth SMALLINT NOT NULL,
    confirmed INTEGER NOT NULL,
    n INTEGER NOT NULL
);

CREATE VIEW r_asked AS
SELECT 0 AS grain, day, user_number, slice, messages, answered, rated, solved FROM r_activity WHERE messages > 0
UNION ALL
SELECT 1 AS grain, day, user_number, slice, messages, answered, rated, solved FROM r_activity_by;

CREATE VIEW r_asked_weekly AS
SELECT 0 AS grain, week, user_number, slice FROM r_week WHERE messages > 0
UNION ALL
SELECT 1 AS grain, CAST(date_trunc('week', CAST(day AS TIMESTAMP)) AS DATE) AS week, user_number, slice FROM r_activity_by;

CREATE VIEW r_counts AS
SELECT 0 AS grain, day, slice, messages, answered, asked_back, declined, rated, stars_1, stars_2, stars_3, stars_4, stars_5, solved, not_solved
FROM r_day
UNION ALL
SELECT 1 AS grain, day, slice, messages, answered, asked_back, declined, rated, stars_1, stars_2, stars_3, stars_4, stars_5, solved, not_solved
FROM r_activity_by;

CREATE VIEW r_outcomes AS
SELECT 0 AS grain, day, last_day, slice, confirmed, assumed, unresolved, handed_over, declined, sessions FROM r_episode_day
UNION ALL
SELECT 1 AS grain, day, last_day, slice, CASE WHEN outcome = 'confirmed' THEN 1 ELSE 0 END,
       CASE WHEN outcome = 'assumed' THEN 1 ELSE 0 END, CASE WHEN outcome = 'unresolved' THEN 1 ELSE 0 END,
       CASE WHEN outcome = 'handed_over' THEN 1 ELSE 0 END, CASE WHEN outcome = 'declined' THEN 1 ELSE 0 END, sessions
FROM r_episodes;

CREATE VIEW r_confidence AS
SELECT 0 AS grain, day, slice, confidence_tenth, confirmed, n FROM r_calibration
UNION ALL
SELECT 1 AS grain, day, slice, confidence_tenth, CASE WHEN outcome = 'confirmed' THEN 1 ELSE 0 END, 1 AS n
FROM r_episodes
WHERE told = 1 AND confidence_tenth IS NOT NULL;
