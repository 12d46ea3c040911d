"""Every record of the library, found by label, source, chapter or claim."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module

from sobolevkernels.symbolic.identity import SYMBOLS, Identity

#: The chapters, in reading order; each is a module of this package that ends with IDENTITIES.
CHAPTERS = (
    "fourier",
    "bessel",
    "euclidean",
    "properties",
    "parameters",
    "derivatives",
    "periodic",
    "multipliers",
    "grids",
    "mirror",
    "mirror_matrices",
    "bregman",
    "mirror_steps",
    "activations",
    "losses",
    "natural_flow",
    "kernel_metric",
    "bai2022_pullback",
    "bai2022_empirical_loss",
    "bai2022_pushforward",
    "bai2022_flatness",
    "bai2022_projection",
    "bai2022_spaces",
    "bai2022_transform",
    "bai2022_lemma9",
    "bai2022_reduction",
    "bai2022_odd_integral",
    "bai2022_odd_kernel",
    "bai2022_even_integral",
    "bai2022_even_kernel",
    "bai2022_network",
    "bai2022_primal",
    "bai2022_guarantees",
    "bai2022_mirror",
    "bai2022_proposition17",
    "jo2026_invariance",
    "jo2026_fisher",
    "jo2026_preconditioner",
    "jo2026_rates",
    "jo2026_filters",
    "somacal2025_newton",
    "somacal2025_toys",
    "somacal2025_problems",
    "somacal2025_momentum",
)


class Catalogue(Mapping[str, Identity]):
    """The records by label, in reading order.

    Examples
    --------
    >>> import sobolevkernels as sk
    >>> sk.identities["bai2022.lemma9"].claim
    'proved'
    >>> len(sk.identities.find(source="bai2022", claim="refuted")) > 10
    True
    """

    def __init__(self, identities: Mapping[str, Identity]) -> None:
        self._identities = identities

    def __getitem__(self, label: str) -> Identity:
        try:
            return self._identities[label]
        except KeyError:
            near = difflib.get_close_matches(str(label), self._identities, n=3, cutoff=0.4)
            hint = f"; did you mean {', '.join(near)}?" if near else "; `sobolevkernels list` shows all labels"
            raise KeyError(f"there is no record {label!r}{hint}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._identities)

    def __len__(self) -> int:
        return len(self._identities)

    def __repr__(self) -> str:
        return f"<{len(self)} identities: {self.count()}>"

    def count(self) -> str:
        """How many records make each claim, as `63 ✓ proved, 4 ≈ checked, 30 ✗ refuted`."""
        claims = [identity.claim for identity in self.values()]
        return ", ".join(f"{claims.count(claim)} {SYMBOLS[claim]} {claim}" for claim in SYMBOLS if claim in claims)

    def find(
        self, source: str | None = None, chapter: str | None = None, claim: str | None = None
    ) -> tuple[Identity, ...]:
        """Records of one source key, chapter or claim, in reading order.

        Parameters
        ----------
        source : str, optional
            What the label begins with: `bai2022`, `sobolev`.
        chapter : str, optional
            One of `fourier`, `bessel`, `euclidean`, ...
        claim : str, optional
            `proved`, `checked` or `refuted`.

        Raises
        ------
        ValueError
            If no record has such a source, chapter or claim; the message lists those there are.
        """
        wanted = {"source": source, "chapter": chapter, "claim": claim}
        known = {
            "source": {label.split(".")[0] for label in self},
            "chapter": {identity.chapter for identity in self.values()},
            "claim": set(SYMBOLS),
        }
        for name, value in wanted.items():
            if value is not None and value not in known[name]:
                raise ValueError(f"no {name} {value!r}; there are {', '.join(sorted(known[name]))}")
        return tuple(
            identity
            for identity in self.values()
            if (source is None or identity.label.split(".")[0] == source)
            and (chapter is None or identity.chapter == chapter)
            and (claim is None or identity.claim == claim)
        )


def _collect() -> Catalogue:
    records: dict[str, Identity] = {}
    for chapter in CHAPTERS:
        for identity in import_module(f"sobolevkernels.symbolic.{chapter}").IDENTITIES:
            if identity.label in records:
                raise ValueError(f"two records are labelled {identity.label}")
            records[identity.label] = replace(identity, chapter=chapter)
    return Catalogue(records)


identities = _collect()
