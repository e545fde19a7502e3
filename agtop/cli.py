"""The command line: picks the face, wires the parts, owns the exit codes.

Nothing is imported before it is needed: `--help` and `--version` load no part of agtop.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agtop import flags as command_line
from agtop.console import (
    OK,
    PATIENCE,
    complete,
    never_fail_to_encode,
    patience,
    say,
    until_interrupted,
)
from agtop.errors import AgtopError, UsageError

if TYPE_CHECKING:
    from agtop.collector import Collector
    from agtop.flags import Flags
    from agtop.model import Snapshot
    from agtop.wiring import Wants

FAILED, USAGE, INTERRUPTED = 1, 2, 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run agtop; the exit code: 0 done, 1 failed, 2 asked for wrongly, 130 interrupted."""
    _open_missing_streams()
    try:
        status = _status(argv)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader has all it wanted
        _abandon_stdout()
        return OK
    except KeyboardInterrupt:
        return INTERRUPTED
    except UsageError as error:
        return _failed(str(error), USAGE)
    except AgtopError as error:
        return _failed(str(error))
    except OSError as error:
        return _io_failed(error)
    except Exception as error:
        return _met_a_bug(error)


def _status(argv: Sequence[str] | None) -> int:
    try:
        return _run(command_line.parse(argv), sys.argv[1:] if argv is None else argv)
    except SystemExit as ending:  # --help, --version, a signal
        return ending.code if isinstance(ending.code, int) else OK


def _run(flags: Flags, words: Sequence[str]) -> int:
    """Show the face that was asked for."""
    if flags.json_schema:
        from agtop import answers

        return answers.schema(flags.verb)
    if flags.sort == "help":
        return _list_sort_keys()
    if not flags.one_shot:
        return _screen(flags)
    _start_log(flags)
    if flags.verb is not None:
        from agtop import deeds

        return deeds.run(flags, words)
    from agtop import wiring

    face = _list if flags.table else _export
    with _few_garbage_collections(), wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, patience(flags))) as collector:
            return face(wants, collector)


@contextmanager
def _few_garbage_collections() -> Generator[None]:
    """What is loaded and made to be shown once stays to the end: it need not be searched."""
    usual = gc.get_threshold()
    gc.set_threshold(50_000, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


# ---- the faces


def _list(wants: Wants, collector: Collector) -> int:
    from agtop import listing

    flags = wants.flags
    never_fail_to_encode(sys.stdout)
    columns = listing.chosen(wants.config.columns or listing.DEFAULT)

    def look() -> listing.Page:
        return listing.page(sys.stdout, os.environ, colour=not flags.no_color)

    weigh = _weigher(wants, collector)

    def take() -> Snapshot:
        return weigh(collector.collect() if look().redraws else complete(collector))

    if flags.watch:
        return until_interrupted(
            lambda: listing.watch(
                sys.stdout, take, wants.delay, look, columns, time.sleep, flags.limit
            )
        )
    snapshot = weigh(complete(collector))
    sys.stdout.write("\n".join(listing.table(snapshot, look(), columns, flags.limit)) + "\n")
    sys.stdout.flush()
    for sentence in listing.problem_lines(snapshot):
        say(sentence)
    return OK


def _export(wants: Wants, collector: Collector) -> int:
    from agtop.export import write_each, write_snapshot

    weigh = _weigher(wants, collector)

    def take() -> Snapshot:
        return weigh(complete(collector))

    if wants.flags.watch:
        return until_interrupted(lambda: write_each(sys.stdout, take, wants.delay, time.sleep))
    if wants.flags.json:
        write_snapshot(sys.stdout, take(), store=collector.written())
    else:
        write_snapshot(sys.stdout, take(), indent=None)
    return OK


def _weigher(wants: Wants, collector: Collector) -> Callable[[Snapshot], Snapshot]:
    """What holds sessions against the budgets, and arranges them; guests hear of no budget."""
    if not wants.config.budgets or wants.shield is not None:
        return wants.arranged
    from agtop import purses, wiring

    spending = wiring.spending(wants, collector)
    budgets = purses.budgets(wants.config)
    return lambda taken: wants.arranged(purses.weighed(taken, budgets, spending(taken)))


def _screen(flags: Flags) -> int:
    _check_terminal(sys.stdin, sys.stdout)
    if flags.no_color:
        os.environ["NO_COLOR"] = "1"
    from agtop.tui.opening import opening

    with opening(vars(flags), os.environ) as first:  # before anything that takes time to load
        _start_log(flags)
        from agtop import fullscreen, wiring

        with wiring.place(flags.demo) as place:
            wants = wiring.wants(flags, place)
            with closing(wiring.collector(wants, place, PATIENCE)) as collector:
                probe = None if flags.demo else wiring.app_server(os.environ)
                return fullscreen.fill(wants, place, collector, first, probe)


def _list_sort_keys() -> int:
    from agtop.columns import COLUMNS

    for column in COLUMNS:
        print(f"{column.name:<16} {column.about}")
    return OK


# ---- streams and endings


def _check_terminal(stdin: TextIO, stdout: TextIO) -> None:
    if not (stdin.isatty() and stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError("the full screen needs a terminal; use --list or --json here")


def _open_missing_streams() -> None:
    """A stream closed by the caller must not be taken by the next file that is opened."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)
            stream = open(descriptor, mode, encoding="utf-8", closefd=False)  # noqa: SIM115
            setattr(sys, name, stream)


def _abandon_stdout() -> None:
    """What is still buffered goes nowhere, so that the interpreter does not try again at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError):
        pass  # not a real stream: nothing is flushed at exit


def _start_log(flags: Flags) -> None:
    """Log to the file that was named; else the screen has one of its own, and -v uses stderr."""
    if flags.log_file is None and flags.one_shot and not flags.verbose:
        return
    from agtop import log, paths

    path = flags.log_file
    if path is None and not flags.one_shot:
        path = paths.cache_dir() / "agtop.log"
    try:
        log.start(path, flags.verbose, at_once=flags.log_file is not None)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AgtopError(f"--log-file {path} cannot be written ({reason})") from None


def _io_failed(error: OSError) -> int:
    _abandon_stdout()
    where = f"{error.filename}: " if error.filename else ""
    return _failed(f"{where}{error.strerror or error}")


def _met_a_bug(error: Exception) -> int:
    """Nothing foresaw it. The traceback, without locals, goes to the log."""
    if "agtop.log" in sys.modules:
        from agtop import log

        log.record("met a bug", error)
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else "?"
    kind = type(error).__name__
    return _failed(f"met a bug, {kind} at {where}: {error}; agtop -v tells more, please report it")


def _failed(sentence: str, status: int = FAILED) -> int:
    say(sentence)
    return status
