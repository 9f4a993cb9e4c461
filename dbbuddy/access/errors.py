"""Why somebody does not get in, in words that say what to do."""

from __future__ import annotations


class ConfigurationError(RuntimeError):
    """The app is set up in a way in which it must not serve anybody; the message is for the operator."""


class AccessFileError(ConfigurationError):
    """The access file cannot be used; `problems` say where and what to change. Never quotes the file's users."""

    def __init__(self, name: str, *problems: str) -> None:
        super().__init__(f"{name}: {'; '.join(problems)}")
        self.name = name
        self.problems = problems


class LoginError(PermissionError):
    """A login that does not open the app; the message is for the person."""


class NotSignedInError(LoginError):
    """Nobody is signed in."""


class SessionEndedError(LoginError):
    """The login was good once: it has expired, or its owner signed out."""
