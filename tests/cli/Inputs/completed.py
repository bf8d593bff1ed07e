# SPDX-License-Identifier: Apache-2.0
"""Holds the words of bash's completion against the options that take one of a few. Usage: completed.py ROOT"""
import inspect
import re
import sys

ROOT = sys.argv[1]
sys.dont_write_bytecode = True
sys.path.insert(0, f"{ROOT}/tools/launch")
import options  # noqa: E402

text = open(f"{ROOT}/tools/install/completion.bash", encoding="ascii").read()
has = {name: words.split() for name, words in re.findall(r'^\s*(--[a-z-]+)\) words="([^"]*)"', text, re.M)}
wrong = 0
for action in options.make_parser()._actions:
    closure = inspect.getclosurevars(action.type).nonlocals if inspect.isfunction(action.type) else {}
    if "allowed" in closure and has.get(action.option_strings[0]) != list(closure["allowed"]):
        print(f"{action.option_strings[0]}: {has.get(action.option_strings[0])}, not {closure['allowed']}")
        wrong = 1
sys.exit(wrong)
