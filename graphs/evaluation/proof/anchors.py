"""Results that others published, as far as they could be read, with where they stand.

Owns nothing but citations. None of them was measured here.
"""

from __future__ import annotations

from graphs.evaluation.proof.tables import Anchor

ANCHORS = (
    Anchor(
        what="issue type, 5 repositories, a model for each (NLBSE 2024)",
        figure="macro-F1 0.827 (SetFit), 0.821 (GPT-3.5, fine-tuned)",
        source="nlbse2024/issue-report-classification; G4BE-334/NLBSE-issue-report-classification",
        here="kind; here on repositories never seen, which is harder",
    ),
    Anchor(
        what="issue type, 1.4 million issues (NLBSE 2023)",
        figure="micro-F1 0.891 (RoBERTa)",
        source="nlbse2023/issue-report-classification",
        here="kind",
    ),
    Anchor(
        what="bug reports to teams, in the field (Ericsson TRR)",
        figure="30 % of reports at 75 % accuracy",
        source="arXiv 2209.08955",
        here="precision against coverage",
    ),
    Anchor(
        what="incidents to teams, in the field (Microsoft DeepTriage)",
        figure="F1 0.829",
        source="abstract of “DeepTriage: Automated Transfer Assistance for Incidents in Cloud Services”",
        here="owners",
    ),
    Anchor(
        what="component of a report where the model is at least 60 % sure (Mozilla bugbug)",
        figure="93 % right",
        source="hacks.mozilla.org, April 2019",
        here="precision against coverage",
    ),
    Anchor(
        what="owner of an issue, typical of older studies",
        figure="40 to 60 % first",
        source="introduction of Jonsson et al., Empirical Software Engineering 2016",
        here="owners",
    ),
    Anchor(
        what="duplicates, 14,000 to 100,000 candidates: Eclipse, Mozilla, Hadoop (REP)",
        figure="recall@10 0.719, 0.662, 0.654",
        source="“Duplicate Bug Report Detection: How Far Are We?”, TOSEM 2022, logs in soarsmu/TOSEM-DBRD",
        here="duplicates; pools here are smaller, so figures are not comparable",
    ),
)
