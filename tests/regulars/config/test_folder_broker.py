"""The folder that stands in for a broker: nobody ever takes half a message, however many write and read at once."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection
from kombu.transport import filesystem

from regulars.config.folder_broker import Transport

MESSAGES = 150


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Any]:
    """Where the messages lie."""
    for name in ("queue", "processed", "control"):
        (tmp_path / name).mkdir()
    return {
        "data_folder_in": str(tmp_path / "queue"),
        "data_folder_out": str(tmp_path / "queue"),
        "processed_folder": str(tmp_path / "processed"),
        "control_folder": str(tmp_path / "control"),
        "store_processed": True,
        "polling_interval": 0.001,
    }


@pytest.fixture
def slow_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between a file's opening and its first word some time passes, as on a busy machine."""
    stock = filesystem.dumps
    pause = threading.Event()

    def dumped(payload: Any) -> Any:
        pause.wait(0.002)
        return stock(payload)

    monkeypatch.setattr(filesystem, "dumps", dumped)
    monkeypatch.setattr("regulars.config.folder_broker.dumps", dumped)


def exchanged(transport: type, folders: dict[str, Any]) -> tuple[list[int], list[str]]:
    """Send so many messages while somebody reads them; what was read, and what went wrong."""
    name = f"work-{uuid.uuid4().hex}"  # which queues there are, kombu remembers for the whole process
    heard: list[int] = []
    wrong: list[str] = []
    ready, done = threading.Event(), threading.Event()

    def read() -> None:
        with Connection(transport=transport, transport_options=folders) as connection:
            queue = connection.SimpleQueue(name)
            ready.set()
            while not (done.is_set() and not any(Path(folders["data_folder_in"]).iterdir())):
                try:
                    message = queue.get(block=False)
                except queue.Empty:
                    continue
                except Exception as error:  # noqa: BLE001 - whatever a worker would die of
                    wrong.append(type(error).__name__)
                    continue
                heard.append(message.payload)
                message.ack()

    reader = threading.Thread(target=read)
    reader.start()
    ready.wait(30)
    with Connection(transport=transport, transport_options=folders) as connection:
        queue = connection.SimpleQueue(name)
        for number in range(MESSAGES):
            queue.put(number)
    done.set()
    reader.join(30)
    return sorted(heard), wrong


def test_every_message_is_read_whole(folders: dict[str, Any], slow_writes: None) -> None:
    assert exchanged(Transport, folders) == (list(range(MESSAGES)), [])


def test_the_stock_transport_hands_out_empty_messages(folders: dict[str, Any], slow_writes: None) -> None:
    heard, wrong = exchanged(filesystem.Transport, folders)
    assert wrong
    assert len(heard) < MESSAGES
