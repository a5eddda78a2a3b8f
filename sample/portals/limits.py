"""Limits on how often a host may be asked."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from sample.web import Clock, Handler, Request, Response


class RateLimit:
    """A filter that refuses whoever asks more than ``most`` times in ``seconds``.

    After a refusal it refuses everything for ``penalty`` seconds and then begins to count anew, so
    that a client that waits as told is let in. Hosts that share the object share the limit.
    """

    def __init__(
        self, clock: Clock, most: int, seconds: float, penalty: float, refusal: Callable[[], Response], **headers: str
    ) -> None:
        self._clock = clock
        self._most = most
        self._seconds = seconds
        self._penalty = penalty
        self._refusal = refusal
        self._headers = headers
        self._lock = threading.Lock()
        self._asked: deque[float] = deque()
        self._refuse_until = float("-inf")
        self.refused = 0

    def __call__(self, request: Request, /, handler: Handler) -> Response:
        """Answer, or refuse; ``headers`` go with every answer."""
        response = self._refusal() if self._too_often() else handler(request)
        return response.with_headers(**self._headers)

    def _too_often(self) -> bool:
        now = self._clock.now()
        with self._lock:
            while self._asked and self._asked[0] <= now - self._seconds:
                self._asked.popleft()
            if now >= self._refuse_until:
                self._asked.append(now)
                if len(self._asked) <= self._most:
                    return False
                self._asked.clear()
                self._refuse_until = now + self._penalty
            self.refused += 1
            return True
