"""Secrets that can be told by how they look, by service.

Owns the table of token shapes. Must not replace anything: `graphs.hygiene.redact` does. Shapes come from the services'
own descriptions of their tokens. To add one: a line here; the test makes a token of every kind by construction.
"""

from __future__ import annotations

import re

from graphs.hygiene.rule import Rule, always, mixed, random_looking, token, value

_LONG = "[A-Za-z0-9_-]"


def _has_digit(match: re.Match[str]) -> bool:
    return mixed(value(match))


def _many_kinds(match: re.Match[str]) -> bool:
    return random_looking(match) and any(map(str.isupper, value(match)))


TOKENS: tuple[Rule, ...] = (
    # Code hosts
    token("github_pat", r"ghp_[A-Za-z0-9]{36,251}", hints=("ghp_",)),
    token("github_fine_grained_pat", r"github_pat_[A-Za-z0-9_]{22,244}", hints=("github_pat_",)),
    token("github_oauth", r"gho_[A-Za-z0-9]{36,251}", hints=("gho_",)),
    token("github_app", r"gh[us]_[A-Za-z0-9]{36,251}", hints=("ghu_", "ghs_")),
    token("github_refresh", r"ghr_[A-Za-z0-9]{36,251}", hints=("ghr_",)),
    token("gitlab_pat", rf"glpat-{_LONG}{{20,300}}(?:\.[0-9a-z.]{{2,30}})?", hints=("glpat-",)),
    token("gitlab_token", rf"gl(?:ptt|dt|soat|rt|imt|agent|oas|cbt|ft)-{_LONG}{{20,300}}", hints=("gl",)),
    token("bitbucket", r"ATBB[A-Za-z0-9]{28,40}", hints=("atbb",)),
    # Chat
    token("slack_bot", r"xoxb-[0-9]{8,14}-[A-Za-z0-9-]{10,100}", hints=("xoxb-",)),
    token("slack_user", r"xoxp-[0-9]{8,14}-[A-Za-z0-9-]{10,100}", hints=("xoxp-",)),
    token("slack_app", r"xapp-[0-9]-[A-Z0-9]{8,14}-[0-9]{8,14}-[A-Za-z0-9]{30,100}", hints=("xapp-",)),
    token("slack_config", r"xoxe(?:\.xox[bp])?-[0-9]-[A-Za-z0-9-]{20,400}", hints=("xoxe",)),
    token("slack_legacy", r"xox[aors]-[A-Za-z0-9-]{10,200}", hints=("xox",)),
    Rule(
        "slack_webhook",
        ("hooks.slack.com",),
        re.compile(r"hooks\.slack\.com/(?:services|workflows|triggers)/(?P<it>[A-Za-z0-9/]{20,120})"),
    ),
    token("discord_bot", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40}", hints=(".",)),
    Rule(
        "discord_webhook",
        ("/api/webhooks/",),
        re.compile(r"discord(?:app)?\.com/api/webhooks/(?P<it>[0-9]{17,20}/[A-Za-z0-9_-]{50,100})"),
    ),
    token("telegram_bot", r"[0-9]{8,10}:AA[A-Za-z0-9_-]{33}", hints=(":aa",)),
    # Models and what is around them
    token("anthropic", rf"sk-ant-{_LONG}{{20,200}}", hints=("sk-ant-",)),
    token("openai_project", rf"sk-proj-{_LONG}{{20,250}}", hints=("sk-proj-",)),
    token("openai_service", rf"sk-(?:svcacct|admin|service)-{_LONG}{{20,250}}", hints=("sk-",)),
    token("openrouter", r"sk-or-v1-[0-9a-f]{40,80}", hints=("sk-or-",)),
    token("langfuse", r"sk-lf-[0-9a-f-]{30,40}", hints=("sk-lf-",)),
    token("openai", r"sk-[A-Za-z0-9]{32,64}", hints=("sk-",), check=_has_digit),
    token("litellm", rf"sk-{_LONG}{{20,64}}", hints=("sk-",), check=_many_kinds),
    token("huggingface", r"hf_[A-Za-z0-9]{30,40}", r"api_org_[A-Za-z0-9]{30,40}", hints=("hf_", "api_org_")),
    token("groq", r"gsk_[A-Za-z0-9]{40,64}", hints=("gsk_",)),
    token("xai", r"xai-[A-Za-z0-9]{60,100}", hints=("xai-",)),
    token("replicate", r"r8_[A-Za-z0-9]{35,42}", hints=("r8_",)),
    token("perplexity", r"pplx-[A-Za-z0-9]{40,60}", hints=("pplx-",)),
    token("nvidia", rf"nvapi-{_LONG}{{50,80}}", hints=("nvapi-",)),
    token("langsmith", r"lsv2_(?:pt|sk)_[0-9a-f]{32}_[0-9a-f]{8,12}", hints=("lsv2_",)),
    token("pinecone", r"pcsk_[A-Za-z0-9_]{40,90}", hints=("pcsk_",)),
    token("tavily", r"tvly-(?:dev-|prod-)?[A-Za-z0-9]{24,40}", hints=("tvly-",)),
    # Clouds
    token(
        "aws_access_key",
        r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
        hints=("akia", "asia", "abia", "acca"),
        check=_has_digit,
    ),
    token("google_api_key", rf"AIza{_LONG}{{35}}", hints=("aiza",)),
    token("google_oauth_secret", rf"GOCSPX-{_LONG}{{28}}", hints=("gocspx-",)),
    token("google_access", r"ya29\.[A-Za-z0-9_-]{20,400}", hints=("ya29.",)),
    token("google_refresh", r"1//0[A-Za-z0-9_-]{30,200}", hints=("1//0",)),
    Rule("azure_storage", ("accountkey",), re.compile(r"(?i)AccountKey=(?P<it>[A-Za-z0-9+/]{86}==)")),
    Rule("azure_sas", ("sig=",), re.compile(r"[?&;]sig=(?P<it>[A-Za-z0-9%+/=_-]{40,120})"), random_looking),
    token("azure_ad", r"[A-Za-z0-9_~.]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}", hints=("q~",)),
    token("digitalocean", r"do[por]_v1_[0-9a-f]{64}", hints=("_v1_",)),
    token("heroku", r"HRKU-[A-Za-z0-9_-]{36,70}", hints=("hrku-",)),
    token("cloudflare_origin", r"v1\.0-[0-9a-f]{24}-[0-9a-f]{100,160}", hints=("v1.0-",)),
    token("vercel", r"vc[aciprk]_[A-Za-z0-9]{24,60}", hints=("vc",), check=_has_digit),
    token("netlify", r"nf[pcou]_[A-Za-z0-9]{36,60}", hints=("nfp_", "nfc_", "nfo_", "nfu_")),
    token("flyio", r"(?:fm[12][ar]?|fo1)_[A-Za-z0-9+/=_-]{40,2000}", hints=("fm1", "fm2", "fo1_")),
    token("supabase", r"sbp_[0-9a-f]{40}", rf"sb_secret_{_LONG}{{20,60}}", hints=("sbp_", "sb_secret_")),
    token("planetscale", r"pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{32,64}", hints=("pscale_",)),
    token("terraform", r"[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,80}", hints=(".atlasv1.",)),
    token("vault", r"hv[sbr]\.[A-Za-z0-9_-]{24,300}", hints=("hvs.", "hvb.", "hvr.")),
    token("pulumi", r"pul-[0-9a-f]{40}", hints=("pul-",)),
    token("doppler", r"dp\.(?:pt|st|sa|ct|scim|audit)\.[A-Za-z0-9._-]{40,80}", hints=("dp.",)),
    token("databricks", r"dapi[0-9a-f]{32}(?:-[0-9])?", hints=("dapi",)),
    # Packages
    token("npm", r"npm_[A-Za-z0-9]{36}", hints=("npm_",)),
    token("pypi", rf"pypi-AgE{_LONG}{{50,400}}", hints=("pypi-age",)),
    token("docker_hub", rf"dckr_(?:pat|oat)_{_LONG}{{20,60}}", hints=("dckr_",)),
    token("rubygems", r"rubygems_[0-9a-f]{48}", hints=("rubygems_",)),
    # Trackers and desks
    token("linear", r"lin_(?:api|oauth|wh)_[A-Za-z0-9]{32,64}", hints=("lin_",)),
    token("atlassian", r"AT[AC]TT3[A-Za-z0-9_=-]{60,250}", hints=("attt3", "actt3", "atatt3", "atctt3")),
    token("notion", r"ntn_[A-Za-z0-9]{40,60}", r"secret_[A-Za-z0-9]{43}", hints=("ntn_", "secret_"), check=_has_digit),
    token("airtable", r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}", hints=("pat",)),
    token("figma", rf"figd_{_LONG}{{40,60}}", hints=("figd_",)),
    token("postman", r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}", hints=("pmak-",)),
    # Money and mail
    token("stripe", r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,120}", hints=("k_live_", "k_test_")),
    token("stripe_webhook", r"whsec_[A-Za-z0-9+/=]{24,80}", hints=("whsec_",)),
    token("square", rf"sq0(?:atp|csp|idp)-{_LONG}{{22,50}}", rf"EAAA[lE]{_LONG}{{55,65}}", hints=("sq0", "eaaa")),
    token("shopify", r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}", hints=("shpat_", "shpca_", "shppa_", "shpss_")),
    token("sendgrid", r"SG\.[A-Za-z0-9_-]{20,24}\.[A-Za-z0-9_-]{39,50}", hints=("sg.",)),
    token("mailgun", r"key-[0-9a-f]{32}", hints=("key-",)),
    token("mailchimp", r"[0-9a-f]{32}-us[0-9]{1,2}", hints=("-us",)),
    token("twilio", r"SK[0-9a-f]{32}", hints=("sk",)),
    # Watching
    token(
        "newrelic",
        r"NRAK-[A-Z0-9]{27}",
        r"NRII-[A-Za-z0-9_-]{32}",
        r"NRJS-[0-9a-f]{19}",
        hints=("nrak-", "nrii-", "nrjs-"),
    ),
    token("grafana", r"glc_[A-Za-z0-9+/=]{32,400}", r"glsa_[A-Za-z0-9]{32}_[0-9A-Fa-f]{8}", hints=("glc_", "glsa_")),
    token("sentry", r"sntry[su]_[A-Za-z0-9+/=_]{40,400}", hints=("sntry",)),
    Rule(
        "sentry_dsn",
        ("sentry", "@o"),
        re.compile(r"https?://(?P<it>[0-9a-f]{32}(?::[0-9a-f]{32})?)@[\w.-]{1,80}/[0-9]{1,20}"),
    ),
    token("dynatrace", r"dt0[a-z][0-9]{2}\.[A-Z0-9]{24}\.[A-Z0-9]{64}", hints=("dt0",)),
    token("posthog", r"ph[xc]_[A-Za-z0-9]{40,60}", hints=("phx_", "phc_")),
    token("honeycomb", r"hc[abmi][lki]k_[a-z0-9]{50,64}", hints=("hc",)),
    # Building and shipping
    token("buildkite", r"bkua_[0-9a-f]{40}", hints=("bkua_",)),
    token("circleci", r"CCIPAT_[A-Za-z0-9]{22}_[0-9a-f]{40}", hints=("ccipat_",)),
    token("sonar", r"sq[upa]_[0-9a-f]{40}", hints=("squ_", "sqp_", "sqa_")),
    token("artifactory", r"AKCp[0-9][A-Za-z0-9]{50,80}", hints=("akcp",)),
    token(
        "onepassword",
        r"ops_eyJ[A-Za-z0-9+/_-]{200,2000}={0,2}",
        r"A3-[A-Z0-9]{6}(?:-[A-Z0-9]{5,6}){5}",
        hints=("ops_", "a3-"),
    ),
    token("alibaba", r"LTAI[A-Za-z0-9]{16,26}", hints=("ltai",), check=_has_digit),
    token("tencent", r"AKID[A-Za-z0-9]{32}", hints=("akid",), check=_has_digit),
    token("hubspot", r"pat-(?:na|eu)[0-9]-[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", hints=("pat-",)),
    token("firecrawl", r"fc-[0-9a-f]{32}", hints=("fc-",)),
    token("e2b", r"e2b_[0-9a-f]{40}", hints=("e2b_",)),
    token("cerebras", r"csk-[a-z0-9]{48}", hints=("csk-",)),
    token("fireworks", r"fw_[A-Za-z0-9]{22,24}", hints=("fw_",), check=_has_digit),
    token("elevenlabs", r"sk_[0-9a-f]{48}", hints=("sk_",)),
    token("jina", r"jina_[0-9a-f]{32}[A-Za-z0-9_-]{20,40}", hints=("jina_",)),
    token("prefect", r"pn[ub]_[A-Za-z0-9]{36}", hints=("pnu_", "pnb_"), check=_has_digit),
    # Keys of any maker
    token("age_key", r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}", hints=("age-secret-key-",)),
    token(
        "jwt",
        r"eyJ[A-Za-z0-9_-]{8,4000}\.eyJ[A-Za-z0-9_-]{8,8000}\.[A-Za-z0-9_-]{8,2000}",
        hints=("eyj",),
        check=always,
    ),
    Rule(
        "private_key",
        ("private key",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:[^-]{0,12000}-----END [A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----|[A-Za-z0-9+/=\\\s:,.]{0,12000}+)"
        ),
    ),
)
