"""The judgement of one statement: by its words, its tree, what it calls, and the statements inside of it."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from dbbuddy.context import Engine
from dbbuddy.sqlreview.ddl.cursor import key
from dbbuddy.sqlreview.guarding.blocks import FLOW, pieces, plain_calls
from dbbuddy.sqlreview.guarding.calls import CHANGING, Inner, call, called, dotted, in_parentheses, sql_of, strings
from dbbuddy.sqlreview.guarding.vocabulary import CODE, READ, REMOVES, Rule, vocabulary
from dbbuddy.sqlreview.guarding.where import vacuous, vacuous_words
from dbbuddy.sqlreview.reading import Statement

_EXPLAINED = (*CHANGING, "SELECT", "WITH", "CREATE", "EXECUTE", "REFRESH", "DECLARE", "VALUES", "TABLE")
_BODIES = (*CHANGING, "TRUNCATE", "DROP", "EXEC", "EXECUTE", "SELECT", "WITH", "BEGIN", "IF", "WHILE", "SET", "DECLARE")
# Words behind ALTER ... DROP that take nothing away but a property.
_PROPERTIES = ("NOT", "DEFAULT", "IDENTITY", "EXPRESSION")


# Statements of SQL Server in which another verb is a part; behind all others one may begin without a `;`.
_WHOLE = ("WITH", "MERGE", "CREATE", "ALTER", "GRANT", "REVOKE", "DENY", "PREPARE", *FLOW)


class Judge:
    """Judges one statement. `inner` judges a text that stands inside of it."""

    def __init__(self, statement: Statement, engine: Engine, inner: Inner) -> None:
        self.statement = statement
        self.engine = engine
        self.inner = inner
        self.tokens = statement.tokens
        self.words = [key(token) for token in statement.tokens]

    def rules(self) -> Iterator[Rule]:
        """Everything that can be said; the worst counts."""
        yield from self._anywhere()
        yield from called(self.tokens, self.words, self.inner)
        for start, end in in_parentheses(self.tokens, self.words):
            yield from self._part(start, end)
        if self.engine == "sqlserver" and self.words[0] not in _WHOLE and self.statement.kind != "block":
            for start, end in pieces(self.tokens):
                yield from self._part(start, end)
        yield from self._main()

    def _main(self) -> Iterator[Rule]:
        first, kind = self.words[0], self.statement.kind
        if first in ("SELECT", "(", "PERFORM"):
            yield from self._select()
        elif first == "WITH":
            yield from self._changing(kind.upper()) if kind in ("update", "delete") else self._with(kind)
        elif first in ("UPDATE", "DELETE") and self.words[1:2] != ["STATISTICS"] and not self._temporary():
            rule = vocabulary().command(self.words)
            yield from self._changing(first) if rule is None else (rule,)
        elif first == "MERGE":
            yield from self._merge()
        elif first in ("EXPLAIN", "ANALYZE", "DESCRIBE", "DESC"):
            yield from self._explain()
        elif first in ("EXEC", "EXECUTE", "CALL") and self.words[1:2] != ["AS"]:
            yield from call(self.tokens, self.words, self.inner)
        elif first == "DBCC":
            yield self._dbcc()
        elif first == "COPY":
            yield READ if "STDOUT" in self.words else ("writing", "reads or writes a file of the server")
        elif first == "PREPARE" and "TRANSACTION" not in self.words[:2]:
            yield from self._prepare()
        elif kind == "block" or first in FLOW or first == "DO":
            yield from self._block()
        elif first == "DROP" and self._temporary():
            yield "writing", "drops a temporary table"
        elif first == "TRUNCATE" and self._cache():
            yield "writing", "empties a cache of the server"
        else:
            yield self._command()

    def _command(self) -> Rule:
        known = vocabulary()
        if self.words[0] == "SET" and self.engine in ("mysql", "mariadb"):
            names = [token.upper for token in self.tokens]
            if any(name in ("GLOBAL", "PERSIST", "PERSIST_ONLY") or name.startswith(("@@GLOBAL", "@@PERSIST")) for name in names):
                return known.commands["SET GLOBAL"]
        if (len(self.words) > 1 and self.words[1] in (":=", "+=")) or self.words[1:2] == ["="]:
            return READ
        rule = known.command(self.words)
        return rule or ("unknown", f"{self.tokens[0].text[:30]!r} begins no statement that is known")

    def _anywhere(self) -> Iterator[Rule]:
        words, known = self.words, vocabulary()
        creating = self.statement.kind == "block" and words[0] == "CREATE"
        for at, word in enumerate(words):
            before, behind = words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
            if word == "DROP" and at and not self._temporary():
                if (behind in known.dropped and not self._audited(at)) or (
                    words[0] == "ALTER" and before != "." and behind not in _PROPERTIES and behind != "="
                ):
                    yield REMOVES
            elif word == "TRUNCATE" and at and behind == "TABLE":
                yield REMOVES
            elif (
                word in ("SHUTDOWN", "KILL", "TRUNCATE", "DELETE")
                and at
                and (self._begins_line(at) or (self.engine == "sqlserver" and (word, behind) == ("DELETE", "FROM")))
            ):
                if word != "DELETE" or (behind == "FROM" and "WHERE" not in words[at:] and not creating):
                    yield known.commands.get(word, REMOVES)
            elif word == "\\":
                yield CODE
            elif word == "OFFLINE" and words[:1] == ["ALTER"] and words[1:2] in (["TABLESPACE"], ["DATABASE"]):
                yield known.commands["SHUTDOWN"]
            for group, rule in known.anywhere.get(word, ()):
                if tuple(words[at : at + len(group)]) == group:
                    yield rule

    def _begins_line(self, at: int) -> bool:
        return self.tokens[at].first and self.words[at - 1] not in (".", ",", "THEN", "ON", "OR")

    def _part(self, start: int, end: int) -> Iterator[Rule]:
        """The verdict on the tokens from `start` to before `end`."""
        base = self.statement.start
        text = self.statement.text[self.tokens[start].start - base : self.tokens[end - 1].end - base]
        yield from self._judged(text)

    def _judged(self, text: str) -> Iterator[Rule]:
        danger, reasons = self.inner(text)
        yield danger, ""
        for reason in reasons:
            yield danger, reason

    def _with(self, kind: str) -> Iterator[Rule]:
        if kind == "merge":
            yield from self._merge()
        elif kind == "insert":
            yield "writing", "changes data"
        else:
            yield from self._select()

    def _select(self) -> Iterator[Rule]:
        words = self.words
        creates = self.engine in ("postgresql", "sqlserver")  # the others put the values into variables
        for at, word in enumerate(words[:-1]):
            into = (
                creates
                and word == "INTO"
                and not self.tokens[at + 1].text.startswith(("@", ":"))
                and words[at - 1] not in ("INSERT", "MERGE")
            )
            if into and words[at + 1] not in ("OUTFILE", "DUMPFILE"):
                yield "writing", "SELECT INTO creates a table"
            elif word == "FOR" and words[at + 1] in ("UPDATE", "SHARE", "NO", "KEY"):
                yield "writing", "locks the rows it reads"
        yield READ

    def _temporary(self) -> bool:
        """True if the statement's object is a temporary table or a table variable of SQL Server."""
        if self.engine != "sqlserver" or "," in self.words[:8]:
            return False
        names = [token.text.lstrip("[") for token in self.tokens[1:6]]
        return next(
            (name.startswith(("#", "@")) for name in names if name.upper() not in ("TABLE", "IF", "EXISTS", "FROM", "TOP")), False
        )

    def _cache(self) -> bool:
        """True if MySQL's TRUNCATE names a table that the server fills again by itself."""
        name, behind = dotted(self.tokens, 2 if self.words[1:2] == ["TABLE"] else 1)
        return self.engine in ("mysql", "mariadb") and name.lower() in vocabulary().caches and behind == len(self.tokens)

    def _audited(self, at: int) -> bool:
        """True if the DROP at a token is one of the actions that an audit policy of Oracle records."""
        policy = self.engine == "oracle" and self.words[:3] == ["CREATE", "AUDIT", "POLICY"]
        return policy and self.words[at - 1] in ("ACTIONS", ",")

    def _changing(self, verb: str) -> Iterator[Rule]:
        """UPDATE and DELETE: without a WHERE that leaves rows out they reach every row."""
        if any(comment.text.startswith("{%") for comment in self.statement.comments):
            yield "unknown", "a template decides which parts of it run"
        tree = self.statement.tree
        if isinstance(tree, exp.Delete | exp.Update):
            where = tree.args.get("where")
            reason = vacuous(where.this) if where is not None else None if _limited_by_cte(tree) else "it has no WHERE"
        else:
            reason = self._where_by_words()
        if reason is None:
            yield "writing", f"{verb} changes {'rows' if verb == 'DELETE' else 'values'}"
        else:
            yield "destructive", f"{verb} of every row: {reason}"

    def _where_by_words(self) -> str | None:
        depth = 0
        for at, word in enumerate(self.words):
            depth += (word == "(") - (word == ")")
            if word == "WHERE" and depth == 0:
                return vacuous_words(self.tokens[at + 1 :])
        return "it has no WHERE"

    def _merge(self) -> Iterator[Rule]:
        tree = self.statement.tree
        if "DELETE" in self.words:
            yield "destructive", "MERGE deletes rows"
        if isinstance(tree, exp.Merge) and tree.args.get("on") is not None and vacuous(tree.args["on"]):
            yield "destructive", "MERGE matches every row"
        yield "writing", "MERGE changes rows"

    def _explain(self) -> Iterator[Rule]:
        """EXPLAIN ANALYZE, and MariaDB's ANALYZE, run the statement."""
        at = next((at for at, word in enumerate(self.words[:40]) if at and word in _EXPLAINED), None)
        if at is None or (self.words[0] == "ANALYZE" and self.words[at] == "TABLE"):
            yield vocabulary().commands["ANALYZE"] if self.words[0] == "ANALYZE" else READ
            return
        switches = [self.words[place + 1] for place, word in enumerate(self.words[:at]) if word == "ANALYZE"]
        if any(switch not in ("FALSE", "OFF", "0") for switch in switches):
            yield from self._part(at, len(self.tokens))
        else:
            yield READ

    def _prepare(self) -> Iterator[Rule]:
        if any(token.kind == "string" for token in self.tokens) and "FROM" in self.words[:4]:
            yield from strings(self.tokens[1:], "PREPARE", self.inner)
            return
        at = next((at for at, word in enumerate(self.words) if at and word in (*CHANGING, "SELECT", "WITH", "VALUES")), None)
        if at is None:
            yield "unknown", "prepares SQL that is held in a variable"
        else:
            yield from self._part(at, len(self.tokens))

    def _dbcc(self) -> Rule:
        command = self.tokens[1].text.upper() if len(self.tokens) > 1 else ""
        if any(word.startswith("REPAIR_") for word in self.words):
            return "destructive", "repairs by changing or dropping what is damaged"
        if command == "SQLPERF" and "CLEAR" in self.words:
            return "writing", "clears counters"
        return vocabulary().dbcc.get(command, ("unknown", f"DBCC {command} is not known"))

    def _block(self) -> Iterator[Rule]:
        """Routines are only created; blocks and branches run, and so does what is in them."""
        if self.words[0] in ("CREATE", "ALTER"):
            yield "writing", "creates a routine"
            yield from self._destroying_body()
        elif self.words[0] == "DO" and any(token.kind == "string" for token in self.tokens):
            body = max((sql_of(token) for token in self.tokens if token.kind == "string"), key=len)
            yield from self._judged(body[_declarations(body) :])
        else:
            for start, end in pieces(self.tokens):
                yield from self._part(start, end)
            if self.engine != "sqlserver":
                yield from plain_calls(self.tokens)
            yield READ

    def _destroying_body(self) -> Iterator[Rule]:
        """A routine's body in a string or in the statement: what it destroys counts, since it will be called."""
        bodies = [sql_of(token) for token in self.tokens if token.kind == "string" and any(char.isspace() for char in token.text)]
        at = self._body_start()
        if at is not None:
            bodies.append(self.statement.text[self.tokens[at].start - self.statement.start :])
        for body in bodies:
            danger, reasons = self.inner(body[_declarations(body) :])
            if danger == "destructive":
                yield danger, f"creates a routine that destroys: {reasons[0] if reasons else ''}"

    def _body_start(self) -> int | None:
        """Where the statements of a routine, trigger or event begin, if they are not in a string."""
        depth = 0
        for at, word in enumerate(self.words[:-1]):
            depth += (word == "(") - (word == ")")
            behind = self.words[at + 1]
            if depth or self.tokens[at + 1].kind == "string":
                continue
            if word == "BEGIN":
                return at
            if word in ("AS", "DO") and self.words[at - 1] not in ("EXECUTE", "EXEC") and behind in _BODIES:
                return at + 1
            if word == "ROW" and self.words[at - 2 : at] == ["FOR", "EACH"] and behind in _BODIES:
                return at + 1
        return None


def _limited_by_cte(tree: exp.Delete | exp.Update) -> bool:
    """True if the statement changes a CTE that has a WHERE which leaves rows out."""
    ctes = tree.args.get("with_") or tree.args.get("with")
    name = tree.this.name if isinstance(tree.this, exp.Table) else ""
    for cte in ctes.expressions if ctes is not None else ():
        where = cte.this.args.get("where")
        if cte.alias == name and where is not None and vacuous(where.this) is None:
            return True
    return False


def _declarations(body: str) -> int:
    """Where the BEGIN behind a block's declarations stands; 0 without declarations."""
    if not body.lstrip().upper().startswith("DECLARE"):
        return 0
    return max(0, body.upper().find("BEGIN"))
