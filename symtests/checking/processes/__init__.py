"""Where checks are judged: in child processes that may crash or hang, or in this one."""
