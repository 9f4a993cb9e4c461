-- DuckDB finds these rows by their order in time as fast, and cannot alter tables that have indexes.
CREATE INDEX exchanges_of_conversation ON exchanges (conversation_id, position);
CREATE INDEX exchanges_of_user ON exchanges (user_id, asked_at);
CREATE INDEX exchanges_of_day ON exchanges (day);
CREATE INDEX conversations_of_user ON conversations (user_id);
CREATE INDEX feedback_of_exchange ON feedback (exchange_id, given_at);
CREATE INDEX elaborations_of_exchange ON elaborations (exchange_id);
CREATE INDEX visits_of_day ON visits (day);
