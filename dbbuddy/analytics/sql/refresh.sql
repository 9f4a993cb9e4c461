-- Brings the roll-ups up to date for what is named in r_touched: people with a day (and since when their sessions changed), and
-- days on which exchanges or elaborations came (`asked` = 1). The statements run in this order, in one transaction.
-- r_touched, r_pairs, r_redo, r_reopened and r_episode_days are empty before and after.

-- name: touch_exchanges
INSERT INTO r_touched (user_id, day, since, asked)
SELECT user_id, day, min(asked_at), 1 FROM exchanges WHERE asked_at >= $since AND asked_at < $until GROUP BY user_id, day;

-- name: touch_feedback
INSERT INTO r_touched (user_id, day, since, asked)
SELECT e.user_id, e.day, min(e.asked_at), 0
FROM feedback f JOIN exchanges e ON e.id = f.exchange_id
WHERE f.given_at >= $since AND f.given_at < $until
GROUP BY e.user_id, e.day;

-- name: touch_handovers
INSERT INTO r_touched (user_id, day, since, asked)
SELECT e.user_id, e.day, min(e.asked_at), 0
FROM handovers h JOIN exchanges e ON e.id = h.exchange_id
WHERE h.created_at >= $since AND h.created_at < $until
GROUP BY e.user_id, e.day;

-- name: touch_elaborations
INSERT INTO r_touched (user_id, day, asked)
SELECT DISTINCT '', day, 1 FROM elaborations WHERE asked_at >= $since AND asked_at < $until;

-- name: touch_visits
INSERT INTO r_touched (user_id, day, asked)
SELECT DISTINCT user_id, day, 0 FROM visits WHERE happened_at >= $since AND happened_at < $until;

-- name: backlog
SELECT day, count(*) FROM exchanges WHERE asked_at >= $since GROUP BY day ORDER BY day;

-- name: counts
[raw_counts];

-- name: counted
SELECT source, day, n FROM r_counted;

-- name: uncount
DELETE FROM r_counted WHERE source = $source AND day = $day;

-- name: count
INSERT INTO r_counted (source, day, n) VALUES ($source, $day, $n);

-- name: count_all
INSERT INTO r_counted (source, day, n)
[raw_counts];

-- name: touch_day
INSERT INTO r_touched (user_id, day, since, asked)
SELECT user_id, CAST($day AS DATE), min(since), 1
FROM (
    SELECT user_id, asked_at AS since FROM exchanges WHERE day = $day
    UNION ALL
    SELECT user_id, happened_at FROM visits WHERE day = $day
    UNION ALL
    SELECT u.user_id, s.session_start FROM r_sessions s JOIN r_users u ON u.number = s.user_number
    WHERE s.first_day = $day OR s.last_day = $day
    UNION ALL
    SELECT '', CAST(NULL AS TIMESTAMP)
) people
GROUP BY user_id;

-- name: touch_rated_on
INSERT INTO r_touched (user_id, day, since, asked)
SELECT e.user_id, e.day, min(e.asked_at), 0
FROM feedback f JOIN exchanges e ON e.id = f.exchange_id
WHERE f.day = $day
GROUP BY e.user_id, e.day;

-- name: number_users
INSERT INTO r_users (number, user_id)
SELECT (SELECT coalesce(max(number), 0) FROM r_users) + CAST(row_number() OVER (ORDER BY user_id) AS INTEGER), user_id
FROM (SELECT DISTINCT user_id FROM r_touched WHERE user_id <> '') touched
WHERE user_id NOT IN (SELECT user_id FROM r_users);

-- name: pair
INSERT INTO r_pairs (user_number, user_id, day, week, month)
SELECT DISTINCT u.number, u.user_id, t.day, CAST(date_trunc('week', CAST(t.day AS TIMESTAMP)) AS DATE),
       CAST(date_trunc('month', CAST(t.day AS TIMESTAMP)) AS DATE)
FROM r_touched t JOIN r_users u ON u.user_id = t.user_id;

