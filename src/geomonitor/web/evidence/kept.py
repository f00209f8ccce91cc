"""What a process keeps: editions never change, so what was made of one can be shown again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

__all__ = ["Kept"]

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """Values by key, the least recently used of which are let go.

    Parameters
    ----------
    most : int
        How many are kept.
    alone : bool
        Whether one value is made at a time: for values that take long to make, which several readers
        then wait for together.

    Examples
    --------
    >>> kept = Kept(2)
    >>> [kept.get(number, lambda number=number: number * 2) for number in (1, 2, 3)], len(kept)
    ([2, 4, 6], 2)
    """

    def __init__(self, most: int, *, alone: bool = False) -> None:
        self._most = most
        self._alone = alone
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = threading.Lock()
        self._making = threading.RLock()

    def __len__(self) -> int:
        """Count what is kept."""
        return len(self._values)

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Give the value of a key; made where it is not kept. An error is not kept."""
        found, value = self._look(key)
        if found:
            return value  # type: ignore[return-value]  # found
        if self._alone:
            with self._making:
                found, value = self._look(key)
                return value if found else self._keep(key, make())  # type: ignore[return-value]
        return self._keep(key, make())

    def clear(self) -> None:
        """Let everything go."""
        with self._lock:
            self._values.clear()

    def _look(self, key: Hashable) -> tuple[bool, Value | None]:
        with self._lock:
            if key not in self._values:
                return False, None
            self._values.move_to_end(key)
            return True, self._values[key]

    def _keep(self, key: Hashable, value: Value) -> Value:
        with self._lock:
            self._values[key] = value
            self._values.move_to_end(key)
            while len(self._values) > self._most:
                self._values.popitem(last=False)
        return value
