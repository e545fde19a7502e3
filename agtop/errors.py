"""What can go wrong outside agtop, told to a person: one sentence with what, where, what to do.

AgtopError
├── BusError      the bus cannot carry a message, or cannot be reached
├── ConfigError   config.toml says something agtop cannot follow
├── ProxyError    the LiteLLM proxy is not named, or tells nothing
├── UsageError    the command line does
└── RefusedError  a process that is not for agtop to signal
"""

from __future__ import annotations


class AgtopError(Exception):
    """Its text is shown as it is, after `agtop: `; ends the program with status 1."""


class BusError(AgtopError):
    """A message is not one, or the channel between agents cannot be opened."""


class ConfigError(AgtopError):
    """config.toml cannot be read or followed; the file is left as it is."""


class ProxyError(AgtopError):
    """What was spent cannot be asked for; the key is in no word of it."""


class UsageError(AgtopError):
    """The command line asks for something that is not there; ends the program with status 2."""


class RefusedError(AgtopError):
    """A process gets no signal, and why; none was sent."""