-- name: number_slices
INSERT INTO r_slices (number, grain, team, category, engine, environment, provider)
WITH asked AS (
    SELECT DISTINCT coalesce(e.team, '') AS team, coalesce(e.category, '') AS category, coalesce(e.engine, '') AS engine,
           coalesce(e.environment, '') AS environment, e.provider,
           first_value(coalesce(e.team, '')) OVER (PARTITION BY e.user_id, e.day ORDER BY e.asked_at DESC, e.id DESC) AS day_team
    FROM exchanges e JOIN r_pairs p ON p.user_id = e.user_id AND p.day = e.day
    WHERE e.day BETWEEN $first_day AND $last_day
),
elaborated AS (
    SELECT DISTINCT coalesce(e.team, '') AS team, coalesce(e.category, '') AS category, coalesce(e.engine, '') AS engine,
           coalesce(e.environment, '') AS environment, x.provider
    FROM elaborations x LEFT JOIN exchanges e ON e.id = x.exchange_id
    WHERE x.day IN (SELECT day FROM r_touched WHERE asked = 1) AND x.day BETWEEN $first_day AND $last_day
),
wanted AS (
    SELECT 1 AS grain, team, category, engine, environment, provider FROM asked
    UNION
    SELECT 1, day_team, category, engine, environment, provider FROM asked
    UNION
    SELECT 1, team, category, engine, environment, provider FROM elaborated
    UNION
    SELECT 0, day_team, '', '', '', '' FROM asked
    UNION
    SELECT 0, team, '', '', '', '' FROM asked
    UNION
    SELECT 2, team, category, '', '', '' FROM asked
    UNION
    SELECT 0, v.team, '', '', '', ''
    FROM visits v JOIN r_pairs p ON p.user_id = v.user_id AND p.day = v.day
    WHERE v.day BETWEEN $first_day AND $last_day
)
SELECT (SELECT coalesce(max(number), 0) FROM r_slices)
           + CAST(row_number() OVER (ORDER BY w.grain, w.team, w.category, w.engine, w.environment, w.provider) AS INTEGER),
       CAST(w.grain AS SMALLINT), w.team, w.category, w.engine, w.environment, w.provider
FROM wanted w
LEFT JOIN r_slices s ON s.grain = w.grain AND s.team = w.team AND s.category = w.category AND s.engine = w.engine
    AND s.environment = w.environment AND s.provider = w.provider
WHERE s.number IS NULL;

-- name: clear_activity_by
DELETE FROM r_activity_by USING r_pairs p
WHERE r_activity_by.day = p.day AND r_activity_by.user_number = p.user_number
  AND r_activity_by.day BETWEEN $first_day AND $last_day;

-- name: fill_activity_by
INSERT INTO r_activity_by
WITH asked AS (
    SELECT e.id, p.user_number, e.day, e.status, coalesce(e.category, '') AS category, coalesce(e.engine, '') AS engine,
           coalesce(e.environment, '') AS environment, e.provider,
           first_value(coalesce(e.team, '')) OVER (PARTITION BY e.user_id, e.day ORDER BY e.asked_at DESC, e.id DESC) AS team
    FROM exchanges e JOIN r_pairs p ON p.user_id = e.user_id AND p.day = e.day
    WHERE e.day BETWEEN $first_day AND $last_day
),
told AS (
    SELECT f.exchange_id, f.stars, f.outcome,
           row_number() OVER (PARTITION BY f.exchange_id, CASE WHEN f.stars IS NULL THEN 0 ELSE 1 END
                              ORDER BY f.given_at DESC, f.stars) AS star_place,
           row_number() OVER (PARTITION BY f.exchange_id, CASE WHEN f.outcome IS NULL THEN 0 ELSE 1 END
                              ORDER BY f.given_at DESC, f.outcome) AS outcome_place
    FROM feedback f JOIN asked a ON a.id = f.exchange_id
),
verdicts AS (
    SELECT exchange_id, max(CASE WHEN star_place = 1 THEN stars END) AS stars,
           max(CASE WHEN outcome_place = 1 THEN outcome END) AS outcome
    FROM told
    GROUP BY exchange_id
)
SELECT a.day, a.user_number, s.number, count(*),
       count(CASE WHEN a.status = 'answered' THEN 1 END),
       count(CASE WHEN a.status = 'needs_details' THEN 1 END),
       count(CASE WHEN a.status = 'out_of_scope' THEN 1 END),
       count(CASE WHEN a.status = 'answered' AND (v.stars IS NOT NULL OR v.outcome IS NOT NULL) THEN 1 END),
       count(CASE WHEN v.stars = 1 THEN 1 END),
       count(CASE WHEN v.stars = 2 THEN 1 END),
       count(CASE WHEN v.stars = 3 THEN 1 END),
       count(CASE WHEN v.stars = 4 THEN 1 END),
       count(CASE WHEN v.stars = 5 THEN 1 END),
       count(CASE WHEN a.status = 'answered' AND v.outcome = 'solved' THEN 1 END),
       count(CASE WHEN v.outcome = 'not_solved' THEN 1 END)
