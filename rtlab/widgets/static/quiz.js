// The front end of rtlab.widgets.quiz.Quiz: a form for each question, with feedback on every answer.

function makeQuestion(asked, number, choose) {
  const form = make("form", "rtlab-question");
  const fieldset = make("fieldset");
  fieldset.append(make("legend", "", `${number}. ${asked.question}`));
  const inputs = Object.entries(asked.choices).map(([letter, text]) => {
    const row = make("label", "rtlab-choice");
    const input = make("input");
    Object.assign(input, { type: "radio", name: "choice", value: letter, required: true });
    row.append(input, make("span", "", `${letter}) ${text}`));
    fieldset.append(row);
    return input;
  });
  const actions = make("div", "rtlab-actions");
  const verdict = make("div", "rtlab-verdict");
  verdict.setAttribute("role", "status");
  const button = make("button", "", "Check");
  button.setAttribute("aria-label", `Check question ${number}`);
  actions.append(button);
  form.append(fieldset, actions, verdict);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    choose(inputs.find((input) => input.checked).value);
  });

  let shown; // a change elsewhere in the quiz must not undo a choice that is not yet checked
  return {
    form,
    show(letter) {
      if (letter === shown) return;
      shown = letter;
      const right = letter === asked.answer;
      inputs.forEach((input) => (input.checked = input.value === letter));
      verdict.className = `rtlab-verdict ${right ? "rtlab-right" : "rtlab-wrong"}`;
      verdict.replaceChildren(
        make("strong", "", right ? "✓ Right. " : "✗ Not yet. "),
        right ? asked.why : `${asked.mistakes[letter]} Try another choice.`,
      );
    },
  };
}

function render({ model, el }) {
  const card = make("section", "rtlab-card");
  card.setAttribute("aria-label", model.get("_title"));
  const score = make("div", "rtlab-score");
  score.setAttribute("role", "status");
  const asked = model.get("_questions");
  const questions = asked.map((question, index) => {
    const number = index + 1;
    return makeQuestion(question, number, (letter) => {
      model.set("_letters", { ...model.get("_letters"), [number]: letter });
      model.save_changes();
      show();
    });
  });
  const head = [make("div", "rtlab-kicker", "Quiz"), make("div", "rtlab-title", model.get("_title"))];
  card.append(...head, ...questions.map((question) => question.form), score);
  el.replaceChildren(card);

  function show() {
    const letters = model.get("_letters");
    for (const [number, letter] of Object.entries(letters)) questions[number - 1].show(letter);
    const right = asked.filter((question, index) => letters[index + 1] === question.answer).length;
    score.textContent = `${right} of ${asked.length} right`;
  }

  const release = keepPlainKeys(card);
  model.on("change:_letters", show);
  show();
  return () => {
    release();
    model.off("change:_letters", show);
  };
}

export default { render };
