"""The keys: every binding has an id, by which it is remapped, and a sentence for the help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from textual.binding import Binding


def bind(name: str, keys: str, action: str, label: str, about: str, show: bool = False) -> Binding:
    """Keys for `action`; `show` puts `label` into the bar at the bottom."""
    return Binding(keys, action, label, id=name, tooltip=about, show=show)


def bind_first(
    name: str, keys: str, action: str, label: str, about: str, show: bool = False
) -> Binding:
    """Before all others: what is typed in one go behind it is not for the table."""
    return replace(bind(name, keys, action, label, about, show), priority=True)


OPENS_A_LINE = frozenset({"command", "filter", "search", "budget"})
"""Actions of such keys: where somebody types already, they are letters."""


APP_KEYS: tuple[Binding, ...] = (
    bind("app.help", "f1,question_mark,h", "help", "Help", "Show every key and column", show=True),
    bind("app.setup", "f2", "setup", "Setup", "Choose, order and widen columns", show=True),
    bind_first("app.search", "f3", "search", "Search", "Look for a session", show=True),
    bind("app.search-next", "n", "search_next(1)", "Next", "The next one that was searched for"),
    bind("app.search-previous", "N", "search_next(-1)", "Previous", "The one before"),
    bind_first(
        "app.filter", "f4,slash,backslash", "filter", "Filter", "Show only some sessions", show=True
    ),
    bind("app.tree", "f5,t", "tree", "Tree", "Show subagents below their sessions", show=True),
    bind("app.follow", "F", "follow", "Follow", "Keep the selected session in view"),
    bind("app.freeze", "Z", "freeze", "Freeze", "Let what is shown stand still, or go on"),
    bind("sort.menu", "f6", "sort_menu", "Sort", "Choose the column to sort by", show=True),
    bind(
        "sort.left",
        "less_than_sign",
        "sort_next(-1)",
        "Sort left",
        "Sort by the column to the left",
    ),
    bind(
        "sort.right",
        "greater_than_sign",
        "sort_next(1)",
        "Sort right",
        "Sort by the column to the right",
    ),
    bind(
        "sort.invert",
        "I",
        "invert",
        "Invert",
        "Turn it round; so does the same key again",
    ),
    bind("sort.cpu", "P", "sort('cpu')", "CPU", "Sort by CPU"),
    bind("sort.memory", "M", "sort('memory')", "Memory", "Sort by memory"),
    bind("sort.time", "T", "sort('age')", "Time", "Sort by the newest record"),
    bind("sort.cost", "dollar_sign", "sort('cost')", "Cost", "Sort by cost"),
    bind("sort.context", "C", "sort('context')", "Context", "Sort by context"),
    bind("sort.rate", "R", "sort('tokens_per_min')", "Rate", "Sort by tokens a minute"),
    bind("sort.attention", "W", "sort('attention')", "Attention", "Sort by who needs you longest"),
    bind("app.attention", "a", "attend", "Needs you", "The next session that needs you"),
    bind("app.jump", "o", "jump", "Go there", "Show the session's pane, in tmux"),
    bind("app.open", "enter", "open", "Open", "Look into the selected session"),
    bind("app.tabs", "i", "toggle_panel", "Tabs", "Show or hide the tabs"),
    bind("app.info", "1", "show_tab('info')", "Info", "What the session is and does"),
    bind("app.process", "2", "show_tab('process')", "Process", "Its processes"),
    bind("app.cost", "3", "show_tab('cost')", "Cost", "What it cost, bucket by bucket"),
    bind("app.trace", "4", "show_tab('trace')", "Trace", "What it does, as it happens"),
    bind("app.bus", "5", "show_tab('bus')", "Bus", "What agents tell each other, as it comes"),
    bind("app.changes", "6", "show_tab('changes')", "Changes", "The files it wrote, and who else"),
    bind("app.limits", "7", "show_tab('limits')", "Limits", "How full the plans are, by whom"),
    bind("app.why", "w", "why", "Why", "The records behind the session's figures"),
    bind(
        "app.ended",
        "H",
        "toggle_ended",
        "Ended",
        "Hide or show sessions that have ended",
    ),
    bind("app.problems", "exclamation_mark", "problems", "Problems", "What is wrong outside agtop"),
    bind("app.sources", "s", "sources", "Sources", "What each agent's files are like"),
    bind("app.inventory", "v", "inventory", "Inventory", "What agents are set up with"),
    bind("app.dashboard", "d", "dashboard", "Dashboard", "The whole fleet, with larger graphs"),
    bind("app.spend", "S", "spend", "Spend", "Where the money went"),
    bind("app.copy", "y", "copy_id", "Copy id", "Copy the session's id"),
    bind("app.refresh", "r", "refresh_now", "Refresh", "Look again now"),
    bind("act.signal", "f9,k", "signal", "Signal", "Send a signal; armed, do it", show=True),
    bind("act.undo", "u", "undo", "Undo", "Take the last pause or wake-up back"),
    bind("act.mode", "m", "mode", "Mode", "Only observe, ask first, or trust"),
    bind_first("act.budget", "b", "budget", "Budget", "Set, change or take away a budget"),
    bind("act.activity", "A", "activity", "Activity", "Every effect agtop had"),
    bind("act.environment", "e", "environment", "Variables", "The names of its variables"),
    Binding(
        "escape",
        "call_off",
        "Call off",
        id="act.call-off",
        tooltip="Call off what is armed or under way",
        show=False,
        priority=True,
    ),
    bind("app.all", "escape", "clear_filter", "All", "Drop the filter"),
    bind_first("app.command", "colon", "command", "Command", "Type a command"),
    bind("app.palette", "ctrl+p", "command_palette", "Commands", "Search every command"),
    bind("app.suspend", "ctrl+z", "suspend_process", "Suspend", "Back to the shell; fg returns"),
    bind("app.quit", "f10,q,ctrl+c", "quit", "Quit", "Leave agtop", show=True),
)

TAB_KEYS: tuple[Binding, ...] = (
    bind("app.next-tab", "tab", "app.next_tab(1)", "Tabs", "The next tab"),
    bind("app.previous-tab", "shift+tab", "app.next_tab(-1)", "Tabs", "The tab before"),
)
"""For every widget that takes the keys: a screen would move the focus with them."""

KEY_NAMES: Mapping[str, str] = {
    **{f"f{number}": f"F{number}" for number in range(1, 13)},
    **{f"ctrl+{letter}": f"Ctrl-{letter.upper()}" for letter in "bcfpz"},
    "backspace": "Backspace",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "tab": "Tab",
    "shift+tab": "Shift-Tab",
    "shift+up": "Shift-↑",
    "shift+down": "Shift-↓",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "home": "Home",
    "end": "End",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
"""How keys are written in the help and the bar at the bottom."""
