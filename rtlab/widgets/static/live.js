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

const axisOf = (index) => (index ? String(index + 1) : "");

function makeTraces(settings, frame) {
  return settings.series.map((series, index) => ({
    ...readPoints(frame.points[index]),
    type: "scatter",
    mode: "markers",
    name: series.label,
    marker: { color: series.color, symbol: series.symbol, size: 6, opacity: 0.85 },
    xaxis: "x" + (settings.panels ? axisOf(index) : ""),
    yaxis: "y" + (settings.panels ? axisOf(index) : ""),
    hovertemplate: `%{y:.4~g}<br>at %{x:.4~g}<extra>${series.label}</extra>`,
  }));
}

function makeLayout(settings, element) {
  const style = getComputedStyle(element); // live.css maps the theme of the notebook onto these three
  const ink = style.color;
  const axis = {
    gridcolor: style.borderTopColor,
    linecolor: style.borderTopColor,
    showline: true,
    zeroline: false,
    rangemode: "tozero",
    automargin: true,
    tickfont: { size: 12 },
    title: { font: { size: 13 }, standoff: 8 },
  };
  const layout = {
    autosize: true,
    margin: { l: 52, r: 12, t: 28, b: 44 },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    font: { color: ink, family: style.fontFamily },
    hoverlabel: { bgcolor: style.outlineColor, font: { color: ink } },
    showlegend: !settings.panels && settings.series.length > 1,
    legend: { orientation: "h", x: 0, y: 1, yanchor: "bottom", itemsizing: "constant" },
    annotations: [],
  };
  const panels = settings.panels ? settings.series : [null];
  const gap = 0.05;
  const width = (1 - gap * (panels.length - 1)) / panels.length;
  panels.forEach((series, index) => {
    const left = index * (width + gap);
    const n = axisOf(index);
    layout["xaxis" + n] = {
      ...axis,
      domain: [left, left + width],
      anchor: "y" + n,
      title: { ...axis.title, text: settings.x_title },
    };
    layout["yaxis" + n] = { ...axis, anchor: "x" + n };
    if (index) {
      layout["xaxis" + n].matches = "x";
      Object.assign(layout["yaxis" + n], { matches: "y", showticklabels: false });
    } else {
      layout.yaxis.title = { ...axis.title, text: settings.y_title };
    }
    if (series) {
      layout.annotations.push({
        text: series.label,
        font: { size: 13, color: series.color },
        x: left + width / 2,
        y: 1,
        xref: "paper",
        yref: "paper",
        yanchor: "bottom",
        showarrow: false,
      });
    }
  });
  return layout;
}

function render({ model, el }) {
  const settings = model.get("_settings");
  const title = document.createElement("div");
  const plot = document.createElement("div");
  const status = document.createElement("div");
  title.className = "rtlab-live-title";
  title.textContent = settings.title;
  plot.className = "rtlab-live-plot";
  plot.setAttribute("role", "img");
  status.className = "rtlab-live-status";
  status.setAttribute("role", "status");
  el.classList.add("rtlab-live");
  el.replaceChildren(title, plot, status);

  let plotly = null;
  let closed = false;
  let drawing = false;
  let request = 0;

  // Frames that come while one is being drawn are not queued: the next drawing takes what is newest then.
  function schedule() {
    if (plotly && !closed && !drawing && !request) request = requestAnimationFrame(draw);
  }

  async function draw() {
    request = 0;
    drawing = true;
    const frame = model.get("_frame");
    await plotly.react(plot, makeTraces(settings, frame), makeLayout(settings, plot), { displayModeBar: false });
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
    cancelAnimationFrame(request);
    model.off("change:_frame", show);
    themes.disconnect();
    sizes.disconnect();
    if (plotly) plotly.purge(plot);
  };
}

export default { render };