FROM asked a
JOIN r_slices s ON s.grain = 1 AND s.team = a.team AND s.category = a.category AND s.engine = a.engine
    AND s.environment = a.environment AND s.provider = a.provider
LEFT JOIN verdicts v ON v.exchange_id = a.id
GROUP BY a.day, a.user_number, s.number
ORDER BY a.day, a.user_number, s.number;

-- name: clear_activity
DELETE FROM r_activity USING r_pairs p
WHERE r_activity.day = p.day AND r_activity.user_number = p.user_number AND r_activity.day BETWEEN $first_day AND $last_day;

-- name: fill_activity
INSERT INTO r_activity
WITH asked AS (
    SELECT a.day, a.user_number, max(s.team) AS team, sum(a.messages) AS messages, sum(a.answered) AS answered,
           sum(a.rated) AS rated, sum(a.solved) AS solved
    FROM r_activity_by a JOIN r_slices s ON s.number = a.slice JOIN r_pairs p ON p.day = a.day AND p.user_number = a.user_number
    WHERE a.day BETWEEN $first_day AND $last_day
    GROUP BY a.day, a.user_number
),
opened AS (
    SELECT v.day, p.user_number, max(v.team) AS team
    FROM visits v JOIN r_pairs p ON p.user_id = v.user_id AND p.day = v.day
    WHERE v.day BETWEEN $first_day AND $last_day
    GROUP BY v.day, p.user_number
),
both_ways AS (
    SELECT day, user_number, team, 0 AS opened, messages, answered, rated, solved FROM asked
    UNION ALL
    SELECT day, user_number, team, 1, 0, 0, 0, 0 FROM opened
),
merged AS (
    SELECT day, user_number, coalesce(max(CASE WHEN messages > 0 THEN team END), max(team)) AS team, max(opened) AS opened,
           sum(messages) AS messages, sum(answered) AS answered, sum(rated) AS rated, sum(solved) AS solved
    FROM both_ways
    GROUP BY day, user_number
)
SELECT m.day, m.user_number, s.number, CAST(m.opened AS SMALLINT), CAST(m.messages AS INTEGER), CAST(m.answered AS INTEGER),
       CAST(m.rated AS INTEGER), CAST(m.solved AS INTEGER)
FROM merged m JOIN r_slices s ON s.grain = 0 AND s.team = m.team
ORDER BY m.day, m.user_number;

-- name: first_days
UPDATE r_users SET first_day = a.day
FROM (
    SELECT r.user_number, min(r.day) AS day
    FROM r_activity r JOIN r_pairs p ON p.day = r.day AND p.user_number = r.user_number
    WHERE r.messages > 0 AND r.day BETWEEN $first_day AND $last_day
    GROUP BY r.user_number
) a
WHERE r_users.number = a.user_number AND (r_users.first_day IS NULL OR r_users.first_day > a.day);

-- name: clear_day
DELETE FROM r_day WHERE day IN (SELECT day FROM r_touched);

