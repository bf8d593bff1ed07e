# SPDX-License-Identifier: Apache-2.0
"""A campaign's folder: what it is (plan.json), and a line for each run that has ended (runs.jsonl).

A run is known by its index, and depends on nothing but the plan: one that is there is not made again, and
parts made elsewhere are put together by their indices, each counted once.
"""
from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any


class Refused(Exception):
    """What cannot be done, as one sentence."""


def load_plan(folder: Path) -> dict[str, Any]:
    try:
        plan = json.loads((folder / "plan.json").read_text())
        assert isinstance(plan, dict)
        return plan
    except (OSError, ValueError, AssertionError) as error:
        raise Refused(f"{folder}: it is no campaign's folder") from error


def load_runs(folder: Path) -> dict[int, dict[str, Any]]:
    """By index. A last line that was cut, as when a machine stops, is made again."""
    path = folder / "runs.jsonl"
    runs: dict[int, dict[str, Any]] = {}
    if not path.exists():
        return runs
    whole, _, cut = path.read_text().rpartition("\n")
    for number, line in enumerate(whole.splitlines(), 1):
        try:
            run = json.loads(line)
            runs.setdefault(run["index"], run)
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(f"{path}: line {number} is no run") from error
    if cut:
        write(path, whole + "\n" if whole else "")
    return runs


def write(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    new.write_text(text)
    os.replace(new, path)


def dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


class Journal:
    def __init__(self, folder: Path, plan: dict[str, Any]) -> None:
        """A new one, or the one that is there and has the same plan."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / "plan.json").exists():
                if (old := load_plan(folder)) != plan:
                    names = ", ".join(sorted(name for name in {*old, *plan} if old.get(name) != plan.get(name)))
                    raise Refused(f"{folder}: it has another campaign, by {names}")
            else:
                write(folder / "plan.json", dump(plan) + "\n")
            self.runs = load_runs(folder)
            self.file = (folder / "runs.jsonl").open("a")
        except OSError as error:
            raise Refused(f"{error.filename or folder}: {error.strerror}") from error

    def add(self, run: dict[str, Any]) -> None:
        self.file.write(dump(run) + "\n")
        self.file.flush()
        self.runs[run["index"]] = run


def merge(out: Path, folders: list[Path]) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    plans = [load_plan(folder) for folder in folders]
    for folder, plan in zip(folders, plans):
        if plan != plans[0]:
            names = ", ".join(sorted(name for name in {*plan, *plans[0]} if plan.get(name) != plans[0].get(name)))
            raise Refused(f"{folder}: it is not a part of {folders[0]}'s campaign: {names} differ")
    journal = Journal(out, plans[0])
    for folder in folders:
        for index, run in sorted(load_runs(folder).items()):
            if index in journal.runs and journal.runs[index] != run:
                raise Refused(f"{folder}: run {index} ended otherwise elsewhere")
            if index not in journal.runs:
                journal.add(run)
    return plans[0], journal.runs
