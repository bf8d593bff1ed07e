# SPDX-License-Identifier: Apache-2.0
"""Looks at what --profile and --page-states wrote in a browser, and compares the numbers in it with the transcript's.

Usage: seen.py TRACE [PROFILE.json] [PROFILE.html] [PAGE-STATES.html]
"""
import json
import pathlib
import re
import subprocess
import sys
import tempfile

BROWSER = "chromium-headless-shell"


def lines(path, event):
    for line in pathlib.Path(path).read_text().splitlines():
        words = line.split()
        if words[2:3] == [event]:
            yield dict(word.split("=", 1) for word in words[3:])


def document(path):
    """After its scripts have run. No network is there to be asked."""
    with tempfile.TemporaryDirectory() as home:
        words = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={home}", "--virtual-time-budget=5000",
                 "--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom", pathlib.Path(path).resolve().as_uri()]
        run = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)
    assert "</html>" in run.stdout, run.stderr
    assert not re.search(r"(src|href)=|https?://(?!www\.w3\.org)", run.stdout), "it stands alone"
    return run.stdout


def check_profile(trace, path):
    found = json.loads(pathlib.Path(path).read_text())
    exits = list(lines(trace, "exit"))
    time = sum(int(e["ticks"], 0) for e in exits)
    assert exits and found["total"]["samples"] == len(exits) and found["total"]["time"] == time
    for part in "exits", "functions", "phases", "stacks":
        assert sum(row["samples"] for row in found[part]) == len(exits), part
        assert sum(row["time"] for row in found[part]) == time, part
    pvalidates = sum(1 for e in exits if e.get("asked", "").startswith("pvalidate:"))
    assert sum(row["samples"] for row in found["exits"] if row["exit"] == "pvalidate") == pvalidates
    pages = [(p["from"], p["to"], int(p["size"], 0) >> 12, p["rip"]) for p in lines(trace, "page")]
    accepted = sum(count for before, after, count, rip in pages if (before, after) == ("pending", "private") and rip != "0x0")
    assert found["total"]["pages_accepted"] == accepted
    print(f"profile: {len(exits)} exits, {accepted} pages accepted, as in the transcript")
    for phase in found["phases"]:
        print("phase:", phase["phase"])
    for stack in found["stacks"]:
        print("stack:", ";".join(stack["stack"]))


def check_flame(trace, path):
    text = document(path)
    total = int(re.search(r'<svg id="flame"[^>]* data-total="(\d+)"', text)[1])
    assert total == len(list(lines(trace, "exit")))
    print(f"flame graph: {text.count('<rect')} rectangles, {total} exits")


def check_states(trace, path):
    """Page by page, which the picture is not made by."""
    pages, converted, accepted = {}, 0, 0
    for p in lines(trace, "page"):
        for frame in range(int(p["gpa"], 0) >> 12, int(p["gpa"], 0) + int(p["size"], 0) >> 12):
            assert pages.get(frame, p["from"]) == p["from"], f"{frame:#x} is {pages[frame]}"
            pages[frame] = p["to"]
            if p["rip"] != "0x0":
                converted += p["to"] == "shared" or p["from"] == "shared"
                accepted += p["from"] == "pending" and p["to"] == "private"
    text = document(path)
    shown = json.loads(re.search(r"<body[^>]* data-counts=\"([^\"]*)\"", text)[1].replace("&quot;", '"'))
    assert (shown["converted"], shown["accepted"]) == (converted, accepted), shown
    for name in set(pages.values()):
        assert shown[name] == sum(state == name for state in pages.values()), (name, shown)
    assert re.search(r'<svg id="map"[^>]*>.*<rect', text) and re.search(r'<path d="M', text)
    print(f"page states: {converted} conversions, {accepted} accepted, as in the transcript")
    mark = re.search(r'<rect class="violation"[^>]*><title>(.*?)</title>', text)
    print("violation:", mark[1] if mark else "none")


trace, *files = sys.argv[1:]
for file in files:
    if file.endswith(".json"):
        check_profile(trace, file)
    elif "states" in file:
        check_states(trace, file)
    else:
        check_flame(trace, file)