-- name: fill_day
INSERT INTO r_day
SELECT a.day, t.number, CAST(count(DISTINCT a.user_number) AS INTEGER), CAST(sum(a.messages) AS INTEGER),
       CAST(sum(a.answered) AS INTEGER), CAST(sum(a.asked_back) AS INTEGER), CAST(sum(a.declined) AS INTEGER),
       CAST(sum(a.rated) AS INTEGER), CAST(sum(a.stars_1) AS INTEGER), CAST(sum(a.stars_2) AS INTEGER),
       CAST(sum(a.stars_3) AS INTEGER), CAST(sum(a.stars_4) AS INTEGER), CAST(sum(a.stars_5) AS INTEGER),
       CAST(sum(a.solved) AS INTEGER), CAST(sum(a.not_solved) AS INTEGER)
FROM r_activity_by a
JOIN r_slices s ON s.number = a.slice
JOIN r_slices t ON t.grain = 0 AND t.team = s.team
WHERE a.day IN (SELECT day FROM r_touched)
GROUP BY a.day, t.number
ORDER BY a.day, t.number;

-- name: clear_week
DELETE FROM r_week USING r_pairs p
WHERE r_week.week = p.week AND r_week.user_number = p.user_number AND r_week.week >= $first_week;

-- name: fill_week
INSERT INTO r_week
SELECT t.week, a.user_number, a.slice, max(a.opened), CAST(sum(a.messages) AS INTEGER), CAST(sum(a.answered) AS INTEGER),
       CAST(sum(a.rated) AS INTEGER), CAST(sum(a.solved) AS INTEGER)
FROM r_activity a
JOIN (SELECT DISTINCT user_number, week FROM r_pairs) t
    ON t.user_number = a.user_number AND t.week = CAST(date_trunc('week', CAST(a.day AS TIMESTAMP)) AS DATE)
WHERE a.day >= $first_week AND a.day < $after_weeks
GROUP BY t.week, a.user_number, a.slice
ORDER BY t.week, a.user_number;

-- name: clear_month
DELETE FROM r_month USING r_pairs p
WHERE r_month.month = p.month AND r_month.user_number = p.user_number AND r_month.month >= $first_month;

-- name: fill_month
INSERT INTO r_month
SELECT t.month, a.user_number, a.slice, CAST(sum(a.messages) AS INTEGER)
FROM r_activity a
JOIN (SELECT DISTINCT user_number, month FROM r_pairs) t
    ON t.user_number = a.user_number AND t.month = CAST(date_trunc('month', CAST(a.day AS TIMESTAMP)) AS DATE)
WHERE a.day >= $first_month AND a.day < $after_months
GROUP BY t.month, a.user_number, a.slice
ORDER BY t.month, a.user_number;

-- name: clear_models
DELETE FROM r_models WHERE day IN (SELECT day FROM r_touched WHERE asked = 1);

-- name: fill_models
-- A fallback has an attempt that is neither an answer nor a provider that was never to be asked: each of these words is made
-- 12 characters longer, so that the text's growth counts them.
INSERT INTO r_models
WITH used AS (
    SELECT x.day, coalesce(e.team, '') AS team, coalesce(e.category, '') AS category, coalesce(e.engine, '') AS engine,
           coalesce(e.environment, '') AS environment, x.provider, x.model, x.outcome, count(*) AS n,
           count(CASE WHEN x.attempts LIKE '[%' THEN
               CASE WHEN 12 * json_array_length(CAST(x.attempts AS JSON)) > length(replace(replace(replace(replace(x.attempts,
                   '"answered"', '"answered"            '), '"stopped"', '"stopped"            '),
                   '"not_allowed"', '"not_allowed"            '), '"not_configured"', '"not_configured"            '))
                   - length(x.attempts) THEN 1 END END) AS fallbacks,
           sum(coalesce(x.prompt_tokens, 0)) AS prompt_tokens, sum(coalesce(x.completion_tokens, 0)) AS completion_tokens,
           sum(coalesce(x.cost_usd, 0)) AS cost_usd
    FROM elaborations x LEFT JOIN exchanges e ON e.id = x.exchange_id
    WHERE x.day IN (SELECT day FROM r_touched WHERE asked = 1) AND x.day BETWEEN $first_day AND $last_day
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
)
SELECT u.day, s.number, u.model, u.outcome, u.n, u.fallbacks, CAST(u.prompt_tokens AS BIGINT), CAST(u.completion_tokens AS BIGINT),
       u.cost_usd
