// The front end of rtlab.widgets.weights.Weights: one slider a category, and what it pulls.

let cards = 0;

function makeRow(id, category, source, most) {
  const label = make("label", "", category);
  const slider = make("input");
  Object.assign(slider, { id, type: "range", min: 0, max: most, step: 0.5 });
  label.htmlFor = id;
  if (source !== "yours") label.append(make("small", "", source === "none" ? " nothing measured" : ` ${source}`));
  const weight = make("span", "rtlab-weight"); // a slider tells its own value
  const track = make("div", "rtlab-pull");
  track.setAttribute("aria-hidden", "true"); // the words beside it tell the same
  const bar = make("span");
  track.append(bar);
  return { parts: [label, slider, weight, track, make("span", "rtlab-side")], slider, weight, bar };
}

function showPull({ parts, bar }, pull, reach, sides) {
  const size = Math.abs(pull ?? 0);
  const [name, color] = sides[pull < 0 ? 0 : 1];
  const width = (50 * size) / reach;
  Object.assign(bar.style, { width: `${width}%`, left: `${pull < 0 ? 50 - width : 50}%`, background: color });
  const words = pull === null ? "–" : size < 0.005 ? "neither" : `${name} ${size.toFixed(2)}`;
  parts.at(-1).textContent = words;
}

function render({ model, el }) {
  const card = make("div", "rtlab-card rtlab-weights");
  const title = make("div", "rtlab-title", "How much does each category matter to you?");
  const grid = make("div", "rtlab-weights-grid");
  const status = make("p");
  card.setAttribute("role", "group");
  card.setAttribute("aria-label", "Weights of the categories");
  status.setAttribute("role", "status");
  const number = (cards += 1);
  const categories = model.get("categories");
  const rows = categories.map((category, index) =>
    makeRow(`rtlab-weights-${number}-${index}`, category, model.get("sources")[index], model.get("most")),
  );
  rows.forEach((row) => grid.append(...row.parts));
  card.append(title, grid, status);
  el.replaceChildren(card);

  const showWeights = () =>
    rows.forEach((row, index) => {
      row.slider.value = model.get("weights")[index];
      row.weight.textContent = row.slider.value;
    });
  const showPulls = () => {
    const pulls = model.get("pulls");
    const reach = Math.max(1, ...pulls.map((pull) => Math.abs(pull ?? 0)));
    rows.forEach((row, index) => showPull(row, pulls[index], reach, model.get("sides")));
    status.textContent = model.get("said");
  };
  grid.addEventListener("input", () => {
    model.set("weights", rows.map((row) => row.slider.valueAsNumber));
    model.save_changes();
    showWeights();
  });
  const release = keepPlainKeys(card);
  model.on("change:weights", showWeights);
  model.on("change:pulls change:said", showPulls);
  showWeights();
  showPulls();
  return () => {
    release();
    model.off("change:weights", showWeights);
    model.off("change:pulls change:said", showPulls);
  };
}

export default { render };
