"""Classifiers from labelled vectors, validated on held-out blocks of ground."""

from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from atlas.errors import RestoreError
from atlas.uses.blocks import MISSING, Vectors

__all__ = ["MODELS", "Judged", "Model", "confusion_of", "judged"]

Model = Literal["logistic", "forest", "neighbours"]
MODELS: tuple[Model, ...] = get_args(Model)
FOLDS = 5


@dataclass(frozen=True)
class Judged:
    """A classifier and how far to trust it.

    Attributes:
        classes: their names.
        model: scikit-learn's, fitted to all points.
        confusion: shape (classes, classes): points by predicted class (row) and true class (column), each predicted by
            a model that saw no point of its block.
        accuracy: share of points that were classified correctly in held-out blocks.
        accuracy_random: the same with points held out at random; higher, as a point's neighbours reveal its class.
        blocks: how many blocks hold points.
        step: what was done, in words.
    """

    classes: tuple[str, ...]
    model: Any = field(repr=False)
    confusion: npt.NDArray[np.int64]
    accuracy: float
    accuracy_random: float
    blocks: int
    step: str


def judged(
    labels: npt.NDArray[Any],
    vectors: Vectors,
    places: npt.NDArray[np.float64],
    *,
    label: str,
    model: Model,
    block_size: float,
    seed: int,
) -> Judged:
    """Fit a classifier, and validate it on whole blocks that it did not see, and on random points.

    Args:
        labels: shape (n,).
        vectors: shape (n, dimensions), all finite.
        places: shape (n, 2), metres.
        label: name of the labels, for messages.
        model: see `classify`.
        block_size: likewise.
        seed: likewise.

    Raises:
        RestoreError: there are fewer than two classes or blocks, or a fold leaves one class to train on.
    """
    from sklearn.model_selection import GroupKFold, KFold, cross_val_predict

    names, truth = np.unique(labels.astype(str), return_inverse=True)
    if not 2 <= len(names) < MISSING:
        msg = f"the column '{label}' has {len(names)} classes at points with a vector; 2 to 254 are needed"
        raise RestoreError(msg)
    if not block_size > 0:
        raise RestoreError(f"block_size is the side of a block in metres, more than 0, not {block_size!r:.80}")
    blocks = _blocks(places, block_size)
    if len(set(blocks.tolist())) < 2:
        msg = f"all points lie in one block of {block_size:g} m: none can be held out; pass a smaller block_size"
        raise RestoreError(msg)
    if model not in MODELS:
        raise RestoreError(f"there is no model '{model}'; there are {', '.join(MODELS)}")
    folds = min(FOLDS, len(set(blocks.tolist())))
    whole = list(GroupKFold(folds).split(vectors, truth, blocks))
    parts = list(KFold(min(FOLDS, len(vectors)), shuffle=True, random_state=seed).split(vectors))
    for held, splits in ((f"blocks of {block_size:g} m", whole), ("points", parts)):
        left = next((names[np.unique(truth[seen])] for seen, _ in splits if len(np.unique(truth[seen])) < 2), None)
        if left is not None:
            raise RestoreError(
                f"without the {held} that are held out only the class '{left[0]}' of '{label}' is left to learn from: "
                "label each class at more places that lie apart, or pass a smaller block_size"
            )
    fewest = min(len(seen) for seen, _ in (*whole, *parts))
    by_blocks = cross_val_predict(_model(model, seed, fewest), vectors, truth, cv=whole)
    at_random = cross_val_predict(_model(model, seed, fewest), vectors, truth, cv=parts)
    fitted = _model(model, seed, fewest).fit(vectors, truth)
    step = (
        f"{model} classifier of {len(names)} classes ('{label}') from {len(vectors)} points; accuracy by "
        f"{folds} folds of blocks of {block_size:g} m, seed {seed}"
    )
    return Judged(
        tuple(names.tolist()),
        fitted,
        confusion_of(by_blocks, truth, len(names)),
        float((by_blocks == truth).mean()),
        float((at_random == truth).mean()),
        len(set(blocks.tolist())),
        step,
    )


def _blocks(places: npt.NDArray[np.float64], size: float) -> npt.NDArray[np.int64]:
    cells = np.floor(places / size).astype(np.int64)
    _, number = np.unique(cells, axis=0, return_inverse=True)
    return np.asarray(number).ravel()


def _model(name: str, seed: int, fewest: int) -> Any:  # noqa: ANN401 - one of scikit-learn's
    if name == "logistic":
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000, random_state=seed))
    if name == "forest":
        from sklearn.ensemble import RandomForestClassifier

        return RandomForestClassifier(100, random_state=seed)
    from sklearn.neighbors import KNeighborsClassifier

    return KNeighborsClassifier(min(5, fewest), weights="distance")


def confusion_of(predicted: npt.NDArray[Any], truth: npt.NDArray[Any], count: int) -> npt.NDArray[np.int64]:
    """Points by predicted class (row) and true class (column)."""
    from sklearn.metrics import confusion_matrix

    return np.asarray(confusion_matrix(predicted, truth, labels=range(count)), np.int64)
