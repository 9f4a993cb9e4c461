"""Secrets named by their key: env, ini, YAML, JSON, XML, properties, connection strings, headers, code, prose."""

from __future__ import annotations

from collections.abc import Iterator

from dbbuddy.privacy import values
from dbbuddy.privacy.spans import Find, Rank, password
from dbbuddy.privacy.view import HIDDEN, Hit, Pattern, View
from dbbuddy.privacy.words import words

_STRONG = (
    r"pass_?words?|passwd|passwort|passphrase|passcode|pass_?wrd|pswd|pwd|kennwort|contrasen(?:y)?a|senha|wachtwoord|haslo|lozinka|"
    r"mot_?de_?passe|mdp|parola|sifre|requirepass|masterauth|userpw|rootpw|dbpw|adminpw|"
    r"(?:api|access|secret|private|encrypt(?:ion)?|crypto?|app|master|account|shared|storage|auth|sign(?:ing|ature)?|hmac|aes|"
    r"licen[cs]e|service|subscription|session|cipher|jwt|fernet|admin|wallet|tde|webhook|deploy|functions|logged_in|nonce)[_.-]?key|"
    r"secret_?key_?base|client[_.-]?secret|connection_?secret|shared_?secret|sas_?token|x-amz-(?:signature|credential|security-token)|"
    r"(?:access|auth|refresh|session|security|bearer|api|id|bot|vault|oauth|personal|deploy|registry|private|service)[_.-]?token"
)
_WEAK = (
    r"pass|pw|pin|secrets?|token|auth|apikey|signature|sig|sas|cookie|otp|salt|bearer|credentials?|"
    r"(?:auth|secure_auth|logged_in|nonce)_salt"
)
_SUFFIX = (
    r"(?:[_.-]?(?:\d{1,3}|old|new|prev|previous|current|prod|production|dev|test|staging|qa|uat|live|primary|secondary|main|val|value|"
    r"text|txt|plain|plaintext|raw|b64|base64|enc|encoded|hash|hashed|digest|string|str|confirm(?:ation)?|repeat|again|root|admin|db|"
    r"app|user|master|repl|replication|ro|rw))*"
)
_SECRET_NAME = r"(?:" + _STRONG + "|" + _WEAK + ")" + _SUFFIX
_KEY = Pattern(
    r"([\w.$-]*?)(" + _STRONG + "|" + _WEAK + ")(" + _SUFFIX + r")"
    r"((?:[\"'`\])]|\\\"|&quot;){0,3}(?:\[[\"']?\w{1,40}[\"']?\]){0,2}[ \t]{0,20}(?:=>|:=|==?|:|->)[ \t]{0,20}|%3D|[\"'][ \t]{0,5},[ \t]{0,5})"
)
_STRONG_WORD = Pattern(_STRONG)
_LAST_WORD = Pattern(r"[A-Z]?[a-z]+\d*[_.-]*$|[A-Z]+\d*[_.-]*$", case=True)
_NO_SECRET_AFTER = words("no_secret_after")
_YAML_LINE = Pattern(r"[ \t]*(?:- )?[\"']?[\w.-]+[\"']?[ \t]*:[ \t]+")
_INI_LINE = Pattern(r"[ \t]*[\"']?[\w.-]+[\"']?[ \t]+=[ \t]+")
_PROPERTY_LINE = Pattern(r"[ \t]*[\w-]+(?:\.[\w-]+)+=")
_COMMENT = Pattern(r"[ \t](?:[#;]|//|--)[^\n]*")
_YAML_BLOCK = Pattern(r"[|>][+-]?\d?[ \t]*\n[ \t]+(\S[^\n]*)")
_HEXADECIMAL = Pattern(r"0x[0-9a-f]{16,}\b")
_SET = Pattern(r"[ \t>]*set[ \t]+\"?")
_NEXT_ADO_KEY = Pattern(r"[^;\"'\n]{1,200};[ ]?(?:[A-Za-z][\w ]{0,40}=|[ \t]*[\"'])")
_NAME_AND_VALUE = Pattern(
    r"\b(?:name|key)\b[\"']?\s{0,5}[:=]\s{0,5}[\"']?([\w.-]*?" + _SECRET_NAME + r")[\"']?[ \t]*[,;]?\s{0,60}"
    r"(?:[\"']?\bvalue[\"']?\s{0,5}[:=][ \t]{0,5}|[^<>\n]{0,80}>\s{0,20}(?:<value>)?[ \t]{0,5})"
)
_ELEMENT = Pattern(r"<((?:[\w-]{1,30}:)?[\w.-]{0,60}?" + _SECRET_NAME + r")(?:\s[^<>\n]{0,200})?>\s{0,80}([^<\s][^<]{0,900})</")
_CDATA = Pattern(
    r"<((?:[\w-]{1,30}:)?[\w.-]{0,60}?" + _SECRET_NAME + r")(?:\s[^<>\n]{0,200})?>\s{0,80}<!\[CDATA\[([^\]]{1,900})\]\]>"
)
_SPACED = Pattern(
    r"(?m)^[ \t]*((?:env|arg|setenv|setx|\\?set|export|config set)[ \t]+)?([\w.-]*(?:"
    + _STRONG
    + r"|pass|pw))[ \t]+([^\s=:]\S*)[ \t]*$"
)
_NETRC = Pattern(r"\blogin\s{1,10}\S{1,100}\s{1,10}password\s{1,10}(\S{1,200})")
_HEADER = Pattern(
    r"\b(?:(?:proxy-)?authorization|x-api-key|x-auth-token|x-vault-token|x-amz-security-token|api-key|private-token|x-gitlab-token|"
    r"(?:set-)?cookie|x-access-token|ocp-apim-subscription-key)[\"']?[ \t]{0,5}[:=][ \t]{0,5}[\"']?"
    r"((?:basic|bearer|token|apikey|negotiate|digest|ntlm|aws4-hmac-sha256|sharedkey|sharedaccesssignature)[ \t]+)?"
)
_SCHEME = Pattern(r"\b(?:bearer|basic)[ \t]+([\w+/=.~-]{16,})")
_ACCOUNT_KEY = Pattern(r"\b(?:accountkey|sharedaccesskey|sharedsecretvalue|sharedaccesssignature)=([\w+/=%&-]{20,400})")
_TOLD = Pattern(
    r"\b(?:pass(?:word|wd|phrase|code)|pwd|pw|secret|passwort|kennwort|contrasena|senha|mot de passe|wachtwoord)[ \t]+"
    r"(?:(?:for|of|to|von|fur|para|de)[ \t]+(?:[\w.@'\"-]{1,40}[ \t]+){1,5}?)?"
    r"(?:is|was|ist|war|lautet|es|est|e|will be|set to|changed to|reset to|to be|should be|still|being|=|->|:)"
    r"(?:[ \t]+(?:still|now|just|simply|currently|only|actually|set to|again|always))?[ \t:]+"
)
_TRIED = Pattern(
    r"\b(?:with|using|use|tried|try|typed|entered)[ \t]+(?:the[ \t]+|my[ \t]+)?(?:pass(?:word|wd|phrase)|pwd|pw)[ \t]+"
)
_PAIR = Pattern(
    r"\b(?:user(?:name)?|login)[ \t]*(?:/|and|&|\+)[ \t]*(?:pw|pwd|pass(?:word)?)[ \t]*(?:is|are|=|:)?[ \t]*[\w.@-]{1,60}[ \t]*(?:/|and|,)[ \t]*(\S{4,80})|"
    r"\bcredentials?[ \t]*(?:is|are|=|:)[ \t]*[\w.@-]{1,60}[ \t]*[/:][ \t]*(\S{4,80})"
)
_COLUMN = Pattern(r"[a-z_]\w{0,30}\.[a-z_]+")
_SHORTEST_PLAIN_KEY = 20
_MARKS = "*_`'\".,;:!?()"
_SENTENCE_END = Pattern(r"[\"'`*]{0,2}(?:[.,;:!?)]|\s*\n|\s*$| (?:and|but|or|so)\b)")
_ORDINARY = Pattern(
    r"\w*(?:ed|ing|ly|able|ible|ent|ant|ive|al|ion|ity|ous)|wrong|right|correct|too|the|a|an|in|on|at|for|from|of|not|no|never|now|"
    r"still|empty|blank|null|set|ok|okay|fine|same|different|longer|shorter|long|short|weak|strong|good|bad|being|been|sent|kept|known|"
    r"unknown|here|there|missing|lost|stored|case|plain|in-?clear|md5|scram\S*|sha\S*|hash\S*|as|by|to|only|also|always|invalid|my|our|"
    r"your|their|his|her|its|it|that|this|what|which|when|where|why|how|so|because|but|and|or|if|after|before|with|without|using|under|"
    r"over|just|all|any|some|one|two|up|out|off|about|like|than|then|yes|true|false|hard|easy|safe|clear|text|secret|authentication|"
    r"file|policy|requirements?|must|should|can|could|may|will|would|does|did|has|had|have|is|was|are|were|be|do|get|gets|got|failed|"
    r"failure|default|field|column|prompt|complexity|length|less|more|min|max|etc|please|fehlerhaft|falsch|nicht|richtig|zu|faux|"
    r"incorrecta?|yes/no|soon|mauvais"
)
_TOKEN_WORDS = ("token", "key", "sig", "cookie", "auth", "credential", "sas", "bearer", "salt")


