"""The parts of the review page: entry, summary, SQL with its findings, indexes, migration, sharing."""
