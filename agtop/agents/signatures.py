"""How the processes of every known agent look; one without a meter is here all the same."""

from __future__ import annotations

from collections.abc import Mapping

from agtop.model import Role, Signature, replace

Rule = tuple[tuple[str, ...], Role, str]

SERVES_EDITOR = "serves an editor over the Agent Client Protocol"
RENDERER = "a part of a desktop program"


def _rules(role: Role, why: str, patterns: str) -> tuple[Rule, ...]:
    """One rule for each word; a sub-command of a sub-command is written `mcp/serve`."""
    return tuple((tuple(pattern.split("/")), role, why) for pattern in patterns.split())


def _once(patterns: str) -> tuple[Rule, ...]:
    return _rules("one-shot", "answers and ends", f"--version --help -h {patterns}")


def _sessions(patterns: str) -> tuple[Rule, ...]:
    """Sub-commands after which the next word is the prompt."""
    return _rules("session", "a session", patterns)


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _desktop(name: str, package: str, *more: str) -> tuple[str, ...]:
    """Where a desktop program lies on macOS, Linux and Windows."""
    folders = [f"/{folder}/{package}/" for folder in ("usr/lib", "usr/share", "opt", "snap")]
    own = [f"/.mount_{name}", f"/snap/{name}/", f"/program files/{name}/"]
    return (*folders, *own, f"/appdata/local/programs/{name}/", *more)


CLAUDE = Signature(
    names=frozenset({"claude"}),
    packages=("@anthropic-ai/claude-code", "claude/versions"),
    aliases=_words("rg ugrep bfs"),
    roles=(
        *_rules("helper", RENDERER, "--type --utility-sub-type"),
        *_rules("helper", "holds a background session's terminal", "bg-pty-host --bg-pty-host"),
        *_rules(
            "helper",
            "a spare that waits for work; its own pid file tells when it serves a session",
            "bg-spare --bg-spare",
        ),
        *_rules("helper", "looks after background sessions", "daemon/run"),
        *_rules("helper", "shows a session that another process serves", "attach"),
        *_rules("helper", "speaks with the browser", "--chrome-native-host"),
        *_rules("mcp", "serves its tools over MCP", "mcp/serve"),
        *_rules("mcp", "a tool server", "--claude-in-chrome-mcp --computer-use-mcp"),
        *_rules("server", "serves sessions to a remote screen", "remote-control rc"),
        *_once(
            "-v mcp doctor update upgrade install config setup-token auth plugin plugins agents"
            " auto-mode daemon migrate-installer"
        ),
    ),
    desktop=_desktop(
        "claude",
        "claude-desktop",
        "/applications/claude.app/contents/",
        "/windowsapps/claude_",
        "/appdata/local/anthropicclaude/",
    ),
    valued=_words(
        "--model --fallback-model --system-prompt --system-prompt-file --append-system-prompt"
        " --append-system-prompt-file --append-subagent-system-prompt --settings --setting-sources"
        " --permission-mode --permission-prompt-tool --output-format --input-format --max-turns"
        " --max-budget-usd --max-thinking-tokens --thinking --json-schema --agent --agents"
        " --allowedTools --allowed-tools --disallowedTools --disallowed-tools --tools --add-dir"
        " --mcp-config --plugin-dir --betas --effort --name -n --debug-file --advisor --file"
        " --channels --task-budget"
    ),
    session_options=_words("--resume -r --session-id"),
    forking=frozenset({"--fork-session"}),
)

_CODEX_SYSTEMS = ("unknown-linux-musl", "unknown-linux-gnu", "apple-darwin", "pc-windows-msvc")