def secrets_in_assignments(view: View) -> Iterator[Find]:
    """Values of keys whose name says that they hold a secret."""
    reach = 0
    for hit in _KEY.each(view):
        if hit.start() < reach or not _names_secret(view, hit):
            continue
        span = _value(view, hit)
        if span is not None and _is_secret(view, hit, span):
            reach = span[1]
            yield _secret(span, hit.text(2))


def _names_secret(view: View, hit: Hit) -> bool:
    """Whether the secret's word ends the key as a word of its own, and the key is not a setting about secrets."""
    prefix, word = hit.text(1), hit.text(2)
    before = view.before(hit.start(), 12)
    if before.endswith(("${", "{{", "$(", "<", "</")) or before.lower().split()[-1:] in (
        ["using"],
        ["unexpected"],
        ["no"],
        ["by"],
        ["near"],
    ):
        return False
    if not prefix:
        return True
    if prefix[-1].isalnum() and not _STRONG_WORD.fits(word):
        camel = word[0].isupper() and prefix[-1].islower()
        if not camel and not (
            word.lower() in ("pass", "pw") and prefix.lower().endswith(("db", "user", "sql", "root", "my", "pg"))
        ):
            return False
    last = _LAST_WORD.spans(prefix)
    return not any(prefix[start:end].lower().rstrip("_.-0123456789") in _NO_SECRET_AFTER for start, end in last)


