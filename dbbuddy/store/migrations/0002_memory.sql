ALTER TABLE conversations ADD COLUMN updated_at TIMESTAMP;
ALTER TABLE conversations ADD COLUMN pinned BOOLEAN;
ALTER TABLE conversations ADD COLUMN begun_from VARCHAR;
UPDATE conversations SET updated_at = created_at, pinned = false;

ALTER TABLE exchanges ADD COLUMN day DATE;
ALTER TABLE exchanges ADD COLUMN team VARCHAR;
ALTER TABLE exchanges ADD COLUMN codes VARCHAR;
UPDATE exchanges SET day = CAST(asked_at AS DATE), team = '', codes = '';

ALTER TABLE feedback ADD COLUMN day DATE;
ALTER TABLE feedback ADD COLUMN comment VARCHAR;
ALTER TABLE feedback ADD COLUMN minutes_saved INTEGER;
ALTER TABLE feedback ADD COLUMN held BOOLEAN;
UPDATE feedback SET day = CAST(given_at AS DATE);

CREATE TABLE elaborations (
    id VARCHAR PRIMARY KEY,
    exchange_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    day DATE NOT NULL,
    provider VARCHAR NOT NULL,
    model VARCHAR NOT NULL,
    prompt_version VARCHAR NOT NULL,
    outcome VARCHAR NOT NULL,
    text VARCHAR NOT NULL,
    attempts VARCHAR NOT NULL,
    first_token_ms DOUBLE PRECISION,
    total_ms DOUBLE PRECISION,
    prompt_tokens INTEGER,
    completion_tokens INTEGER,
    cost_usd DOUBLE PRECISION
);

CREATE TABLE visits (
    user_id VARCHAR NOT NULL,
    team VARCHAR NOT NULL,
    happened_at TIMESTAMP NOT NULL,
    day DATE NOT NULL,
    page VARCHAR NOT NULL
);

CREATE TABLE shares (
    conversation_id VARCHAR NOT NULL,
    owner_id VARCHAR NOT NULL,
    colleague_id VARCHAR NOT NULL,
    shared_at TIMESTAMP NOT NULL
);

CREATE TABLE handovers (
    id VARCHAR PRIMARY KEY,
    exchange_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    ticket VARCHAR NOT NULL
);

CREATE TABLE outbox (
    id VARCHAR PRIMARY KEY,
    handover_id VARCHAR NOT NULL,
    shape VARCHAR NOT NULL,
    payload VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at TIMESTAMP NOT NULL,
    delivered_at TIMESTAMP,
    problem VARCHAR,
    state VARCHAR NOT NULL,
    claimed_by VARCHAR
);

CREATE TABLE revocations (
    subject VARCHAR NOT NULL,
    revoked_at TIMESTAMP NOT NULL
);

CREATE TABLE audit (
    sequence BIGINT PRIMARY KEY,
    happened_at TIMESTAMP NOT NULL,
    actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL,
    mac VARCHAR NOT NULL
);

CREATE TABLE audit_waiting (
    id VARCHAR PRIMARY KEY,
    happened_at TIMESTAMP NOT NULL,
    actor VARCHAR NOT NULL,
    action VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    detail VARCHAR NOT NULL
);

CREATE TABLE pseudonyms (
    user_id VARCHAR PRIMARY KEY,
    pseudonym VARCHAR NOT NULL
);
