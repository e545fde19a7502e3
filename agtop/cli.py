"""The command line: picks the face, wires the parts, owns the exit codes.

Nothing is imported before it is needed: `--help` and `--version` load no part of agtop.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from agtop import flags as command_line
from agtop.errors import AgtopError, UsageError

if TYPE_CHECKING:
    from agtop.collector import Collector
    from agtop.flags import Flags
    from agtop.model import Progress, Snapshot
    from agtop.verbs.means import Means
    from agtop.wiring import Place, Wants

OK, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
PATIENCE = 0.2
"""Seconds of reading after which a person is shown how far it is."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run agtop and return its exit code: 0 done, 1 something failed, 2 asked for wrongly."""
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
        return _run(command_line.parse(argv))
    except SystemExit as ending:  # --help, --version, a signal
        return ending.code if isinstance(ending.code, int) else OK


def _run(flags: Flags) -> int:
    """Show the face that was asked for."""
    if flags.json_schema:
        from agtop import answers

        return answers.schema(flags.verb)
    if flags.sort == "help":
        return _list_sort_keys()
    if not flags.one_shot:
        _check_terminal(sys.stdin, sys.stdout)
    _start_log(flags)
    if flags.verb == "bus":
        return _bus(flags)
    from agtop import wiring

    if flags.verb is not None:
        from agtop import answers

        if flags.verb == "sources":
            return answers.sources(flags, _patience(flags), _complete)
        return answers.inventory(flags) if flags.verb == "inventory" else _verb(flags)
    with wiring.place(flags.demo) as place:
        wants = wiring.wants(flags, place)
        with closing(wiring.collector(wants, place, _patience(flags))) as collector:
            if flags.one_shot:
                return (_list if flags.table else _export)(wants, collector)
            return _screen(wants, collector, place)


def _patience(flags: Flags) -> float | None:
    """Nobody watches a pipe: there everything is read in one go."""
    is_watched = sys.stdout.isatty() or sys.stderr.isatty()
    return PATIENCE if is_watched or not flags.one_shot else None


# ---- the faces


def _list(wants: Wants, collector: Collector) -> int:
    from agtop import listing

    flags = wants.flags
    _never_fail_to_encode(sys.stdout)
    columns = listing.chosen(wants.config.columns or listing.DEFAULT)

    def look() -> listing.Page:
        return listing.page(sys.stdout, os.environ, colour=not flags.no_color)

    def take() -> Snapshot:
        return wants.arranged(collector.collect() if look().redraws else _complete(collector))

    if flags.watch:
        return _until_interrupted(
            lambda: listing.watch(
                sys.stdout, take, wants.delay, look, columns, time.sleep, flags.limit
            )
        )
    snapshot = wants.arranged(_complete(collector))
    sys.stdout.write("\n".join(listing.table(snapshot, look(), columns, flags.limit)) + "\n")
    sys.stdout.flush()
    for sentence in listing.problem_lines(snapshot):
        _say(sentence)
    return OK


def _export(wants: Wants, collector: Collector) -> int:
    from agtop.export import write_each, write_snapshot

    def take() -> Snapshot:
        return wants.arranged(_complete(collector))

    if wants.flags.watch:
        return _until_interrupted(lambda: write_each(sys.stdout, take, wants.delay, time.sleep))
    write_snapshot(sys.stdout, take(), indent=2 if wants.flags.json else None)
    return OK


def _verb(flags: Flags) -> int:
    from agtop import listing, wiring

    _never_fail_to_encode(sys.stdout)
    with wiring.place(demo=False) as place:
        wants = wiring.wants(flags, place)

        def snapshot() -> Snapshot:
            with closing(wiring.collector(wants, place, _patience(flags))) as collector:
                return _complete(collector)

        cells = listing.page(sys.stdout, os.environ).cells if sys.stdout.isatty() else None
        return _done(flags, wants, wiring.means(wants, snapshot, _print, _wait, cells))