FROM used u
JOIN r_slices s ON s.grain = 1 AND s.team = u.team AND s.category = u.category AND s.engine = u.engine
    AND s.environment = u.environment AND s.provider = u.provider
ORDER BY u.day, s.number;

-- name: clear_latency_by
DELETE FROM r_latency_by WHERE day IN (SELECT day FROM r_touched WHERE asked = 1);

-- name: fill_latency_by
INSERT INTO r_latency_by
WITH timed AS (
    SELECT day, 'answer' AS part, coalesce(team, '') AS team, coalesce(category, '') AS category, coalesce(engine, '') AS engine,
           coalesce(environment, '') AS environment, provider, latency_ms AS ms
    FROM exchanges
    WHERE day IN (SELECT day FROM r_touched WHERE asked = 1) AND day BETWEEN $first_day AND $last_day
    UNION ALL
    SELECT x.day, p.part, coalesce(e.team, ''), coalesce(e.category, ''), coalesce(e.engine, ''), coalesce(e.environment, ''),
           x.provider, CASE WHEN p.part = 'first' THEN x.first_token_ms ELSE x.total_ms END
    FROM elaborations x
    CROSS JOIN (SELECT 'first' AS part UNION ALL SELECT 'whole') p
    LEFT JOIN exchanges e ON e.id = x.exchange_id
    WHERE x.day IN (SELECT day FROM r_touched WHERE asked = 1) AND x.day BETWEEN $first_day AND $last_day
)
SELECT t.day, s.number, t.part,
       CASE WHEN t.ms IS NULL THEN 32000
            ELSE CAST(floor(ln(least(greatest(t.ms, 0.1), 1e9)) / ln(CAST(1.02 AS DOUBLE PRECISION))) AS SMALLINT) END,
       count(*), count(CASE WHEN t.ms < 5000 THEN 1 END)
FROM timed t
JOIN r_slices s ON s.grain = 1 AND s.team = t.team AND s.category = t.category AND s.engine = t.engine
    AND s.environment = t.environment AND s.provider = t.provider
GROUP BY 1, 2, 3, 4
ORDER BY 1, 2, 3, 4;

-- name: clear_latency
DELETE FROM r_latency WHERE day IN (SELECT day FROM r_touched WHERE asked = 1);

-- name: fill_latency
INSERT INTO r_latency
SELECT l.day, s.provider, l.part, l.bucket, CAST(sum(l.n) AS INTEGER), CAST(sum(l.fast) AS INTEGER)
FROM r_latency_by l JOIN r_slices s ON s.number = l.slice
WHERE l.day IN (SELECT day FROM r_touched WHERE asked = 1)
GROUP BY l.day, s.provider, l.part, l.bucket
ORDER BY l.day, s.provider, l.part, l.bucket;

-- name: find_redo
INSERT INTO r_redo
SELECT u.number, u.user_id, least(t.since, coalesce(min(s.session_start), t.since))
FROM (SELECT user_id, min(since) AS since FROM r_touched WHERE since IS NOT NULL GROUP BY user_id) t
JOIN r_users u ON u.user_id = t.user_id
LEFT JOIN r_sessions s ON s.user_number = u.number AND s.session_end > t.since - INTERVAL '30 minutes'
GROUP BY u.number, u.user_id, t.since;

-- name: clear_sessions
DELETE FROM r_sessions USING r_redo
WHERE r_sessions.user_number = r_redo.user_number AND r_sessions.session_start >= r_redo.since
  AND r_sessions.session_start >= $redo_since;

