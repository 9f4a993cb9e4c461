"""Taking secrets and personal data out of texts before they are sent, logged or stored."""

from dbbuddy.privacy.redact import Redacted, RedactionError, Span, Vault, redact

__all__ = ["Redacted", "RedactionError", "Span", "Vault", "redact"]
