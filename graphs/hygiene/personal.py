"""Personal data that can be checked: mail and network addresses, phone, card and account numbers, national ids.

Owns the recognisers with their checksums. Names of people are not among them: nothing here could tell one from a word.
Must not replace anything.
"""

from __future__ import annotations

import ipaddress
import re

from graphs.hygiene.checksums import (
    aadhaar,
    brazilian_cpf,
    british_nhs,
    canadian_sin,
    chinese_id,
    dutch_bsn,
    finnish_hetu,
    french_nir,
    german_tax_id,
    iban,
    italian_code,
    korean_rrn,
    luhn,
    polish_pesel,
    spanish_id,
)
from graphs.hygiene.rule import Check, Family, Rule

_NOT_A_DOMAIN = re.compile(
    r"(?i)\.(?:png|jpe?g|gif|svg|webp|ico|pdf|md|txt|[cm]?jsx?|tsx?|s?css|html|pyi?|rs|go|java|kt|sh|ya?ml|json|toml|lock|zip"
    r"|gz|tar|tgz|whl|exe|dll|so|dylib|local|localhost|internal|example|test|invalid|lan)$"
)
_NOBODY = re.compile(
    r"(?i)^(?:no-?reply|do-?not-?reply|git|support|info|hello|security|root|postmaster|notifications)@"
)
_DOC_DOMAINS = re.compile(
    r"(?i)(?:@|\.)(?:example\.(?:com|org|net)|domain\.com|email\.com|users\.noreply\.github\.com)$"
)
_VERSION_BEFORE = re.compile(
    r"(?i)(?:[a-z]/|[-~^<v]|[=~<>!]=|(?<!<code)(?<!<td)(?<!<b)>|[a-z0-9]_|\bv(?:er(?:sion)?)?[\"']?\s{0,2}[:.=]?\s{0,2})$"
)
_PATH_BEFORE = re.compile(r"://[^\s?#&=;]{0,190}$")
"""In an address, but not in its query: there an `@` is a user's part or a version."""
_COLUMN_BEFORE = re.compile(r"[\w.-][ \t]{2,}$")
_WELL_KNOWN = frozenset({"8.8.8.8", "8.8.4.4", "1.1.1.1", "1.0.0.1", "9.9.9.9", "114.114.114.114"})
_CODES = re.compile(
    r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|2(?:1[1-368]|[2-6]\d|9[01789])|3[578]\d|42[0134]|50\d|59\d"
    r"|6[789]\d|8(?:00|08|5\d|70|8\d)|9[679]\d"
)
_CARDS = re.compile(
    r"4\d{15}|5[1-5]\d{14}|2[2-7]\d{14}|3[47]\d{13}|6(?:011|5\d\d)\d{12}|35\d{14}|3(?:0[0-5]|[68]\d)\d{11}"
)


def _digits(match: re.Match[str]) -> str:
    return re.sub(r"\D", "", match[0])


def _mail(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 200) : match.start()]
    in_url = _PATH_BEFORE.search(before) is not None
    strange = _NOT_A_DOMAIN.search(match[0])
    return not in_url and not strange and not _NOBODY.match(match[0]) and not _DOC_DOMAINS.search(match[0])


def _phone(match: re.Match[str]) -> bool:
    digits = _digits(match)
    return 9 <= len(digits) <= 15 and _CODES.match(digits) is not None and len(set(digits)) > 3  # noqa: PLR2004  # E.164


def _card(match: re.Match[str]) -> bool:
    digits = _digits(match)
    return _CARDS.fullmatch(digits) is not None and luhn(digits) and len(set(digits)) > 2  # noqa: PLR2004


def _ipv4(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 60) : match.start()]
    if match[0] in _WELL_KNOWN or match[0].endswith(".0.0") or _VERSION_BEFORE.search(before):
        return False
    octets = [int(part) for part in match[0].split(".")]
    if octets[0] < 32 and _COLUMN_BEFORE.search(before):  # noqa: PLR2004  # a table of packages and their versions
        return False
    return max(octets) > 31 and ipaddress.IPv4Address(match[0]).is_global  # noqa: PLR2004  # small numbers are versions


def _ipv6(match: re.Match[str]) -> bool:
    try:
        return ipaddress.IPv6Address(match[0]).is_global
    except ValueError:
        return False


def _ssn(match: re.Match[str]) -> bool:
    area, group, serial = match[0].split("-")
    return area not in {"000", "666"} and area < "900" and group != "00" and serial != "0000"


def _personal(kind: str, hints: tuple[str, ...], shape: str, check: Check) -> Rule:
    return Rule(kind, hints, re.compile(shape), check, Family.PRIVATE)


