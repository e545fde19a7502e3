"""The classifier against command lines of real agents, of launchers, and of everybody else."""

from __future__ import annotations

import shlex

import pytest

from agtop.agents.signatures import SIGNATURES
from agtop.model import Recognition
from agtop.processes.classify import recognise

ID = "3fd424dd-d9f3-4856-b53d-556c97712415"
NODE = "/home/dev/npm/node22/bin/node"
CLAUDE_EXE = "/home/dev/npm/node_modules/@anthropic-ai/claude-code/bin/claude.exe"
CODEX_EXE = "/home/dev/npm/@openai/codex-linux-x64/vendor/x86_64-unknown-linux-musl/bin/codex"
DAEMON_EXE = "/home/dev/.codex/packages/app-server-daemon/releases/0.169.0/bin/codex"
EXTENSION = "/home/u/.vscode/extensions/anthropic.claude-code-2.0.1/resources/native-binary"
CURSOR = "/home/u/.local/share/cursor-agent/versions/2026.1"
NULS = [""] * 40


def seen(argv: list[str] | str, exe: str | None = None, name: str = "x") -> Recognition | None:
    words = shlex.split(argv) if isinstance(argv, str) else argv
    return recognise(name, words, exe, SIGNATURES)


def kind(argv: list[str] | str, exe: str | None = None, name: str = "x") -> str | None:
    found = seen(argv, exe, name)
    return f"{found.agent} {found.role}" if found else None


SESSIONS = [
    # agent, argv, exe
    ("claude", "claude", None),
    ("claude", "claude --model opus", None),
    ("claude", "claude 'fix the bug'", None),
    ("claude", "claude --dangerously-skip-permissions", CLAUDE_EXE),
    ("claude", f"claude --session-id {ID}", None),
    ("claude", "node /usr/local/lib/node_modules/.bin/claude", NODE),
    ("claude", "node /usr/local/bin/claude --continue", NODE),
    ("claude", "node --no-warnings /x/node_modules/@anthropic-ai/claude-code/cli.js -p hi", NODE),
    ("claude", "claude -p 'mcp serve' --output-format stream-json", CLAUDE_EXE),
    ("claude", ["claude", *NULS], NODE),
    ("claude", "claude", CLAUDE_EXE + " (deleted)"),
    ("claude", "claude.exe", CLAUDE_EXE),
    ("claude", "claude --resume", "/home/u/.local/share/claude/versions/2.1.80"),
    ("claude", "/home/u/.local/share/claude/versions/2.1.80 -c", None),
    ("claude", "my-claude --continue", CLAUDE_EXE),
    ("claude", r"C:\\Users\\u\\.local\\bin\\claude.exe --continue", None),
    ("claude", ["claude"], "/nix/store/abc-claude-code-2/bin/.claude-wrapped"),
    ("claude", "claude --print 'run the daemon, then --help and mcp-server'", None),
    ("claude", "claude -- --version", None),
    ("claude", "claude --model doctor", None),
    ("claude", "python3 /home/u/bin/claude", "/usr/bin/python3.11"),
    (
        "claude",
        f"{EXTENSION}/claude --output-format stream-json --input-format stream-json",
        None,
    ),
    ("codex", [CODEX_EXE], CODEX_EXE),
    ("codex", [CODEX_EXE, "exec", "--skip-git-repo-check", "update the docs"], CODEX_EXE),
    ("codex", "codex -m gpt-5 'login page is broken'", None),
    ("codex", "codex exec --json -", None),
    ("codex", "node /opt/codex.js", NODE),
    ("codex", "node /usr/lib/node_modules/@openai/codex/bin/codex.js exec hi", NODE),
    ("codex", "/opt/codex/codex-x86_64-unknown-linux-musl exec hi", None),
    ("gemini", "node /home/dev/bin/gemini --yolo", NODE),
    ("gemini", f"{NODE} --max-old-space-size=12052 /home/dev/bin/gemini --yolo", NODE),
    ("gemini", "node --no-warnings=DEP0040 /x/@google/gemini-cli/dist/index.js", NODE),
    ("gemini", "node /x/@google/gemini-cli/bundle/gemini.js -p 'mcp'", NODE),
    ("gemini", "gemini", None),
    ("opencode", "opencode", "/x/node_modules/opencode-ai/bin/opencode.exe"),
    ("opencode", "opencode run 'serve the site'", None),
    ("opencode", "/x/opencode-ai/bin/.opencode run hi", None),
    ("opencode", "opencode attach http://localhost:4096", None),
    ("kilo", "node /home/dev/bin/kilo run hi", NODE),
    ("kilo", "/x/@kilocode/cli/bin/.kilo run hi", "/x/@kilocode/cli/bin/.kilo"),
    ("copilot", "node /home/dev/bin/copilot --allow-all-tools -i 'Please do it'", NODE),
    ("copilot", "/x/@github/copilot-linux-x64/copilot -p 'deploy'", None),
    ("copilot", "node /x/node_modules/@github/copilot/index.js", NODE),
    ("qwen", f"{NODE} --expose-gc /x/@qwen-code/qwen-code/cli.js --yolo", NODE),
    ("kimi", ["Kimi Code", *NULS], "/usr/local/bin/python3.13"),
    ("kimi", "python3 -m kimi_cli --continue", None),
    ("kimi", "/home/u/venv/bin/python /home/u/venv/bin/kimi", "/usr/bin/python3.13"),
    ("kimi-code", ["kimi-code", *NULS], NODE),
    ("kimi-code", "node /home/u/bin/kimi-code -p hi", NODE),
    ("kimi-code", "node /home/u/bin/kimi", NODE),
    ("kimi-code", "node /x/@moonshot-ai/kimi-code/dist/main.mjs", NODE),
    ("pi", ["pi", *NULS], NODE),
    ("pi", "node /home/u/bin/pi --continue", NODE),
    ("pi", "node /home/u/bin/pi --name list", NODE),
    ("pi", "node /x/@earendil-works/pi-coding-agent/dist/bundle/cli.js", NODE),
    ("aider", "python3 /usr/local/bin/aider", "/usr/bin/python3.11"),
    ("aider", "/home/dev/venv/bin/python3 -X dev -u /home/dev/bin/aider --model x", None),
    ("aider", "python -Im aider --message hi", None),
    ("cursor", "/home/u/.local/bin/cursor-agent --model gpt-5", None),
    (
        "cursor",
        f"{CURSOR}/node --use-system-ca {CURSOR}/index.js",
        f"{CURSOR}/node",
    ),
    ("cline", "cline --json 'Please do it'", "/x/@cline/cli-linux-x64/bin/cline"),
    ("crush", "crush run hi", None),
    ("goose", "goose session", None),
    ("goose", "goose", None),
    ("droid", "droid exec 'update it'", None),
    ("amp", "node /x/node_modules/@sourcegraph/amp/dist/main.js", NODE),
    ("amp", "amp", "/x/node_modules/@ampcode/cli/bin/amp.exe"),
    ("continue", "node /home/u/bin/cn -p hi", NODE),
    ("continue", "node /x/@continuedev/cli/dist/cn.js", NODE),
    ("claude", "bun run /x/@anthropic-ai/claude-code/cli.js", "/usr/bin/bun"),
    ("codex", "deno run -A npm:@openai/codex@latest exec hi", "/usr/bin/deno"),
]


