# SPDX-License-Identifier: Apache-2.0
"""A hostile host's campaign against a guest: docs/hostile-host.md."""
from __future__ import annotations

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path
from typing import Any

import journal
import points
import report
import verdict
from journal import Refused
from lie import LIE  # of ../launch, to which report.py leads
from served import ROOT, Dead, Machine, Run

CANNOT_RUN = 2
USAGE = """\
campaign FOLDER [options] [-- run-qemu.sh options and workload]
       campaign merge FOLDER PART...
       campaign report FOLDER"""
SUMMARY = """\
Boots a guest again and again, each time under a host that tells it something else than the truth, and
says how each boot ended. What is told is drawn from a seed, or every point is gone through (--sweep).
FOLDER keeps each run; the same command goes on where it was stopped. The report is FOLDER/report.html."""
# Of a run: requests; times the honest run's seconds, and seconds: a guest that waits in vain for seven processors that its
# host speaks of, ten seconds each, has not hung, and counted in instructions that is long.
BUDGET_REQUESTS, BUDGET_TIMES, BUDGET_LEAST = 200_000, 30, 300.0


def given_lies(path: Path) -> list[list[str]]:
    """A line without a lie, or behind a #, is a comment."""
    try:
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: {getattr(error, 'strerror', None) or 'it is no text'}") from error
    runs = [line.partition("#")[0].split() for line in text.splitlines()]
    for number, lies in enumerate(runs, 1):
        for lie in lies:
            if not LIE.fullmatch(lie):
                raise Refused(f"{path}: line {number}: {lie} is no lie")
    if not any(runs):
        raise Refused(f"{path}: it has no lie")
    return [lies for lies in runs if lies]


