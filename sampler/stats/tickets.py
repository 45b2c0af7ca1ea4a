"""Tickets: the random numbers of a draw, as hashes that anyone can recompute.

``ticket(unit) = SHA-256(UTF-8(seed + "\\n" + unit id))``, in lower-case hex. Ranking the units of a stratum by ticket is a
simple random order: nobody who does not know the seed can foresee it, nobody who knows it can change it, and it depends on
nothing but the seed and the unit's own id, so that row order, platform and library versions change nothing and a larger
sample contains the smaller one. (The idea of hashes as sampling numbers: R. L. Rivest, Consistent Sampling with
Replacement, 2018; permanent random numbers: Ohlsson 1995.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable


def ticket(seed: str, unit_id: str) -> str:
    """The ticket of a unit: 64 hexadecimal digits.

    Args:
        seed: the plan's seed, any text.
        unit_id: the unit's canonical id; it is hashed as it stands.
    """
    return hashlib.sha256(f"{seed}\n{unit_id}".encode()).hexdigest()


def tickets(seed: str, unit_ids: Iterable[str]) -> list[str]:
    """The tickets of many units, in their order."""
    start = hashlib.sha256(f"{seed}\n".encode())
    found = []
    for unit_id in unit_ids:
        state = start.copy()
        state.update(unit_id.encode())
        found.append(state.hexdigest())
    return found
