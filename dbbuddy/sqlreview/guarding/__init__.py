"""The parts of the guard: what it knows by name, conditions that leave nothing out, and the judgement of one statement."""
