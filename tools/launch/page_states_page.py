# SPDX-License-Identifier: Apache-2.0
"""Guest memory over time as a page: what state each page was in, how often it was converted, and by whom."""
from __future__ import annotations

import html
import re
from dataclasses import replace
from typing import Any

import page
import profile
from guest_symbols import Symbols
from profile import Page, Run

CHANGES_MAX = 100000  # of one page, which a browser has to draw

STATES = ("none", "shared", "pending", "private", "vmsa")

# Who only carries out what another function wants.
HELPERS = re.compile(r"pvalidate|page_state|pages_state|vmgexit|ghcb|set_memory|enc_status|enc_dec|tdx_|tdcall|tdvmcall|hypercall|"
                     r"^psc|^pv_|^snp_|^sev_|visibility|^rmpadjust|accept|^convert|early_set|set_clr|^\[")

STYLE = """
#map { width: 100%; border: 1px solid var(--line); background: #8882; }
#map text, #chart text { font: 10px ui-monospace, monospace; }
#chart { width: 100%; border: 1px solid var(--line); }
#when { width: 100%; }
#now, #what { font-family: ui-monospace, monospace; font-size: .92em; min-height: 1.5em; }
.key { display: inline-block; width: 1em; height: 1em; vertical-align: -.15em; margin: 0 .3em 0 1em; }
.violation { fill: none; stroke: #e00; stroke-width: 2.5; }
"""

