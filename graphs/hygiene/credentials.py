"""Secrets that look like nothing special and are known by the words around them.

Owns the rules for keyed values, headers and addresses with a password. Must not replace anything. Here false alarms
live: every rule asks that the value looks random and is not what people write in place of a secret.
"""

from __future__ import annotations

import base64
import binascii
import re

from graphs.hygiene.rule import Rule, entropy, near, placeholder, random_looking, value

_HEX32, _HEX40 = "[0-9a-f]{32}", "[0-9a-f]{40}"
_UUID = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
_WORDS_BEFORE = (
    "password|passwd|passphrase|passwort|contraseña|mot de passe|senha|пароль|密码|密碼|(?<![a-z])(?:db_)?pwd?|_pwd?"
)
_HINTS_BEFORE = ("passw", "passphrase", "contrase", "mot de passe", "senha", "пароль", "密码", "密碼", "pw")
_KEY_WORDS = (
    "(?:api|access|auth|private|encryption|master|service|account|aes)[_ -]?key|secret|token|credentials?|密钥|令牌"
)
_DATABASES = r"postgres(?:ql)?|mysql|mariadb|mongodb|rediss?|amqps?|mssql|clickhouse|snowflake"


def _password(match: re.Match[str]) -> bool:
    """People's passwords are shorter and less random than keys, so the word before them has to carry more."""
    found = value(match)
    classes = [any(map(test, found)) for test in (str.islower, str.isupper, str.isdigit, lambda c: not c.isalnum())]
    return sum(classes) > 1 and (classes[2] or sum(classes) > 2) and not placeholder(found) and entropy(found) > 2  # noqa: PLR2004


def _key(match: re.Match[str]) -> bool:
    found = value(match)
    words = re.split(r"[-_./:]", found)
    return random_looking(match) and max(len(word) for word in words) > 9 and not found.startswith(("http", "/", "./"))  # noqa: PLR2004


def _three_kinds(match: re.Match[str]) -> bool:
    found = value(match)
    return _key(match) and any(map(str.isupper, found)) and any(map(str.islower, found))


def _not_the_user(match: re.Match[str]) -> bool:
    found = value(match)
    return found.lower() not in {match["user"].lower(), "pass", "pwd", "pw", "password"} and not placeholder(found)


def _base64_pair(match: re.Match[str]) -> bool:
    try:
        return b":" in base64.b64decode(value(match), validate=True)
    except (binascii.Error, ValueError):
        return False


def _url(kind: str, schemes: str, hints: tuple[str, ...]) -> Rule:
    shape = rf"(?i)(?<![a-z0-9])(?:{schemes})://(?P<user>[^\s:/@\"'<>\[\]]{{0,120}}):(?P<it>[^\s/@\"'<>\[\]]{{1,200}})@"
    return Rule(kind, hints, re.compile(shape), _not_the_user)


IN_CONTEXT: tuple[Rule, ...] = (
    _url("database_password", rf"(?:{_DATABASES})(?:\+[a-z0-9]{{1,20}})?", ("://",)),
    _url("url_password", r"[a-z][a-z0-9+.-]{1,20}", ("://",)),
    Rule(
        "bearer",
        ("bearer", "authorization"),
        re.compile(
            r"(?i)\b(?:bearer|authorization[\"']?\s{0,3}[:=]\s{0,3}[\"']?token)\s{1,5}(?P<it>[A-Za-z0-9._~+/=-]{16,2000})"
        ),
        random_looking,
    ),
    Rule(
        "basic_auth",
        ("basic",),
        re.compile(r"(?i)\bbasic\s{1,5}(?P<it>[A-Za-z0-9+/]{8,400}={0,2})"),
        _base64_pair,
    ),
    near(
        "aws_secret",
        r"aws[\w .\-]{0,20}(?:secret|key)|secret[_ -]?access[_ -]?key",
        "[A-Za-z0-9/+=]{40}",
        ("aws", "secret"),
        random_looking,
    ),
    near("twilio", "twilio", _HEX32, ("twilio",), random_looking),
    near("datadog", r"datadog|dd[_-]?(?:api|app)", f"{_HEX40}|{_HEX32}", ("datadog", "dd_", "dd-"), random_looking),
    near(
        "cloudflare", "cloudflare|cf[_-]api", "[A-Za-z0-9_-]{37,53}", ("cloudflare", "cf_api", "cf-api"), random_looking
    ),
    near("heroku", "heroku", _UUID, ("heroku",)),
    near("vercel", "vercel", "[A-Za-z0-9]{24}", ("vercel",), random_looking),
    near("cohere", r"cohere|co[_-]api[_-]key", "[A-Za-z0-9]{40}", ("cohere", "co_api"), random_looking),
    near("mistral", "mistral", "[A-Za-z0-9]{32}", ("mistral",), random_looking),
    near("together", "together", "[0-9a-f]{64}", ("together",), random_looking),
    near("wandb", r"wandb|weights.{0,5}biases", _HEX40, ("wandb", "biases"), random_looking),
    near("zendesk", "zendesk", "[A-Za-z0-9]{40}", ("zendesk",), random_looking),
    near("okta", "okta", "00[A-Za-z0-9_-]{40}", ("okta",), random_looking),
    near("vault", "vault", r"s\.[A-Za-z0-9]{24}", ("vault",), random_looking),
    Rule(
        "cookie",
        ("cookie",),
        re.compile(
            r"(?i)\bcookies?\\{0,2}[\"']?\s{0,3}[:=]\s{0,3}\\{0,2}[\"']?"
            r"(?P<it>[^\s=;\"']{1,60}=[^\s;\"'\\]{8,4000}(?:;\s?[^\s=;\"']{1,60}(?:=[^\s;\"'\\]{0,4000})?){0,60})"
        ),
        random_looking,
    ),
    near("password", _WORDS_BEFORE, r"[^\s\"'`,;<>(){}\[\]|\\]{6,120}", _HINTS_BEFORE, _password),
    Rule(
        "password",
        ("--",),
        re.compile(r"(?i)\s--?[a-z-]{0,20}pass(?:word|phrase)?[ =][\"']?(?P<it>[^\s\"'`<>]{6,120})"),
        _password,
    ),
    near("api_key", _KEY_WORDS, r"[A-Za-z0-9+/=_~.-]{16,4000}+", ("key", "secret", "token", "credential"), _key),
    Rule(
        "api_key",
        ("--",),
        re.compile(r"(?i)\s--[a-z-]{0,30}(?:key|token|secret)[ =][\"']?(?P<it>[\w+/=~.-]{16,4000})"),
        _key,
    ),
    near("api_key", r"(?<![a-z])keys?", "[A-Za-z0-9_-]{32,200}", ("key",), _three_kinds),
)
