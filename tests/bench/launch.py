"""Runs one command and reports what it took; small itself, so that it adds nothing to the memory.

Called as `python -I -S launch.py CORE OUTPUT ERRORS INPUT ARGUMENT...`; writes JSON to stdout. A process
inherits the peak memory of the one that starts it, hence a process of its own for each command.
"""

import os
import sys
import time


def main(core: str, output: str, errors: str, source: str, *argv: str) -> None:
    if core:
        os.sched_setaffinity(0, {int(core)})
    made = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    streams = [
        (os.POSIX_SPAWN_OPEN, 0, source, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, output, made, 0o600),
        (os.POSIX_SPAWN_OPEN, 2, errors, made, 0o600),
    ]
    began = time.perf_counter()
    pid = os.posix_spawn(argv[0], argv, os.environ, file_actions=streams)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - began
    rss = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    cpu = used.ru_utime + used.ru_stime
    code = os.waitstatus_to_exitcode(status)
    sys.stdout.write(f'{{"wall":{wall!r},"cpu":{cpu!r},"rss":{rss},"status":{code}}}\n')


main(*sys.argv[1:])
