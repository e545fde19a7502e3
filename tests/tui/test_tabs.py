"""What Info, Process and Cost say of a session."""

from __future__ import annotations

import re

import pytest

from agtop.model import Context, Cost, Match, Reading, Session, Usage, replace
from agtop.tui.tabs.base import Tab
from agtop.tui.tabs.cost import CostTab
from agtop.tui.tabs.info import Info
from agtop.tui.tabs.process import ProcessTab
from tests.tui.fleet import busy, fleet
from tests.tui.records import NOW, OPUS, session, used

WIDTHS = (40, 79, 119, 199)


def text(tab: Tab, shown: Session, width: int = 119) -> str:
    return "\n".join(line.plain for line in tab.draw(shown, NOW, width))


def one(agent: str, state: str) -> Session:
    return next(s for s in fleet() if (s.agent, s.state.name) == (agent, state))


# Info


def test_info_tells_the_state_with_its_reason_its_age_and_the_evidence() -> None:
    shown = text(Info(), one("claude", "waiting"))

    assert "◆ waiting: permission · for 42s" in shown
    assert "its own pid file says it waits for a permission" in shown


def test_info_tells_how_full_the_context_is() -> None:
    shown = " ".join(text(Info(), busy(), 199).split())

    assert "74% · 148.2k of 200.0k · peak 181.0k · compacted once" in shown


def test_a_window_nobody_told_of_has_no_share() -> None:
    read = replace(busy().reading, context=Context(148_200, None, 148_200))

    assert "148.2k, window unknown" in text(Info(), replace(busy(), reading=read))


def test_info_draws_the_tree_of_subagents_with_state_tokens_and_cost() -> None:
    child = busy().subagents[0]
    deep = replace(child, subagents=(busy().subagents[1],))
    lines = text(Info(), replace(busy(), subagents=(deep, child))).splitlines()
    tree = [line for line in lines if "├" in line or "└" in line]

    assert ["├ ● Map the login code" in tree[0], "│ └ ○ Read the CI logs" in tree[1]] == [True] * 2
    assert "└ ● Map the login code" in tree[2]
    assert "1.3M  $0.35" in tree[0]


def test_info_lists_the_files_written_newest_first() -> None:
    shown = text(Info(), busy())

    assert "3   +482 −131 lines" in shown
    assert shown.index("agtop/session_store.py") < shown.index("README.md")
    assert "×7" in shown


def test_info_says_how_sure_the_match_is_and_who_else_it_could_be() -> None:
    shown = " ".join(text(Info(), one("copilot", "idle")).split())

    assert "ambiguous · it could be 20113, 20544" in shown
    assert "two processes work in its directory" in shown


def test_info_of_a_certain_match_names_its_process_once() -> None:
    match = Match("high", ("its pid file names it",), (84213,))
    shown = text(Info(), replace(busy(), match=match))

    assert "pid 84213 · high" in shown
    assert "it could be" not in shown


@pytest.mark.parametrize(("count", "said"), [(0, "0 prompts"), (1, "1 prompt ·")])
def test_info_counts_one_as_one(count: int, said: str) -> None:
    read = replace(busy().reading, user_turns=count)

    assert said in text(Info(), replace(busy(), reading=read))


def test_info_cuts_no_title_in_two_columns() -> None:
    words = [f"word{number}s" for number in range(10, 24)]
    read = replace(busy().reading, title=" ".join(words))
    shown = text(Info(), replace(busy(), reading=read))

    assert [word for word in words if word not in shown.replace("…", "")] == []


def test_info_gives_the_command_that_takes_the_session_up_again() -> None:
    tab = Info(lambda s: f"claude --resume {s.session_id}")

    assert f"resume     claude --resume {busy().session_id}" in text(tab, busy())
    assert "resume" not in text(Info(), busy())


def test_info_shows_each_problem_once() -> None:
    shown = text(Info(), one("qwen", "unknown"))

    assert shown.count("3 of its lines could not be read") == 1


@pytest.mark.parametrize("tab", [Info(), ProcessTab(), CostTab()])
def test_a_session_of_which_nothing_is_known_still_shows(tab: Tab) -> None:
    bare = Session("x", "X", "id", Reading("id", ""))

    for width in WIDTHS:
        assert text(tab, bare, width)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("tab", [Info(), CostTab()])
def test_no_line_of_a_plain_session_is_wider_than_the_tab(tab: Tab, width: int) -> None:
    for shown in fleet():
        for line in tab.draw(shown, NOW, max(width, 78)):
            assert line.cell_length <= max(width, 78), line.plain


# Process


def test_the_process_tab_draws_the_tree_with_its_sums() -> None:
    shown = text(ProcessTab(), busy(), 199)

    assert "84213 · sleeping · up 1h12m" in shown
    assert "3 processes · cpu 108.7% · memory 516M" in shown
    assert "├─ pytest" in shown
    assert "└─ mcp-github" in shown
    for title in ("VSZ", "READ", "WRITTEN", "R/s", "W/s", "THR", "FDS", "UPTIME"):
        assert title in shown


