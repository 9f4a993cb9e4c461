"""What a column, key or parameter holds, judged by its name."""

from __future__ import annotations

from functools import lru_cache

from dbbuddy.privacy.view import Pattern

_PARTS = Pattern(r"[A-Z]+[a-z]*|[a-z]+|\d+", case=True)
_KINDS = {
    kind: Pattern(pattern)
    for kind, pattern in {
        "PASSWORD": r"(.* )?(password|passwd|pwd|passphrase|secret|pin|pincode|pin code|otp|cvv|cvc|cvv2|security code|token|api key|apikey|private key|"
        r"secret key|access key|session id|session token|security answer|secret answer|totp|mfa secret|recovery code)( (hash|hashed|salt|digest|enc|encrypted|value|text|md5|sha\d*|bcrypt))*|"
        r"(pass|pwd|passwd) ?(hash|word)|auth token|salt",
        "EMAIL": r"(.* )?(e ?mails?|mail|email ?address(es)?|e ?mail addr(ess)?|mailto|courriel|correo|mail address)( \d+| address| addr| id| lower| norm(alized)?| hash)?|contact email.*",
        "PHONE": r"(.* )?(phones?|phone ?(no|nr|num|number)s?|telephones?|tel|tel ?(no|nr|number)|mobiles?|mobile ?(no|nr|number|phone)|cell|cell ?phone|fax|fax ?(no|number)|msisdn|telefon\w*|handy|"
        r"home phone|work phone|sms number|whatsapp)( \d+| e164| number)?",
        "NATID": r"(.* )?(ssn|social security( (no|number))?|sin|nin|nino|national ?(id|insurance)( (no|number|nr))?|dni|nie|nif|nit|cif|rut|curp|rfc|cpf|cnpj|pesel|bsn|tin|tax ?(id|no|number|code|payer id)|"
        r"passport( ?(no|number|nr|num))?|personnummer|person ?nr|personal ?(id|code|number|no)|fodselsnummer|cpr|hetu|henkilotunnus|codice fiscale|fiscal code|cod fiscal\w*|steuer ?(id|nr|nummer)|aadhaar\w*|pan ?(no|number|card)|"
        r"medicare( ?(no|number))?|id ?card( ?(no|number))?|driver ?s? ?licen[cs]e( ?(no|number))?|licen[cs]e (no|number|plate)|insee|nir|ahv|avs|svnr|id number|identity ?(no|number|card)|nric|hkid|citizen ?id|emirates id|"
        r"national number|vat ?(no|number|id)|ein|voter id|residence permit|egn|jmbg|oib|cnp|rodne cislo|tckn|tc kimlik( no)?|idnp|nhs( ?(no|number))?)( last ?4)?",
        "CARD": r"(.* )?(cc|card|credit ?card|debit ?card|ccn|pan|card ?(no|num|number|nr)|cc ?(no|num|number)|credit ?card ?(no|num|number))( (hash|enc))?",
        "IBAN": r"(.* )?(iban|bic|swift|bank ?(acct|account|acc)( ?(no|nr|num|number))?|account ?(no|nr|num|number)|acct ?(no|nr|num|number)|acc ?(no|number)|routing( ?(no|number))?|sort ?code|aba|kontonummer|konto ?nr|bban|clabe|bank code)",
        "DOB": r"(.* )?(dob|birth ?(date|day|dt)?|date of birth|birth ?place|born( on| at)?|bdate|geburts ?(datum|tag)|date naissance|fecha nacimiento|data nascita|geb ?dat)|birth.*",
        "MEDICAL": r"(.* )?(diagnos[ie]s|diagnosis ?(code|text)|diag ?code|dx|icd( ?(9|10|11))?( code)?|mrn|medical ?(record)?( ?(no|number|id))?|medications?|drug ?name|allerg(y|ies)|blood ?(type|group)|symptoms?|treatment|procedure code|"
        r"prescription|lab ?result|test result|clinical ?notes?|disability|pregnan\w*|hiv ?\w*|patient ?(id|no|number|nr)|medical ?condition|insurance ?(id|no|number)|health ?\w*( no| id)?|vaccin\w*|condition text|chart ?(no|number)|religion|ethnicity|race|sexual orientation)",
        "ADDRESS": r"(.* )?(address|addr|street|street ?(name|address|no|number|line)|address ?(line)?|line1|line2|city|town|zip|zip ?code|post ?code|postal( ?code)?|plz|strasse|ort|county|house ?(no|number)|residence|domicile|adresse|direccion|"
        r"billing address|shipping address|home address)( \d+)?|geo ?(loc|location)|latitude|longitude|lat|lng",
        "IP": r"(.* )?(ip|ip ?(addr|address)|ipv4|ipv6|remote ?(addr|ip)|client ?(ip|addr)|inet)",
        "PAY": r"(.* )?(salary|salaries|wage|wages|base pay|gross pay|net pay|annual pay|pay ?(rate|grade|amount)|hourly ?rate|income|compensation|bonus|commission( pct)?|credit ?(limit|score)|net worth|sal|remuneration|gehalt|salaire|sueldo|salario|payout|stipend|pension)",
        "PERSON": r"(.* )?(first ?name|last ?name|full ?name|middle ?name|maiden ?name|sur ?name|given ?name|family ?name|fore ?name|nick ?name|display ?name|legal ?name|birth ?name|real ?name|preferred name|fname|lname|mname|vorname|nachname|prenom|"
        r"apellidos?|nombre|cognome|nome|sobrenome|(customer|client|patient|employee|emp|person|contact|user full|user real|owner|author|manager|member|student|teacher|doctor|physician|nurse|guest|passenger|driver|tenant contact|recipient|sender|"
        r"holder|card ?holder|account holder|payee|payer|beneficiary|buyer|seller|supplier contact|sales ?rep|agent|spouse|partner|father|mother|parent|child|relative|emergency contact|kin|insured|applicant|candidate|borrower|lender|attendee|"
        r"subscriber|visitor|voter|resident|caller|donor|player|staff|borrower|reviewer|approver|requester|assignee|reporter|signatory|witness|victim|suspect|lawyer|attorney|judge|ordered by|created by|updated by|modified by|approved by|booked by|salesperson|ship|bill|consignee|addressee|ename) ?name|"
        r"ename|contact|patient|cardholder|card holder|beneficiary|next of kin|spouse|emergency contact|salesperson|initials)",
        "LOGIN": r"(.* )?(user ?name|login|login ?name|logon|os ?user( ?name)?|db ?user( ?name)?|user ?id|uid|usr|user|account ?name|screen ?name|handle|sam ?account ?name|upn|nt ?user ?name|client ?user|session ?user|terminal user|owner|created by|updated by|modified by|author)",
        "NAME": r"name|names",
    }.items()
}
_NOT_PERSONAL = Pattern(
    r".*\b(table|schema|db|database|index|column|col|file|host|server|service|job|queue|plan|type|event|metric|product|category|status|state|country|currency|bucket|role|group|app|application|module|program|constraint|key|parameter|param|"
    r"setting|config|variable|tablespace|partition|sequence|function|procedure|trigger|view|class|package|template|version|item|sku|brand|policy|plugin|engine|format|encoding|locale|lang|language|zone|tz|region|cluster|node|slot|"
    r"publication|subscription|channel|topic|domain|object|statement|query|wait|lock|latch|program|process|thread|action|resource|company|org|organization|department|dept|team|project|store|shop|warehouse)( name)?|"
    r"(mac|memory|buffer|block|page|email template|mail (server|host|port|from|queue)|ip) ?(addr|address|count|id|size)?|.*\b(count|cnt|size|len|length|type|status|state|flag|verified|confirmed|enabled|sent|at|idx|index|template|domain|format|required|"
    r"valid|policy|lifetime|expire[sd]?|expiry|expiration|attempts|retries|limit|min|max|avg|sum|total|pct|ratio|id type|code type|country|visible|opt in|optin|consent|bounced|subscribed|version|algorithm|algo|method|plugin|encryption|file|path)"
)
_KEEPS_KIND = {"PAY", "MEDICAL", "NATID", "PASSWORD", "CARD", "IBAN", "DOB", "PERSON", "PHONE", "EMAIL"}


@lru_cache(maxsize=4096)
def column_kind(name: str) -> str | None:
    """The kind of data a name promises: a placeholder type, or PAY, LOGIN, NAME, or None for anything harmless."""
    parts = [name[start:end].lower() for start, end in _PARTS.spans(name[:120])]
    words = " ".join(parts)
    for kind, pattern in _KINDS.items():
        if pattern.fits(words):
            if kind in ("NAME", "LOGIN") or not _NOT_PERSONAL.fits(words):
                return kind
            return (
                kind
                if kind in _KEEPS_KIND and words.split()[-1] in ("limit", "name", "index") and pattern.fits(words) and kind == "PAY"
                else None
            )
    return None


PERSON_TABLES = Pattern(
    r".*(?:user|customer|client|patient|employee|person|people|contact|member|staff|student|teacher|payroll|account|profile|subscriber|guest|passenger|doctor|worker|personnel|beneficiar|applicant|candidate|citizen|resident|voter|"
    r"kunden?|mitarbeiter|personal|usuario|cliente|empleado|paciente|utilisateur|salari|emp|hr|crm|lead|attendee|participant|donor|author|player|owner|tenant|borrower|insured|member)s?\b.*"
)
