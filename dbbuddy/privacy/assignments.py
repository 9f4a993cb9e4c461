"""Secrets named by their key: env, ini, YAML, JSON, XML, properties, connection strings, headers, code, prose."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank
from dbbuddy.privacy.view import Pattern, View

_STRONG = (
    r"pass_?word|passwd|passwort|passphrase|passcode|pass_?wrd|pswd|pwd|kennwort|contrasena|contrasenya|senha|wachtwoord|haslo|lozinka|"
    r"mot_?de_?passe|mdp|parola|sifre|requirepass|masterauth|userpw|rootpw|dbpw|adminpw|"
    r"(?:api|access|secret|private|encrypt(?:ion)?|crypto?|app|master|account|shared|storage|auth|sign(?:ing|ature)?|hmac|aes|licen[cs]e|"
    r"service|subscription|session|cipher|jwt|fernet|admin|wallet|tde|webhook|data|deploy|x-functions)[_.-]?key|"
    r"secret_?key_?base|client[_.-]?secret|(?:access|auth|refresh|session|security|bearer|api|id|bot|vault|oauth|personal|deploy|registry|"
    r"private|service)[_.-]?token|connection_?secret|shared_?secret|sas_?token|x-amz-(?:signature|credential|security-token)|credentials?"
)
_WEAK = r"pass|pw|pin|secret|token|auth|apikey|api-key|signature|sig|sas|cookie|otp|salt|bearer|keystore_?pass"
_SUFFIX = (
    r"(?:[_.-]?(?:\d{1,3}|old|new|prev|previous|current|prod|production|dev|test|staging|qa|uat|live|primary|secondary|main|val|value|"
    r"text|txt|plain|plaintext|raw|b64|base64|enc|encoded|hash|hashed|digest|string|str|confirm(?:ation)?|repeat|again|root|admin|db|app|"
    r"user|master|repl|replication|ro|rw))*"
)
_SEPARATOR = r"(?:[\"'`\])]|\\\"|&quot;){0,3}[ \t]{0,20}(?:=>|:=|==?|:|->)[ \t]{0,20}"
_KEY = Pattern(
    r"([\w.$-]*?)(" + _STRONG + r"|" + _WEAK + r")(" + _SUFFIX + r")(" + _SEPARATOR + r"|%3D|(?:[\"']\s{0,5},\s{0,5}[\"']))"
)
_STRONG_WORD = Pattern(_STRONG)
_NO_SECRET_BEFORE = Pattern(
    r".*(?:validate|require[sd]?|no|use[sd]?|using|has|allow(?:_empty)?|random|need[sd]?|without|unexpected|invalid|bad|near|next|page|empty|"
    r"parse|lex|by|com|sur|tres|under|over|multi|single|two|one|first|second|third|primary|foreign|unique|partition|sort|hash|index|"
    r"continuation|lock|policy|max|min|total|num|n|count|metadata|meta|schema|last|data_?pump|validation|is|if|can|should|missing|wrong)[_.-]?",
    case=False,
)
_YAML_LINE = Pattern(r"[ \t]*(?:- )?[\"']?[\w.-]+[\"']?[ \t]*:[ \t]+")
_INI_LINE = Pattern(r"[ \t]*[\"']?[\w.-]+[\"']?[ \t]+=[ \t]+")
_COMMENT = Pattern(r"[ \t][#;][^\n]*|[ \t]//[^\n]*|[ \t]--[^\n]*")
_ADO_NEXT = Pattern(r";[ ]?(?:[A-Za-z][\w ]{0,40}=|[\"']?(?:\s|$)|[\"']?[);,])")
_BLOCK = Pattern(r"[|>][+-]?\d?[ \t]*\n([ \t]+)(\S[^\n]*)")
_NAME_VALUE = Pattern(
    r"\b(?:name|key)\b[\"']?\s{0,5}[:=]\s{0,5}[\"']?([\w.-]*?(?:"
    + _STRONG
    + "|"
    + _WEAK
    + r")"
    + _SUFFIX
    + r")[\"']?[ \t]*[,;]?\s{0,60}"
    r"(?:[\"']?\bvalue[\"']?\s{0,5}[:=][ \t]{0,5}|>[ \t]{0,5})"
)
_XML = Pattern(
    r"<((?:[\w-]+:)?[\w.-]*?(?:" + _STRONG + "|" + _WEAK + r")" + _SUFFIX + r")(?:\s[^<>\n]{0,200})?>\s{0,80}([^<]+?)\s{0,80}</"
)
_CDATA = Pattern(r"<!\[CDATA\[(.*)\]\]>?")
_SPACED = Pattern(
    r"(?m)^[ \t]*(?:(?:env|arg|setenv|setx|set|export|config set)[ \t]+)?([\w.-]*(?:" + _STRONG + r"))[ \t]+(\S+)[ \t]*$"
)
_HEADER = Pattern(
    r"\b((?:proxy-)?authorization|x-api-key|x-auth-token|x-vault-token|x-amz-security-token|api-key|private-token|x-gitlab-token|"
    r"(?:set-)?cookie|x-access-token|ocp-apim-subscription-key)[\"']?[ \t]{0,5}[:=][ \t]{0,5}[\"']?"
    r"((?:basic|bearer|token|apikey|negotiate|digest|ntlm|aws4-hmac-sha256|sharedkey|sharedaccesssignature)[ \t]+)?"
)
_SCHEME = Pattern(r"\b(?:bearer|basic)[ \t]+([\w+/=.~-]{16,})")
_ACCOUNT_KEY = Pattern(r"\b(?:accountkey|sharedaccesskey|sharedsecretvalue|sharedaccesssignature)=([\w+/=%&-]{20,400})")
_PROSE = Pattern(
    r"\b(?:pass(?:word|wd|phrase|code)|pwd|pw|secret|passwort|kennwort|contrasena|senha|mot de passe|wachtwoord)[ \t]+"
    r"(?:(?:for|of|to)[ \t]+[\w.@'\"-]{1,40}[ \t]+)?(?:is|was|ist|war|es|est|e|will be|set to|changed to|reset to|to be|should be|=|->|:)"
    r"(?:[ \t]+(?:still|now|just|simply|currently|only|actually|set to|again))?[ \t:]+"
)
_PROSE_WITH = Pattern(
    r"\b(?:with|using|use|tried|try|typed|entered)[ \t]+(?:the[ \t]+|my[ \t]+)?(?:pass(?:word|wd|phrase)|pwd|pw)[ \t]+"
)
_ORDINARY = Pattern(
    r"\w*(?:ed|ing|ly|able|ible|ent|ant|ive|al|ion|ity|ous)|wrong|right|correct|too|the|a|an|in|on|at|for|from|of|not|no|never|now|still|"
    r"empty|blank|null|set|ok|okay|fine|same|different|longer|shorter|long|short|weak|strong|good|bad|being|been|sent|kept|known|unknown|"
    r"here|there|missing|lost|stored|case|plain|in-?clear|md5|scram\S*|sha\S*|hash\S*|expired|as|by|to|only|also|always|invalid|my|our|your|"
    r"their|his|her|its|it|that|this|what|which|when|where|why|how|so|because|but|and|or|if|after|before|with|without|using|under|over|"
    r"just|all|any|some|one|two|up|out|off|about|like|than|then|yes|true|false|hard|easy|safe|clear|text|secret|authentication|file|"
    r"policy|requirements?|must|should|can|could|may|will|would|does|did|has|had|have|is|was|are|were|be|do|get|gets|got|failed|failure|"
    r"default|field|column|prompt|complexity|length|less|more|min|max|etc|fehlerhaft|falsch|nicht|richtig|zu|incorrecta?|faux|mauvais"
)


def secrets_in_assignments(view: View) -> Iterator[Find]:
    """Values of keys whose name says that they hold a secret."""
    for match in _KEY.each(view):
        prefix, word, key_end = (view.text[slice(*match.span(1))], view.text[slice(*match.span(2))], match.end(3))
        separator = view.text[key_end : match.end()]
        if _secret_key(view, match.start(), prefix, word):
            strong = _STRONG_WORD.fits(word)
            span = _value(view, match.start(), match.end() - (separator[-1:] in "\"'" and "," in separator), separator)
            if span and _is_secret(view.text[slice(*span)], strong=strong, separator=separator):
                yield _secret(span, word)


def _secret_key(view: View, start: int, prefix: str, word: str) -> bool:
    """Whether the word ends a key rather than another word, and the key is not a setting about secrets."""
    if prefix and prefix[-1].isalnum():
        camel = word[0].isupper() and not prefix[-1].isupper()
        if (
            not camel
            and not _STRONG_WORD.fits(word)
            and not (word.lower() in ("pass", "pw") and prefix.lower().endswith(("db", "user", "sql", "root", "my", "pg")))
        ):
            return False
    if prefix and _NO_SECRET_BEFORE.fits(prefix):
        return False
    return view.before(start, 12).lower().split()[-1:] not in (["using"], ["unexpected"], ["invalid"], ["no"], ["by"], ["near"])


def _value(view: View, key: int, place: int, separator: str) -> tuple[int, int] | None:
    text = view.text
    if separator == "%3D":
        end = min(
            (at for sign in ("%26", "&", " ", '"', "'", "\n", "%3B") if (at := text.find(sign, place, place + 400)) >= 0),
            default=view.line_end(place),
        )
        return place, end
    if block := _BLOCK.at(view, place):
        inner: tuple[int, int] = block.span(2)
        return inner
    span = values.quoted(view, place)
    if span:
        return span
    before = view.before(key, 2)
    if text.startswith("{", place) and not text.startswith("{{", place):
        return values.in_braces(view, place)
    if before.rstrip()[-1:] in ("?", "&"):
        start, end = values.to_separator(view, place, "&; \t\"'<>#")
        return start, end
    line = view.line_start(key)
    if "=" in separator and (before.rstrip()[-1:] == ";" or _ado(view, place)):
        return values.to_separator(view, place, ";")
    for shape, sign in ((_YAML_LINE, ":"), (_INI_LINE, "=")):
        if sign in separator and (head := shape.at(view, line)) and head.end() == place:
            end = view.line_end(place)
            comment = _COMMENT.first(view, place, end)
            end = comment.start() if comment else end
            rest = text[place:end].rstrip()
            if rest and len(rest) <= 120 and len(rest.split()) <= (4 if sign == "=" else 6) and not any(c in rest for c in "=(,"):
                return place, place + len(rest)
    return values.bare(view, place)


def _ado(view: View, place: int) -> bool:
    """Whether a connection string goes on behind this value: `...;Key=value`."""
    before = view.before(place, 200)
    head = ";" in before and "=" in before.rpartition(";")[0]
    return (head and ";" in view.after(place, 200)) or bool(_ADO_NEXT.first(view, place, min(view.line_end(place), place + 200)))


def _is_secret(value: str, *, strong: bool, separator: str) -> bool:
    if values.says_nothing(value) or len(value) > values.LONGEST:
        return False
    if strong:
        return not (":" in separator and value[:1].isupper() and " " in value and len(value.split()) > 3)
    return len(value) >= 6 and values.looks_random(value)


def _secret(span: tuple[int, int], word: str) -> Find:
    token = any(part in word.lower() for part in ("token", "key", "sig", "cookie", "auth", "credential", "sas", "bearer"))
    return Find.over(span, "TOKEN" if token else "PASSWORD", Rank.SECRET)


def secrets_in_markup(view: View) -> Iterator[Find]:
    """Secrets in XML elements, in pairs of `name` and `value`, and in lines that set a key without a sign between."""
    for match in _XML.each(view):
        start, end = match.span(2)
        if cdata := _CDATA.at(view, start, end):
            start, end = cdata.span(1)
        if not values.says_nothing(view.text[start:end]):
            yield _secret((start, end), view.text[slice(*match.span(1))])
    for match in _NAME_VALUE.each(view):
        place = match.end()
        span = values.quoted(view, place) or (place, view.line_end(place))
        if ">" in view.text[place - 6 : place]:
            span = values.to_separator(view, place, "<")
        value = view.text[slice(*span)].rstrip(" \t,;}/>")
        if value and not values.says_nothing(value):
            yield _secret((span[0], span[0] + len(value)), view.text[slice(*match.span(1))])
    for match in _SPACED.each(view):
        span = values.quoted(view, match.start(2)) or match.span(2)
        value = view.text[slice(*span)].rstrip(";,")
        if not values.says_nothing(value) and (
            values.looks_random(value) or "set" in view.text[match.start() : match.start(1)].lower()
        ):
            yield _secret((span[0], span[0] + len(value)), view.text[slice(*match.span(1))])


def secrets_in_headers(view: View) -> Iterator[Find]:
    """HTTP credentials and the keys of cloud connection strings."""
    for match in _HEADER.each(view):
        start, end = values.to_separator(view, match.end(), "\"'`")
        if match.span(2) != (-1, -1):
            end = values.bare(view, start)[1]
        value = view.text[start:end].rstrip(" ,;\\")
        if len(value) >= 6 and not values.says_nothing(value):
            yield Find(start, start + len(value), "TOKEN", Rank.SECRET)
    for pattern in (_SCHEME, _ACCOUNT_KEY):
        for match in pattern.each(view):
            if values.looks_random(view.text[slice(*match.span(1))]):
                yield Find.over(match.span(1), "TOKEN", Rank.SECRET)


def secrets_in_prose(view: View) -> Iterator[Find]:
    """Passwords people tell: `the password is ...`."""
    for pattern in (_PROSE, _PROSE_WITH):
        for match in pattern.each(view):
            place = match.end()
            span = values.quoted(view, place)
            if span is None:
                start, end = values.bare(view, place)
                word = view.text[start:end].rstrip(".,;:!?)")
                if _ORDINARY.fits(word.rstrip("'")) or len(word) < 4 or (pattern is _PROSE_WITH and not values.looks_random(word)):
                    continue
                span = start, start + len(word)
            if not values.says_nothing(view.text[slice(*span)]):
                yield Find.over(span, "PASSWORD", Rank.SECRET)
