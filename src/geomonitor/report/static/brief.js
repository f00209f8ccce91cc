(function () {
  "use strict";
  var page = document.documentElement, decimal = page.dataset.decimal, separator = page.dataset.separator;
  page.classList.remove("no-js");
  var waiting = Array.prototype.slice.call(document.querySelectorAll(".plot"));
  var all = waiting.length, drawn = 0;

  function scalable(plot) {
    // a figure drawn for the screen is scaled to the width of the paper by its view box
    plot.style.setProperty("--ratio", plot.clientWidth + " / " + plot.clientHeight);
    plot.querySelectorAll("svg.main-svg").forEach(function (svg) {
      svg.setAttribute("viewBox", "0 0 " + svg.getAttribute("width") + " " + svg.getAttribute("height"));
    });
  }
  function selects(plot) { return Array.prototype.slice.call(document.querySelectorAll('select[data-plot="' + plot.id + '"]')); }
  function isPlain(value) { return value !== null && typeof value === "object" && !Array.isArray(value); }
  function over(base, change) {
    var made = Object.assign({}, base);
    Object.keys(change || {}).forEach(function (name) {
      made[name] = isPlain(made[name]) && isPlain(change[name]) ? Object.assign({}, made[name], change[name]) : change[name];
    });
    return made;
  }
  function changed(figure, change) {
    // what a choice or a narrow screen changes, laid over the figure
    if (!change) { return figure; }
    return {
      data: change.traces || figure.data.map(function (trace, number) { return over(trace, (change.data || [])[number]); }),
      layout: over(figure.layout, change.layout)
    };
  }
  function shown(plot) {
    // read anew every time, for Plotly writes into what it draws
    var figure = JSON.parse(document.getElementById(plot.dataset.figure).textContent), choices = figure.choices || {};
    var key = selects(plot).map(function (select) { return select.value; }).join("|");
    var choice = choices[key], made = changed(figure, choice);
    if (plot.clientWidth < 520) { made = changed(made, figure.narrow); }
    made.text = choice && choice.text;
    made.title = choice && choice.title;
    if (made.layout.height) { plot.style.height = made.layout.height + "px"; }
    return made;
  }
  document.addEventListener("change", function (event) {
    var select = event.target.closest("select[data-plot]");
    if (!select) { return; }
    var plot = document.getElementById(select.dataset.plot), figure = shown(plot);
    document.getElementById(plot.id + "-r").textContent = figure.text;
    plot.setAttribute("aria-label", figure.text);
    if (figure.title) { document.getElementById(plot.id + "-h").textContent = figure.title; }
    if (waiting.indexOf(plot) < 0) { window.Plotly.react(plot, figure.data, figure.layout); }
  });
  function draw(plot) {
    var place = waiting.indexOf(plot);
    if (place < 0) { return; }
    waiting.splice(place, 1);
    var figure = shown(plot);
    window.Plotly.newPlot(plot, figure.data, figure.layout, { displayModeBar: false, responsive: true, scrollZoom: false })
      .then(function () {
        scalable(plot);
        plot.on("plotly_afterplot", function () { scalable(plot); });
        plot.dataset.drawn = "yes";
        drawn += 1;
        if (drawn === all) { page.dataset.figures = "drawn"; }
      }, function (error) { window.console.error(plot.id, error); });
  }
  function drawAll() { waiting.slice().forEach(draw); }
  function drawNext() {
    if (waiting.length) { draw(waiting[0]); later(drawNext); }
  }
  if (!all) { page.dataset.figures = "drawn"; }
  var later = window.requestIdleCallback || function (call) { return window.setTimeout(call, 30); };
  if ("IntersectionObserver" in window) {
    var seen = new IntersectionObserver(function (entries) {
      entries.forEach(function (entry) {
        if (entry.isIntersecting) { seen.unobserve(entry.target); draw(entry.target); }
      });
    }, { rootMargin: "600px" });
    waiting.forEach(function (plot) { seen.observe(plot); });
    window.addEventListener("load", function () { later(drawNext); });
  } else { drawAll(); }
  var folded = [];
  window.addEventListener("beforeprint", function () {
    drawAll();
    folded = Array.prototype.slice.call(document.querySelectorAll("details.panel:not([open])"));
    folded.forEach(function (panel) { panel.open = true; });
  });
  window.addEventListener("afterprint", function () { folded.forEach(function (panel) { panel.open = false; }); });

  function field(cell) {
    var raw = cell.dataset.v, numeric = raw !== undefined;
    var text = numeric ? raw.replace(".", decimal) : (cell.dataset.full || cell.textContent.trim()).replace(/\u00ad/g, "");
    // a spreadsheet would run text that starts like a formula
    if (!numeric && /^[=+\-@\t\r]/.test(text)) { text = "'" + text; }
    return /["\n\r;,]/.test(text) ? '"' + text.replace(/"/g, '""') + '"' : text;
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button.download");
    if (!button) { return; }
    var table = document.getElementById(button.dataset.table);
    var lines = Array.prototype.map.call(table.rows, function (row) {
      return Array.prototype.map.call(row.cells, field).join(separator);
    });
    var link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob(["\ufeff" + lines.join("\r\n") + "\r\n"], { type: "text/csv;charset=utf-8" }));
    link.download = button.dataset.table + ".csv";
    link.click();
    window.setTimeout(function () { URL.revokeObjectURL(link.href); }, 1000);
  });
}());