@pytest.mark.parametrize(("agent", "argv", "exe"), SESSIONS)
def test_a_session_is_found(agent: str, argv: list[str] | str, exe: str | None) -> None:
    assert kind(argv, exe) == f"{agent} session"


ROLES = [
    ("claude server", "claude remote-control"),
    ("claude mcp", "claude mcp serve"),
    ("claude mcp", "claude --model opus mcp serve"),
    ("claude one-shot", "claude mcp list"),
    ("claude one-shot", "claude --version"),
    ("claude one-shot", "claude -v"),
    ("claude one-shot", "claude doctor"),
    ("claude one-shot", "claude update"),
    ("claude helper", f"{CLAUDE_EXE} daemon run"),
    ("claude one-shot", "claude daemon status"),
    ("claude helper", "claude bg-pty-host --id 1 -- claude bg-spare"),
    (
        "claude helper",
        "claude --bg-pty-host /tmp/a.sock 200 50 -- /opt/x/claude.exe --session-id 1",
    ),
    ("claude helper", "claude bg-spare --bg-spare /tmp/claim.sock"),
    ("claude helper", "claude --type=renderer"),
    ("claude helper", "claude attach 1a2b3c4d"),
    ("codex daemon", f"{DAEMON_EXE} app-server --listen unix:// --managed-daemon"),
    ("codex server", "codex app-server"),
    ("codex server", "codex -c model=gpt-5 app-server"),
    ("codex server", "/Applications/Codex.app/Contents/Resources/codex app-server"),
    ("codex helper", f"{DAEMON_EXE} app-server daemon pid-update-loop"),
    ("codex one-shot", "codex app-server daemon status"),
    ("codex mcp", "codex mcp-server"),
    ("codex mcp", "codex mcp"),
    ("codex one-shot", "codex mcp add docs -- npx docs-mcp"),
    ("codex one-shot", "codex login"),
    ("codex one-shot", "codex exec --help"),
    ("codex one-shot", "codex -V"),
    ("gemini server", "node /home/dev/bin/gemini --experimental-acp"),
    ("gemini one-shot", "gemini mcp list"),
    ("opencode server", "opencode serve --port 4096"),
    ("opencode one-shot", "opencode auth login"),
    ("copilot server", "copilot --headless --stdio"),
    ("copilot one-shot", "copilot help"),
    ("cline daemon", "/x/bin/cline --cline-hub-daemon --cwd /p --host 127.0.0.1 --port 25463"),
    ("cline one-shot", "cline auth"),
    ("aider one-shot", "aider --version"),
    ("goose server", "goosed agent"),
    ("goose mcp", "goose mcp developer"),
    ("kimi server", "kimi acp"),
    ("kimi helper", "python3 -m kimi_cli __background-task-worker --task-dir /x"),
    ("kimi-code one-shot", "node /home/u/bin/kimi-code fork session_1"),
    ("kimi-code server", "node /x/@moonshot-ai/kimi-code/dist/main.mjs rc"),
    ("pi one-shot", "node /home/u/bin/pi auth login radius"),
    ("cursor one-shot", "cursor-agent login"),
    ("claude wrapper", "npx -y @anthropic-ai/claude-code@latest --resume"),
    ("codex wrapper", "npx --package @openai/codex codex exec hi"),
    ("claude wrapper", "npm exec claude -p hi"),
    ("claude wrapper", "npm exec -- @anthropic-ai/claude-code"),
    ("codex wrapper", "pnpm dlx @openai/codex"),
    ("codex wrapper", "bunx @openai/codex"),
    ("claude wrapper", "node /usr/bin/npx claude"),
    ("claude wrapper", "node /usr/lib/node_modules/npm/bin/npx-cli.js claude"),
    ("aider wrapper", "uvx --from aider-chat aider --model x"),
    ("aider wrapper", "uv run --with aider-chat aider"),
    ("aider wrapper", "uv tool run aider-chat@0.86"),
    ("aider wrapper", "pipx run aider-chat"),
    ("aider wrapper", "python3 /usr/bin/pipx run aider-chat"),
    ("claude wrapper", "sh -c 'claude -p hi'"),
    ("claude wrapper", "sh -c claude -p hi"),
    ("claude wrapper", "-bash -lc 'exec claude \"$@\"' --"),
    ("claude wrapper", "bash --norc -c 'A=1 claude \"fix a; b && c\"'"),
    ("claude wrapper", "bash -o pipefail -c claude"),
    ("codex wrapper", "bash /home/u/bin/codex exec hi"),
    ("claude wrapper", "env -u X A=1 claude"),
    ("claude wrapper", "nice -n 5 claude"),
    ("claude wrapper", "nohup claude -p hi"),
    ("claude wrapper", "time -f %e claude"),
    ("claude wrapper", "timeout -s INT 60 claude -p hi"),
    ("claude wrapper", f"sudo -u bob -E A=1 claude --resume {ID}"),
    ("claude wrapper", "sudo env nice npx claude"),
]


