"""What an answer used: tokens as the provider counted them, else estimated, and their cost at the operator's rates."""

from __future__ import annotations

from dataclasses import dataclass

from dbbuddy.providers.catalogue import Prices
from dbbuddy.providers.protocol import Tokens

# Measured with a small model's tokenizer on 150 logs, plans, statements and configurations of databases: 2.15 to 2.47.
# English prose has about 4; so an estimate is rather too high.
CHARS_PER_TOKEN = 2.25


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer. `estimated`: the provider did not count them. `cost` is None where no rate is entered."""

    prompt_tokens: int
    answer_tokens: int
    estimated: bool
    cost: float | None
    currency: str


def usage_of(counted: Tokens | None, *, prompt_chars: int, answer_chars: int, provider: str, model: str, prices: Prices) -> Usage:
    """The usage of one answer. A count of zero prompt tokens is none: Ollama leaves it out for a cached prompt."""
    estimated = counted is None or counted.prompt <= 0
    prompt = round(prompt_chars / CHARS_PER_TOKEN) if counted is None or counted.prompt <= 0 else counted.prompt
    answer = round(answer_chars / CHARS_PER_TOKEN) if counted is None else max(counted.answer, 0)
    rate = prices.rates.get(provider, {}).get(model)
    cost = (prompt * rate.prompt + answer * rate.answer) / 1e6 if rate else None
    return Usage(prompt, answer, estimated, cost, prices.currency)
