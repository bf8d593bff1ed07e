# SPDX-License-Identifier: Apache-2.0
"""A profile as a page: its tables, and its exits as a flame graph, by number or by time."""
from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import page
import profile

COLUMNS = (("Samples", "samples"), ("Samples%", "samples_percent"), ("Time%", "time_percent"), ("Min Time", "min"),
           ("Max Time", "max"), ("Avg time", "avg"))
PAGES = (("Pages to shared", "pages_shared"), ("to private", "pages_private"), ("accepted", "pages_accepted"))
ROWS_MAX = 60
PARTS_MAX = 100000  # what is less of the whole is not drawn, however long the run was

STYLE = """
#flame { width: 100%; border: 1px solid var(--line); }
#flame g { cursor: pointer; } #flame rect { stroke: #fff8; } #flame text { font: 11px ui-monospace, monospace; fill: #222; pointer-events: none; }
#what { min-height: 1.5em; font-family: ui-monospace, monospace; font-size: .92em; }
"""

SCRIPT = """
const svg = document.getElementById("flame"), what = document.getElementById("what"), height = 17, width = 1200;
let key = "samples";
function tree([name, samples, time, children]) {
  return {name: data.names[name], value: key == "samples" ? samples : time, children: children.map(tree)};
}
function colour(name, last) {
  let hash = 0;
  for (const c of name) hash = (hash * 31 + c.charCodeAt(0)) % 997;
  return last ? `hsl(${200 + hash % 40} 70% 72%)` : `hsl(${15 + hash % 40} 85% ${66 + hash % 11}%)`;
}
function make(name, attributes, above) {
  const e = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [k, v] of Object.entries(attributes)) e.setAttribute(k, v);
  above.appendChild(e);
  return e;
}
function draw(top, all) {
  svg.replaceChildren();
  let deepest = 0;
  function put(node, x, wide, level) {
    if (wide < 0.4) return;
    deepest = Math.max(deepest, level);
    const g = make("g", {}, svg);
    make("rect", {x, y: level * height, width: wide, height: height - 1, fill: colour(node.name, !node.children.length)}, g);
    if (wide > 24) make("text", {x: x + 3, y: level * height + 12}, g).textContent = node.name.slice(0, wide / 6.8 | 0);
    const said = `${node.name}: ${node.value.toLocaleString("en")} ${key == "samples" ? "exits" : data.unit}, ` +
      `${(100 * node.value / all.value).toFixed(2)}%`;
    make("title", {}, g).textContent = said;
    g.onmouseenter = () => { what.textContent = said; };
    g.onclick = () => draw(node == top ? all : node, all);
    for (const child of node.children) {
      put(child, x, wide * child.value / node.value, level + 1);
      x += wide * child.value / node.value;
    }
  }
  put(top, 0, width, 0);
  svg.setAttribute("viewBox", `0 0 ${width} ${(deepest + 1) * height}`);
  svg.dataset.total = all.value;
}
function start() { const all = tree(data.tree); if (all.value) draw(all, all); }
for (const input of document.getElementsByName("key")) input.onchange = () => { key = input.value; start(); };
start();
"""


@dataclass
class Node:
    """Of the tree of stacks, in which what begins alike is there once."""
    samples: int = 0
    time: int = 0
    below: dict[str, Node] = field(default_factory=dict)


def grow(stacks: list[dict[str, Any]]) -> Node:
    root = Node()
    for found in stacks:
        path = [root]
        for name in found["stack"]:
            path.append(path[-1].below.setdefault(name, Node()))
        for node in path:
            node.samples += found["samples"]
            node.time += found["time"]
    return root


def cut(name: str, node: Node, names: dict[str, int], whole: Node) -> list[Any]:
    """As the script reads it, [name's number, samples, time, those below], without what nobody would see."""
    kept = [(name, node) for name, node in sorted(node.below.items())
            if node.samples * PARTS_MAX >= whole.samples or node.time * PARTS_MAX > whole.time]
    return [names.setdefault(name, len(names)), node.samples, node.time, [cut(*child, names, whole) for child in kept]]


def flame(stacks: list[dict[str, Any]]) -> dict[str, Any]:
    root, names = grow(stacks), dict[str, int]()
    tree = cut("all", root, names, root)
    return {"names": list(names), "tree": tree}


def rows(name: str, found: list[dict[str, Any]]) -> str:
    columns = [*COLUMNS, *PAGES]
    shown = [[row[name], *(row[key] for _, key in columns)] for row in found[:ROWS_MAX]]
    rest = f'<p class="more">... and {len(found) - ROWS_MAX} more</p>' if len(found) > ROWS_MAX else ""
    title = {"exit": "VM-EXIT", "function": "Guest function", "phase": "Boot phase"}[name]
    return page.table([title, *(head for head, _ in columns)], shown) + rest


def write(title: str, found: dict[str, Any]) -> str:
    total, unit = found["total"], found["unit"]
    body = f"""<p>{total['samples']:,} exits, for which the monitor took {total['time']:,} {unit}. Pages converted:
{total['pages_shared']:,} to shared, {total['pages_private']:,} to private; accepted: {total['pages_accepted']:,}.
{" ".join(profile.left_out(found))}
Words as of <code>perf kvm stat</code>; times are {unit}.</p>
<h2>Flame graph of exits</h2>
<p>From the outermost function down to the exit. A click goes into a function and back.
<label><input type="radio" name="key" value="samples" checked> by exits</label>
<label><input type="radio" name="key" value="time"> by the monitor's time</label></p>
<svg id="flame" viewBox="0 0 1200 100"></svg><div id="what"></div>
<h2>By kind</h2>{rows("exit", found["exits"])}
<h2>By guest function</h2><p>Of a #VC or #VE handler's exit it is the function that the exception was for.</p>{rows("function", found["functions"])}
<h2>By boot phase</h2>{rows("phase", found["phases"])}"""
    return page.page(title, body, {"unit": unit, **flame(found["stacks"])}, SCRIPT, STYLE)
