# SPDX-License-Identifier: Apache-2.0
"""run-qemu.sh's program: options become a checked plan, and the plan is printed or carried out."""
from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import ending
import plan
import run
from options import Options, Refused, parse


def list_workloads(options: Options) -> int:
    guest = options.guest or plan.BUILD / "postern.elf"
    if not options.no_build:
        run.set_up([])
        run.build(["all"])
    return run.call(plan.ROOT / "tools/workloads.py", guest)


def carry_out(options: Options) -> int:
    plan.check(options)
    if options.list_workloads:
        return list_workloads(options)
    inputs = run.check_inputs(options)  # before anything is fetched or built
    run.check_outputs(options, inputs)
    try:
        folder = tempfile.TemporaryDirectory(prefix="postern.")
    except OSError as error:
        raise Refused(f"no temporary folder could be made: {error.strerror}") from None
    with folder as work:
        return run.run(plan.choose(options), Path(work), inputs)


def drop_output() -> None:
    """Nobody reads it, or it has no place: Python would try once more as it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def main() -> int:
    run.stop_by_signals()
    try:
        options = parse(sys.argv[1:])
        status = ending.SUCCESS if options is None else carry_out(options)
        sys.stdout.flush()
        return status
    except Refused as reason:
        print(f"run-qemu.sh: {reason}", file=sys.stderr)
        return ending.CANNOT_RUN
    except run.Stopped as signal:
        return signal.status
    except BrokenPipeError:  # of --help, --list or --dry-run
        drop_output()
        return ending.CANNOT_RUN
    except OSError as error:
        drop_output()
        print(f"run-qemu.sh: {error.filename or 'the output'}: {error.strerror}", file=sys.stderr)
        return ending.CANNOT_RUN


if __name__ == "__main__":
    sys.exit(main())
