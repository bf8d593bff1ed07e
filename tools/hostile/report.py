# SPDX-License-Identifier: Apache-2.0
"""What a campaign found, as JSON and as a page: classes, points reached and not, every bad run's line."""
from __future__ import annotations

import collections
import html
import json
import shlex
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "launch"))
import page  # noqa: E402  pylint: disable=wrong-import-position

import verdict  # noqa: E402

SHOWN = 200  # runs of a class in the page; all are in the JSON

Runs = dict[int, dict[str, Any]]


def counted(guest: list[str]) -> list[str]:
    """--icount, where it can be."""
    own = guest[:guest.index("--")] if "--" in guest else guest
    smp = [word for before, word in zip(["", *own], own) if before == "--smp" or word.startswith("--smp=")]
    return ["--icount"] if not smp or smp[-1] in ("1", "--smp=1") else []


def replay(plan: dict[str, Any], lies: list[str]) -> str:
    """One line of run-qemu.sh that gives the run again."""
    options, _, workload = shlex.join(plan["options"]).partition("-- ")
    told = " ".join(shlex.join(["--lie", lie]) for lie in lies)
    return shlex.join(["./run-qemu.sh", *counted(plan["options"])]) + f" {options.strip()} {told}" + (
        f" -- {workload}" if workload else "")


def point_of(lie: str) -> str:
    return lie.partition("@")[0]


def summary(plan: dict[str, Any], runs: Runs) -> dict[str, Any]:
    classes = collections.Counter(run["verdict"] for run in runs.values())
    points: dict[str, collections.Counter[str]] = {point["name"]: collections.Counter() for point in plan["points"]}
    for run in runs.values():
        for lie in run["lies"]:
            points.setdefault(point_of(lie), collections.Counter())[run["verdict"]] += 1
    bad = [dict(run, replay=replay(plan, run["lies"])) for _, run in sorted(runs.items()) if run["verdict"] not in verdict.MAY]
    return {
        "plan": plan,
        "runs": len(runs),
        "of": plan["count"],
        "classes": {name: classes[name] for name in verdict.CLASSES},
        "points": {name: dict(counts) for name, counts in points.items()},
        "not_reached": sorted(name for name, counts in points.items() if not sum(counts.values()) - counts["unreached"]),
        "reasons": dict(collections.Counter(run["detail"].split(" at rip=")[0] for run in runs.values()
                                            if run["verdict"] == "refused").most_common()),
        "bad": bad,
    }


def text(found: dict[str, Any]) -> str:
    counts = ", ".join(f"{count} {name}" for name, count in found["classes"].items() if count)
    reached = len(found["points"]) - len(found["not_reached"])
    return f"{found['runs']} of {found['of']} runs: {counts}; {reached} of {len(found['points'])} points told"


def rows_of_points(found: dict[str, Any]) -> list[list[Any]]:
    return [[name, *(counts.get(kind, 0) for kind in verdict.CLASSES)] for name, counts in found["points"].items()]


def as_page(found: dict[str, Any]) -> str:
    plan = found["plan"]
    body = f"<p>{html.escape(text(found))}. Lies: {html.escape(plan['lies'])}; guest: <code>{html.escape(shlex.join(plan['options']))}</code></p>\n"
    body += "<h2>How the runs ended</h2>\n" + page.table(
        ["class", "runs", "what it is"], [[name, found["classes"][name], what] for name, what in verdict.CLASSES.items()])
    body += "<h2>What a host should not be able to bring about</h2>\n"
    if not found["bad"]:
        body += "<p>Nothing.</p>\n"
    else:
        body += page.table(["run", "class", "how", "again"], [[run["index"], run["verdict"], run["detail"], run["replay"]]
                                                              for run in found["bad"][:SHOWN]])
    body += "<h2>Points</h2>\n" + page.table(["point", *verdict.CLASSES], rows_of_points(found))
    body += "<h2>Why guests ended themselves</h2>\n" + page.table(
        ["reason", "runs"], [[reason, count] for reason, count in list(found["reasons"].items())[:SHOWN]])
    return page.page("A hostile host's campaign", body, found["classes"], "", "td:last-child { text-align: left; }")


def write(folder: Path, found: dict[str, Any]) -> None:
    (folder / "report.json").write_text(json.dumps(found, indent=1) + "\n")
    (folder / "report.html").write_text(as_page(found))
