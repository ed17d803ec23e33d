# SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause
"""What a wire does to the frames on it: none of it, or loss, copies, overtaking, delay, a cut.

Each frame's fate comes from one seeded generator: the same seed deals the same fates in the
same order. Which frame meets which fate depends on when the machines sent them.
"""

from dataclasses import dataclass, fields

# A frame that is to be overtaken waits this long; its twin comes that much later.
HELD = 0.004


@dataclass
class Faults:
    """Probabilities from 0 to 1, times in milliseconds."""

    loss: float = 0
    duplicate: float = 0
    reorder: float = 0
    delay: float = 0
    jitter: float = 0
    cut: bool = False

    def __post_init__(self):
        for name in ("loss", "duplicate", "reorder"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} is a probability, 0 to 1")
        if min(self.delay, self.jitter) < 0:
            raise ValueError("delay and jitter are milliseconds, not negative")


def read(words):
    """Faults from `loss=0.01 delay=5 ...`; ValueError says what is wrong."""
    known = {f.name for f in fields(Faults)} - {"cut"}
    values = {}
    for word in words:
        name, equals, value = word.partition("=")
        if name not in known or not equals:
            raise ValueError(f"'{word}' is not one of {', '.join(sorted(known))}=NUMBER")
        values[name] = float(value)
    return Faults(**values)


def fate(chance, faults):
    """When the copies of a frame arrive: [(seconds from now, may be overtaken)], empty when lost.

    `faults` are all those on the frame's way; `chance` is a random.Random.
    """
    copies = [(0.0, False)]
    for f in faults:
        if f.cut or f.loss and chance.random() < f.loss:
            return []
        wait = (f.delay + f.jitter * chance.random()) / 1000 if f.delay or f.jitter else 0.0
        held = bool(f.reorder) and chance.random() < f.reorder
        copies = [(t + wait + (HELD if held else 0.0), late or held) for t, late in copies]
        if f.duplicate and chance.random() < f.duplicate:
            copies.append((copies[0][0] + HELD, True))
    return copies
