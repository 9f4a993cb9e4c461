"""From a read question to diagnoses: playbooks, their library, matching and composing an `Advice`."""
