"""Runs the command line of symtests again and again, each time in a fork: importing it costs more than most runs.

``python fork_server.py`` reads a JSON object a line: the arguments, the working folder, what is set in the
environment, and the files for both outputs. It answers with the number of the process, and later with its status as
`subprocess` counts it. The process leads a session of its own, and is in all else what ``symtests ...`` is.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import warnings
from typing import Any


def main() -> None:
    del sys.path[0]  # the folder of this file, which the command does not have
    import altair  # noqa: F401 # loaded by every run that writes a report

    import symtests.checking  # likewise
    import symtests.reports
    from symtests.cli import main as command_line

    symtests.reports.load_charts = lambda: None  # a run that draws a chart loads what it needs; most here draw none

    for line in sys.stdin:
        asked = json.loads(line)
        process = os.fork()
        if process == 0:
            _become_the_command(asked)
            try:
                command_line()
            except SystemExit as end:
                _end(end.code if isinstance(end.code, int) else int(end.code is not None))
            except BaseException:
                sys.excepthook(*sys.exc_info())
                _end(1)
            _end(0)
        print(process, flush=True)
        _, status = os.waitpid(process, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become_the_command(asked: dict[str, Any]) -> None:
    os.setsid()
    os.chdir(asked["cwd"])
    os.environ.update(asked["environment"])
    sys.path[:0] = asked["environment"].get("PYTHONPATH", "").split(os.pathsep)
    sys.argv = ["symtests", *asked["arguments"]]
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as in a terminal, whatever this process inherited
    nothing = os.open(os.devnull, os.O_RDONLY)
    for descriptor, path in ((1, asked["stdout"]), (2, asked["stderr"])):
        file = _unread_pipe() if path == "closed" else os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
        if asked["limits"]:  # which must not be those of the outputs
            file = _copied_to(file)
        os.dup2(file, descriptor)
        os.close(file)
    os.dup2(nothing, 0)
    os.close(nothing)
    # As an interpreter opens them for what is there now.
    encoding, _, errors = os.environ.get("PYTHONIOENCODING", "utf-8").partition(":")
    sys.stdout = open(1, "w", encoding=encoding, errors=errors or None, closefd=False)  # noqa: SIM115 - has no path
    sys.stderr = open(2, "w", encoding=encoding, buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    if os.environ.get("PYTHONWARNINGS") == "error":
        warnings.simplefilter("error")
    if "file_size" in asked["limits"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (asked["limits"]["file_size"],) * 2)


def _copied_to(file: int) -> int:
    """Return the end of a pipe that a process without limits copies into a file."""
    reads, writes = os.pipe()
    subprocess.Popen(["cat"], stdin=reads, stdout=file)
    os.close(reads)
    os.close(file)
    return writes


def _unread_pipe() -> int:
    """Return the end of a pipe whose other end is closed."""
    reads, writes = os.pipe()
    os.close(reads)
    return writes


def _end(status: int) -> None:
    """End as an interpreter does: threads that are no daemons first, then what is registered, then the outputs."""
    import atexit
    import threading

    for thread in threading.enumerate():
        if thread is not threading.current_thread() and not thread.daemon:
            thread.join()
    atexit._run_exitfuncs()
    for output in (sys.stdout, sys.stderr):
        try:
            output.flush()
        except (OSError, ValueError):
            status = status or 120
    os._exit(status)


if __name__ == "__main__":
    main()