def _value(view: View, hit: Hit) -> tuple[int, int] | None:
    text, place, separator = view.text, hit.end(), hit.text(4)
    if HIDDEN in text[place : place + 2]:
        return None
    if "%3D" in separator.upper():
        ends = (text.find(sign, place, place + 400) for sign in ("%26", "%3B", "&", " ", '"', "'", "\n"))
        return place, min((end for end in ends if end >= 0), default=view.line_end(place, 400))
    if text[place : place + 1] in ("|", ">") and (
        block := _YAML_BLOCK.at(view, place, view.line_end(view.line_end(place) + 1, 500))
    ):
        return block.span(1)
    if span := values.quoted(view, place):
        return None if separator == " :" else span
    if text.startswith("0x", place) and (hexadecimal := _HEXADECIMAL.at(view, place)):
        return hexadecimal.span()
    if "," in separator or values.is_call(view, place):
        return None
    before = view.before(hit.start(), 8)
    if "set" in before.lower() and _SET.fits(before):
        return values.to_separator(view, place, "&|")
    if (
        text.startswith("{", place)
        and not text.startswith("{{", place)
        and ";" in view.before(hit.start(), 3) + view.after(place, 300)
    ):
        start, end = values.in_braces(view, place)
        plain = text.endswith("}", start, end) and view.before(hit.start(), 3).rstrip().endswith(";")
        return (start + 1, end - 1) if plain else (start, end)
    previous = view.before(hit.start(), 3).rstrip()[-1:]
    if previous in ("?", "&"):
        return values.to_separator(view, place, "& \t\"'<>#")
    if "=" in separator and not hit.text(1) and (previous == ";" or _NEXT_ADO_KEY.at(view, place)):
        return values.to_separator(view, place, ";")
    return _rest_of_line(view, hit) or values.bare(view, place)


def _rest_of_line(view: View, hit: Hit) -> tuple[int, int] | None:
    """The value of a YAML or ini line, which may hold spaces."""
    start, place = view.line_start(hit.start()), hit.end()
    for shape, sign, most in ((_YAML_LINE, ":", 6), (_INI_LINE, "=", 4), (_PROPERTY_LINE, "=", 4)):
        head = shape.at(view, start, place) if sign in hit.text(4) else None
        if head is not None and head.end() == place:
            end = view.line_end(place, values.LONGEST)
            comment = _COMMENT.first(view, place, end)
            value = view.text[place : comment.start() if comment else end].rstrip()
            if value and len(value) <= 120 and len(value.split()) <= most and not any(c in value for c in "=(,"):
                return place, place + len(value)
    return None


