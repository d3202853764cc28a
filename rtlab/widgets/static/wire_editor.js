// The front end of rtlab.widgets.wire_editor.WireEditor: bytes to type and to send; the kernel reads and sends them.

const layerClass = (layer) => `rtlab-layer-${layer.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;

const count = (number, what) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const sentence = (unit) => `${unit.broken ? "✗ " : ""}${unit.meaning}`;

function makeButton(className, text, onClick) {
  const button = make("button", className, text);
  button.type = "button";
  button.addEventListener("click", onClick);
  return button;
}

// A short list is open; of a long one, the broken rules stand above it anyway.
function makeLane(lane) {
  const list = make("details", "rtlab-hand-lane");
  const parts = lane.cells.length + lane.more;
  list.open = parts <= 12;
  list.append(make("summary", "", `${lane.name}: ${count(lane.bytes, "byte")} in ${count(parts, "part")}`));
  const table = make("table", "rtlab-hand-units");
  table.append(makeRow("th", ["bytes", "part", "meaning", "clause"]));
  for (const unit of lane.cells) {
    const bytes = make("span", "rtlab-wire-unit", unit.shown);
    bytes.classList.add(layerClass(unit.layer));
    table.append(makeRow("td", [bytes, unit.unit, sentence(unit), unit.spec]));
  }
  list.append(table);
  if (lane.more) list.append(`and ${lane.more.toLocaleString("en")} more, not shown`);
  return list;
}

function makeRow(tag, contents) {
  const row = make("tr");
  for (const content of contents) {
    const cell = make(tag);
    if (tag === "th") cell.scope = "col";
    cell.append(content);
    row.append(cell);
  }
  return row;
}

function render({ model, el }) {
  const card = make("section", "rtlab-card rtlab-hand");
  card.setAttribute("aria-label", `By hand: ${model.get("_kind")}`);
  const label = make("label", "rtlab-title", `${model.get("_kind")}: the bytes to send`);
  const box = make("textarea", "rtlab-hand-box");
  const hint = make("div", "rtlab-hand-hint", model.get("_hint"));
  const id = `rtlab-hand-${Math.random().toString(36).slice(2)}`;
  Object.assign(box, { id, spellcheck: false, autocomplete: "off", autocapitalize: "off", wrap: "soft" });
  label.htmlFor = id;
  hint.id = `${id}-hint`;
  box.setAttribute("aria-describedby", hint.id);

  const presets = make("div", "rtlab-actions");
  const choices = model.get("_choices");
  if (choices.length) presets.append(make("span", "rtlab-hand-hint", "Start from"));
  for (const [name, typed] of choices) {
    const take = () => {
      box.value = typed;
      keep(typed);
    };
    presets.append(makeButton("rtlab-hand-preset", name, take));
  }
  const actions = make("div", "rtlab-actions");
  actions.append(makeButton("", "Send", send));
  const reaction = make("div", "rtlab-hand-reaction");
  const status = make("div", "rtlab-verdict");
  status.setAttribute("role", "status");
  card.append(make("div", "rtlab-kicker", "By hand"), label, box, hint, presets, actions, status, reaction);
  el.replaceChildren(card);

  function keep(typed) {
    model.set("_typed", typed);
    model.save_changes();
    fit();
  }

  function fit() {
    box.rows = Math.min(16, Math.max(3, box.value.split("\n").length));
  }

  function send() {
    model.set("_typed", box.value);
    model.set("_asked", model.get("_asked") + 1); // both travel in one message
    model.save_changes();
    show();
  }

  function fill() {
    if (box.value !== model.get("_typed")) box.value = model.get("_typed");
    fit();
  }

  function show() {
    const { asked = 0, lines = [], lanes = [] } = model.get("_shown");
    const waiting = asked < model.get("_asked");
    const broken = lanes.flatMap((lane) => lane.cells.filter((cell) => cell.broken).map(sentence));
    const told = waiting ? ["Sent; the kernel answers as soon as no cell runs."] : [...lines, ...broken];
    status.replaceChildren(...told.map((line) => make("div", "", line)));
    reaction.replaceChildren(...(waiting ? [] : lanes.map(makeLane)));
  }

  // JupyterLab 4.6 cancels the line break that Enter would be; a break inserted like this can still be undone.
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    event.preventDefault();
    document.execCommand("insertText", false, "\n");
  });
  box.addEventListener("input", fit);
  box.addEventListener("change", () => keep(box.value));
  const release = keepPlainKeys(card);
  model.on("change:_typed", fill);
  model.on("change:_shown", show);
  fill();
  show();
  return () => {
    release();
    model.off("change:_typed", fill);
    model.off("change:_shown", show);
  };
}

export default { render };