CODEX = Signature(
    names=frozenset(
        {"codex", *(f"codex-{p}-{s}" for p in ("x86_64", "aarch64") for s in _CODEX_SYSTEMS)}
    ),
    packages=("@openai/codex",),
    aliases=_words("codex-linux-sandbox apply_patch applypatch codex-execve-wrapper"),
    roles=(
        *_rules("helper", RENDERER, "--type --utility-sub-type"),
        *_rules("helper", "applies a patch", "--codex-run-as-apply-patch"),
        *_rules("helper", "keeps the server up to date", "app-server/daemon/pid-update-loop"),
        *_once(
            "-V app-server/daemon app-server/generate-ts app-server/generate-json-schema"
            " app-server/help mcp/list mcp/get mcp/add mcp/remove mcp/login mcp/logout mcp/help"
            " login logout completion sandbox debug apply a cloud features execpolicy plugin"
            " update doctor archive unarchive delete app help feedback generate-ts"
        ),
        *_rules("helper", "passes calls on", "app-server/proxy responses-api-proxy stdio-to-uds"),
        *_rules("daemon", "serves terminals and outlives them", "--managed-daemon"),
        *_rules("server", "serves terminals and editors", "app-server remote-control"),
        *_rules("server", "runs commands for others", "exec-server"),
        *_rules("server", "speaks a protocol on its standard input", "proto p"),
        # A bare `mcp` was the server before it took sub-commands.
        *_rules("mcp", "serves its tools over MCP", "mcp-server mcp"),
        *_sessions("exec/resume exec/fork exec/review exec e/resume e resume fork review"),
    ),
    desktop=_desktop(
        "codex",
        "codex-desktop",
        "/codex.app/contents/macos/",  # in Contents/Resources lies the server
        "/codex.app/contents/frameworks/",
        "/flatpak/app/com.openai.codex/",
        "/windowsapps/openai.codex_",
    ),
    valued=_words(
        "-c --config -m --model -p --profile -s --sandbox -a --ask-for-approval -C --cd -i --image"
        " --add-dir --enable --disable --local-provider --color --output-schema"
        " -o --output-last-message --listen --remote --remote-auth-token-env --oss-provider --base"
        " --commit"
    ),
    session_commands=frozenset({("resume",), ("exec", "resume"), ("e", "resume")}),
)

_GEMINI_VALUED = (
    "-m --model -p --prompt -i --prompt-interactive --approval-mode --allowed-tools"
    " --allowed-mcp-server-names -e --extensions --include-directories -o --output-format"
    " --delete-session --telemetry-target --telemetry-otlp-endpoint --proxy --policy"
    " --sandbox-image --admin-policy"
)

GEMINI = Signature(
    names=frozenset({"gemini"}),
    packages=("@google/gemini-cli",),
    roles=(
        *_rules("server", SERVES_EDITOR, "--acp --experimental-acp"),
        *_once(
            "-v -l --list-extensions --list-sessions --delete-session mcp extensions extension"
            " skills skill hooks hook gemma"
        ),
    ),
    valued=_words(_GEMINI_VALUED),
    session_options=_words("-r --resume --session-id"),
    unasked=frozenset({"-y", "--yolo", "--approval-mode yolo"}),
)

QWEN = Signature(
    names=frozenset({"qwen"}),
    packages=("@qwen-code/qwen-code",),
    roles=(
        *_rules("server", SERVES_EDITOR, "--acp --experimental-acp"),
        *_rules("server", "serves sessions to others", "serve channel/start"),
        *_once("-v -l --list-extensions --list-sessions mcp extensions auth hooks channel update"),
    ),
    valued=_words(
        f"{_GEMINI_VALUED} --auth-type --openai-api-key --openai-base-url --input-format --channel"
        " --system-prompt --append-system-prompt --max-session-turns --core-tools --exclude-tools"
    ),
    session_options=_words("-r --resume --session-id"),
    forking=frozenset({"--fork-session"}),
)

OPENCODE = Signature(
    names=frozenset({"opencode", ".opencode"}),
    packages=("opencode-ai",),
    roles=(
        *_rules("server", "serves sessions to its own screens", "serve web"),
        *_rules("server", SERVES_EDITOR, "acp"),
        *_once(
            "-v mcp auth providers agent upgrade uninstall models stats export import github"
            " session debug db completion plugin plug login logout profile config"
        ),
        *_sessions("run attach pr"),
    ),
    valued=_words(
        "-m --model --agent --prompt --port --hostname --log-level --format -f --file --title"
        " --attach --dir --variant --command --password -p"
    ),
    session_options=_words("-s --session"),
    forking=frozenset({"--fork"}),
)

KILO = replace(  # OpenCode's fork; an editor is called kilo, too
    OPENCODE,
    names=_words("kilo .kilo kilocode"),
    packages=("@kilocode/cli",),
    runtimes=frozenset({"node"}),
)

