"""Makes one secret or private number of every kind the redactor knows, by construction.

Nothing here is a secret, and no whole token stands in the source: prefixes are joined with random letters at run time,
so that no scanner has anything to find in this repository.
"""

from __future__ import annotations

import base64
import random
import string
from collections.abc import Callable

from graphs.hygiene.checksums import luhn
from tests.hygiene.sums import fiscal_sum, verhoeff

ALNUM, HEX, DIGITS = string.ascii_letters + string.digits, string.digits + "abcdef", string.digits
URLSAFE = f"{ALNUM}_"
BASE32, BASE64 = string.ascii_uppercase + "234567", f"{ALNUM}+/"


class Maker:
    """Random parts from one seed, always with at least one letter of each class the alphabet has."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311  # no secret is made here

    def some(self, alphabet: str, count: int) -> str:
        classes = [one for one in (string.ascii_lowercase, string.ascii_uppercase, DIGITS) if set(one) & set(alphabet)]
        while True:
            text = "".join(self.dice.choices(alphabet, k=count))
            if count < 12 or all(set(one) & set(text) for one in classes):
                return text

    def uuid(self) -> str:
        return "-".join(self.some(HEX, size) for size in (8, 4, 4, 4, 12))

    def jwt(self) -> str:
        return f"ey{'J'}{self.some(ALNUM, 30)}.ey{'J'}{self.some(ALNUM, 80)}.{self.some(URLSAFE, 43)}"

    def pem(self) -> str:
        lines = "\n".join(self.some(BASE64, 64) for _ in range(20))
        return f"-----BEGIN RSA {'PRIVATE'} KEY-----\n{lines}\n-----END RSA {'PRIVATE'} KEY-----"

    def card(self) -> str:
        while True:
            digits = "4" + self.some(DIGITS, 15)
            if luhn(digits):
                return " ".join(digits[at : at + 4] for at in range(0, 16, 4))

    def iban(self) -> str:
        account = self.some(DIGITS, 18)
        check = 98 - int(f"{account}131400") % 97
        return f"DE{check:02}{account}"

    def cpf(self) -> str:
        digits = [int(one) for one in self.some(DIGITS, 9)]
        for size in (9, 10):
            digits.append(sum(one * (size + 1 - at) for at, one in enumerate(digits[:size])) * 10 % 11 % 10)
        text = "".join(map(str, digits))
        return f"{text[:3]}.{text[3:6]}.{text[6:9]}-{text[9:]}"

    def chinese_id(self) -> str:
        body = f"110101199{self.dice.randint(0, 9)}0{self.dice.randint(1, 9)}15{self.some(DIGITS, 3)}"
        weights = [2**power % 11 for power in range(17, 0, -1)]
        total = sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True))
        return body + "10X98765432"[total % 11]

    def dni(self) -> str:
        number = self.dice.randint(10_000_000, 99_999_999)
        return f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}"

    def nir(self) -> str:
        body = f"2{self.dice.randint(50, 99)}07{self.dice.randint(10, 95)}{self.some(DIGITS, 6)}"
        return f"{body}{97 - int(body) % 97:02}"

    def bsn(self) -> str:
        while True:
            text = self.some(DIGITS, 9)
            total = sum(int(one) * weight for one, weight in zip(text, (9, 8, 7, 6, 5, 4, 3, 2, -1), strict=True))
            if total % 11 == 0:
                return text

    def codice_fiscale(self) -> str:
        letters = string.ascii_uppercase
        born = f"{self.dice.randint(50, 99)}{self.dice.choice('ABCDEHLMPRST')}{self.dice.randint(10, 31)}"
        body = f"{self.some(letters, 6)}{born}{self.dice.choice(letters)}{self.some(DIGITS, 3)}"
        return body + letters[fiscal_sum(body) % 26]

    def rrn(self) -> str:
        """Of a Korean born in the last century."""
        body = f"8{self.dice.randint(0, 9)}0{self.dice.randint(1, 9)}1{self.dice.randint(0, 9)}1{self.some(DIGITS, 5)}"
        total = sum(int(one) * weight for one, weight in zip(body, (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5), strict=True))
        return f"{body[:6]}-{body[6:]}{(11 - total % 11) % 10}"

    def hetu(self) -> str:
        day, serial = (
            f"1{self.dice.randint(0, 9)}0{self.dice.randint(1, 9)}7{self.dice.randint(0, 9)}",
            self.some("2345678", 3),
        )
        return f"{day}-{serial}{'0123456789ABCDEFHJKLMNPRSTUVWXY'[int(day + serial) % 31]}"

    def pesel(self) -> str:
        body = f"8{self.dice.randint(0, 9)}0{self.dice.randint(1, 9)}1{self.dice.randint(0, 9)}{self.some(DIGITS, 4)}"
        total = sum(int(one) * weight for one, weight in zip(body, (1, 3, 7, 9, 1, 3, 7, 9, 1, 3), strict=True))
        return body + str(-total % 10)

    def tax_id(self) -> str:
        """German: ISO 7064, MOD 11,10."""
        body = f"{self.dice.randint(1, 9)}{self.some(DIGITS, 9)}"
        product = 10
        for one in body:
            product = ((int(one) + product) % 10 or 10) * 2 % 11
        return body + str((11 - product) % 10)

    def sin(self) -> str:
        while True:
            digits = f"{self.dice.choice('1234567')}{self.some(DIGITS, 8)}"
            if luhn(digits):
                return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"

    def nhs(self) -> str:
        while True:
            body = f"{self.dice.randint(4, 7)}{self.some(DIGITS, 8)}"
            check = 11 - sum(int(one) * (10 - at) for at, one in enumerate(body)) % 11
            if check != 10:
                return f"{body[:3]} {body[3:6]} {body[6:]}{check % 11}"

    def aadhaar(self) -> str:
        while True:
            text = f"{self.dice.randint(2, 9)}{self.some(DIGITS, 11)}"
            if verhoeff(text):
                return f"{text[:4]} {text[4:8]} {text[8:]}"


Make = Callable[[Maker], tuple[str, str]]
"""Gives (the text as it is written, the part that must go)."""


def _plain(prefix: str, *parts: tuple[str, str, int]) -> Make:
    """`prefix` and then, for each part, a separator and random letters."""

    def make(maker: Maker) -> tuple[str, str]:
        text = prefix + "".join(mark + maker.some(alphabet, count) for mark, alphabet, count in parts)
        return text, text

    return make


def _after(lead: str, alphabet: str, count: int) -> Make:
    """Only known by the words before it."""

    def make(maker: Maker) -> tuple[str, str]:
        text = maker.some(alphabet, count)
        return lead + text, text

    return make


def _whole(make: Callable[[Maker], str]) -> Make:
    def both(maker: Maker) -> tuple[str, str]:
        text = make(maker)
        return text, text

    return both


def _password(maker: Maker) -> tuple[str, str]:
    word = f"{maker.some(ALNUM, 12)}!7"
    return f"password: {word}", word


def _heroku(maker: Maker) -> tuple[str, str]:
    key = maker.uuid()
    return f"heroku api key: {key}", key


def _okta(maker: Maker) -> tuple[str, str]:
    key = f"00{maker.some(ALNUM, 40)}"
    return f"okta api token: {key}", key


def _cookie(maker: Maker) -> tuple[str, str]:
    pairs = f"session={maker.some(ALNUM, 40)}; theme=dark"
    return f"Cookie: {pairs}", pairs


def _azure_storage(maker: Maker) -> tuple[str, str]:
    key = maker.some(BASE64, 86) + "=="
    return f"AccountName=x;AccountKey={key}", key


def _said(lead: str, make: Callable[[Maker], str]) -> Make:
    def both(maker: Maker) -> tuple[str, str]:
        number = make(maker)
        return f"{lead}{number}", number

    return both


def _bsn(maker: Maker) -> tuple[str, str]:
    number = maker.bsn()
    return f"BSN: {number}", number


def _url(scheme: str) -> Make:
    def make(maker: Maker) -> tuple[str, str]:
        word = maker.some(ALNUM, 14)
        return f"{scheme}://svc:{word}@db.internal:5432/app", word

    return make


def _basic(maker: Maker) -> tuple[str, str]:
    pair = base64.b64encode(f"svc:{maker.some(ALNUM, 15)}".encode()).decode()
    return f"Authorization: Basic {pair}", pair


def _dsn(maker: Maker) -> tuple[str, str]:
    key = maker.some(HEX, 32)
    return f"https://{key}@o12.ingest.sentry.io/345", key


def _hook(host: str, path: str, *sizes: int) -> Make:
    def make(maker: Maker) -> tuple[str, str]:
        tail = "/".join(maker.some(DIGITS if size == 18 else string.ascii_uppercase + DIGITS, size) for size in sizes)
        text = f"{path}{tail}"
        return f"https://{host}/{text}", tail

    return make


SECRETS: dict[str, Make] = {
    "github_pat": _plain("gh" + "p_", ("", ALNUM, 36)),
    "github_fine_grained_pat": _plain("github" + "_pat_", ("", ALNUM, 22), ("_", ALNUM, 59)),
    "github_oauth": _plain("gh" + "o_", ("", ALNUM, 36)),
    "github_app": _plain("gh" + "s_", ("", ALNUM, 36)),
    "github_refresh": _plain("gh" + "r_", ("", ALNUM, 76)),
    "gitlab_pat": _plain("gl" + "pat-", ("", ALNUM, 20)),
    "gitlab_token": _plain("gl" + "dt-", ("", ALNUM, 20)),
    "bitbucket": _plain("AT" + "BB", ("", ALNUM, 32)),
    "slack_bot": _plain("xo" + "xb", ("-", DIGITS, 12), ("-", DIGITS, 13), ("-", ALNUM, 24)),
    "slack_user": _plain("xo" + "xp", ("-", DIGITS, 12), ("-", DIGITS, 12), ("-", HEX, 32)),
    "slack_app": _plain("xa" + "pp-1-A", ("", BASE32, 10), ("-", DIGITS, 13), ("-", HEX, 64)),
    "slack_config": _plain("xo" + "xe.xoxp-1", ("-", ALNUM, 160)),
    "slack_legacy": _plain("xo" + "xr", ("-", DIGITS, 12), ("-", ALNUM, 24)),
    "slack_webhook": _hook("hooks.slack.com", "services/", 11, 11, 24),
    "discord_bot": _plain("M", ("", ALNUM, 25), (".", ALNUM, 6), (".", ALNUM, 38)),
    "discord_webhook": _hook("discord.com", "api/webhooks/", 18, 68),
    "telegram_bot": _plain("", ("", DIGITS, 10), (":AA", ALNUM, 33)),
    "anthropic": _plain("sk-" + "ant-api03-", ("", ALNUM, 93)),
    "openai_project": _plain("sk-" + "proj-", ("", URLSAFE, 100)),
    "openai_service": _plain("sk-" + "svcacct-", ("", URLSAFE, 100)),
    "openrouter": _plain("sk-" + "or-v1-", ("", HEX, 64)),
    "langfuse": _whole(lambda maker: "sk-" + f"lf-{maker.uuid()}"),
    "openai": _plain("sk-", ("", ALNUM, 20), ("T3Blbk" + "FJ", ALNUM, 20)),
    "litellm": _plain("sk-", ("", ALNUM, 10), ("-", ALNUM, 11)),
    "huggingface": _plain("hf" + "_", ("", ALNUM, 34)),
    "groq": _plain("gs" + "k_", ("", ALNUM, 52)),
    "xai": _plain("xai" + "-", ("", ALNUM, 80)),
    "replicate": _plain("r8" + "_", ("", ALNUM, 37)),
    "perplexity": _plain("ppl" + "x-", ("", ALNUM, 48)),
    "nvidia": _plain("nva" + "pi-", ("", URLSAFE, 64)),
    "langsmith": _plain("lsv2" + "_pt_", ("", HEX, 32), ("_", HEX, 10)),
    "pinecone": _plain("pc" + "sk_", ("", ALNUM, 70)),
    "tavily": _plain("tv" + "ly-dev-", ("", ALNUM, 32)),
    "aws_access_key": _plain("AK" + "IA", ("", BASE32, 16)),
    "google_api_key": _plain("AI" + "za", ("", URLSAFE, 35)),
    "google_oauth_secret": _plain("GOC" + "SPX-", ("", ALNUM, 28)),
    "google_access": _plain("ya" + "29.", ("", URLSAFE, 120)),
    "google_refresh": _plain("1/" + "/0", ("", URLSAFE, 60)),
    "azure_storage": _azure_storage,
    "azure_sas": _after("https://x.blob.core.windows.net/c?sv=2024&sig=", ALNUM, 46),
    "azure_ad": _plain("", ("", ALNUM, 3), ("8Q~", ALNUM, 34)),
    "digitalocean": _plain("do" + "p_v1_", ("", HEX, 64)),
    "heroku": _heroku,
    "cloudflare_origin": _plain("v1" + ".0-", ("", HEX, 24), ("-", HEX, 146)),
    "vercel": _plain("vc" + "p_", ("", ALNUM, 24)),
    "netlify": _plain("nf" + "p_", ("", ALNUM, 36)),
    "flyio": _plain("fm" + "2_", ("", BASE64, 300)),
    "supabase": _plain("sb" + "p_", ("", HEX, 40)),
    "planetscale": _plain("psc" + "ale_tkn_", ("", ALNUM, 43)),
    "terraform": _plain("", ("", ALNUM, 14), (".atlas" + "v1.", ALNUM, 67)),
    "vault": _plain("hv" + "s.", ("", ALNUM, 90)),
    "pulumi": _plain("pu" + "l-", ("", HEX, 40)),
    "doppler": _plain("dp" + ".pt.", ("", ALNUM, 43)),
    "databricks": _plain("da" + "pi", ("", HEX, 32)),
    "npm": _plain("np" + "m_", ("", ALNUM, 36)),
    "pypi": _plain("pypi-" + "AgE", ("", URLSAFE, 160)),
    "docker_hub": _plain("dckr" + "_pat_", ("", ALNUM, 27)),
    "rubygems": _plain("ruby" + "gems_", ("", HEX, 48)),
    "linear": _plain("lin" + "_api_", ("", ALNUM, 40)),
    "atlassian": _plain("ATA" + "TT3", ("", URLSAFE, 180), ("=", HEX, 8)),
    "notion": _plain("nt" + "n_", ("", ALNUM, 46)),
    "airtable": _plain("pa" + "t", ("", ALNUM, 14), (".", HEX, 64)),
    "figma": _plain("fig" + "d_", ("", URLSAFE, 40)),
    "postman": _plain("PM" + "AK-", ("", HEX, 24), ("-", HEX, 34)),
    "stripe": _plain("sk" + "_live_", ("", ALNUM, 24)),
    "stripe_webhook": _plain("wh" + "sec_", ("", ALNUM, 32)),
    "square": _plain("sq0" + "atp-", ("", ALNUM, 22)),
    "shopify": _plain("shp" + "at_", ("", HEX, 32)),
    "sendgrid": _plain("SG" + ".", ("", ALNUM, 22), (".", ALNUM, 43)),
    "mailgun": _plain("ke" + "y-", ("", HEX, 32)),
    "mailchimp": _whole(lambda maker: maker.some(HEX, 32) + "-us12"),
    "twilio": _plain("S" + "K", ("", HEX, 32)),
    "newrelic": _plain("NR" + "AK-", ("", string.ascii_uppercase + DIGITS, 27)),
    "grafana": _plain("gl" + "sa_", ("", ALNUM, 32), ("_", HEX, 8)),
    "sentry": _plain("sntr" + "ys_", ("", ALNUM, 80)),
    "sentry_dsn": _dsn,
    "dynatrace": _plain("dt0" + "c01.", ("", BASE32, 24), (".", BASE32, 64)),
    "posthog": _plain("ph" + "x_", ("", ALNUM, 43)),
    "honeycomb": _plain("hca" + "ik_", ("", string.ascii_lowercase + DIGITS, 58)),
    "buildkite": _plain("bk" + "ua_", ("", HEX, 40)),
    "circleci": _plain("CCI" + "PAT_", ("", ALNUM, 22), ("_", HEX, 40)),
    "sonar": _plain("sq" + "u_", ("", HEX, 40)),
    "artifactory": _plain("AK" + "Cp8", ("", ALNUM, 69)),
    "onepassword": _plain("op" + "s_ey" + "J", ("", BASE64, 300)),
    "alibaba": _plain("LT" + "AI", ("", ALNUM, 20)),
    "tencent": _plain("AK" + "ID", ("", ALNUM, 32)),
    "hubspot": _whole(lambda maker: "pa" + f"t-na1-{maker.uuid()}"),
    "firecrawl": _plain("f" + "c-", ("", HEX, 32)),
    "e2b": _plain("e2" + "b_", ("", HEX, 40)),
    "cerebras": _plain("cs" + "k-", ("", string.ascii_lowercase + DIGITS, 48)),
    "fireworks": _plain("f" + "w_", ("", ALNUM, 24)),
    "elevenlabs": _plain("s" + "k_", ("", HEX, 48)),
    "jina": _plain("ji" + "na_", ("", HEX, 32), ("", ALNUM, 28)),
    "prefect": _plain("pn" + "u_", ("", ALNUM, 36)),
    "age_key": _plain("AGE-SECRET" + "-KEY-1", ("", "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58)),
    "jwt": _whole(Maker.jwt),
    "private_key": _whole(Maker.pem),
    "database_password": _url("postgresql+psycopg"),
    "url_password": _url("ftp"),
    "bearer": _after("Authorization: Bearer ", ALNUM, 40),
    "basic_auth": _basic,
    "aws_secret": _after("aws_secret_access_key = ", BASE64, 40),
    "datadog": _after("DD_API_KEY=", HEX, 32),
    "cloudflare": _after("CLOUDFLARE_API_TOKEN=", ALNUM, 40),
    "cohere": _after("COHERE_API_KEY=", ALNUM, 40),
    "mistral": _after("MISTRAL_API_KEY: ", ALNUM, 32),
    "together": _after("TOGETHER_API_KEY=", HEX, 64),
    "wandb": _after("wandb api key: ", HEX, 40),
    "zendesk": _after("zendesk token: ", ALNUM, 40),
    "okta": _okta,
    "password": _password,
    "api_key": _after("INTERNAL_API_KEY=", ALNUM, 32),
    "cookie": _cookie,
}
PERSONAL: dict[str, Make] = {
    "email": _whole(
        lambda maker: f"{maker.some(string.ascii_lowercase, 8)}.x@{maker.some(string.ascii_lowercase, 7)}.co.uk"
    ),
    "iban": _whole(Maker.iban),
    "card": _whole(Maker.card),
    "phone": _whole(lambda maker: f"+49 151 {maker.some('12345678', 4)} {maker.some('12345679', 4)}"),
    "us_ssn": _whole(
        lambda maker: f"{maker.dice.randint(100, 665)}-{maker.dice.randint(10, 99)}-{maker.dice.randint(1000, 9999)}"
    ),
    "br_cpf": _whole(Maker.cpf),
    "cn_resident_id": _whole(Maker.chinese_id),
    "es_dni": _whole(Maker.dni),
    "in_aadhaar": _whole(Maker.aadhaar),
    "fr_nir": _whole(Maker.nir),
    "nl_bsn": _bsn,
    "it_codice_fiscale": _whole(Maker.codice_fiscale),
    "kr_rrn": _whole(Maker.rrn),
    "fi_hetu": _whole(Maker.hetu),
    "pl_pesel": _said("PESEL: ", Maker.pesel),
    "de_tax_id": _said("Steuer-ID ", Maker.tax_id),
    "ca_sin": _said("SIN: ", Maker.sin),
    "uk_nhs": _said("NHS number ", Maker.nhs),
    "ipv4": _whole(
        lambda maker: f"203.{maker.dice.randint(1, 111)}.{maker.dice.randint(1, 254)}.{maker.dice.randint(1, 254)}"
    ),
    "ipv6": _whole(lambda maker: f"2a01:4f8:{maker.some(HEX, 4)}:{maker.some(HEX, 4)}::1"),
}
