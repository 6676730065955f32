"""Makes random programs of tasks for the two interpreters.

    programs.py FIRST LAST [SEED...]    "SEED: PROGRAM", a line each, for the seeds from FIRST to
                                        LAST and for those named

A program is a list of operations, each run by a task of its own. An operation is a name, with a
number (turns3), with the operations inside it (shield(turns1)), or with neither (fail):

    turns3 group(fail,endless,catch_cancel(turns2)) cancel1

What the operations do is told by the table at the top of interpreter.py.
"""

import random
import sys

# name: how often it is chosen, and how many numbers it can have
LEAVES = {
    "turns": (3, 5),
    "endless": (1, 0),
    "fail": (1, 0),
    "nothing": (1, 0),
    "cancel": (3, 30),
    "cancel_self": (1, 0),
    "uncancel": (1, 0),
    "join": (1, 30),
    "await_future": (1, 4),
    "set_future": (1, 4),
    "fail_future": (0.5, 4),
    "cancel_future": (1, 4),
    "shield_future": (0.5, 4),
    "poll_future": (0.5, 4),
}

# name: how often it is chosen, and how many operations it can have inside
COMPOUNDS = {
    "sequence": (3, range(2, 5)),
    "gather": (1, range(1, 4)),
    "gather_outcomes": (1, range(1, 4)),
    "group": (2, range(1, 5)),
    "timeout": (1, range(1, 2)),
    "timeout_passed": (1, range(1, 2)),
    "wait_for": (0.5, range(1, 2)),
    "wait_for_ever": (0.5, range(1, 2)),
    "poll": (0.5, range(1, 2)),
    "shield": (1, range(1, 2)),
    "spawn": (1, range(1, 2)),
    "wait_first": (0.5, range(1, 4)),
    "wait_error": (0.5, range(1, 4)),
    "wait_all": (0.5, range(1, 4)),
    "catch_cancel": (1, range(1, 2)),
    "catch_error": (1, range(1, 2)),
    "cleanup": (1, range(2, 3)),
}

MOST_ROOTS = 4
SMALLEST, LARGEST = 4, 12  # operations in a program
DEEPEST = 5


class Dice:
    """Random numbers that are the same in every version of Python: only random() promises that."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def below(self, n):
        return int(self.random() * n)

    def of(self, values):
        return values[self.below(len(values))]

    def weighted(self, table):
        """A name out of a table whose rows begin with a weight."""
        left = self.random() * sum(row[0] for row in table.values())
        for name, (weight, _) in table.items():
            left -= weight
            if left < 0:
                return name
        return name


class Program:
    """The program of a seed; `size` is the number of its operations."""

    def __init__(self, dice):
        self.dice = dice
        self.size = 0
        roots = 1 + dice.below(MOST_ROOTS)
        self.text = " ".join(self.operation(2 + dice.below(DEEPEST - 1)) for _ in range(roots))

    def operation(self, depth):
        self.size += 1
        if depth <= 0 or self.dice.random() < 0.25:
            return self.leaf()
        return self.compound(depth)

    def leaf(self):
        name = self.dice.weighted(LEAVES)
        numbers = LEAVES[name][1]
        return name + (str(self.dice.below(numbers)) if numbers else "")

    def compound(self, depth):
        name = self.dice.weighted(COMPOUNDS)
        inside = [self.operation(depth - 1) for _ in range(self.dice.of(COMPOUNDS[name][1]))]
        return f"{name}({','.join(inside)})"


def program(seed):
    """The first program of the seed that has the right size."""
    dice = Dice(seed)
    while True:
        made = Program(dice)
        if SMALLEST <= made.size <= LARGEST:
            return made.text


if __name__ == "__main__":
    first, last, *named = map(int, sys.argv[1:])
    for seed in [*range(first, last + 1), *named]:
        print(f"{seed}: {program(seed)}")