COPILOT = Signature(
    names=frozenset({"copilot"}),
    packages=("@github/copilot",),
    foreign=_words("app env svc job task pipeline storage secret deploy"),  # AWS Copilot
    roles=(
        *_rules("server", SERVES_EDITOR, "--acp"),
        *_rules("server", "serves sessions to a program", "--server --headless"),
        *_once(
            "-v help login logout mcp plugin plugins update version completion skill config"
            " instruction lsp init"
        ),
    ),
    valued=_words(
        "-p --prompt -i --interactive --model --agent --add-dir --log-dir --log-level --config-dir"
        " --allow-tool --deny-tool --allow-url --deny-url --available-tools --excluded-tools"
        " --additional-mcp-config --disable-mcp-server --port --effort --output-format --name -C"
    ),
    session_options=_words("--resume -r --session-id"),
)

KIMI = Signature(
    names=frozenset({"kimi", "kimi-cli", "Kimi Code"}),
    packages=("kimi-cli",),
    modules=frozenset({"kimi_cli"}),
    roles=(
        *_rules("server", SERVES_EDITOR, "acp --acp"),
        *_rules("server", "serves sessions to a browser or a program", "web --wire term"),
        *_rules("helper", "runs a task in the background", "__background-task-worker"),
        *_once("-V login logout mcp info export vis plugin"),
    ),
    valued=_words(
        "-m --model -w --work-dir --add-dir -c --command -p --prompt --agent --agent-file --config"
        " --config-file --mcp-config --mcp-config-file --skills-dir --input-format --output-format"
    ),
    session_options=_words("-S --session -r --resume"),
)

KIMI_CODE = Signature(
    names=frozenset({"kimi-code", "kimi"}),  # npm installs it as `kimi`, the Python one's name
    packages=("@moonshot-ai/kimi-code",),
    runtimes=frozenset({"node"}),
    roles=(
        *_rules("server", SERVES_EDITOR, "acp"),
        *_rules("server", "serves sessions to a browser or a program", "web server rc remote"),
        *_once("-V -v login logout mcp provider export upgrade doctor fork session vis migrate"),
    ),
    valued=_words("-m --model --add-dir -p --prompt --skills-dir --output-format --agent-file"),
    session_options=_words("-S --session -r --resume"),
)

PI = Signature(
    names=frozenset({"pi"}),
    packages=("@earendil-works/pi-coding-agent", "@mariozechner/pi-coding-agent"),
    runtimes=frozenset({"node"}),  # pi computes the number, too
    roles=_once("-v --list-models --export install remove update list config auth"),
    valued=_words(
        "--provider --model --api-key --system-prompt --append-system-prompt --mode --session-dir"
        " --models --tools -t --thinking -e --extension --skill --theme --export --fork --name -n"
    ),
    session_options=_words("--session --session-id"),
)

AIDER = Signature(
    names=frozenset({"aider"}),
    packages=("aider-chat",),
    modules=frozenset({"aider", "aider.main"}),
    roles=_once(
        "--list-models --models --just-check-update --upgrade --update --install-main-branch"
        " --show-repo-map --show-prompts --shell-completions --check-update --exit"
    ),
    valued=_words(
        "--model --message --msg -m --message-file -f --file --read --api-key --openai-api-key"
        " --anthropic-api-key --weak-model --editor-model --edit-format --config -c --env-file"
    ),
)

CURSOR = Signature(
    names=frozenset({"cursor-agent", "cursor-agent-cli"}),
    packages=("cursor-agent/versions",),
    roles=(
        *_rules("helper", RENDERER, "--type --utility-sub-type"),
        *_rules("server", SERVES_EDITOR, "acp"),
        *_rules("server", "takes work from the cloud", "worker"),
        *_once(
            "-v login logout status whoami update upgrade mcp models about create-chat rule help"
            " generate-rule install-shell-integration uninstall-shell-integration --list-models"
        ),
        *_sessions("agent resume ls"),
    ),
    desktop=_desktop(
        "cursor", "cursor", "/cursor.app/contents/", "/flatpak/app/com.cursor.cursor/"
    ),
    valued=_words("-a --api-key -H --header --output-format -m --model --workspace --mode -w"),
    session_options=frozenset({"--resume"}),
    session_commands=frozenset({("resume",)}),
)

