// What every widget of ours builds with; it stands before the widget's own file, in one module.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

// JupyterLab takes plain keys outside text fields as commands on the cell: an arrow on a radio button would leave the
// cell. Here they belong to the card; keys with Shift, Ctrl or Alt stay the notebook's, so Shift+Enter still runs.
function keepPlainKeys(card) {
  const guard = (event) => {
    if (!card.contains(event.target)) return;
    const plain = !(event.shiftKey || event.ctrlKey || event.altKey || event.metaKey);
    event.target.toggleAttribute("data-lm-suppress-shortcuts", plain);
  };
  window.addEventListener("keydown", guard, true); // before JupyterLab's own listener on the document
  return () => window.removeEventListener("keydown", guard, true);
}
