"""Dashboard and alerts ask for metrics that exist, and each alert says what to do."""

import json
import re
import shutil
import subprocess
from importlib import import_module

import pytest
from prometheus_client import REGISTRY

from scripts.paths import ROOT

OBSERVE = ROOT / "deploy" / "observe"
RULES = dict(
    re.findall(r"- alert: (\w+)\n(.*?)(?=\n      - alert|\Z)", (OBSERVE / "alerts.yaml").read_text(), re.DOTALL)
)
ALERTS = {name: rule.partition("expr: ")[2].partition(" for: ")[0] for name, rule in RULES.items()}
PANELS = {
    f"{panel['title']} {target['refId']}": target["expr"]
    for panel in json.loads((OBSERVE / "dashboard.json").read_text())["panels"]
    for target in panel["targets"]
}
SELECTOR = re.compile(r"([a-z][a-z0-9_]*)\{([^}]*)\}")
LABEL = re.compile(r"([a-z_]+)\s*(?:=~|!~|!=|=)")
GROUPED = re.compile(r"by \(([^)]*)\)")
JOB = re.compile(r'job=~?"([^"]+)"')
OF_PROMETHEUS = {"job", "instance", "le"}
Series = dict[str, set[str]]
"""The labels of each time series, by its name."""


def expressions_of(service: str) -> list[str]:
    """Names of the alerts and panels that ask for metrics of a service."""
    return [
        name
        for name, expression in (ALERTS | PANELS).items()
        if any(re.fullmatch(job, service) for job in JOB.findall(expression))
    ]


def assert_known(name: str, service: str, series: Series) -> None:
    expression = (ALERTS | PANELS)[name]
    labels = set(OF_PROMETHEUS)
    for metric, selector in SELECTOR.findall(expression):
        assert any(re.fullmatch(job, service) for job in JOB.findall(selector)), expression
        assert metric in series, metric
        assert set(LABEL.findall(selector)) <= series[metric] | OF_PROMETHEUS, expression
        labels |= series[metric]
    for group in GROUPED.findall(expression):
        assert {label.strip() for label in group.split(",")} <= labels, expression


def known() -> Series:
    """What the API can have."""
    import_module("notes_api.application")
    found: Series = {"up": set()}
    for metric, names in REGISTRY._collector_to_names.items():
        labels = set(getattr(metric, "_labelnames", ()))
        found |= dict.fromkeys(names, labels)
    return found


@pytest.mark.parametrize("name", expressions_of("notes-api"))
def test_each_metric_and_each_label_that_is_asked_of_the_api_exists(name: str) -> None:
    assert_known(name, "notes-api", known())


def test_each_expression_asks_a_service_that_is_scraped() -> None:
    scraped = re.findall(r"job_name: (\S+)", (OBSERVE / "prometheus.yaml").read_text())
    assert sorted(scraped) == ["notes-api", "notes-web"]
    assert {name for service in scraped for name in expressions_of(service)} == {*ALERTS, *PANELS}


def test_each_alert_has_its_line_in_the_guide_and_no_line_is_left_over() -> None:
    lines = re.findall(r"^\| `(\w+)` \|.*\|.*\w.*\|$", (ROOT / "docs" / "observe.md").read_text(), re.MULTILINE)
    assert lines == list(ALERTS)


@pytest.mark.parametrize("name", RULES)
def test_each_alert_waits_and_says_how_urgent_it_is(name: str) -> None:
    for part in (r"for: \d+[sm]", r"severity: (page|ticket)\b", r'summary: ".{20,}"'):
        assert re.search(part, RULES[name])


def test_promtool_takes_the_rules_and_they_fire_when_they_should() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not installed (Debian: apt-get install prometheus)")
    for arguments in (["check", "rules", "alerts.yaml"], ["test", "rules", "alerts.test.yaml"]):
        ended = subprocess.run([promtool, *arguments], cwd=OBSERVE, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stdout + ended.stderr
