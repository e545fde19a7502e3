"""What the invented fleet works on."""

from __future__ import annotations


class Job:
    """One task: what is asked, which line changes, what is run, what is answered."""

    __slots__ = (
        "answer",
        "ask",
        "command",
        "file",
        "new",
        "old",
        "output",
        "thought",
        "title",
    )

    def __init__(
        self,
        title: str,
        ask: str,
        thought: str,
        file: str,
        old: str,
        new: str,
        command: str,
        output: str,
        answer: str,
    ) -> None:
        self.title = title
        self.ask = ask
        self.thought = thought
        self.file = file
        self.old = old
        self.new = new
        self.command = command
        self.output = output
        self.answer = answer


JOBS: dict[str, tuple[Job, ...]] = {
    "api-gateway": (
        Job(
            "Rate limit per API key",
            "Clients share one rate limit. Give every API key its own, 600 requests a minute.",
            "The limiter keys its buckets by address; the key is in the request's context.",
            "gateway/limits.py",
            "    bucket = buckets[request.address]",
            "    bucket = buckets[request.api_key]",
            "pytest -q tests/test_limits.py",
            "14 passed in 1.82s",
            "Every API key has a bucket of its own now; 14 tests pass.",
        ),
        Job(
            "Retry idempotent upstream calls",
            "GET requests fail when one upstream restarts. Retry them once on another upstream.",
            "Only idempotent methods may be sent twice, so the retry belongs beside the route.",
            "gateway/proxy.py",
            "    return await upstream.send(request)",
            "    return await send_with_retry(upstream, request, attempts=2)",
            "pytest -q tests/test_proxy.py",
            "22 passed in 3.10s",
            "GET and HEAD are sent again once, to another upstream. Writes are never repeated.",
        ),
        Job(
            "Health endpoint names failing parts",
            "/healthz only says 503. Let it name the part that fails.",
            "Each probe already has a name; the handler throws it away.",
            "gateway/health.py",
            '    return Response(status=503, body="unhealthy")',
            '    return Response(status=503, body=json({"failing": failing}))',
            "pytest -q tests/test_health.py",
            "6 passed in 0.44s",
            "/healthz lists the failing probes by name; the load balancer sees the same status.",
        ),
    ),
    "web-shop": (
        Job(
            "Keep the basket over login",
            "The basket is empty after a guest signs in. Merge it into the account's.",
            "The session id changes at login; the guest basket is keyed by the old one.",
            "src/basket.ts",
            "  const basket = await load(session.id);",
            "  const basket = await merge(session.guestId, session.id);",
            "npm test -- basket",
            "Tests: 31 passed, 31 total",
            "The guest's basket is merged at login; equal articles add up.",
        ),
        Job(
            "Lazy product pictures",
            "The category page loads 4 MB of pictures before anyone scrolls.",
            "Native lazy loading is enough below the fold; the first row should stay eager.",
            "src/ProductCard.tsx",
            "  <img src={picture.url} alt={name} />",
            '  <img src={picture.url} alt={name} loading="lazy" />',
            "npm run build",
            "built in 6.42s, 212 kB",
            "Pictures below the first row load when they come near: 380 kB at first paint.",
        ),
        Job(
            "Totals in the buyer's currency",
            "Totals flicker between euro and dollar on the order page.",
            "Two components format prices on their own with different defaults.",
            "src/money.ts",
            'export const format = (n: number) => n.toFixed(2) + " EUR";',
            "export const format = (n: number, c: Currency) => formatters[c].format(n);",
            "npm test -- money",
            "Tests: 18 passed, 18 total",
            "One formatter takes the currency from the order; the flicker is gone.",
        ),
    ),
    "billing": (
        Job(
            "Round invoices by line",
            "Invoices are a cent off against the ledger. Round each line, then add.",
            "The sum is rounded once at the end; the ledger rounds every line.",
            "billing/invoice.py",
            "    return round(sum(line.net for line in lines), 2)",
            "    return sum(round(line.net, 2) for line in lines)",
            "pytest -q tests/test_invoice.py",
            "40 passed in 2.05s",
            "Lines are rounded before they are added; the March ledger agrees to the cent.",
        ),
        Job(
            "Dunning waits for weekends",
            "Reminders go out on Sundays. Move them to the next working day.",
            "The calendar of each country is already loaded for due dates.",
            "billing/dunning.py",
            "    return due + timedelta(days=7)",
            "    return next_working_day(due + timedelta(days=7), country)",
            "pytest -q tests/test_dunning.py",
            "17 passed in 0.91s",
            "Reminders wait for the next working day of the customer's country.",
        ),
    ),
    "docs": (
        Job(
            "Rewrite the quick start",
            "The quick start still shows the old login. Rewrite it for tokens.",
            "Four pages link to the old section; the anchors should survive.",
            "guide/quickstart.md",
            "Sign in with your user name and password.",
            "Create a token under Settings, then export it as ACME_TOKEN.",
            "make check-links",
            "0 broken links in 118 pages",
            "The quick start uses tokens, old anchors redirect, no link is broken.",
        ),
        Job(
            "Changelog for 4.2",
            "Collect what changed since 4.1 into the changelog.",
            "Merged titles since the tag are enough; three of them are internal.",
            "CHANGELOG.md",
            "## Unreleased",
            "## 4.2.0",
            "make changelog",
            "11 entries written",
            "Eleven entries for 4.2, three internal ones left out.",
        ),
    ),
    "infra": (
        Job(
            "Autoscale the workers",
            "Workers idle at night. Scale them between 2 and 12 by queue length.",
            "The queue length is exported already; the group has a fixed size.",
            "workers.tf",
            "  desired_capacity = 8",
            "  desired_capacity = var.queue_length > 100 ? 12 : 2",
            "terraform plan -no-color",
            "Plan: 1 to add, 2 to change, 0 to destroy.",
            "The plan adds a scaling policy: 2 to 12 workers by queue length.",
        ),
        Job(
            "Rotate database passwords",
            "Database passwords are a year old. Rotate them every 30 days.",
            "The secret has a version; the services read it only at start.",
            "secrets.tf",
            "  rotation_days = 365",
            "  rotation_days = 30",
            "terraform validate",
            "Success! The configuration is valid.",
            "Passwords rotate every 30 days and services reload them without a restart.",
        ),
    ),
}


def lay_out(folder: str, project: str) -> dict[str, str]:
    """The files of a project as they stand before anyone works on them: path → text."""
    files = {f"{folder}/README.md": f"# {project}\n"}
    for job in JOBS[project]:
        files[f"{folder}/{job.file}"] = f"{job.old}\n"
    return files