# ASCII only: Chinese and Japanese text puts no space before a number.
_EDGE, _END = r"(?<![A-Za-z0-9.+-])(?<![A-Za-z0-9]_)", r"(?![A-Za-z0-9-]|_[A-Za-z0-9])"
_DAY, _MONTH = "(?:0[1-9]|[12]\\d|3[01])", "(?:0[1-9]|1[0-2])"
PERSONAL: tuple[Rule, ...] = (
    _personal(
        "email",
        ("@",),
        r"(?<![A-Za-z0-9.%+-])[A-Za-z0-9](?:[A-Za-z0-9._%+-]{0,62}[A-Za-z0-9_+-])?@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,18}(?![A-Za-z0-9-])",
        _mail,
    ),
    _personal("iban", (), rf"{_EDGE}[A-Z]{{2}}\d{{2}}(?: ?[A-Z0-9]{{4}}){{2,7}}(?: ?[A-Z0-9]{{1,3}})?{_END}", iban),
    _personal("card", (), rf"{_EDGE}\d(?:[ -]?\d){{12,18}}{_END}(?!\.\d)", _card),
    _personal(
        "phone",
        ("+",),
        rf"(?<![\w.+/-])\+(?!\d{{4}}-\d\d-\d\d)[1-9](?:[ .()/-]{{0,2}}\d){{7,14}}{_END}(?!\.\d)",
        _phone,
    ),
    _personal("us_ssn", ("-",), rf"{_EDGE}\d{{3}}-\d{{2}}-\d{{4}}{_END}", _ssn),
    _personal("br_cpf", ("-",), rf"{_EDGE}\d{{3}}\.\d{{3}}\.\d{{3}}-\d{{2}}{_END}", brazilian_cpf),
    _personal(
        "cn_resident_id",
        (),
        rf"{_EDGE}[1-8]\d{{5}}(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{{3}}[\dX]{_END}",
        chinese_id,
    ),
    _personal("es_dni", (), rf"{_EDGE}(?:\d{{8}}|[XYZ]\d{{7}})-?[A-HJ-NP-TV-Z]{_END}", spanish_id),
    _personal("in_aadhaar", (), rf"{_EDGE}[2-9]\d{{3}} \d{{4}} \d{{4}}(?! ?\d){_END}", aadhaar),
    _personal(
        "fr_nir", (), rf"{_EDGE}[12] ?\d\d ?(?:0[1-9]|1[0-2]) ?\d[\dAB] ?\d{{3}} ?\d{{3}} ?\d\d{_END}", french_nir
    ),
    _personal(
        "nl_bsn", ("bsn", "burgerservice"), r"(?i)\b(?:bsn|burgerservicenummer)\D{0,15}(?P<it>\d{9})(?!\d)", dutch_bsn
    ),
    _personal(
        "it_codice_fiscale", (), rf"{_EDGE}[A-Z]{{6}}\d\d[A-EHLMPRST][0-7]\d[A-Z]\d{{3}}[A-Z]{_END}", italian_code
    ),
    _personal("kr_rrn", ("-",), rf"{_EDGE}\d\d{_MONTH}{_DAY}-[1-8]\d{{6}}{_END}", korean_rrn),
    _personal("fi_hetu", (), rf"{_EDGE}{_DAY}{_MONTH}\d\d[-+A]\d{{3}}[0-9A-FHJ-NPR-Y]{_END}", finnish_hetu),
    _personal("pl_pesel", ("pesel",), r"(?i)\bpesel\D{0,15}(?P<it>\d{11})(?!\d)", polish_pesel),
    _personal(
        "de_tax_id",
        ("steuer",),
        r"(?i)\bsteuer[- ]?(?:id|identifikations|ident)\D{0,25}(?P<it>[1-9]\d(?: ?\d{3}){3})(?!\d)",
        german_tax_id,
    ),
    _personal(
        "ca_sin",
        ("sin", "social insurance"),
        r"(?:\bSIN\b|(?i:social insurance))\D{0,20}(?P<it>[1-7]\d\d[ -]?\d{3}[ -]?\d{3})(?!\d)",
        canadian_sin,
    ),
    _personal("uk_nhs", ("nhs",), r"(?i)\bnhs\D{0,20}(?P<it>\d{3} ?\d{3} ?\d{4})(?!\d)", british_nhs),
    _personal(
        "ipv4",
        (".",),
        r"(?<![A-Za-z0-9.-])(?<![A-Za-z0-9]_)(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![A-Za-z0-9-]|_[A-Za-z0-9])(?!\.\d)",
        _ipv4,
    ),
    _personal(
        "ipv6",
        (":",),
        r"(?<![A-Za-z0-9_.])(?<![0-9A-Fa-f]:)[23][0-9A-Fa-f]{3}:(?:[0-9A-Fa-f]{0,4}:){1,6}[0-9A-Fa-f]{0,4}(?![A-Za-z0-9:])",
        _ipv6,
    ),
)