-- name: fill_sessions
INSERT INTO r_sessions
WITH asked AS (
    SELECT e.id, r.user_number, e.conversation_id, e.asked_at, e.day, e.status, e.confidence,
           CASE WHEN e.status = 'answered' THEN e.diagnosis END AS diagnosis,
           coalesce(e.team, '') AS team, coalesce(e.category, '') AS category, coalesce(e.engine, '') AS engine,
           coalesce(e.environment, '') AS environment, e.provider
    FROM exchanges e JOIN r_redo r ON r.user_id = e.user_id
    WHERE e.asked_at >= r.since AND e.asked_at >= $redo_since AND e.asked_at < $until
),
told AS (
    SELECT f.exchange_id,
           max(CASE WHEN f.outcome = 'solved' OR f.held THEN f.given_at END) AS solved_at,
           max(CASE WHEN f.outcome = 'not_solved' OR NOT f.held THEN f.given_at END) AS failed_at,
           max(CASE WHEN f.outcome = 'handed_over' THEN f.given_at END) AS handed_at,
           max(CASE WHEN f.stars >= 4 THEN f.given_at END) AS liked_at,
           max(CASE WHEN f.stars = 3 THEN f.given_at END) AS neutral_at,
           max(CASE WHEN f.stars <= 2 THEN f.given_at END) AS disliked_at,
           max(f.minutes_saved) AS minutes_saved
    FROM feedback f JOIN asked a ON a.id = f.exchange_id
    GROUP BY f.exchange_id
),
handed AS (
    SELECT h.exchange_id, max(h.created_at) AS handed_at
    FROM handovers h JOIN asked a ON a.id = h.exchange_id
    GROUP BY h.exchange_id
),
gaps AS (
    SELECT *, CASE WHEN asked_at - lag(asked_at) OVER (PARTITION BY user_number ORDER BY asked_at, id) < INTERVAL '30 minutes'
                   THEN 0 ELSE 1 END AS fresh
    FROM asked
),
numbered AS (
    SELECT *, sum(fresh) OVER (PARTITION BY user_number ORDER BY asked_at, id ROWS UNBOUNDED PRECEDING) AS session
    FROM gaps
),
placed AS (
    SELECT *, min(asked_at) OVER (PARTITION BY user_number, session) AS session_start,
           max(asked_at) OVER (PARTITION BY user_number, session) AS session_end,
           row_number() OVER (PARTITION BY user_number, session, conversation_id
                              ORDER BY CASE WHEN diagnosis IS NULL THEN 1 ELSE 0 END, asked_at DESC, id DESC) AS naming,
           row_number() OVER (PARTITION BY user_number, session, conversation_id ORDER BY asked_at DESC, id DESC) AS latest
    FROM numbered
)
SELECT p.user_number, p.session_start, p.session_end, min(p.asked_at), max(p.asked_at), min(p.day), max(p.day),
       max(CASE WHEN p.naming = 1 THEN coalesce(p.diagnosis, p.category || '/' || p.engine) END),
       max(CASE WHEN p.naming = 1 THEN s.number END),
       max(CASE WHEN p.naming = 1 THEN p.confidence END),
       count(*), count(CASE WHEN p.status = 'answered' THEN 1 END), count(CASE WHEN p.status = 'needs_details' THEN 1 END),
       max(CASE WHEN p.latest = 1 THEN p.status END),
       max(t.solved_at), max(t.failed_at), max(t.liked_at), max(t.neutral_at), max(t.disliked_at),
       max(coalesce(h.handed_at, t.handed_at)), max(t.minutes_saved)
FROM placed p
JOIN r_slices s ON s.grain = 1 AND s.team = p.team AND s.category = p.category AND s.engine = p.engine
    AND s.environment = p.environment AND s.provider = p.provider
LEFT JOIN told t ON t.exchange_id = p.id
LEFT JOIN handed h ON h.exchange_id = p.id
GROUP BY p.user_number, p.session, p.session_start, p.session_end, p.conversation_id
ORDER BY min(p.asked_at);