SCRIPT = """
const names = ["none", "shared", "pending", "private", "vmsa"];
const colours = ["#8884", "#f28e2b", "#4e79a7", "#59a14f", "#9b59b6"];
const width = 1024, left = 96, lineHeight = data.rows.length > 96 ? 5 : data.rows.length > 24 ? 8 : 16;
const first = new Map(data.rows.map((row, i) => [row, i])), perRow = data.row_pages;
const size = data.rows.length * perRow;
const state = new Uint8Array(size), times = new Uint16Array(size), who = new Uint16Array(size);
const slider = document.getElementById("when"), map = document.getElementById("map");
let at = 0, converted = 0, accepted = 0;
slider.max = data.events.length;
function make(name, attributes, above) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  above.appendChild(e);
  return e;
}
function place(frame) { return first.get(Math.floor(frame / perRow)) * perRow + frame % perRow; }
function apply(event) {
  const [, frame, count, to, by, what] = event;
  for (let f = frame; f < frame + count; f++) {
    const p = place(f);
    state[p] = to; who[p] = by;
    if (what == "shared" || what == "private") { times[p]++; converted++; }
    if (what == "accepted") accepted++;
  }
}
function go(wanted) {
  if (wanted < at) { state.fill(0); times.fill(0); who.fill(0); at = converted = accepted = 0; state.fill(data.initial); }
  while (at < wanted) apply(data.events[at++]);
}
function hue(n) { return `hsl(${n * 137.5 % 360} 65% 55%)`; }
const views = {
  state: p => colours[state[p]],
  times: p => times[p] ? `hsl(${Math.max(0, 60 - 12 * times[p])} 95% 50%)` : "#8883",
  who: p => who[p] ? hue(who[p]) : "#8883",
};
let view = "state";
function draw() {
  const colour = views[view], scale = width / perRow;
  map.replaceChildren();
  for (let r = 0; r < data.rows.length; r++) {
    const y = r * lineHeight;
    if (r % Math.ceil(14 / lineHeight) == 0) {
      make("text", {x: 0, y: y + 9}, map).textContent = "0x" + (data.rows[r] * perRow * 4096).toString(16);
    }
    if (r && data.rows[r] != data.rows[r - 1] + 1) make("line", {x1: 0, x2: left + width, y1: y, y2: y, stroke: "#e00", "stroke-dasharray": "4 3"}, map);
    for (let i = 0, end; i < perRow; i = end) {
      const c = colour(r * perRow + i);
      for (end = i + 1; end < perRow && colour(r * perRow + end) == c; end++);
      make("rect", {x: left + i * scale, y, width: Math.max((end - i) * scale, 0.8), height: lineHeight - 1, fill: c}, map);
    }
  }
  map.setAttribute("viewBox", `0 0 ${left + width} ${data.rows.length * lineHeight + 2}`);
  const v = data.violation;
  if (v && v.frame != null && at == data.events.length && first.has(Math.floor(v.frame / perRow))) {
    const p = place(v.frame), x = left + p % perRow * scale, y = Math.floor(p / perRow) * lineHeight;
    const mark = make("rect", {class: "violation", x: x - 4, y: y - 3, width: scale + 8, height: lineHeight + 5}, map);
    make("title", {}, mark).textContent = `violation ${v.name}`;
    make("text", {x: Math.min(x + 12, left + width - 220), y: Math.max(y - 5, 10), style: "fill:#e00;font-weight:bold"}, map).textContent = v.name;
  }
}
function count() {
  const found = {};
  for (let p = 0; p < size; p++) found[names[state[p]]] = (found[names[state[p]]] || 0) + 1;
  return found;
}
function said() {
  const e = data.events[at - 1], found = count(), now = document.getElementById("now");
  for (const name of names) document.getElementById("n-" + name).textContent = (found[name] || 0).toLocaleString("en");
  document.getElementById("n-converted").textContent = converted.toLocaleString("en");
  document.getElementById("n-accepted").textContent = accepted.toLocaleString("en");
  now.textContent = e ? `${at} of ${data.events.length}, at ${e[0].toLocaleString("en")} ${data.unit}: ` +
    `0x${(e[1] * 4096).toString(16)}, ${e[2]} page(s) to ${names[e[3]]} (${e[5]}), by ${data.who[e[4]]}` : "before the launch";
  document.getElementById("cursor").setAttribute("x1", position(e ? e[0] : 0));
  document.getElementById("cursor").setAttribute("x2", position(e ? e[0] : 0));
  document.body.dataset.counts = JSON.stringify({...found, converted, accepted});
}
const last = data.events.length ? data.events[data.events.length - 1][0] : 0;
function position(t) { return last ? left + width * t / last : left; }
function chart() {
  const svg = document.getElementById("chart"), high = 90, lines = {shared: [], pending: [], private: []};
  let most = 1;
  for (let i = 0; i < data.totals.length; i++) {
    const [t, ...values] = data.totals[i];
    ["shared", "pending", "private"].forEach((name, n) => { lines[name].push([t, values[n]]); most = Math.max(most, values[n]); });
  }
  const y = n => high - (high - 8) * Math.log1p(n) / Math.log1p(most);
  for (const [name, points] of Object.entries(lines)) {
    let d = "";
    points.forEach(([t, n], i) => { d += `${i ? `H${position(t).toFixed(1)}V` : `M${position(t).toFixed(1)} `}${y(n).toFixed(1)}`; });
    make("path", {d, fill: "none", stroke: colours[names.indexOf(name)], "stroke-width": 1.5}, svg);
  }
  for (const n of [0, 10, 1000, 100000]) if (n < most) make("text", {x: 50, y: y(n) + 4}, svg).textContent = n.toLocaleString("en");
  make("line", {id: "cursor", y1: 0, y2: high, stroke: "currentColor"}, svg);
  svg.setAttribute("viewBox", `0 0 ${left + width} ${high + 4}`);
}
function show() { go(+slider.value); draw(); said(); }
slider.oninput = show;
for (const input of document.getElementsByName("view")) input.onchange = () => { view = input.value; draw(); };
map.onmousemove = event => {
  const box = map.getBoundingClientRect(), k = (left + width) / box.width;
  const x = (event.clientX - box.left) * k - left, r = Math.floor((event.clientY - box.top) * k / lineHeight);
  if (x < 0 || r < 0 || r >= data.rows.length) return;
  const i = Math.floor(x * perRow / width), p = r * perRow + i;
  document.getElementById("what").textContent = `0x${((data.rows[r] * perRow + i) * 4096).toString(16)}: ${names[state[p]]}, ` +
    `converted ${times[p]} time(s), last changed by ${data.who[who[p]]}`;
};
state.fill(data.initial);
chart();
slider.value = data.events.length;
show();
"""


def who(changed: Page, symbols: Symbols) -> str:
    """Who wanted it: the nearest function that is not there to carry it out."""
    if changed.launch:
        return "launch"
    stack = profile.stack_of(changed.by, symbols) if changed.by else [symbols.function(changed.rip)]
    return next((name for name in reversed(stack) if not HELPERS.search(name)), stack[0])


def row_pages(frames: int) -> int:
    """A power of two, so that all of memory fits on a screen."""
    found = 256
    while frames / found > 160:
        found *= 2
    return found


