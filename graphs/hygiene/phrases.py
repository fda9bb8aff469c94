"""Phrases by which text speaks to a bot or imitates an approval, in the languages most tickets are written in.

Owns the list. Each entry has words without which it is not looked for, and a pattern that looks at a bounded stretch of
text. To add one: a line here, an example in its test, and a look at what it finds in real tickets.
"""

from __future__ import annotations

import re
from functools import cache

Phrase = tuple[tuple[str, ...], str]


def _phrase(hints: tuple[str, ...], *parts: str) -> Phrase:
    return hints, "".join(parts)


_BOTS = ("bot", "agent", "assistant", "ai", "llm", "model")
_BOT = (
    r"(?:(?:triage|ai|llm|language|automated|automatic|github|issue|support)[ -])?"
    r"(?:bots?|agents?|assistants?|ai|llms?|language models?)"
)
_THIS = r"(?:this|the|it|these)(?: (?:ticket|issue|report|request|bug))?"
_OVERRIDE: tuple[Phrase, ...] = (
    _phrase(
        ("ignore", "disregard", "forget", "override", "bypass"),
        r"\b(?:ignore|disregard|forget|override|bypass)\s+",
        r"(?:(?:all|any|every|the|your|of|my|these|those|everything)\s+){0,4}",
        r"(?:previous|prior|above|earlier|preceding|foregoing|system|initial|original)\s+",
        r"(?:(?:system|triage|given)\s+)?",
        r"(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|polic(?:y|ies)|orders?)\b",
    ),
    _phrase(
        ("ignorier", "vergiss", "missachte"),
        r"\b(?:ignoriere?n?|vergiss|missachte)\b.{0,30}\b(?:anweisung|vorgabe|regel)",
    ),
    _phrase(
        ("ignor", "oubli"),
        r"\b(?:ignore[rz]?|oublie[rz]?)\b.{0,30}\b(?:instructions|consignes|règles)\b.{0,12}\bprécédent",
    ),
    _phrase(
        ("ignor", "olvid"),
        r"\b(?:ignor|olvid)[ae]\b.{0,30}\b(?:instrucciones|reglas|órdenes)\b.{0,20}\b(?:anteriores|previas)",
    ),
    _phrase(("ignor", "esqueç"), r"\b(?:ignor[ea]|esqueça)\b.{0,30}\b(?:instruções|regras)\b.{0,20}\banteriores"),
    _phrase(
        ("ignora", "dimentica"),
        r"\b(?:ignora|dimentica)\b.{0,30}\b(?:istruzioni|regole)\b.{0,20}\b(?:precedenti|sopra)",
    ),
    _phrase(("negeer",), r"\bnegeer\b.{0,30}\b(?:instructies|regels|opdrachten)"),
    _phrase(("ignoruj",), r"\bz?ignoruj\b.{0,30}\b(?:instrukcj|polece|zasad)"),
    _phrase(("talimat",), r"\btalimat\w*\b.{0,20}\b(?:yok say|görmezden gel|unut)"),
    _phrase(("игнорир", "забудь"), r"(?:игнорир\w*|забудь\w*)\b.{0,30}(?:инструкц|указан|правил)"),
    _phrase(
        ("忽略", "无视", "無視"),
        r"(?:忽略|无视|無視).{0,12}(?:以上|之前|前面|先前|所有).{0,8}(?:指令|指示|提示|规则|規則)",
    ),
    _phrase(("無視", "忘れ"), r"(?:これまで|以前|上記|前)の?.{0,8}(?:指示|命令|ルール)を?.{0,6}(?:無視|忘れ)"),
    _phrase(("무시",), r"(?:지시|명령|규칙)\S{0,3}\s{0,2}(?:모두\s)?무시"),
    _phrase(("تجاهل",), r"تجاهل.{0,20}(?:التعليمات|الأوامر)"),
    _phrase(("नजर", "नज़र"), r"(?:निर्देश|आदेश).{0,20}(?:नजरअंदाज|नज़रअंदाज|अनदेखा)"),
)
_TO_A_BOT: tuple[Phrase, ...] = (
    _phrase(_BOTS, rf"\bas (?:the|an?|our) {_BOT},? you (?:must|should|need|are|have|will|shall)\b"),
    _phrase(
        _BOTS,
        r"\b(?:note|message|attention|notice|reminder|warning) (?:to|for) (?:the |any |all |an? )?",
        rf"{_BOT}\s?[:,.!-]",
    ),
    _phrase(
        _BOTS,
        r"\b(?:dear|attention|hey|hello|hi),? (?:the )?(?:triage|ai|automated|llm)[ -](?:bot|agent|assistant|model)\b",
    ),
    _phrase(_BOTS, rf"\bif you are an? (?:ai|llm|{_BOT})\b"),
    _phrase(_BOTS, rf"\b{_BOT} (?:reading|processing|triaging|classifying|handling) {_THIS}\b"),
    _phrase(
        ("you are now", "from now on"),
        r"\b(?:you are now|from now on,? you (?:are|will|must))\b.{0,40}\b(?:bot|agent|assistant|mode|admin|triage)\b",
    ),
    _phrase(
        ("triage bot", "triage agent", "triage assistant"),
        r"\btriage (?:bot|agent|assistant)s?[,:]? ",
        r"(?:must|should|has to|shall|please|do not|don't|set|apply|label|assign|approve)\b",
    ),
    _phrase(
        ("notify", "tell", "alert", "ask", "inform", "show"),
        r"\b(?:do not|don't|never|without) (?:notify|tell|alert|ask|inform|show)(?:ing)? (?:\w+ ){0,2}",
        r"(?:human|approver|reviewer|triager|on[- ]call|person on duty)s?\b",
    ),
    _phrase(
        ("your system prompt", "your instructions", "your hidden", "your initial", "your full"),
        r"\b(?:reveal|print|repeat|output|show|list|disclose|dump|include)(?: me)?(?: all)?(?: of)? your ",
        r"(?:system prompt|(?:hidden |initial |full )?instructions|hidden prompt)\b",
    ),
    _phrase(
        ("als triage", "als ki", "als bot"), r"\bals (?:triage-?bot|ki(?:-\w+)?|bot)\b.{0,20}\b(?:musst|sollst) du\b"
    ),
    _phrase(
        ("en tant qu", "como "),
        r"\b(?:en tant que|en tant qu'|como) (?:bot|agent|ia|assistant|asistente)\b.{0,30}\b(?:dois|debes|deve)",
    ),
    _phrase(
        ("作为", "作為"), r"作[为為].{0,10}(?:机器人|機器人|助手|AI|智能体).{0,8}(?:你必须|你必須|你应该|你應該|请|請)"
    ),
)
_IMITATION: tuple[Phrase, ...] = (
    _phrase(
        ("approved",),
        r"\b(?:already|pre-?)[ -]?approved (?:by|in) (?:the |our )?",
        r"(?:@|slack|lead|on-duty|manager|security|team|ciso|cto|\w+-lead)",
    ),
    _phrase(
        ("approval", "review", "confirmation"),
        r"\b(?:no|skip|without|bypass) (?:(?:the|any|further|human|manual|additional) ){0,3}",
        r"(?:approval|human review|confirmation) (?:is |step )?",
        r"(?:needed|required|necessary|and (?:apply|write|label|assign))\b",
    ),
    _phrase(("auto",), r"\b(?:please|must|you can|you may|bot|agent)[,:]? auto[- ]?approve\b"),
    _phrase(
        ("bereits", "déjà", "ya fue", "ya ha sido"),
        r"\b(?:bereits (?:von|durch) .{1,40} (?:genehmigt|freigegeben)|déjà approuvé par",
        r"|ya (?:fue|ha sido) aprobado por)",
    ),
    _phrase(("批准",), r"已(?:经|經)?(?:由|被|获|獲).{0,12}批准"),
    _phrase(
        ("confidence",),
        r"\b(?:with|set|report|use|answer with) (?:an? |the )?(?:very )?(?:high )?confidence (?:of |to |at |= ?|: ?)?",
        r"(?:0?\.9\d*|1\.0+|9\d ?%|100 ?%)",
    ),
    _phrase(
        ("label", "classify", "priorit", "mark", "triage", "route", "assign"),
        r"\b(?:you must|be sure to|make sure you) (?:label|classify|triage|route|assign|prioriti[sz]e|mark) ",
        rf"{_THIS} (?:as|to|with)\b",
    ),
)
_FALSE_BLOCKS: tuple[Phrase, ...] = (
    _phrase(
        ("system", "developer", "assistant", "tool", "function", "end of"),
        r"(?:^|\n)\s{0,3}(?:#{1,4} |\[|<|\*\*|-{3,} ?|={3,} ?)",
        r"(?:end of (?:ticket|issue|data|user input)|begin (?:system|developer)",
        r"|(?:system|developer) (?:message|override|instruction|notice)s?|tool[_ ]results?|function[_ ]results?)\b",
    ),
    _phrase(
        ("assistant", "system", "developer"),
        r"(?:^|\n)\s{0,3}(?:assistant|system|developer)\s?:\s?",
        r"(?:done|approved|(?:i have|the (?:ticket|issue) (?:is|has been|was))(?: now)? ",
        r"(?:labell?ed|assigned|classified|triaged|approved)",
        r"|(?:classify|label|assign|triage|approve|route|mark) (?:this|the|it))",
    ),
    _phrase(
        ("im_start", "<|system", "<|assistant", "[inst]", "<<sys>>", "start_of_turn"),
        r"<\|im_start\|>\s?(?:system|assistant)\b|<\|(?:system|assistant)\|>|\[inst\]|<<sys>>",
        r"|<start_of_turn>(?:model|user)",
    ),
    _phrase(
        ("</",),
        r"</(?:ticket|issue|untrusted|data|document|user_input|ticket_text)[\w-]{0,12}>\s{0,5}",
        r"(?:<|(?:system|assistant|now|you|new)\b)",
    ),
)


@cache
def phrases() -> tuple[tuple[tuple[str, ...], re.Pattern[str]], ...]:
    """(hints, pattern) for every phrase."""
    everything = (*_OVERRIDE, *_TO_A_BOT, *_IMITATION, *_FALSE_BLOCKS)
    return tuple((hints, re.compile(shape, re.IGNORECASE)) for hints, shape in everything)