def _done(flags: Flags, wants: Wants, means: Means) -> int:
    from agtop.control import signal_named
    from agtop.verbs import names, signals

    tree = not flags.alone
    match flags.verb:
        case "kill" if flags.signal is None:
            return signals.kill(flags.targets, means, tree, flags.patience)
        case "kill":
            return signals.signal(flags.targets, signal_named(flags.signal or ""), means, tree)
        case "pause":
            return signals.pause(flags.targets, means, tree)
        case "resume":
            return signals.resume(flags.targets, means, tree)
        case "scan":
            return names.scan(means, flags.everything, flags.register)
        case "register":
            return names.register(flags.target or "", flags.name, means)
        case "forget":
            return names.forget(flags.targets, means)
        case _:
            return _budget(flags, wants, means)


def _budget(flags: Flags, wants: Wants, means: Means) -> int:
    from agtop import config, paths, wiring
    from agtop.verbs import budget

    budgets = wiring.budgets(wants.config)
    if flags.target is None or (flags.amount is None and not flags.remove):
        return budget.show(tuple(budgets.values()), flags.target, means)
    file = paths.config_dir() / config.FILE_NAME
    return budget.change(
        flags.target, flags.amount, flags.action, budgets, file, wiring.check_config, means
    )


def _wait(seconds: float) -> bool:
    """True once the user has had enough of it."""
    try:
        time.sleep(seconds)
    except KeyboardInterrupt:
        return True
    return False


def _print(sentence: str) -> None:
    from agtop.text import printable

    print(printable(sentence), flush=True)


def _screen(wants: Wants, collector: Collector, place: Place) -> int:
    if wants.flags.no_color:
        os.environ["NO_COLOR"] = "1"
    from agtop import fullscreen, wiring

    probe = None if wants.flags.demo else wiring.app_server(os.environ)
    return fullscreen.fill(wants, collector, probe, lambda: wiring.inventory(wants, place))


def _list_sort_keys() -> int:
    from agtop.columns import COLUMNS

    for column in COLUMNS:
        print(f"{column.name:<16} {column.about}")
    return OK


def _bus(flags: Flags) -> int:
    from agtop.bus import commands

    _never_fail_to_encode(sys.stdout)
    if flags.deed == "tail":
        return commands.tail(flags.topics, flags.last, as_json=flags.json)
    if flags.deed == "status":
        return commands.status(as_json=flags.json)
    return commands.send(
        flags.summary,
        flags.topic,
        path=flags.path,
        agent=flags.speaker,
        source=flags.source,
        data=flags.data,
    )


def _until_interrupted(repeat: Callable[[], None]) -> int:
    """Ctrl+C is how a watch is meant to end."""
    try:
        repeat()
    except KeyboardInterrupt:
        pass
    return OK


def _complete(collector: Collector) -> Snapshot:
    """A snapshot of everything; on a terminal the progress is told meanwhile."""
    snapshot = collector.collect()
    told = False
    try:
        while not snapshot.complete:
            told = _tell(snapshot.progress)
            snapshot = collector.collect()
    finally:
        if told:
            sys.stderr.write("\r\x1b[K")
    return snapshot


def _tell(progress: Progress) -> bool:
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return False
    sys.stderr.write(f"\r\x1b[Kreading transcripts: {progress.read} of {progress.total}")
    sys.stderr.flush()
    return True


# ---- streams and endings


def _check_terminal(stdin: TextIO, stdout: TextIO) -> None:
    if not (stdin.isatty() and stdout.isatty()) or os.environ.get("TERM") == "dumb":
        raise UsageError("the full screen needs a terminal; use --list or --json here")


def _never_fail_to_encode(stream: TextIO) -> None:
    """A Latin-1 terminal shows `?` where it has no glyph."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


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
    """Ring 3: nothing foresaw it. The traceback, without locals, goes to the log."""
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
    _say(sentence)
    return status


def _say(sentence: str) -> None:
    """To the person, on stderr: stdout is for data."""
    from agtop.text import line

    try:
        print(f"agtop: {line(sentence)}", file=sys.stderr)
    except OSError:
        pass  # nobody listens