@pytest.mark.parametrize(("expected", "argv"), ROLES)
def test_a_process_that_is_no_session_has_its_role(expected: str, argv: str) -> None:
    assert kind(argv) == expected


NOBODY = [
    "vim claude-notes.md",
    "vim claude",
    "less aider.log",
    "grep -r cursor-agent .",
    "bash -c 'cd ~/gemini && ls'",
    "bash -c 'claude -p hi | tee log'",
    "bash -c 'echo done; codex'",
    "bash -c 'codex exec $(cat x'",
    "bash",
    "-bash",
    "bash -c",
    "tail -f /home/u/.claude/projects/x/a.jsonl",
    "cat codex",
    "man claude",
    "git commit -m claude",
    "git -C codex status",
    "ssh host claude --resume",
    "docker run -it image claude",
    "tmux new-session -s claude claude",
    "watch claude",
    "emacs claude",
    "code claude",
    "code /x/@anthropic-ai/claude-code/cli.js",
    "sudo vim /usr/bin/claude",
    "env EDITOR=vim less claude",
    "time grep claude x",
    "xargs claude",
    "npm install -g @anthropic-ai/claude-code",
    "npm i @openai/codex",
    "npx ccusage claude",
    "npx claude-code-router code",
    "uv tool install aider-chat",
    "pipx install aider-chat",
    "pip install aider-chat",
    "python3 -c 'import claude' claude",
    "python3 claude.py",
    "python3 -m http.server claude",
    "python3 /home/u/src/claude/manage.py",
    "node -e 'x' claude",
    "node server.js claude",
    "node /home/u/src/claude-code/build.js",
    "node /x/@anthropic-ai/claude-code/install.cjs",
    "node /x/@google/gemini-cli/node_modules/some-mcp/index.js",
    "node /x/node_modules/@github/copilot-language-server/dist/index.js",
    "/x/@anthropic-ai/claude-code/vendor/ripgrep/x64-linux/rg foo",
    "/usr/bin/pi 1000",
    "kilo notes.txt",
    "amp notes.txt",
    "goose -dir migrations postgres 'user=x' up",
    "goose up",
    "copilot svc deploy --name api",
    "claude-desktop-helper",
    "claudette",
    "codexbar",
    "gemini-server",
    "cursor-agent-proxy",
    "env",
    "sudo -l claude",
    "[kworker/0:1]",
]


