"""The sessions of the last days, finished before anyone looked."""

from __future__ import annotations

import os

from agtop.demo import claude_life, codex_life
from agtop.demo.claude import Transcript
from agtop.demo.codex import Rollout
from agtop.demo.dice import Dice
from agtop.demo.jobs import JOBS
from agtop.demo.paper import Clock
from agtop.demo.spend import Tally
from agtop.demo.stage import Stage
from agtop.demo.turns import answer, ask, bash, claude_turn, codex_turn, edit, reply, say, shell

_HOUR = 3600.0
_UNPRICED = "acme-coder-1"


class Past:
    """Writes finished sessions and remembers what they spent."""

    def __init__(self, home: str, now: float, seed: int) -> None:
        self.home, self.now, self.seed = home, now, seed
        self.tallies: list[Tally] = []

    def write(self) -> list[Tally]:
        self._gateway()
        self._shop()
        self._billing()
        self._docs()
        self._infra()
        self._codex_fork()
        self._codex_team()
        self._codex_docs()
        self._codex_shop()
        return self.tallies

    def _stage(self, name: str, hours_ago: float) -> Stage:
        stage = Stage(self.home, Dice(f"{self.seed}/{name}"), Clock(self.now - hours_ago * _HOUR))
        stage.tallies = self.tallies
        return stage

    def _claude(
        self, stage: Stage, project: str, model: str, hour: bool = False, typed: bool = True
    ) -> Transcript:
        transcript = Transcript(
            self.home, stage.folder(project), model, stage.dice, stage.clock, hour=hour, typed=typed
        )
        stage.keep(transcript.tally)
        return transcript

    def _codex(self, stage: Stage, project: str, tier: str = "", run: bool = False) -> Rollout:
        originator, source = ("codex_exec", "exec") if run else ("codex-tui", "cli")
        folder = stage.folder(project)
        rollout = Rollout(
            self.home,
            folder,
            "gpt-5.5",
            stage.dice,
            stage.clock,
            originator=originator,
            source=source,
            tier=tier,
        )
        stage.keep(rollout.tally)
        return rollout

    def _gateway(self) -> None:
        """Compacted once, resumed a day later in the same file, then forked."""
        stage = self._stage("gateway", 74)
        first, second, third = JOBS["api-gateway"]
        talk = self._claude(stage, "api-gateway", "claude-opus-5-5", hour=True)
        claude_turn(stage, talk, first, fails=True)
        talk.title(first.title)
        claude_turn(stage, talk, second)
        talk.prompt("Sum up what is still open.")
        kept = ask(stage, talk, [say("Only the health endpoint.")], 300, "end_turn")
        talk.end_turn()
        claude_life.compacted(talk, [kept], first.answer)
        claude_life.cost_state(talk)
        stage.clock.at = self.now - 49 * _HOUR
        claude_turn(stage, talk, third)
        claude_life.cost_state(talk)
        talk.paper.date(stage.clock.at)
        self._gateway_fork(talk)

    def _gateway_fork(self, origin: Transcript) -> None:
        stage = self._stage("gateway-fork", 48.5)
        child = self._claude(stage, "api-gateway", origin.model, hour=True)
        claude_life.fork(origin.paper.path, origin.session, child)
        child.talk.context = origin.talk.context
        claude_turn(stage, child, JOBS["api-gateway"][2], back=True)
        child.title("Try the health endpoint without JSON")
        child.paper.date(stage.clock.at)

    def _shop(self) -> None:
        """Two subagents with models of their own."""
        stage = self._stage("shop", 27)
        basket, pictures, _ = JOBS["web-shop"]
        talk = self._claude(stage, "web-shop", "claude-sonnet-5")
        talk.prompt("Find out why the basket is lost at login, and what is slow on mobile.")
        for model, job in (("claude-haiku-5-5", basket), ("claude-sonnet-5", pictures)):
            helper = claude_life.Subagent(talk, model, job.title, job.ask)
            stage.keep(helper.child.tally)
            row = ask(stage, talk, [say("Sending a helper."), helper.call()], 600)
            helper.begin()
            began = stage.clock.at
            bash(stage, helper.child, job.command, job.output)
            edit(stage, helper.child, job)
            ask(stage, helper.child, [say(job.answer)], 240, "end_turn")
            helper.end(row, job.answer, stage.clock.at - began)
            helper.child.paper.date(stage.clock.at)
        answer(stage, talk, "Both are found and mended.")
        talk.title("Basket at login and slow pictures")
        claude_life.cost_state(talk)
        talk.paper.date(stage.clock.at)

    def _billing(self) -> None:
        """One prompt from a script."""
        stage = self._stage("billing", 20)
        talk = self._claude(stage, "billing", "claude-haiku-5-5", typed=False)
        claude_turn(stage, talk, JOBS["billing"][1])
        claude_life.cost_state(talk)
        talk.paper.date(stage.clock.at)

    def _docs(self) -> None:
        """With web searches, which cost by the use."""
        stage = self._stage("docs", 6)
        talk = self._claude(stage, "docs", "claude-sonnet-5")
        talk.prompt("How do others document token rotation? Search the web.")
        talk.request()
        stage.pause(9)
        spend = talk.talk.claude(6, 4_200, 780)
        spend.searches = 3
        talk.reply([say("Three guides agree: show the date of expiry first.")], spend, "end_turn")
        talk.end_turn()
        claude_turn(stage, talk, JOBS["docs"][1])
        talk.title("Token rotation in the guide")
        claude_life.cost_state(talk)
        talk.paper.date(stage.clock.at)

    def _infra(self) -> None:
        """A model of the company's own, for which nobody publishes a price."""
        stage = self._stage("infra", 30)
        talk = self._claude(stage, "infra", _UNPRICED)
        claude_turn(stage, talk, JOBS["infra"][1])
        talk.title(JOBS["infra"][1].title)
        talk.paper.date(stage.clock.at)

    def _codex_fork(self) -> None:
        """Compacted, then forked; the fork's file holds only what it did itself."""
        stage = self._stage("codex-fork", 52)
        first, second, third = JOBS["api-gateway"]
        origin = self._codex(stage, "api-gateway")
        origin.primary = 18.0
        origin.begin()
        codex_turn(stage, origin, second)
        codex_turn(stage, origin, first)
        codex_life.compacted(origin, second.answer)
        codex_turn(stage, origin, third)
        codex_life.name(origin, "Retries and limits")
        origin.paper.date(stage.clock.at)
        stage = self._stage("codex-forked", 44)
        child = self._codex(stage, "api-gateway")
        codex_life.fork(origin, child)
        child.begin()
        codex_turn(stage, child, third, back=True)
        codex_life.name(child, "Retries and limits, second thought")
        child.paper.date(stage.clock.at)

    def _codex_team(self) -> None:
        """A run from a script that spawns a subagent."""
        stage = self._stage("codex-team", 9)
        invoice, _ = JOBS["billing"]
        rollout = self._codex(stage, "billing", run=True)
        rollout.begin()
        rollout.prompt(invoice.ask, "exec")
        child = codex_life.spawn(rollout, "Noether", "Compare March with the ledger.")
        stage.keep(child.tally)
        shell(stage, child, "python -m billing.compare 2026-03", "0 differences")
        reply(stage, child, "March agrees to the cent.")
        child.paper.date(stage.clock.at)
        reply(stage, rollout, invoice.answer)
        codex_life.name(rollout, invoice.title)
        rollout.paper.date(stage.clock.at)

    def _codex_docs(self) -> None:
        stage = self._stage("codex-docs", 33)
        rollout = self._codex(stage, "docs", run=True)
        rollout.begin()
        rollout.prompt("Which link checkers understand anchors?", "exec")
        codex_life.search(rollout, "link checker anchors markdown")
        codex_life.search(rollout, "markdown anchor validation")
        reply(stage, rollout, "Two of them do; the one in use is among them.", searches=2)
        codex_life.name(rollout, "Link checkers with anchors")
        rollout.paper.date(stage.clock.at)

    def _codex_shop(self) -> None:
        """Paid at the priority tier."""
        stage = self._stage("codex-shop", 3)
        rollout = self._codex(stage, "web-shop", tier="priority")
        rollout.primary = 26.0
        rollout.begin()
        codex_turn(stage, rollout, JOBS["web-shop"][2])
        codex_life.name(rollout, JOBS["web-shop"][2].title)
        rollout.paper.date(stage.clock.at)


def write(home: str, now: float, seed: int) -> list[Tally]:
    """Write the past into a home, the same bytes for the same arguments."""
    os.makedirs(home, mode=0o700, exist_ok=True)
    tallies = Past(home, now, seed).write()
    claude_life.limits(home, now)
    return tallies
