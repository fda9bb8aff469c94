"""Risk flags by plain rules: a flag needs words in the ticket itself.

Owns the rules. They are read, not learnt, because a reviewer must be able to say why a review became formal.
"""

from __future__ import annotations

import re

from graphs.learning.text import READ_CAP, lines_of, wash
from graphs.model import Risk

_SECRET = r"(?:api )?(?:keys?|tokens?|passwords?|secrets?|credentials?)"  # noqa: S105  # a pattern, not a secret
_SHOWN = r"(?:leak\w*|expos\w*|readable|in plain ?text|in clear text|stolen)"
_FEW = r"\W+(?:\w+\W+){0,5}"
_OTHERS = r"(?:(?:other|another|third) (?:users?|persons?|tenants?|customers?|people)|somebody else|someone else)"
_CHATS = r"(?:chats?|conversations?|history|histories|uploads?|files?|data|profiles?)"


def _any(*phrases: str, signs: str) -> re.Pattern[str]:
    """Whole words or phrases, or Chinese `signs` anywhere."""
    return re.compile(rf"\b(?:{'|'.join(phrases)})\b|{signs}", re.IGNORECASE)


_RULES: dict[Risk, re.Pattern[str]] = {
    Risk.SECURITY: _any(
        r"security (?:hole|issue|risk|bug|fix|advisory|incident|review)s?",
        r"vulnerab\w+|cve-\d+\S*|cvss|exploit(?:s|ed|able)?|xss|csrf|ssrf|rce|path traversal",
        r"(?:sql|prompt|command) injection|attackers?|malicious|privilege escalation|sandbox escape",
        r"single sign-on|sso|rbac|(?:oidc|saml)",
        rf"{_SHOWN}{_FEW}{_SECRET}|{_SECRET}{_FEW}{_SHOWN}|(?:revoke|stolen|rotate){_FEW}{_SECRET}",
        r"without (?:authentication|authori[sz]ation|logging in|login)|unauthori[sz]ed access",
        r"bypass\w* (?:auth\w*|the gate|a check)",
        r"pen(?:etration)?[- ]?test\w*|allow[- ]?list\w*|service accounts?|credentials?|outbound",
        r"revok\w+|rotat(?:e|es|ed|ing)",
        rf"(?:delete|read|see|open)s?{_FEW}{_OTHERS}(?:['’]s)?{_FEW}{_CHATS}",  # noqa: RUF001  # as people type it
        signs="漏洞|注入攻击|密钥泄露",
    ),
    Risk.SENSITIVE_DATA: _any(
        r"personal(?:ly identifiable)? (?:data|information)|pii|gdpr|dpo|data protection",
        r"privacy (?:breach|incident|issue)|patient (?:data|records?|files?)|medical records?|health data",
        r"passports?|(?:card|social security) numbers?|bank details",
        r"right to (?:be forgotten|erasure)|anonymi[sz]\w+|pseudonym\w*|confidential|names? (?:and|or) addresses",
        rf"(?:delete|read|see|saw|open)(?:s|ed)?{_FEW}{_OTHERS}(?:['’]s)?{_FEW}{_CHATS}",  # noqa: RUF001
        rf"{_CHATS} of (?:{_OTHERS}|other)",
        r"(?:user|person|account|customer)s?\W+(?:\w+\W+){0,4}(?:removed|gone|deleted?|deletion|erased?)",
        r"(?:no rights to|may not read|can(?:'|no)t open)|erasure|deletion|ibans?|diagnos[ie]s|salar(?:y|ies)",
        signs="隐私|个人信息",
    ),
    Risk.REGULATED: _any(
        r"gdpr|hipaa|(?:eu )?ai act|article \d+|art\. ?\d+|soc ?2|iso ?27001|nist|fda|dpo|data protection",
        r"regulat(?:or|ors|ory|ion|ions|ed)|complian(?:ce|t)|by law|legal (?:hold|duty|right|requirement|obligation)s?",
        r"statutory|kyc|anti-money|clinical|clinic|radiolog\w+|auditors?|retention (?:period|class|rule)s?|high-risk",
        r"right to be forgotten|erasure|legal (?:team|department|counsel)|statute|court|lawyers?|retention",
        signs="合规|监管",
    ),
    Risk.SAFETY: _any(
        r"self-?harm|suicid\w*|emergency|hotline|crisis (?:line|help|team)|injur(?:y|ies|ed)|life-threatening",
        r"dos(?:e|es|age)|clinical (?:text|review|decision|board)|patient safety|symptoms?|diagnosis|medication|drugs?",
        r"safety (?:case|incident|hazard)s?|physical harm|health[- ]workers?",
        r"control room|dos(?:ing|ages?)|\d+ ?mg|allerg\w+|nurses?|poison\w*",
        signs="自杀|医疗安全",
    ),
    Risk.REVENUE: _any(
        r"revenue|refunds?|payments?|paying customers?|lost (?:sales|orders|customers|deals?)|churn",
        r"premium|chargebacks?|fraud|subscriptions?|(?:wrongly|double|over)[- ]?(?:charged?|billed)",
        r"renewals?|vouchers?|gift cards?|sold|discounts?",
        signs="退款|收入损失",
    ),
    Risk.CORE_OPERATIONS: _any(
        r"outage|production (?:is )?(?:down|stopped|broken|database|postgres|incident)",
        r"down for (?:all|everyone|hours|days)|nobody can work|data loss|disaster recovery",
        r"on-call|incident response",
        r"whole (?:site|service|company) (?:is )?down|restore (?:drill|elsewhere|from backup)",
        r"night shift|shift leads?|crash ?loop\w*|unavailable",
        signs="服务中断|生产事故",
    ),
}


def risks_of(title: str, body: str) -> tuple[Risk, ...]:
    """The flags whose words stand in the title or in prose; logs and forms do not raise any."""
    prose = " \n".join([title, *(wash(line.text) for line in lines_of(body) if line.prose)])[:READ_CAP]
    return tuple(risk for risk in Risk if _RULES[risk].search(prose))
