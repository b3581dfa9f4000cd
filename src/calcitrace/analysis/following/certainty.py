"""How sure links are: how often slightly different alignments give them."""

from collections import Counter
from collections.abc import Callable, Sequence

from calcitrace.analysis.following.bodies import Body
from calcitrace.analysis.following.linking import Edge, linked
from calcitrace.model.following import FollowingSettings

Bodies = tuple[Sequence[Body], Sequence[Body]]


def link_probabilities(
    edges: Sequence[Edge],
    perturbed: Callable[[int], Bodies],
    settings: FollowingSettings,
) -> tuple[tuple[float, ...], frozenset[int], frozenset[int]]:
    """Link again under perturbed alignments.

    Parameters
    ----------
    edges
        Links under the alignment itself.
    perturbed
        Bodies before and after, under the alignment of a seed from 1.
    settings
        How many alignments, and when a link is certain.

    Returns
    -------
    probabilities, before, after
        One probability for each edge; and the bodies that have a link in too many other
        alignments that they do not have here.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for seed in range(1, settings.n_perturbed + 1):
        counts.update({(e.before, e.after) for e in linked(*perturbed(seed), settings)})
    n = max(settings.n_perturbed, 1)
    own = {(e.before, e.after) for e in edges}
    probabilities = tuple(
        counts[e.before, e.after] / n if settings.n_perturbed else 1.0 for e in edges
    )
    rivals = [
        pair
        for pair, count in counts.items()
        if pair not in own and count / n > 1 - settings.certain_probability
    ]
    return (
        probabilities,
        frozenset(i for i, _ in rivals),
        frozenset(j for _, j in rivals),
    )
