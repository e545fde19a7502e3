"""What the user wants: config.toml, read once; only `agtop budget` writes, and only its own lines.

plan = "max"                 # retail, max or included
delay = "2s"
sort = "cost"
week_starts = "monday"       # or sunday, …: for what is spent in a week
columns = ["glyph", "state", "agent", "project", "cost", "doing"]
theme = "light"              # dark, light, high-contrast, deuteranopia, tritanopia or mono
ascii = true                 # no signs that not every terminal can draw

[keys]                       # what to do with other keys
"app.quit" = ["F10", "Ctrl-Q"]

[plans]                      # where an agent is paid for otherwise
codex = "included"

[prices."house-model"]       # dollars per million tokens
input = 1.5
output = 6

[roots]                      # further folders an agent keeps its files in
claude = ["~/office/.claude"]

[models]                     # what an agent runs where its transcripts name no model
cursor = "composer-1"

[windows]                    # tokens a model's context holds
"house-model" = 400000

[agents.mine]                # an agent agtop does not know
command = "my-agent"         # its program's name; * and ? stand for others
label = "My agent"
transcripts = "~/.mine/sessions/**/*.jsonl"
format = "claude"            # the agent whose transcripts they look like

[budgets."agent:claude/day"] # or session, session:KEY, repo:NAME, day, week, all
dollars = 20
tokens = 50000000
action = "pause"             # or warn, stop; at 100 %
at = [50, 80, 95, 100]       # percent at which it is said once
on_estimates = false         # whether to act on an agent's estimates

[alerts]                     # when something begins to need you
way = "bell"                 # off, bell or desktop
on = ["waiting", "error"]    # kinds; all of them when not given
"""

from __future__ import annotations

from agtop.config.reading import FILE_NAME, load, parse, read
from agtop.config.wishes import (
    DELAY,
    PLANS,
    WEEKDAYS,
    BudgetWish,
    Config,
    OwnAgent,
    Plan,
    PriceOverride,
    Weekday,
    meant,
    one_of,
    parse_plan,
)

__all__ = [
    "DELAY",
    "FILE_NAME",
    "PLANS",
    "WEEKDAYS",
    "BudgetWish",
    "Config",
    "OwnAgent",
    "Plan",
    "PriceOverride",
    "Weekday",
    "load",
    "meant",
    "one_of",
    "parse",
    "parse_plan",
    "read",
]