-- name: reopen_episodes
INSERT INTO r_reopened
SELECT e.user_number, e.problem, min(e.first_at)
FROM r_episodes e JOIN r_redo r ON r.user_number = e.user_number
WHERE e.last_at >= r.since - INTERVAL '7 days'
GROUP BY e.user_number, e.problem;

-- name: reopened_days
INSERT INTO r_episode_days
SELECT e.day
FROM r_episodes e JOIN r_redo r ON r.user_number = e.user_number
WHERE e.last_at >= r.since - INTERVAL '7 days'
UNION
SELECT day FROM r_touched;

-- name: clear_episodes
DELETE FROM r_episodes USING r_redo
WHERE r_episodes.user_number = r_redo.user_number AND r_episodes.last_at >= r_redo.since - INTERVAL '7 days';

-- name: fill_episodes
INSERT INTO r_episodes
WITH again AS (
    SELECT s.*
    FROM r_sessions s
    JOIN r_redo r ON r.user_number = s.user_number
    LEFT JOIN r_reopened o ON o.user_number = s.user_number AND o.problem = s.problem
    WHERE s.started_at >= least(r.since, coalesce(o.first_at, r.since)) AND s.started_at >= $reopened_since
),
gaps AS (
    SELECT *, CASE WHEN started_at - max(ended_at) OVER (PARTITION BY user_number, problem ORDER BY started_at, ended_at, slice
                                                         ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) <= INTERVAL '7 days'
                   THEN 0 ELSE 1 END AS fresh
    FROM again
),
numbered AS (
    SELECT *, sum(fresh) OVER (PARTITION BY user_number, problem ORDER BY started_at, ended_at, slice ROWS UNBOUNDED PRECEDING)
           AS episode
    FROM gaps
),
placed AS (
    SELECT *, row_number() OVER (PARTITION BY user_number, problem, episode ORDER BY ended_at DESC, started_at DESC, slice DESC)
           AS latest
    FROM numbered
),
whole AS (
    SELECT user_number, problem, episode, min(first_day) AS day, max(last_day) AS last_day,
           max(CASE WHEN latest = 1 THEN slice END) AS slice, min(started_at) AS first_at, max(ended_at) AS last_at,
           count(DISTINCT session_start) AS sessions, sum(messages) AS messages, sum(answered) AS answered,
           sum(asked_back) AS asked_back, max(CASE WHEN latest = 1 THEN last_status END) AS last_status,
           max(CASE WHEN latest = 1 THEN confidence END) AS confidence, max(session_start) AS last_start,
           max(solved_at) AS solved_at, max(failed_at) AS failed_at, max(liked_at) AS liked_at, max(neutral_at) AS neutral_at,
           max(disliked_at) AS disliked_at, max(handed_at) AS handed_at, max(minutes_saved) AS minutes_saved
    FROM placed
    GROUP BY user_number, problem, episode
),
judged AS (
    SELECT *, CASE
        WHEN handed_at IS NOT NULL THEN 'handed_over'
        WHEN answered + asked_back = 0 THEN 'declined'
        WHEN failed_at >= last_start AND (solved_at IS NULL OR failed_at >= solved_at) THEN 'not_solved'
        WHEN solved_at >= last_start THEN 'confirmed'
        WHEN disliked_at >= last_start AND disliked_at >= coalesce(liked_at, disliked_at)
             AND disliked_at >= coalesce(neutral_at, disliked_at) THEN 'not_solved'
        WHEN liked_at >= last_start AND liked_at >= coalesce(neutral_at, liked_at) THEN 'confirmed'
        WHEN sessions > 1 THEN 'came_back'
        WHEN last_status = 'answered' THEN 'assumed'
        ELSE 'asked_back' END AS verdict
    FROM whole
)
SELECT day, last_day, user_number, problem, slice, first_at, last_at, CAST(sessions AS INTEGER), CAST(messages AS INTEGER),
       CASE WHEN verdict IN ('not_solved', 'came_back', 'asked_back') THEN 'unresolved' ELSE verdict END,
       CAST(CASE WHEN verdict IN ('confirmed', 'not_solved', 'handed_over') THEN 1 ELSE 0 END AS SMALLINT),
       CASE WHEN answered > 0 AND confidence IS NOT NULL THEN CAST(least(floor(confidence * 10), 9) AS SMALLINT) END, minutes_saved
