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
