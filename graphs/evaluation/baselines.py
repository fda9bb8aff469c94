"""What anybody could do without this project: the figures to beat.

Owns the plain text classifier. The majority class is told by `graphs.evaluation.classes`, baselines for owners are in
`graphs.evaluation.backtest`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from graphs.evaluation.answers import Answer
from graphs.evaluation.cases import Case
from graphs.model import LayerId

FOLDS = 5
TFIDF = "TF-IDF"
BODY_CAP = 8_000


def tfidf_out_of_fold(cases: Sequence[Case], groups: Sequence[str]) -> Mapping[str, Answer]:
    """Layers by word n-grams and logistic regression (scikit-learn's defaults, nothing tuned).

    Each ticket is answered by a model that saw no ticket of its group. Tickets without a layer get no answer.
    """
    from sklearn.model_selection import GroupKFold

    asked = [(case, group) for case, group in zip(cases, groups, strict=True) if case.layer is not None]
    if len({group for _, group in asked}) < FOLDS:
        return {}
    texts, truth = [_text(case) for case, _ in asked], [str(case.layer) for case, _ in asked]
    answers: dict[str, Answer] = {}
    for train, test in GroupKFold(FOLDS).split(texts, groups=[group for _, group in asked]):
        found = _answers([texts[at] for at in train], [truth[at] for at in train], [texts[at] for at in test])
        answers |= {asked[at][0].id: answer for at, answer in zip(test, found, strict=True)}
    return answers


def tfidf_trained_on(known: Sequence[Case], asked: Sequence[Case]) -> Mapping[str, Answer]:
    """The same, trained on other tickets."""
    labelled = [case for case in known if case.layer is not None]
    if len({case.layer for case in labelled}) < 2:  # noqa: PLR2004  # nothing to tell apart
        return {}
    found = _answers(
        [_text(one) for one in labelled], [str(one.layer) for one in labelled], [_text(one) for one in asked]
    )
    return {case.id: answer for case, answer in zip(asked, found, strict=True)}


def _answers(texts: list[str], truth: list[str], asked: list[str]) -> list[Answer]:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), LogisticRegression(C=10, max_iter=1000)
    )
    model.fit(texts, truth)
    names = [LayerId(str(one)) for one in model.classes_]
    return [
        Answer(scores={name: float(one) for name, one in zip(names, row, strict=True)}, engine=TFIDF)
        for row in model.predict_proba(asked)
    ]


def _text(case: Case) -> str:
    return f"{case.title}\n{case.body}"[:BODY_CAP]
