"""Runs the load on a production stack of its own, prints a summary, and exits with 1 when there is a fault.

LOAD_PEOPLE, LOAD_RUSHING and LOAD_HOLD change how many people there are, how many sign up in the rush, and how long
(seconds) each step lasts.
"""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import psycopg

from scripts.bench.table import print_table
from scripts.burst import TRUSTING
from scripts.environments import environment_of
from scripts.load.schedule import Load
from scripts.load.verdict import Figures, Record, cores_used, faults, figures, held
from scripts.paths import DATA, ROOT
from scripts.stack.isolated import RunningStack, running_stack, short_lived_folder

FOLDER = DATA / "load"
REPORT = FOLDER / "report.html"
RECORD = FOLDER / "record.json"
HERE = Path(__file__).parent
LIMITS_OF_PRODUCTION = {"RATE_LIMIT_MAX": "100", "RATE_LIMIT_SIGN_IN_MAX": "3"}


def run_on(stack: RunningStack, load: Load) -> Record:
    """Raises subprocess.CalledProcessError when locust itself failed."""
    RECORD.unlink(missing_ok=True)
    python = environment_of("load", HERE / "requirements.lock")
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LOAD_WEB": stack.web,
        "LOAD_API": stack.api,
        "LOAD_RECORD": str(RECORD),
    }
    command = [python, "-m", "locust", "-f", str(HERE / "people.py"), "--headless", "--only-summary"]
    # Locust's own exit status says that some request failed; here it is judged which may.
    report = ["--html", str(REPORT), "--exit-code-on-error", "0", "--loglevel", "WARNING", "--stop-timeout", "0"]
    minutes = load.phases[-1].end / 60
    print(f"{load.people:,} people in {len(load.phases) - 2} steps, then a rush: {minutes:.1f} minutes …", flush=True)
    with (FOLDER / "locust.log").open("wb") as log:
        subprocess.run([*command, *report], cwd=ROOT, env=environment, check=True, stdout=log, stderr=log)
    record: Record = json.loads(RECORD.read_text())
    return record


def row(title: str, found: Figures) -> tuple[str, ...]:
    times = " / ".join(f"{value * 1000:,.0f}" for value in (found.p50, found.p95, found.p99))
    return title, f"{found.requests:,}", f"{found.per_second:.0f}", times, str(found.refused), str(found.bad)


def report(record: Record, load: Load) -> None:
    header = ("", "requests", "a second", "p50 / p95 / p99 ms", "refused", "failed")
    rows = []
    for phase in load.phases:
        busy, own = cores_used(record["samples"], phase)
        found = figures(held(record["answers"], phase), phase.end - phase.start - phase.arriving)
        rows.append((*row(phase.name, found), f"{busy:.1f}", f"{own:.2f}"))
    print_table(
        f"While all people of a step are there; {os.cpu_count()} cores for the people, both services and Postgres",
        (*header, "cores used", "by the people"),
        rows,
    )
    seconds = load.phases[-1].end
    names = sorted({answer["name"] for answer in record["answers"]})
    print_table(
        "By action, over the whole time",
        header,
        [row(name, figures([one for one in record["answers"] if one["name"] == name], seconds)) for name in names],
    )
    refused = Counter(f"{one['name']}: {one['why']}" for one in record["answers"] if one["outcome"] == "refused")
    print_table("Refused", ("", "times"), [(what, str(count)) for what, count in refused.most_common()])
    print(f"\nPlots of throughput, times, failures and people: {REPORT.relative_to(ROOT)}")


def accounts_of(owner: str, emails: list[str]) -> int:
    with psycopg.connect(owner) as connection:
        found = connection.execute('SELECT count(*) FROM auth."user" WHERE email = ANY (%s)', [emails]).fetchone()
    return int(found[0]) if found else 0


def main() -> int:
    FOLDER.mkdir(parents=True, exist_ok=True)
    load = Load.from_environment()
    with short_lived_folder() as folder, running_stack(folder, LIMITS_OF_PRODUCTION | TRUSTING) as stack:
        try:
            record = run_on(stack, load)
            untrue = accounts_of(stack.urls.owner, record["refused"])
        except subprocess.CalledProcessError as failure:
            print((FOLDER / "locust.log").read_text()[-3000:])
            return failure.returncode
        finally:
            for name in ("web", "api"):
                (FOLDER / f"{name}.log").write_text(stack.log(name))
    report(record, load)
    found = faults(record, load.phases)
    if untrue:
        found.append(f"{untrue} of {len(record['refused'])} refused sign-ups have made an account")
    for fault in found:
        print(f"FAILED: {fault}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
