"""What the npm package costs an existing application: sign-ups and sign-ins with it against the same without it."""

import json
import subprocess
from collections import defaultdict

import psycopg

from scripts.bench.table import print_table, spread
from scripts.database import embedded_database
from scripts.package import PACKAGE, build_package
from scripts.paths import NODE
from scripts.stack.isolated import short_lived_folder

ROUNDS = 9
PEOPLE = 40

Rates = dict[str, list[float]]


def measure(stock: str, plugin: str) -> dict[str, Rates]:
    """By form, the rates of each round without and with the plugin."""
    command = [str(NODE), "bench/sign-in.ts", stock, plugin, str(ROUNDS), str(PEOPLE)]
    said = subprocess.run(command, cwd=PACKAGE, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, Rates] = defaultdict(lambda: defaultdict(list))
    for line in map(json.loads, said.splitlines()):
        found[line["form"]][line["name"]].append(line["rate"])
    return found


def main() -> None:
    build_package()
    with short_lived_folder() as folder, embedded_database(folder / "postgres") as urls:
        with psycopg.connect(urls.owner_direct, autocommit=True) as owner:
            owner.execute("CREATE SCHEMA stock")
            owner.execute("CREATE SCHEMA plugin")
            owner.execute("GRANT CREATE ON DATABASE app TO CURRENT_USER")
        separator = "&" if "?" in urls.owner_direct else "?"
        addresses = (f"{urls.owner_direct}{separator}options=-csearch_path%3D{name}" for name in ("stock", "plugin"))
        found = measure(*addresses)
    print_table(
        "Sign-ups and sign-ins a second, Better Auth's own hash, medians of rounds that took turns",
        ("", "without", "with the plugin", "with / without"),
        [
            (
                form,
                spread(rates["stock"], 1),
                spread(rates["plugin"], 1),
                spread([mine / theirs for mine, theirs in zip(rates["plugin"], rates["stock"], strict=True)]),
            )
            for form, rates in found.items()
        ],
    )


if __name__ == "__main__":
    main()
