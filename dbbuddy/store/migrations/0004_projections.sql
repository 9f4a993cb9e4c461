CREATE TABLE projections (
    id VARCHAR PRIMARY KEY,
    user_id VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    saved_at TIMESTAMP NOT NULL,
    content VARCHAR NOT NULL
);
