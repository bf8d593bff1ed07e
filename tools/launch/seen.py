# SPDX-License-Identifier: Apache-2.0
"""What --profile and --page-states make of a run: their lines of the transcript become tables and pages."""
from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Callable

import linux_image
import outputs
import page_states_page
import profile
import profile_page
from guest_symbols import Symbols
from options import Refused
from plan import Plan


def symbols_file(plan: Plan) -> Path | None:
    options = plan.options
    return options.symbols or options.kernel or (None if options.other_firmware else plan.guest)


def symbols(plan: Plan) -> Symbols:
    """An image that has none is no fault, but for one that was named for them."""
    found = Symbols("firmware" if plan.options.other_firmware else "guest")
    path = symbols_file(plan)
    try:
        if path:
            found.read(path)
    except (linux_image.Unreadable, OSError) as reason:
        if plan.options.symbols:
            raise Refused(f"--symbols {path}: {reason}") from None
        print(f"run-qemu: no symbols of {path}: {reason}", file=sys.stderr)
    return found


def title(plan: Plan) -> str:
    options = plan.options
    what = options.kernel or options.other_firmware or (options.workload[0] if options.workload else "demo")
    name = what.name if isinstance(what, Path) else what
    return f"{name} as a guest of {options.platform}, {options.smp} processor(s), {plan.mem} MiB"


def json_text(found: dict[str, object]) -> str:
    return json.dumps(found, indent=1) + "\n"


class Files:
    """Those that are written when the run is over."""

    def __init__(self) -> None:
        self.lost: list[str] = []

    def write(self, option: str, path: Path, make: Callable[[], str]) -> None:
        """Whole, or what was there before. Names of files may be any bytes."""
        try:
            outputs.replace(path, make().encode(errors="replace"))
        except OSError as error:
            self.lost.append(f"{option} {path}: {error.strerror}")


def show(plan: Plan, trace: Path, results: Path | None) -> list[str]:
    """What could not be written, a sentence each."""
    options, files = plan.options, Files()
    with open(trace, encoding="ascii", errors="replace") as text:
        run = profile.read(text)
    names = symbols(plan)
    steps = profile.steps_of(results) if results and results.exists() else []
    unit = "instructions" if options.icount else "cycles"
    found = profile.summarise(run, names, steps, unit)
    for path in options.profiles:
        as_page = path.suffix == ".html"
        files.write("--profile", path, lambda: profile_page.write(f"Exits of {title(plan)}", found) if as_page else json_text(found))
    if None in options.profile:
        print(profile.text(found), file=sys.stderr, flush=True)
    if options.page_states:
        states = options.page_states
        files.write("--page-states", states, lambda: page_states_page.write(f"Memory of {title(plan)}", run, names, plan.mem, unit))
    return files.lost
