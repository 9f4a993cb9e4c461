"""Taking secrets and personal data out of texts before they are sent, logged or stored."""

from dbbuddy.privacy.redact import Redacted, Span, redact
from dbbuddy.privacy.vault import Vault
from dbbuddy.privacy.view import RedactionError

__all__ = ["Redacted", "RedactionError", "Span", "Vault", "redact"]
