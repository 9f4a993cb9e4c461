"""DB-Buddy: answers database questions of development teams, with evidence, offline first."""
