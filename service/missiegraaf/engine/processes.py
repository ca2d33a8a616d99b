"""What a process may not do: outlive the one that started it, or open a connection (Linux)."""

from __future__ import annotations

import ctypes
import errno
import multiprocessing
import os
import platform
import signal
import struct
from typing import Final

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_SECCOMP_MODE_FILTER: Final = 2
_SOCKET: Final = {"x86_64": 41, "aarch64": 198}  # the number of socket(2)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, also by `kill -9` (prctl(2)).

    The parent is the thread that started this process: it has to live as long as the process should.
    """
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid != os.getppid():  # it ended before
        os._exit(1)


def open_no_sockets() -> None:
    """Have the kernel refuse socket(2) to this process from now on (seccomp(2)).

    Raises OSError where the kernel does not take the filter. On a machine type whose call numbers are not known here
    nothing is done.
    """
    number = _SOCKET.get(platform.machine())
    if number is None:
        return
    program = b"".join(
        struct.pack("HBBI", *instruction)
        for instruction in (
            (0x20, 0, 0, 0),  # load the number of the call
            (0x15, 0, 1, number),  # if it is socket(2):
            (0x06, 0, 0, 0x00050000 | errno.EACCES),  # fail with "permission denied"
            (0x06, 0, 0, 0x7FFF0000),  # else go on
        )
    )
    libc = ctypes.CDLL(None, use_errno=True)
    described = ctypes.byref(_Program(4, program))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, described):
        raise OSError(ctypes.get_errno(), f"seccomp: {os.strerror(ctypes.get_errno())}")