CLINE = Signature(
    names=frozenset({"cline"}),
    packages=("node_modules/cline", "@cline/cli"),
    roles=(
        *_rules("daemon", "the hub that serves all its terminals", "--cline-hub-daemon"),
        *_rules("server", SERVES_EDITOR, "--acp"),
        *_once("-v -V auth config history update version mcp doctor dev hub schedule connect"),
        *_sessions("task kanban"),
    ),
    valued=_words(
        "--cwd -c --host --port --pathname -m --model -P --provider -k --key -s --system --config"
        " --data-dir -t --timeout --hooks-dir --thinking --retries --team-name"
    ),
    session_options=_words("--id --taskId -T"),
)

CRUSH = Signature(
    names=frozenset({"crush"}),
    packages=("@charmland/crush",),
    roles=(
        *_rules("server", "serves sessions to its own screens", "server"),
        *_once("-v login logout logs models projects schema stats dirs update-providers session"),
        *_sessions("run"),
    ),
    valued=_words("-c --cwd -D --data-dir -m --model --small-model -H --host"),
    session_options=_words("-s --session"),
)

GOOSE = Signature(
    names=frozenset({"goose", "goosed"}),
    foreign=_words(  # goose migrates databases, too
        "up up-by-one up-to down down-to redo reset status version create fix validate"
        " postgres pgx mysql sqlite3 mssql sqlserver redshift tidb clickhouse vertica ydb turso"
        " duckdb starrocks spanner aurora-dsql"
    ),
    roles=(
        *_rules("mcp", "a tool server", "mcp"),
        *_rules("server", SERVES_EDITOR, "acp"),
        *_rules("server", "serves sessions to others", "serve web agent gateway"),
        *_once(
            "-V configure info update completion recipe recipes schedule sched projects"
            " session/list session/remove session/export session/diagnostics doctor help bench"
        ),
        *_sessions("session s run project p term tui review"),
    ),
    valued=_words(
        "-dir -table -n --name --id --session-id -i --instructions -t --text --recipe --provider"
        " --model --with-extension --with-builtin --max-turns --params --output-format --path"
    ),
)

DROID = Signature(
    names=frozenset({"droid"}),
    packages=("@factory/cli",),
    roles=(
        *_rules("server", "serves sessions to others", "daemon"),
        *_once("-v mcp plugin update login logout search computer help"),
        *_sessions("exec"),
    ),
    valued=_words(
        "-o --output-format --input-format -f --file --auto -m --model -r --reasoning-effort"
        " --cwd --settings --append-system-prompt --enabled-tools --disabled-tools --spec-model"
    ),
    session_options=_words("-s --session-id --resume"),
    forking=frozenset({"--fork"}),
)

AMP = Signature(
    names=frozenset({"amp"}),
    packages=("@ampcode/cli", "@sourcegraph/amp", ".amp/bin"),
    runtimes=frozenset({"node"}),  # amp is a text editor, too
    roles=(
        *_sessions("threads/continue thread/continue t/continue t/c threads/new"),
        *_once("-V -v threads thread t login logout mcp tools permissions update doctor skill"),
    ),
    valued=_words("-m --mode --settings-file --log-level --log-file --mcp-config --label -l"),
)

CONTINUE = Signature(
    names=frozenset({"cn"}),
    packages=("@continuedev/cli",),
    runtimes=frozenset({"node"}),
    roles=(
        *_rules("server", "serves sessions over HTTP", "serve"),
        *_once("-v -V login logout ls update checks help"),
        *_sessions("remote review"),
    ),
    valued=_words("--config --org --rule --mcp --model --agent --allow --ask --exclude --fork"),
)

SIGNATURES: Mapping[str, Signature] = {
    "claude": CLAUDE,
    "codex": CODEX,
    "gemini": GEMINI,
    "opencode": OPENCODE,
    "kilo": KILO,
    "copilot": COPILOT,
    "qwen": QWEN,
    "kimi": KIMI,
    "kimi-code": KIMI_CODE,
    "pi": PI,
    "aider": AIDER,
    "cursor": CURSOR,
    "cline": CLINE,
    "crush": CRUSH,
    "goose": GOOSE,
    "droid": DROID,
    "amp": AMP,
    "continue": CONTINUE,
}
"""By agent name."""
