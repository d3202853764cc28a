// The front end of rtlab.widgets.live.LiveChart. The kernel sends whole frames; this file draws the newest one.

// plotly.js comes with the opening message of a model that all charts of the kernel share, so nobody has to ask a
// kernel that is busy with a cell. A page evaluates it once, whatever the number of charts.
function loadPlotly(model) {
  globalThis.__rtlabPlotly ??= unpackPlotly(model).catch((error) => {
    globalThis.__rtlabPlotly = undefined; // the next chart may have better luck
    throw error;
  });
  return globalThis.__rtlabPlotly;
}

async function unpackPlotly(model) {
  const id = model.get("_plotly").replace(/^IPY_MODEL_/, "");
  const bundle = await model.widget_manager.get_model(id);
  const packed = new Blob([bundle.get("bundle_gzip")]).stream();
  const script = await new Response(packed.pipeThrough(new DecompressionStream("gzip"))).blob();
  // The file is a classic script that fills module.exports; these two lines make it a module.
  const parts = ["const module = {exports: {}}, exports = module.exports;\n", script, "\nexport default module.exports;"];
  const url = URL.createObjectURL(new Blob(parts, { type: "text/javascript" }));
  try {
    return (await import(url)).default;
  } finally {
    URL.revokeObjectURL(url);
  }
}

// The buffer of a message may start at any byte, a Float64Array may not: so the bytes are copied.
function readPoints(view) {
  const values = new Float64Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength));
  const half = values.length / 2;
  return { x: values.subarray(0, half), y: values.subarray(half) };
}

// The kernel gives the whole figure but the points; the page lends it the ink of its theme, and its width.
function makeFigure(model, plot) {
  const { data, layout } = model.get("_figure");
  const { points } = model.get("_frame");
  const style = getComputedStyle(plot);
  return {
    data: data.map((trace, index) => ({ ...trace, ...readPoints(points[index]) })),
    layout: { ...layout, autosize: true, font: { ...layout.font, color: style.color, family: style.fontFamily } },
    config: { displayModeBar: false },
  };
}

// Who asks the system for less motion gets a picture a second instead of thirty.
const CALM_MS = 1000;
const calm = matchMedia("(prefers-reduced-motion: reduce)");

function render({ model, el }) {
  const plot = document.createElement("div");
  const status = document.createElement("div");
  plot.className = "rtlab-live-plot";
  plot.setAttribute("role", "img");
  status.className = "rtlab-live-status";
  status.setAttribute("role", "status");
  el.classList.add("rtlab-live");
  el.replaceChildren(plot, status);

  let plotly = null;
  let closed = false;
  let drawing = false;
  let cancel = null; // takes the next drawing back

  // Frames that come while one is being drawn are not queued: the next drawing takes what is newest then.
  function schedule() {
    if (!plotly || closed || drawing || cancel) return;
    if (calm.matches) {
      const timer = setTimeout(draw, CALM_MS);
      cancel = () => clearTimeout(timer);
    } else {
      const request = requestAnimationFrame(draw);
      cancel = () => cancelAnimationFrame(request);
    }
  }

  async function draw() {
    cancel = null;
    drawing = true;
    const frame = model.get("_frame");
    await plotly.react(plot, makeFigure(model, plot));
    drawing = false;
    if (model.get("_frame") !== frame) schedule();
  }

  // A screen reader hears the line once, at the end: aria-busy holds it back until then.
  function show() {
    const frame = model.get("_frame");
    status.setAttribute("aria-busy", String(!frame.done));
    status.textContent = frame.status;
    plot.setAttribute("aria-label", frame.description);
    schedule();
  }

  const themes = new MutationObserver(schedule);
  const attributes = ["class", "data-jp-theme-name", "data-vscode-theme-kind"];
  themes.observe(document.body, { attributes: true, attributeFilter: attributes });
  const sizes = new ResizeObserver(() => {
    if (plotly && !closed && plot.offsetWidth && plot.data) plotly.Plots.resize(plot);
  });
  sizes.observe(plot);
  model.on("change:_frame", show);
  show();
  loadPlotly(model).then(
    (loaded) => {
      plotly = loaded;
      schedule();
    },
    (error) => {
      console.error(error);
      status.textContent = "The chart cannot be drawn here: plotly.js did not load. " + model.get("_frame").status;
    },
  );

  return () => {
    closed = true;
    cancel?.();
    model.off("change:_frame", show);
    themes.disconnect();
    sizes.disconnect();
    if (plotly) plotly.purge(plot);
  };
}

export default { render };
