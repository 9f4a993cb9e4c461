"""Where names, numbers and quoted texts end."""

from __future__ import annotations

from dbbuddy.context import Engine


class Scanner:
    """Looks ahead in a text; every question costs no more than what it looks at."""

    def __init__(self, text: str, engine: Engine | None) -> None:
        self.text = text
        self.length = len(text)
        self.mysql = engine in ("mysql", "mariadb")
        self.brackets = engine in ("sqlserver", None)
        self.engine = engine
        self.delimiter = ";"

    def char(self, position: int) -> str:
        """The character at a position; empty behind the end."""
        return self.text[position] if position < self.length else ""

    def find(self, what: str, position: int) -> int:
        """Behind the next occurrence of `what`; the end of the text if there is none."""
        found = self.text.find(what, position)
        return self.length if found < 0 else found + len(what)

    def name_end(self, position: int) -> int:
        """Behind the name that goes on at a position."""
        text, length = self.text, self.length
        begin = position
        while position < length and ((char := text[position]).isalnum() or char in "_$#"):
            position += 1
        if self.delimiter != ";":
            found = text.find(self.delimiter, begin + 1, position + len(self.delimiter))
            return found if found > 0 else position
        return position

    def starts_line(self, position: int) -> bool:
        """True if only blanks stand before the position on its line."""
        line = self.text.rfind("\n", max(0, position - 80), position) + 1
        return not self.text[line or max(0, position - 80) : position].strip()

    def alone_on_line(self, position: int, end: int) -> bool:
        """True if nothing else but a number or a comment stands on the line."""
        line_end = self.text.find("\n", end, end + 40)
        rest = self.text[end : line_end if line_end >= 0 else end + 40].strip()
        return self.starts_line(position) and (not rest or rest.isdigit() or rest.startswith("--"))

    def number(self, position: int) -> int:
        """Behind the number that begins at a position."""
        text = self.text
        if text[position] == "0" and self.char(position + 1) in "xX" and self.char(position + 2).isalnum():
            return self.name_end(position + 2)
        while self.char(position).isdigit():
            position += 1
        if self.char(position) == "." and self.char(position + 1) != ".":
            position += 1
            while self.char(position).isdigit():
                position += 1
        if self.char(position) and self.char(position) in "eE":
            signed = position + 1 + (self.char(position + 1) in ("+", "-"))
            if self.char(signed).isdigit():
                position = signed
                while self.char(position).isdigit():
                    position += 1
        return position

    def quoted_end(self, position: int, quote: str, backslash: bool) -> int:
        """Behind the closing quote; a doubled quote, and with `backslash` an escaped one, belongs to the content."""
        position += 1
        while True:
            end = self.text.find(quote, position)
            if end < 0:
                return self.length
            if backslash:
                slashes = end
                while slashes > position and self.text[slashes - 1] == "\\":
                    slashes -= 1
                if (end - slashes) % 2:
                    position = end + 1
                    continue
            if self.char(end + 1) != quote:
                return end + 1
            position = end + 2
