"""The broker inside another program: a thread with a loop of its own."""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import socket
import weakref
from pathlib import Path
from threading import Thread

from agtop.bus.broker import Broker
from agtop.bus.election import elect

logger = logging.getLogger(__name__)

LONGEST_ENDING = 3.0
"""Seconds in which a host has taken its socket away."""


class Host:
    """Serves the bus from its own thread until closed. `elected` makes one."""

    def __init__(self, listener: socket.socket, path: Path) -> None:
        self._pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._listener = listener
        self._broker = Broker(listener, path)
        self._thread = Thread(target=self._run, name="agtop-bus", daemon=True)
        self._thread.start()
        _hosts.add(self)

    @property
    def is_alive(self) -> bool:
        return os.getpid() == self._pid and self._thread.is_alive()

    def close(self) -> None:
        """Take the socket away and let go of the clients, who then find another host."""
        if not self.is_alive:
            return
        try:
            self._loop.call_soon_threadsafe(self._stopping.set)
        except RuntimeError:
            pass  # it ended by itself just now
        self._thread.join(LONGEST_ENDING)

    def leave_to_parent(self) -> None:
        """In a forked child: the sockets are the parent's, and close when the parent dies."""
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in self._broker.descriptors():
            os.dup2(nowhere, descriptor, inheritable=False)
        os.close(nowhere)

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._broker.serve(self._stopping))
        except Exception:
            logger.exception("the bus's broker met a bug")
        finally:
            self._loop.close()
            self._listener.close()


def elected(path: Path) -> Host | None:
    """Host the bus at `path`; None when another does, or is about to.

    Raises:
        BusError: nobody does, and this process cannot.
    """
    listener = elect(path)
    return None if listener is None else Host(listener, path)


_hosts: weakref.WeakSet[Host] = weakref.WeakSet()


def _close_all() -> None:
    for host in list(_hosts):
        host.close()


def _leave_all() -> None:
    for host in list(_hosts):
        host.leave_to_parent()
    _hosts.clear()


atexit.register(_close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)
