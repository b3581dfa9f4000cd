"""Trees grown by LightGBM say the same once they are plain arrays."""

import lightgbm
import numpy as np

from calcitrace.adapters.boosting import fit, plain_trees
from calcitrace.analysis.detection.learned.trees import logits
from calcitrace.services.learning.samples import Samples
from calcitrace.services.learning.training import Boosting

HOW = Boosting(20, 0.2, 8, 5, 0.6, 0.7, 1.0)


def rows(n: int = 1500) -> Samples:
    rng = np.random.default_rng(5)
    x = rng.standard_normal((n, 4)).astype(np.float32)
    y = (x[:, 0] * x[:, 1] + 0.3 * rng.standard_normal(n) > 0).astype(np.float32)
    return Samples(("a", "b", "c", "d"), x, y, np.ones(n, np.float32))


def test_plain_trees_give_the_logits_of_the_library() -> None:
    learnt = rows()
    data = lightgbm.Dataset(learnt.x, learnt.y)
    settings = {"objective": "binary", "num_leaves": 7, "verbose": -1}
    booster = lightgbm.train(settings, data, 15)

    plain = plain_trees(booster.dump_model()["tree_info"], learnt.names)

    expected = booster.predict(learnt.x)
    np.testing.assert_allclose(
        1 / (1 + np.exp(-logits(plain, learnt.x))), expected, atol=1e-9
    )


def test_the_same_rows_give_the_same_trees_and_they_have_learnt() -> None:
    learnt, new = rows(), rows(3000)

    first, second = fit(learnt, HOW), fit(learnt, HOW)

    for name in ("feature", "threshold", "left", "right", "leaf", "roots"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    said = logits(first, new.x[1500:]) > 0
    assert (said == (new.y[1500:] > 0)).mean() > 0.68


def test_weights_matter() -> None:
    learnt = rows()
    heavy = Samples(
        learnt.names, learnt.x, learnt.y, np.where(learnt.y > 0, 9.0, 1.0).astype("f4")
    )
    assert (
        logits(fit(heavy, HOW), learnt.x).mean()
        > logits(fit(learnt, HOW), learnt.x).mean() + 1.0
    )
