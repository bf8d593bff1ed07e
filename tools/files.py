# SPDX-License-Identifier: Apache-2.0
"""Files of the tools' command lines: read and written whole, or one sentence and status 2."""
import os
import stat
import sys

CANNOT_RUN = 2


def die(text):
    print(f"{os.path.basename(sys.argv[0]).removesuffix('.py')}: {text}", file=sys.stderr)
    sys.exit(CANNOT_RUN)


def read(path):
    """Its bytes. A device but /dev/null may have no end."""
    try:
        with open(path, "rb") as file:
            if path != os.devnull and not (stat.S_ISREG(mode := os.fstat(file.fileno()).st_mode) or stat.S_ISFIFO(mode)):
                die(f"{path}: it is no file")
            return file.read()
    except OSError as error:
        return die(f"{path}: {error.strerror}")


def check_output(path):
    """Before anything is made. It is replaced when the new one is whole: root would replace a device."""
    if os.path.exists(path) and not os.path.isfile(path):
        die(f"{path}: it is no file")
    folder = os.path.dirname(path) or "."
    if not os.path.isdir(folder) or not os.access(folder, os.W_OK):
        die(f"{path}: there is no folder for it that can be written")


def write(path, data, mode=None):
    check_output(path)
    try:
        with open(path + ".new", "wb") as file:
            file.write(data)
        if mode is not None:
            os.chmod(path + ".new", mode)
        os.replace(path + ".new", path)
    except OSError as error:
        die(f"{error.filename or path}: {error.strerror}")


def run(main):
    """main(), whose result is the status. What it prints has arrived, or that is the sentence."""
    try:
        status = main()
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        die(f"{error.filename or 'the output'}: {error.strerror}")
    sys.exit(status)
