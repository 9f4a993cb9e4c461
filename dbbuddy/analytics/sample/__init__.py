"""Made-up logs that look like real ones: for the demonstration store, for tests and for the benchmark.

Teams in three time zones, a rising share of people who join, some who leave, quiet weekends and holidays, problems that come
back within a week, answers that ask back, ratings given at once or weeks later, hand-overs, and models that sometimes fail.
Nothing in it is about anybody: people are numbers, texts are empty. The same `World` always gives the same rows.
"""
