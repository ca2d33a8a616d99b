"""The turn to write: one has it, some wait, none waits for ever, and the web server's other threads go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from missiegraaf.engine import turn
from missiegraaf.engine.turn import Turn
from missiegraaf.errors import Busy


@contextmanager
def held(taken: Turn) -> Iterator[threading.Event]:
    """Another thread has the turn until the event is set."""
    has_it, may_go = threading.Event(), threading.Event()

    def hold() -> None:
        with taken:
            has_it.set()
            may_go.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    has_it.wait(60)
    try:
        yield may_go
    finally:
        may_go.set()
        thread.join()


def test_who_has_the_turn_may_take_it_again_and_it_ends_once() -> None:
    taken = Turn()
    with taken:
        with taken:
            assert taken.is_mine
        assert taken.is_mine
    assert not taken.is_mine
    with held(taken):
        assert not taken.is_mine


def test_waiting_for_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn, "_SECONDS", 0.05)
    taken = Turn()
    with held(taken), pytest.raises(Busy, match="take long"), taken:
        pass
    with taken:  # who did not get it has left no trace
        assert taken.is_mine


def test_of_too_many_some_are_told_so_at_once_and_the_others_get_it() -> None:
    taken, told, had = Turn(), [], []

    def write() -> None:
        try:
            with taken:
                had.append(threading.get_ident())
        except Busy as error:
            told.append(error.headers["Retry-After"])

    threads = [threading.Thread(target=write) for _ in range(turn.WAITING + 3)]
    with held(taken) as may_go:
        for thread in threads:
            thread.start()
        while len(told) < 3:
            threading.Event().wait(0.01)
        may_go.set()
        for thread in threads:
            thread.join()
    assert (len(had), len(told)) == (turn.WAITING, 3)