def test_a_stopped_process_is_marked() -> None:
    ended = next(s for s in fleet() if s.liveness == "stopped")

    assert "8123† · ended: these are its last figures" in text(ProcessTab(), ended)


def test_without_a_process_the_tab_says_why() -> None:
    nobody = replace(busy(), process=None, match=Match())
    two = one("copilot", "idle")

    assert "no process: nothing on this machine serves the session" in text(ProcessTab(), nobody)
    assert "it could be 20113, 20544; agtop does not guess" in text(ProcessTab(), two)


def test_unknown_figures_of_a_process_are_dashes() -> None:
    process = busy().process
    assert process is not None
    bare = replace(process, cpu_percent=None, rss=None, children=(), tree=None, fds=None)
    shown = text(ProcessTab(), replace(busy(), process=bare), 199)

    assert re.search(r"84213\s+sleeping\s+–\s+–", shown)
    assert "0.0%" not in shown


# Cost


def test_each_bucket_multiplies_out() -> None:
    shown = text(CostTab(), busy())
    rows = re.findall(r"([\d,]+)\s+×\s+\$([\d.]+)/M\s+=\s+\$([\d.]+)", shown)

    assert len(rows) == 9
    for tokens, price, cost in rows:
        expected = int(tokens.replace(",", "")) * float(price) / 1e6
        assert float(cost) == pytest.approx(expected, abs=0.00006)


def test_the_buckets_add_up_to_the_total() -> None:
    shown = text(CostTab(), busy())
    rows = re.findall(r"=\s+\$([\d.]+)", shown)
    total = re.search(r"total\s+\$([\d.]+)", shown)

    assert total is not None
    assert sum(map(float, rows)) == pytest.approx(float(total[1]), abs=0.0005)
    assert float(total[1]) == pytest.approx(10.6756, abs=0.0001)


def test_each_price_has_its_source_and_date() -> None:
    assert "price of claude-opus-4-5: bundled, 2026-05-01" in text(CostTab(), busy())


def test_several_prices_of_one_bucket_are_shown_as_their_mean() -> None:
    plain = busy().usage[0]
    assert plain.cost is not None
    dearer = replace(plain, cost=replace(plain.cost, input=0.4831))
    shown = text(CostTab(), replace(busy(), usage=(dearer,)), 100)

    assert "~$10.000/M" in shown
    assert "~ is the mean of several prices" in shown


def test_fees_are_shown_per_use() -> None:
    assert re.search(r"web search\s+3\s+×\s+\$0.01 each\s+=\s+\$0.0300", text(CostTab(), busy()))


def test_what_a_plan_covers_is_told_with_its_list_price() -> None:
    shown = text(CostTab(), one("codex", "limited"))

    assert re.search(r"total\s+incl", shown)
    assert re.search(r"list price\s+\$7.2825, which the plan covers", shown)


def test_tokens_without_a_price_are_named_and_not_counted() -> None:
    gemini = one("gemini", "waiting")
    shown = text(CostTab(), gemini, 100)

    assert "no known price: its tokens are counted, its cost is not" in shown
    assert "not in any figure here: gemini-3-pro-preview" in shown
    assert "$0.00" not in shown


def test_a_sum_with_a_gap_is_at_least() -> None:
    plain = busy()
    assert plain.cost is not None
    unpriced = Usage("new-model", None, plain.usage[0].tokens, None, None, 3)
    gap = replace(plain.cost, unpriced_tokens=unpriced.tokens.total)
    shown = text(CostTab(), replace(plain, usage=(*plain.usage, unpriced), cost=gap))

    assert re.search(r"total\s+≥ \$10.6756", shown)


def test_own_and_subagents_are_told_apart() -> None:
    shown = text(CostTab(), busy())

    assert re.search(r"own\s+\$10.3235", shown)
    assert re.search(r"subagents\s+\$0.3521 · 1.3M tokens", shown)


def test_no_usage_is_explained_and_not_zero() -> None:
    metered = one("copilot", "idle")
    fresh = session("new", reading=Reading("new", "/t"))

    assert "this agent's files hold no token counts" in text(CostTab(), metered)
    assert "no answer with token counts has been recorded yet" in text(CostTab(), fresh)
    assert "$0" not in text(CostTab(), metered)


def test_a_free_model_costs_nothing_rather_than_unknown() -> None:
    free = replace(OPUS, model="free", input=0.0, output=0.0, cache_read=0.0, cache_write_5m=0.0)
    usage = used(busy().usage[1].tokens, free, 2)
    shown = text(CostTab(), replace(busy(), usage=(usage,), cost=Cost(), subagents=()))

    assert re.search(r"total\s+\$0.0000", shown)


def test_the_agents_own_reckoning_stands_beside_agtops() -> None:
    plain = busy()
    told = replace(plain, reading=replace(plain.reading, reported_cost=1.25, estimated=True))
    shown = text(CostTab(), told)
    assert "$1.2500" in shown
    assert "by the agent's own reckoning" in shown
    assert "its own estimate" in shown
    assert "reckoning" not in text(CostTab(), plain)