@pytest.mark.parametrize("argv", NOBODY)
def test_nobody_else_is_taken_for_an_agent(argv: str) -> None:
    assert seen(argv) is None


def test_programs_that_share_a_name_are_told_apart_by_their_executable() -> None:
    assert seen("pi 1000", "/usr/bin/pi") is None
    assert seen("kilo notes.txt", "/usr/bin/kilo") is None
    assert seen("amp notes.txt", "/usr/bin/amp") is None


@pytest.mark.parametrize(
    ("expected", "exe", "arguments"),
    [
        ("claude desktop", "/Applications/Claude.app/Contents/MacOS/Claude", ""),
        ("codex desktop", "/Applications/Codex.app/Contents/MacOS/Codex", ""),
        ("cursor desktop", "/usr/share/cursor/cursor", ". --no-sandbox"),
        ("cursor helper", "/usr/share/cursor/cursor", "--type=renderer"),
        ("cursor helper", "/tmp/.mount_Cursor1/chrome_crashpad_handler", "--database=x"),
        ("claude desktop", "/usr/lib/claude-desktop/claude-desktop", "claude.asar"),
        (
            "claude session",
            "/Users/u/Library/Claude/claude-code/2.1.9/claude.app/Contents/MacOS/claude",
            "--output-format stream-json",
        ),
    ],
)
def test_a_desktop_program_is_known_by_its_executable(
    expected: str, exe: str, arguments: str
) -> None:
    assert kind([exe, *arguments.split()], exe) == expected


def test_a_prompt_cannot_make_a_desktop_program() -> None:
    argv = ["claude", "open /Applications/Claude.app/Contents/MacOS/Claude --type=renderer"]

    assert kind(argv, CLAUDE_EXE) == "claude session"


def test_the_spare_says_that_a_pid_file_can_claim_it() -> None:
    spare = seen(f"{CLAUDE_EXE} bg-spare --bg-spare /tmp/x/claim.sock", CLAUDE_EXE)

    assert spare is not None
    assert spare.role == "helper"
    assert "pid file" in spare.reason


def test_an_executable_at_work_under_another_name_is_a_helper() -> None:
    assert kind("rg --files", CLAUDE_EXE) == "claude helper"
    assert kind("codex-linux-sandbox --sandbox-policy x -- ls", CODEX_EXE) == "codex helper"


def test_one_string_for_a_command_line_is_npm_title() -> None:
    assert kind(["npm exec claude -p fix it", *NULS], NODE, "npm exec claude") == "claude wrapper"
    assert seen(["npm run claude", *NULS], NODE) is None


@pytest.mark.parametrize("name", ["MainThread", "node-MainThread", "node", "anything"])
def test_the_short_name_decides_nothing_while_argv_can_be_read(name: str) -> None:
    assert kind("node /home/dev/bin/gemini", NODE, name) == "gemini session"
    assert seen("node server.js", NODE, name) is None


def test_hidden_arguments_leave_the_executable_and_then_the_short_name() -> None:
    assert kind([], CLAUDE_EXE) == "claude session"
    assert kind([], None, "claude") == "claude session"
    assert kind([], None, "codex-x86_64-un") == "codex session"
    assert seen([], None, "pi") is None
    assert seen([], "/usr/bin/vim", "claude") is None


def test_every_role_has_a_reason_that_quotes_no_prompt() -> None:
    secret = "sk-do-not-show"
    for argv in (f"claude -p {secret}", f"codex exec {secret}", f"npx claude {secret}"):
        found = seen(argv)

        assert found is not None
        assert found.reason
        assert secret not in found.reason
