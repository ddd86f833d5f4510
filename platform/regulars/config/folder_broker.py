"""The broker that needs no server: kombu's folder of files, with each message put there whole.

The stock transport opens a message's file and then writes it; a worker that looks in between takes an empty message,
loses it and ends. Here a message is written beside its name and renamed, and the tables of exchanges are read and
changed by one process at a time.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps


class Channel(filesystem.Channel):  # type: ignore[misc]
    """A channel whose messages appear in one step."""

    def _put(self, queue: str, payload: Any, **_named: Any) -> None:
        name = f"{round(monotonic() * 1000)}_{uuid.uuid4()}.{queue}.msg"
        path = os.path.join(self.data_folder_out, name)
        try:
            with open(f"{path}.part", "w", encoding="utf-8") as file:
                file.write(dumps(payload))
            os.rename(f"{path}.part", path)
        except OSError as error:
            raise ChannelError(f"A message cannot be written to {self.data_folder_out}: {error.strerror}") from error

    def _queue_bind(self, *args: Any) -> None:
        with self._turn():
            super()._queue_bind(*args)

    def get_table(self, exchange: str) -> Any:
        """The queues bound to an exchange."""
        with self._turn():
            return super().get_table(exchange)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        with (self.control_folder / "turn.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


class Transport(filesystem.Transport):  # type: ignore[misc]
    """What `filesystem://` means here."""

    Channel = Channel


def register() -> None:
    """Let `filesystem://` mean this transport in this process."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