FROM judged
ORDER BY day, user_number;

-- name: filled_days
INSERT INTO r_episode_days
SELECT DISTINCT e.day
FROM r_episodes e JOIN r_redo r ON r.user_number = e.user_number
WHERE e.last_at >= r.since - INTERVAL '7 days';

-- name: clear_episode_day
DELETE FROM r_episode_day WHERE day IN (SELECT day FROM r_episode_days);

-- name: fill_episode_day
INSERT INTO r_episode_day
SELECT e.day, e.last_day, t.number,
       count(CASE WHEN e.outcome = 'confirmed' THEN 1 END), count(CASE WHEN e.outcome = 'assumed' THEN 1 END),
       count(CASE WHEN e.outcome = 'unresolved' THEN 1 END), count(CASE WHEN e.outcome = 'handed_over' THEN 1 END),
       count(CASE WHEN e.outcome = 'declined' THEN 1 END), CAST(sum(e.sessions) AS INTEGER)
FROM r_episodes e
JOIN r_slices s ON s.number = e.slice
JOIN r_slices t ON t.grain = 2 AND t.team = s.team AND t.category = s.category
WHERE e.day IN (SELECT day FROM r_episode_days) AND e.day BETWEEN $first_episode_day AND $last_episode_day
GROUP BY e.day, e.last_day, t.number
ORDER BY e.day, e.last_day, t.number;

-- name: clear_calibration
DELETE FROM r_calibration WHERE day IN (SELECT day FROM r_episode_days);

-- name: fill_calibration
INSERT INTO r_calibration
SELECT e.day, t.number, e.confidence_tenth, count(CASE WHEN e.outcome = 'confirmed' THEN 1 END), count(*)
FROM r_episodes e
JOIN r_slices s ON s.number = e.slice
JOIN r_slices t ON t.grain = 0 AND t.team = s.team
WHERE e.day IN (SELECT day FROM r_episode_days) AND e.day BETWEEN $first_episode_day AND $last_episode_day
  AND e.told = 1 AND e.confidence_tenth IS NOT NULL
GROUP BY e.day, t.number, e.confidence_tenth
ORDER BY e.day, t.number;

-- name: clear_touched
DELETE FROM r_touched;

-- name: clear_pairs
DELETE FROM r_pairs;

-- name: clear_redo
DELETE FROM r_redo;

-- name: clear_reopened
DELETE FROM r_reopened;

-- name: clear_episode_days
DELETE FROM r_episode_days;

-- name: done
UPDATE r_state SET refreshed_at = $now, version = version + $step WHERE id = 1;

-- name: verified
UPDATE r_state SET verified_at = $now WHERE id = 1;

-- name: purge_activity
DELETE FROM r_activity WHERE day < $before;

-- name: purge_activity_by
DELETE FROM r_activity_by WHERE day < $before;

-- name: purge_week
DELETE FROM r_week WHERE week < $before;

-- name: purge_month
DELETE FROM r_month WHERE month < $before;

-- name: purge_sessions
DELETE FROM r_sessions WHERE last_day < $before;

-- name: purge_episodes
DELETE FROM r_episodes WHERE last_day < $before;

-- name: purge_users
DELETE FROM r_users WHERE number NOT IN (SELECT user_number FROM r_activity);

-- name: state
SELECT refreshed_at, verified_at, version FROM r_state WHERE id = 1;

-- name: touched
SELECT count(*), min(day), max(day) FROM r_touched;

-- name: redo_since
SELECT min(since) FROM r_redo;

-- name: reopened_since
SELECT min(first_at) FROM r_reopened;

-- name: episode_days
SELECT min(day), max(day) FROM r_episode_days;

-- name: oldest
SELECT min(day) FROM exchanges;
