"""A child process that judges the checks of one implementation.

It reads JSON lines from its standard input and answers with JSON lines on its standard output. The first line sets up;
each further line is a job. It runs no code of the implementation: that lives in a process of its own, or is a command,
and whatever it does there is a misbehaviour here. At the end of the input the process ends.
"""

from __future__ import annotations

import json
import os
import sys
import threading

from symtests.implementations.command_name import is_command
from symtests.implementations.process_pipe import TimeLimits
from symtests.implementations.python_process import PythonProcess

__all__ = ["main"]


def main() -> None:
    """Serve the parent until its end of the pipe closes."""
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever else is printed goes to standard error
    first = requests.readline()
    if not first:
        return
    setup = json.loads(first)
    sys.path.extend(entry for entry in setup["path"] if entry not in sys.path)
    started = None
    if not is_command(setup["found_by"]):  # it is imported while this process imports what judges it
        limits = TimeLimits(start=setup["first_call_limit"], request=setup["call_limit"])
        started = PythonProcess(setup["found_by"], setup["path"], limits)

    from symtests.checking.processes.judge import Judge

    judge = Judge(setup, answers, started)
    threading.Thread(target=judge.live, daemon=True).start()
    _draw_the_same_for_all()
    if judge.load():
        for line in requests:
            judge.work(json.loads(line))
    else:
        requests.readline()  # until the parent has heard of it
    os._exit(0)


def _draw_the_same_for_all() -> None:
    """Keep Hypothesis from drawing numbers that stand in the source files of the current folder.

    It mixes them into what it draws, so that two implementations would be asked different questions. There is no
    setting for this; versions that do not do it have no such function.
    """
    try:
        from hypothesis.internal.conjecture import providers
    except ImportError:  # an older version
        return
    if hasattr(providers, "_get_local_constants"):
        providers._get_local_constants = lambda: providers._local_constants
