CREATE TABLE conversations (
    id VARCHAR PRIMARY KEY,
    user_id VARCHAR NOT NULL,
    title VARCHAR NOT NULL,
    created_at TIMESTAMP NOT NULL
);

CREATE TABLE exchanges (
    id VARCHAR PRIMARY KEY,
    conversation_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    position INTEGER NOT NULL,
    asked_at TIMESTAMP NOT NULL,
    question VARCHAR NOT NULL,
    advice VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    category VARCHAR,
    engine VARCHAR,
    version VARCHAR,
    service VARCHAR,
    deployment VARCHAR,
    cloud VARCHAR,
    environment VARCHAR,
    diagnosis VARCHAR,
    confidence DOUBLE PRECISION,
    provider VARCHAR NOT NULL,
    latency_ms DOUBLE PRECISION NOT NULL
);

CREATE TABLE feedback (
    exchange_id VARCHAR NOT NULL,
    user_id VARCHAR NOT NULL,
    given_at TIMESTAMP NOT NULL,
    stars INTEGER,
    outcome VARCHAR
);
