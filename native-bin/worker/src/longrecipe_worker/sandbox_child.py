"""The process in which one program of a model runs: started by sandbox.py, standard library only.

Reads {program, token, limits} as JSON from standard input, gives up what it can (limits, network, descriptors), runs
the program in an empty folder, and writes {token, error} to the file it was told. Only a program that came to its end
has a token without an error: `os._exit(0)` before the tests passes for nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import sys
from collections.abc import Callable
from typing import Any

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_PR_SET_NO_NEW_PRIVS = 38
_DETAIL = 300

# Audit events that are refused whatever their arguments: processes, network, native code, signals to others.
_REFUSED = (
    "_posixsubprocess.",
    "ctypes.",
    "ftplib.",
    "http.client.",
    "imaplib.",
    "nntplib.",
    "os.exec",
    "os.fork",
    "os.kill",
    "os.posix_spawn",
    "os.spawn",
    "os.startfile",
    "os.system",
    "poplib.",
    "pty.",
    "resource.",
    "smtplib.",
    "socket.",
    "subprocess.",
    "sys.addaudithook",
    "syslog.",
    "telnetlib.",
    "urllib.",
    "webbrowser.",
    "winreg.",
)
# Events that change files, and how many of their first arguments are paths.
_CHANGES = {
    "os.chdir": 1,
    "os.chflags": 1,
    "os.chmod": 1,
    "os.chown": 1,
    "os.link": 2,
    "os.mkdir": 1,
    "os.remove": 1,
    "os.removexattr": 1,
    "os.rename": 2,
    "os.rmdir": 1,
    "os.setxattr": 1,
    "os.symlink": 2,
    "os.truncate": 1,
    "os.utime": 1,
    "shutil.chown": 1,
    "shutil.move": 2,
    "shutil.rmtree": 1,
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


def main() -> None:
    """Run the program of the request on standard input."""
    request = json.loads(sys.stdin.buffer.read())
    outcome = os.open(request["outcome"], os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    _leave_network()
    _limit(request["limits"])
    _guard(os.path.realpath(os.getcwd()))  # noqa: PTH109 - pathlib is not loaded: the program starts sooner
    error = _run(request["program"])
    os.write(outcome, json.dumps({"token": request["token"], "error": error}).encode())
    # Not through the program's own exit handlers and threads.
    os._exit(0)


def _run(program: str) -> str | None:
    """Run the program as a main module. Returns None when it came to its end, else what it raised."""
    try:
        exec(compile(program, "<program>", "exec"), {"__name__": "__main__"})
    except BaseException as error:  # SystemExit too: leaving is not passing
        return f"{type(error).__name__}: {error}"[:_DETAIL]
    return None


def _leave_network() -> None:
    """Move into an empty network namespace where the system lets us; elsewhere the audit hook refuses sockets."""
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None, use_errno=True)
        if library.unshare(_CLONE_NEWNET) != 0:
            library.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
        library.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def _limit(limits: dict[str, int]) -> None:
    """Set the limits that the platform has; sandbox.py watches time and memory besides."""
    try:
        import resource
    except ImportError:  # Windows
        return
    wanted = {
        "RLIMIT_CPU": limits["cpuSeconds"],
        "RLIMIT_AS": limits["memoryBytes"],
        "RLIMIT_FSIZE": limits["fileBytes"],
        "RLIMIT_NOFILE": 64,
        "RLIMIT_NPROC": 0,
        "RLIMIT_CORE": 0,
    }
    for name, value in wanted.items():
        number = getattr(resource, name, None)
        if number is None:
            continue
        hard = resource.getrlimit(number)[1]
        bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
        # At the soft limit of processor time comes SIGXCPU, which says why; at the hard one SIGKILL.
        top = bound + 1 if name == "RLIMIT_CPU" and hard == resource.RLIM_INFINITY else bound
        # macOS refuses some of these; what counts is watched from outside.
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(number, (bound, top))


def _guard(folder: str) -> None:
    """Refuse what a solution of a programming task has no need of. A hook of this kind cannot be taken off again."""
    inside = _inside(folder)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith(_REFUSED):
            raise PermissionError(f"{event} is not allowed here")
        if event == "open":
            path, mode, flags = arguments
            if not isinstance(flags, int) or not flags & _WRITING:
                return
            # A descriptor was opened under these rules. os.open (no mode) takes a folder that the event does not name.
            if not isinstance(path, int) and not (inside(path) and (mode is not None or _is_absolute(path))):
                raise PermissionError(f"writing {path} is not allowed here")
        elif event in _CHANGES and not _all_inside(inside, arguments, _CHANGES[event]):
            raise PermissionError(f"{event} is not allowed outside the working folder")

    sys.addaudithook(hook)


def _all_inside(inside: Callable[[Any], bool], arguments: tuple[Any, ...], paths: int) -> bool:
    """Whether all paths lie inside, none of them given by a descriptor or relative to one (-1 or absent: to none)."""
    named = arguments[:paths]
    if any(isinstance(path, int) for path in named):
        return False
    relative = arguments[paths:] if len(arguments) > paths else ()
    has_folder = any(isinstance(number, int) and number >= 3 for number in relative[-paths:])
    return all(inside(path) and (not has_folder or _is_absolute(path)) for path in named)


def _inside(folder: str) -> Callable[[Any], bool]:
    real, decode, below = os.path.realpath, os.fsdecode, folder + os.sep

    def inside(path: Any) -> bool:
        # A link is judged by where it leads, so nothing is reached through one.
        found = real(decode(path))
        return found == folder or found.startswith(below)

    return inside


def _is_absolute(path: Any) -> bool:
    return os.path.isabs(os.fsdecode(path))  # noqa: PTH117 - pathlib is not loaded


if __name__ == "__main__":
    main()
