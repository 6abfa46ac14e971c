"""What several people fill and none may fill alone: where it is full, the oldest of whoever has most gives way."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from itertools import count, islice
from operator import itemgetter
from typing import Final, Generic, TypeVar

T = TypeVar("T")


class SharedLog(Generic[T]):
    """Items of several sources in the order in which they came, up to a weight in all.

    Who has less than an equal share of the limit loses nothing, however much the others add.

    Parameters
    ----------
    limit : float
        The most that all items may weigh together.
    """

    def __init__(self, limit: float) -> None:
        self._limit: Final = limit
        self._numbers: Final = count()
        self._items: dict[str, deque[tuple[int, T, int]]] = {}
        self._weights: dict[str, int] = {}
        self._length = 0
        self._weight = 0

    def __len__(self) -> int:
        """Return how many there are.

        Returns
        -------
        int
            Items of all sources.
        """
        return self._length

    def __iter__(self) -> Iterator[T]:
        """Iterate over all items.

        Returns
        -------
        iterator of Item
            In the order in which they came.
        """
        return map(itemgetter(1), heapq.merge(*self._items.values(), key=itemgetter(0)))

    def last(self, most: int) -> list[T]:
        """Return the last items, at a cost that does not depend on how many there are.

        Parameters
        ----------
        most : int
            How many, at most.

        Returns
        -------
        list of Item
            In the order in which they came.
        """
        newest = heapq.merge(*map(reversed, self._items.values()), key=itemgetter(0), reverse=True)
        return [item for _, item, _ in islice(newest, most)][::-1]

    def append(self, source: str, item: T, weight: int = 1) -> None:
        """Add an item; while all weigh too much, the oldest item of the source whose items weigh most goes.

        Parameters
        ----------
        source : str
            Whose share it counts for.
        item : T
            The item.
        weight : int
            What it weighs, in the limit's unit.
        """
        self._items.setdefault(source, deque()).append((next(self._numbers), item, weight))
        self._count(source, weight, 1)
        while self._weight > self._limit:
            heaviest = max(self._weights, key=self._weights.__getitem__)
            _, _, gone = self._items[heaviest].popleft()
            self._count(heaviest, -gone, -1)
            if not self._items[heaviest]:
                del self._items[heaviest], self._weights[heaviest]

    def _count(self, source: str, weight: int, items: int) -> None:
        self._weights[source] = self._weights.get(source, 0) + weight
        self._weight += weight
        self._length += items
