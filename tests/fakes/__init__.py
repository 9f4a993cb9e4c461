"""Stand-ins for services that the app talks to."""