def _is_secret(view: View, hit: Hit, span: tuple[int, int]) -> bool:
    value = view.text[slice(*span)]
    bare = view.text[span[0] - 1] not in "\"'`"
    if values.says_nothing(value, bare=bare) or values.is_reference(value.split()[0], bare=bare):
        return False
    word, place = hit.text(2).lower(), hit.end()
    if word.endswith("key") and not values.looks_random(value) and len(value) < _SHORTEST_PLAIN_KEY:
        return False
    if _STRONG_WORD.fits(word) or (word in ("pass", "pw") and hit.text(1)):
        spoken = ":" in hit.text(4) and view.text[place - 1] == " "
        if spoken and value.startswith("(") and not values.looks_random(value.strip("()")):
            return False
        return not (spoken and view.before(hit.start(), 40).strip(" -\t\"'{,[(")) or _may_be_told(value)
    return len(value) >= 6 and values.looks_random(value) and not _COLUMN.fits(value)


def _may_be_told(word: str) -> bool:
    """Whether a word behind `password:` in a sentence is the password rather than the sentence going on."""
    return values.looks_random(word.strip(_MARKS)) and not _ORDINARY.fits(word.strip(_MARKS))


def _secret(span: tuple[int, int], word: str) -> Find:
    return Find(*span, "TOKEN" if any(part in word.lower() for part in _TOKEN_WORDS) else "PASSWORD", Rank.SECRET)


def secrets_in_markup(view: View) -> Iterator[Find]:
    """Secrets in XML elements, in pairs of `name` and `value`, and in lines that set a key without a sign between."""
    for pattern in (_ELEMENT, _CDATA):
        for hit in pattern.each(view):
            value = hit.text(2).rstrip()
            if not values.says_nothing(value):
                yield _secret((hit.start(2), hit.start(2) + len(value)), hit.text(1))
    for hit in _NAME_AND_VALUE.each(view):
        place = hit.end()
        if ">" in view.text[place - 12 : place]:
            span = values.to_separator(view, place, "<")
        else:
            span = values.quoted(view, place) or (place, view.line_end(place, values.LONGEST))
        value = view.text[slice(*span)].rstrip(" \t,;}/>")
        if not values.says_nothing(value):
            yield _secret((span[0], span[0] + len(value)), hit.text(1))
    for hit in _SPACED.each(view):
        span = values.quoted(view, hit.start(3)) or hit.span(3)
        value = view.text[slice(*span)].rstrip(";,")
        if not values.says_nothing(value) and (hit.has(1) or values.looks_random(value)):
            yield _secret((span[0], span[0] + len(value)), hit.text(2))
    for hit in _NETRC.each(view):
        yield password(hit.span(1))


def secrets_in_headers(view: View) -> Iterator[Find]:
    """HTTP credentials and the keys of cloud connection strings."""
    for hit in _HEADER.each(view):
        start, end = values.bare(view, hit.end()) if hit.has(1) else values.to_separator(view, hit.end(), "\"'`")
        value = view.text[start:end].rstrip(" ,;\\")
        if len(value) >= 6 and not values.says_nothing(value):
            yield Find(start, start + len(value), "TOKEN", Rank.SECRET)
    for pattern in (_SCHEME, _ACCOUNT_KEY):
        for hit in pattern.each(view):
            if values.looks_random(hit.text(1)):
                yield Find(*hit.span(1), "TOKEN", Rank.SECRET)


def secrets_in_prose(view: View) -> Iterator[Find]:
    """Passwords people tell: `the password is ...`."""
    for pattern in (_TOLD, _TRIED):
        for hit in pattern.each(view):
            span = values.quoted(view, hit.end())
            if span is None and values.is_call(view, hit.end()):
                continue
            if span is None:
                start, end = values.bare(view, hit.end())
                word = view.text[start:end].rstrip(_MARKS)
                if len(word) < 4 or _ORDINARY.fits(word.strip(_MARKS)):
                    continue
                if not values.looks_random(word) and (pattern is _TRIED or not _SENTENCE_END.at(view, start + len(word))):
                    continue
                span = start, start + len(word)
            if not values.says_nothing(view.text[slice(*span)], bare=view.text[span[0] - 1] == " "):
                yield password(span)
    for hit in _PAIR.each(view):
        group = hit.taken(2)
        word = hit.text(group).rstrip(".,;:!?)'\"")
        if values.looks_random(word) and not values.says_nothing(word):
            yield password((hit.start(group), hit.start(group) + len(word)))