def parse(words: list[str]) -> argparse.Namespace:
    own, guest = (words[:words.index("--")], words[words.index("--") + 1:]) if "--" in words else (words, [])
    parser = argparse.ArgumentParser(prog="campaign", usage=USAGE, description=SUMMARY,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--runs", type=int, default=1000, metavar="N", help="how many runs are drawn; default 1000")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="what they are drawn from; default 1")
    parser.add_argument("--sweep", action="store_true", help="every point, value and place in turn, in place of what is drawn")
    parser.add_argument("--places", type=int, default=points.EACH, metavar="N", help="of a sweep: at how many places each is told, the first and the last among them; default %(default)s")
    parser.add_argument("--from", dest="given", type=Path, metavar="FILE", help="lies that are given: each line is a run, its lies with spaces between")
    parser.add_argument("--shard", default="1/1", metavar="I/N", help="of N machines this is number I: each N-th run")
    parser.add_argument("--quiet", action="store_true", help="no progress; the last line only")
    args = parser.parse_args(own)
    match = re.fullmatch(r"([1-9]\d{0,5})/([1-9]\d{0,5})", args.shard)
    if match is None or int(match[1]) > int(match[2]):
        raise Refused(f"--shard {args.shard}: must be I/N, with I from 1 to N")
    args.shard = int(match[1]) - 1, int(match[2])
    if args.runs < 1:
        raise Refused(f"--runs {args.runs}: must be 1 at least")
    if args.places < 2:
        raise Refused(f"--places {args.places}: must be 2 at least")
    args.given = given_lies(args.given) if args.given else None
    args.guest = guest or ["--", "hello"]
    return args


def counts_of(transcript: str) -> dict[tuple[str, str], int]:
    return {(group, request): int(count, 16) for group, request, count in
            re.findall(r" point group=(\S+) request=(\S+) count=(\S+)", transcript)}


def options_of(guest: list[str]) -> list[str]:
    """With one processor a run is the same each time."""
    return [*report.counted(guest), "--quiet", *guest]


def memory_of(honest: Run, words: list[str]) -> points.Memory:
    """The pages of the guest's image, at its addresses, where it is an ELF file; of another's, some of all over its memory."""
    names = [Path(name) for word in words for name in word.removeprefix("name=opt/postern/firmware,file=").split(",")]
    own = [ROOT / "build/postern.elf" if name == ROOT / "build/postern.fd" else name for name in names]
    images = [name for name in own if name.is_file() and name != ROOT / "build/postern-monitor.elf"]
    shared = points.shared_pages(honest.transcript)
    private = [page for image in images for page in points.image_pages(image)] or points.SOME_PAGES
    return points.Memory(shared, [page for page in private if page not in shared])


def make_plan(args: argparse.Namespace, honest: Run, memory: points.Memory) -> tuple[dict[str, Any], list[points.Point], list[list[str]] | None]:
    fields, _ = points.table(ROOT / "monitor/host/point.def")
    reached = points.of_counts(fields, counts_of(honest.transcript))
    every = args.given or (points.sweep(reached, memory, args.places) if args.sweep else None)
    plan = {
        "options": args.guest,
        "lies": "given" if args.given else f"all, at {args.places} places" if args.sweep else f"seed {args.seed}",
        "count": len(every) if every else args.runs,
        "points": [{"name": point.name, "count": point.count} for point in reached],
        "honest": hashlib.sha256("\n".join([honest.console, *verdict.result(honest)]).encode()).hexdigest(),
    }
    return plan, reached, every


class Progress:
    def __init__(self, total: int, quiet: bool) -> None:
        self.total, self.quiet, self.done = total, quiet, 0
        self.start = self.said = time.monotonic()

    def step(self) -> None:
        self.done += 1
        now = time.monotonic()
        terminal = sys.stderr.isatty()
        if self.quiet or now - self.said < (0.2 if terminal else 30):
            return
        self.said = now
        left = (now - self.start) / self.done * (self.total - self.done)
        text = f"campaign: {self.done} of {self.total} runs, about {left / 60:.0f} minutes left"
        print("\r" + text if terminal else text, end="" if terminal else "\n", file=sys.stderr, flush=True)


def honest_run(machine: Machine) -> Run:
    honest = machine.run("points secrets")
    if honest.code != verdict.SUCCESS:
        raise Refused(f"without a lie the guest does not succeed: {honest.reason or honest.console.strip()[-300:]}")
    again = machine.run("points secrets")
    if verdict.of_success(again, honest).name != "right":
        raise Refused("two runs without a lie differ: nothing can be told from a third")
    machine.budget = max(machine.budget, BUDGET_TIMES * machine.cost)
    return honest


def run_all(args: argparse.Namespace, machine: Machine) -> dict[str, Any]:
    honest = honest_run(machine)
    memory = memory_of(honest, machine.words)
    plan, reached, every = make_plan(args, honest, memory)
    log = journal.Journal(args.folder, plan)
    shard, shards = args.shard
    due = [index for index in range(plan["count"]) if index % shards == shard and index not in log.runs]
    progress = Progress(len(due), args.quiet)
    for index in due:
        lies = every[index] if every else points.drawn(reached, memory, args.seed, index)
        words = " ".join([f"budget={BUDGET_REQUESTS}", "secrets", *(f"lie={lie}" for lie in lies)])
        found = verdict.judge(machine.run(words), honest)
        log.add({"index": index, "lies": lies, "verdict": found.name, "detail": found.detail})
        progress.step()
    return report.summary(plan, log.runs)


def tell(folder: Path, found: dict[str, Any]) -> int:
    report.write(folder, found)
    for run in found["bad"][:20]:
        print(f"{run['verdict']}: {run['detail']}\n    {run['replay']}")
    print(report.text(found))
    return bool(found["bad"])


def campaign(words: list[str]) -> int:
    if words[:1] == ["merge"]:
        if len(words) < 3:
            raise Refused("merge FOLDER PART...: what is put together, and from what")
        plan, runs = journal.merge(Path(words[1]), [Path(word) for word in words[2:]])
        return tell(Path(words[1]), report.summary(plan, runs))
    if words[:1] == ["report"]:
        if len(words) != 2:
            raise Refused("report FOLDER: of which campaign")
        folder = Path(words[1])
        return tell(folder, report.summary(journal.load_plan(folder), journal.load_runs(folder)))
    args = parse(words)
    with Machine(options_of(args.guest), BUDGET_LEAST) as machine:
        return tell(args.folder, run_all(args, machine))


def main() -> int:
    try:
        return campaign(sys.argv[1:])
    except (Refused, Dead) as error:
        print(f"campaign: {error}", file=sys.stderr)
        return CANNOT_RUN
    except KeyboardInterrupt:
        print("campaign: stopped; the same command goes on", file=sys.stderr)
        return 130
