// The front end of rtlab.widgets.predict.Predict: one question, one answer, kept in the kernel.

function choiceFields(model) {
  const inputs = model.get("choices").map((choice) => {
    const input = make("input");
    Object.assign(input, { type: "radio", name: "choice", value: choice, required: true });
    return input;
  });
  const rows = inputs.map((input) => {
    const row = make("label", "rtlab-choice");
    row.append(input, make("span", "", input.value));
    return row;
  });
  return {
    rows,
    read: () => inputs.find((input) => input.checked)?.value ?? null,
    write: (value) => inputs.forEach((input) => (input.checked = input.value === value)),
  };
}

function numberFields(model) {
  const [low, high, unit] = ["low", "high", "unit"].map((name) => model.get(name));
  const number = make("input", "rtlab-number");
  Object.assign(number, { type: "number", step: "any", required: true, min: low ?? "", max: high ?? "" });
  // JupyterLab 4.6 cancels the line break that Enter would be in a field, and with it the sending of the form.
  number.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    number.form.requestSubmit();
  });
  const label = make("label", "rtlab-entry");
  label.append(make("span", "", "Your guess"), number, make("span", "", unit));
  if (low === null || high === null) {
    const write = (value) => (number.value = value ?? "");
    return { rows: [label], read: () => number.valueAsNumber, write };
  }
  const slider = make("input", "rtlab-slider");
  Object.assign(slider, { type: "range", min: low, max: high, step: (high - low) / 100 });
  slider.setAttribute("aria-label", `Your guess ${unit}`.trim());
  // Until there is a number the slider is pale: its middle is nobody's guess.
  const follow = () => {
    slider.value = number.value || (low + high) / 2;
    slider.classList.toggle("rtlab-unset", number.value === "");
  };
  const write = (value) => {
    number.value = value ?? "";
    follow();
  };
  slider.addEventListener("input", () => write(slider.value));
  number.addEventListener("input", follow);
  const scale = make("div", "rtlab-scale");
  scale.append(make("span", "", String(low)), slider, make("span", "", String(high)));
  return { rows: [label, scale], read: () => number.valueAsNumber, write };
}

function render({ model, el }) {
  const card = make("form", "rtlab-card");
  const fieldset = make("fieldset");
  const fields = model.get("choices").length ? choiceFields(model) : numberFields(model);
  fieldset.append(make("legend", "", model.get("question")), ...fields.rows);
  const actions = make("div", "rtlab-actions");
  const button = make("button", "", "Keep my guess");
  const status = make("span", "rtlab-feedback");
  status.setAttribute("role", "status");
  actions.append(button, status);
  card.append(make("div", "rtlab-kicker", "Predict"), fieldset, actions);
  el.replaceChildren(card);

  function show() {
    const value = model.get("value");
    fields.write(value);
    button.textContent = value === null ? "Keep my guess" : "Change my guess";
    status.textContent = value === null ? "" : `Your guess is kept: ${value} ${model.get("unit")}`.trim();
  }

  card.addEventListener("submit", (event) => {
    event.preventDefault();
    model.set("value", fields.read());
    model.save_changes();
    show();
  });
  const release = keepPlainKeys(card);
  model.on("change:value", show);
  show();
  return () => {
    release();
    model.off("change:value", show);
  };
}

export default { render };
