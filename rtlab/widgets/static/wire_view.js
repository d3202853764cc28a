// The front end of rtlab.widgets.wire_view.WireView: named bytes in lanes, one of them explained at a time.

const layerClass = (layer) => `rtlab-layer-${layer.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;

function makeLegend(layers) {
  const legend = make("div", "rtlab-wire-legend");
  for (const layer of layers) {
    const key = make("span", "rtlab-wire-key", layer);
    key.classList.add(layerClass(layer));
    legend.append(key);
  }
  legend.append(make("span", "rtlab-wire-hint", "Point at a part, or walk with the arrow keys."));
  return legend;
}

// Every byte to one scale, so that two connections can be compared at a glance; the words below say the same.
function makeBar(lane, mostBytes) {
  const bar = make("div", "rtlab-wire-bar");
  bar.setAttribute("aria-hidden", "true");
  for (const [layer, bytes] of lane.parts) {
    const part = make("div", "rtlab-wire-part");
    part.classList.add(layerClass(layer));
    part.style.width = `${(100 * bytes) / mostBytes}%`;
    bar.append(part);
  }
  const mark = make("div", "rtlab-wire-mark");
  bar.append(mark);
  return { bar, mark };
}

function makeLane(lane, where, mostBytes) {
  const shares = Object.entries(lane.shares).map(([layer, bytes]) => `${layer} ${bytes.toLocaleString("en")}`);
  const head = make("div", "rtlab-wire-head");
  head.append(make("strong", "", lane.name), make("span", "", count(lane.bytes, "byte")));
  if (shares.length > 1) head.append(make("span", "rtlab-wire-shares", shares.join(" · ")));
  const { bar, mark } = makeBar(lane, mostBytes);
  const row = make("div", "rtlab-wire-lane");
  row.setAttribute("role", "row");
  row.setAttribute("aria-label", `${where}${lane.name}, ${count(lane.bytes, "byte")}`);
  const cells = lane.cells.map((cell, index) => {
    if (cell.line && index) row.append(make("br"));
    const box = make("span", "rtlab-wire-unit", cell.shown);
    box.classList.add(layerClass(cell.layer));
    box.classList.toggle("rtlab-wire-broken", cell.broken);
    box.classList.toggle("rtlab-wire-binary", !cell.text);
    box.setAttribute("role", "gridcell");
    box.setAttribute("aria-label", `${cell.broken ? "broken rule, " : ""}${cell.layer}, ${cell.unit}`);
    box.tabIndex = -1;
    row.append(box);
    return box;
  });
  const part = make("div", "rtlab-wire-direction");
  part.append(head, bar, row);
  if (lane.more) part.append(make("div", "rtlab-wire-more", `and ${count(lane.more, "unit")} more, not drawn`));
  return { part, lane, where, cells, mark, at: 0 };
}

function makeDetails() {
  const box = make("div", "rtlab-wire-details");
  box.setAttribute("role", "status");
  box.setAttribute("aria-live", "polite");
  return {
    box,
    show({ where, lane }, cell) {
      const last = cell.offset + cell.bytes - 1;
      const place = cell.bytes === 1 ? `byte ${cell.offset}` : `bytes ${cell.offset} to ${last}`;
      const name = make("div", "rtlab-wire-name");
      const badge = make("span", "rtlab-wire-key", cell.layer);
      badge.classList.add(layerClass(cell.layer));
      name.append(badge, make("strong", "", cell.unit), make("span", "rtlab-wire-spec", cell.spec));
      const meaning = make("div", cell.broken ? "rtlab-wire-wrong" : "", `${cell.broken ? "✗ " : ""}${cell.meaning}`);
      const bytes = make("div", "rtlab-wire-bytes");
      bytes.append(make("span", "rtlab-wire-place", `${where}${lane.name}, ${place}`), make("code", "", cell.hex));
      if (cell.text) bytes.append(make("code", "", cell.text));
      box.replaceChildren(name, meaning, bytes);
    },
  };
}

function render({ model, el }) {
  const [title, connections] = [model.get("_title"), model.get("_connections")];
  const mostBytes = Math.max(1, ...connections.flatMap(({ lanes }) => lanes.map((lane) => lane.bytes)));
  const card = make("section", "rtlab-wire");
  const grid = make("div", "rtlab-wire-grid");
  grid.setAttribute("role", "grid");
  grid.setAttribute("aria-readonly", "true");
  grid.setAttribute("aria-label", title || "Bytes on the wire");
  const lanes = connections.flatMap(({ name, lanes }) => {
    const group = make("div", "rtlab-wire-connection");
    group.setAttribute("role", "rowgroup");
    if (name) {
      group.setAttribute("aria-label", name);
      group.append(make("div", "rtlab-wire-title", name));
    }
    const made = lanes.map((lane) => makeLane(lane, name ? `${name}, ` : "", mostBytes));
    group.append(...made.map(({ part }) => part));
    grid.append(group);
    return made;
  });
  const details = makeDetails();
  if (title) card.append(make("div", "rtlab-wire-heading", title));
  card.append(makeLegend(model.get("_layers")), grid, details.box);
  el.replaceChildren(card);

  const walked = lanes.filter(({ cells }) => cells.length);
  const places = new Map(walked.flatMap((lane) => lane.cells.map((box, index) => [box, { lane, index }])));
  let current = null; // the one unit that is explained; Tab reaches the one of each lane that last was

  function choose(lane, index) {
    if (current) {
      const { lane: before, index: old } = current;
      before.cells[old].classList.remove("rtlab-wire-current");
      before.mark.hidden = true;
    }
    current = { lane, index };
    lane.cells[lane.at].tabIndex = -1;
    lane.at = index;
    const [box, cell] = [lane.cells[index], lane.lane.cells[index]];
    box.tabIndex = 0;
    box.classList.add("rtlab-wire-current");
    lane.mark.hidden = false;
    lane.mark.style.left = `${(100 * cell.offset) / mostBytes}%`;
    lane.mark.style.width = `${(100 * cell.bytes) / mostBytes}%`;
    details.show(lane, cell);
    return box;
  }

  function step(key) {
    const { lane, index } = current;
    const up = walked[walked.indexOf(lane) - 1];
    const down = walked[walked.indexOf(lane) + 1];
    switch (key) {
      case "ArrowLeft":
        return [lane, Math.max(0, index - 1)];
      case "ArrowRight":
        return [lane, Math.min(lane.cells.length - 1, index + 1)];
      case "Home":
        return [lane, 0];
      case "End":
        return [lane, lane.cells.length - 1];
      case "ArrowUp":
        return up ? [up, up.at] : [lane, index];
      case "ArrowDown":
        return down ? [down, down.at] : [lane, index];
    }
    return null;
  }

  grid.addEventListener("keydown", (event) => {
    if (event.shiftKey || event.ctrlKey || event.altKey || event.metaKey || !current) return;
    const next = step(event.key);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    choose(...next).focus();
  });
  const at = (event) => places.get(event.target.closest?.(".rtlab-wire-unit"));
  // Pointing explains, but takes the keyboard from nobody who is typing elsewhere.
  grid.addEventListener("mouseover", (event) => {
    const place = at(event);
    if (!place) return;
    const box = choose(place.lane, place.index);
    if (grid.contains(document.activeElement)) box.focus({ preventScroll: true });
  });
  grid.addEventListener("focusin", (event) => {
    const place = at(event);
    if (place && (current?.lane !== place.lane || current.index !== place.index)) choose(place.lane, place.index);
  });
  for (const { mark } of lanes) mark.hidden = true;
  for (const { cells } of walked) cells[0].tabIndex = 0;
  if (walked.length) choose(walked[0], 0);
  else details.box.textContent = "No bytes.";
  return keepPlainKeys(card);
}

export default { render };
