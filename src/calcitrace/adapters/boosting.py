"""Grow trees with LightGBM (MIT), which only training needs."""

from typing import Any

import numpy as np

from calcitrace.errors import InputError
from calcitrace.model.trees import Trees
from calcitrace.services.learning.samples import Samples
from calcitrace.services.learning.training import Boosting


def fit(rows: Samples, how: Boosting) -> Trees:
    """Trees whose sum is the logit of `Samples.y`; the same on every run.

    Raises
    ------
    InputError
        If LightGBM is not installed.
    """
    try:
        import lightgbm  # noqa: PLC0415 -- nobody but who trains needs it
    except (ImportError, OSError) as error:
        msg = (
            "Expected LightGBM to train with, but it cannot be loaded. Install "
            "calcitrace[train] (on Linux it needs libgomp)."
        )
        raise InputError(msg) from error
    settings: dict[str, Any] = {
        "objective": "binary",
        "learning_rate": how.rate,
        "num_leaves": how.n_leaves,
        "min_data_in_leaf": how.n_least,
        "feature_fraction": how.share_of_features,
        "bagging_fraction": how.share_of_rows,
        "bagging_freq": int(how.share_of_rows < 1),
        "lambda_l2": how.penalty,
        "seed": how.seed,
        # One way of adding up, whatever the number of threads.
        "deterministic": True,
        "force_row_wise": True,
        "verbose": -1,
    }
    data = lightgbm.Dataset(rows.x, rows.y, weight=rows.weight)
    booster = lightgbm.train(settings, data, how.n_trees)
    return plain_trees(booster.dump_model()["tree_info"], rows.names)


def plain_trees(trees: list[dict[str, Any]], names: tuple[str, ...]) -> Trees:
    """Trees as arrays."""
    nodes: list[list[float]] = []
    leaves: list[float] = []

    def added(node: dict[str, Any]) -> int:
        if "split_index" not in node:
            leaves.append(float(node["leaf_value"]))
            return -len(leaves)
        here = len(nodes)
        nodes.append([node["split_feature"], node["threshold"], 0, 0])
        nodes[here][2] = added(node["left_child"])
        nodes[here][3] = added(node["right_child"])
        return here

    roots = [added(tree["tree_structure"]) for tree in trees]
    table = np.array(nodes, np.float64).reshape(-1, 4)
    return Trees(
        names,
        table[:, 0].astype(np.int16),
        table[:, 1],
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
        np.array(leaves),
        np.array(roots, np.int32),
    )
