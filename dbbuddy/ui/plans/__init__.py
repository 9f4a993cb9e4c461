"""The parts of the plans page: entry, summary, findings, views of the plan, the step at hand, sharing."""