def split(changed: Page, pages: int) -> list[int]:
    """The rows that a range is in."""
    return list(range((changed.gpa >> 12) // pages, ((changed.gpa + changed.size - 1) >> 12) // pages + 1))


def rows(run: Run, pages: int, mem: int) -> list[int]:
    """Those in which something happens; all, where the launch tells nothing of its pages."""
    found = {row for p in run.pages for row in split(p, pages)}
    if not any(p.launch for p in run.pages):
        found.update(range(min(mem, 2048) * 256 // pages))
    return sorted(found)


def totals(run: Run, first: int) -> list[list[int]]:
    """[time, shared, pending, private] after each change, what the launch left alone not counted."""
    held = dict.fromkeys(STATES, 0)
    found: list[list[int]] = []
    for changed in run.pages:
        held[changed.before] -= 0 if changed.launch else changed.count
        held[changed.after] += changed.count
        now = [max(changed.tsc - first, 0), held["shared"], held["pending"], held["private"] + held["vmsa"]]
        if found and found[-1][0] == now[0]:
            found[-1] = now
        else:
            found.append(now)
    return found


def data_of(run: Run, symbols: Symbols, mem: int, unit: str) -> dict[str, Any]:
    frames = max([(p.gpa + p.size) >> 12 for p in run.pages if p.gpa < 1 << 31] + [mem << 8 if mem < 2048 else 0])
    pages = row_pages(frames)
    names: dict[str, int] = {"nobody": 0}
    first = run.pages[0].tsc if run.pages else 0
    events = [[max(p.tsc - first, 0), p.gpa >> 12, p.count, STATES.index(p.after), names.setdefault(who(p, symbols), len(names)),
               p.what] for p in run.pages]
    violation: dict[str, Any] | None = None
    if run.violation:
        gpa = run.violation.get("gpa")
        violation = {"name": run.violation.get("name", ""), "frame": int(gpa, 0) >> 12 if gpa else None}
    return {"unit": unit, "row_pages": pages, "rows": rows(run, pages, mem), "events": events,
            "who": list(names), "violation": violation, "totals": totals(run, first),
            "initial": 0 if any(p.launch for p in run.pages) or not run.pages else STATES.index(run.pages[0].before)}


def by_whom(run: Run, symbols: Symbols) -> list[list[Any]]:
    sums: dict[tuple[str, str], list[int]] = {}
    for p in run.pages:
        found = sums.setdefault((who(p, symbols), p.what), [0, 0])
        found[0] += 1
        found[1] += p.count
    return [[*key, *found] for key, found in sorted(sums.items(), key=lambda item: -item[1][1])]


KEYS = (("private", "#59a14f"), ("shared", "#f28e2b"), ("pending", "#4e79a7"), ("vmsa", "#9b59b6"), ("none", "#8884"))
EXPLAINED = """private: the guest's own, validated or accepted; shared: the host sees it; pending: the guest's, not
validated or accepted yet; vmsa: a processor's state; none: the host's from the start, a device or nothing"""


def write(title: str, run: Run, symbols: Symbols, mem: int, unit: str) -> str:
    count = len(run.pages)
    run = replace(run, pages=run.pages[:CHANGES_MAX])
    rest = f"<p><b>Of {count:,} changes these are the first {CHANGES_MAX:,}.</b></p>" if count > CHANGES_MAX else ""
    symbols.moved(max((e.lstar for e in run.exits), default=0))
    keys = "".join(f'<span class="key" style="background:{colour}"></span>{name} <b id="n-{name}"></b>' for name, colour in KEYS)
    stopped = f"<p><b>Violation {html.escape(run.violation.get('name', ''))}</b>: its page is marked in red.</p>" if run.violation else ""
    body = f"""<p>Each line of the picture is a piece of guest-physical memory, with gaps at the broken lines. {EXPLAINED}.</p>{rest}{stopped}
<p>{keys} <span class="key"></span>pages converted <b id="n-converted"></b>, accepted <b id="n-accepted"></b></p>
<input type="range" id="when" min="0" step="1"><div id="now"></div>
<svg id="chart"></svg>
<p>Colour: <label><input type="radio" name="view" value="state" checked> state</label>
<label><input type="radio" name="view" value="times"> how often converted</label>
<label><input type="radio" name="view" value="who"> who changed it last</label></p>
<svg id="map"></svg><div id="what"></div>
<h2>By whom</h2>{page.table(["Function", "what", "changes", "pages"], by_whom(run, symbols)[:40])}"""
    return page.page(title, body, data_of(run, symbols, mem, unit), SCRIPT, STYLE)
