// Draws the figures of a page: from the data in the page, or fetched from their own address, when they
// come near. Follows the width of the page and its colours, light or dark.
(function () {
  "use strict";
  var own = document.currentScript.dataset, root = document.documentElement;
  var MAP = "world_110m", NARROW = 520;

  // --- Plotly and the base map, fetched when the first figure comes near ----------------------
  var plotly = null, map = null;
  function loaded(element) {
    return new Promise(function (done, failed) {
      element.addEventListener("load", done);
      element.addEventListener("error", function () { failed(new Error(element.src || element.href)); });
      document.head.appendChild(element);
    });
  }
  function withPlotly() {
    if (!plotly) {
      // Plotly makes no style element that is there already
      (own.without || "").split(" ").filter(Boolean).forEach(function (name) {
        var there = document.createElement("meta");
        there.id = name;
        document.head.appendChild(there);
      });
      var script = document.createElement("script");
      script.src = own.plotly;
      plotly = loaded(script);
    }
    return plotly;
  }
  function withMap() {
    if (!map) {
      map = fetched(own.map).then(function (world) {
        window.PlotlyGeoAssets = window.PlotlyGeoAssets || {};
        window.PlotlyGeoAssets.topojson = window.PlotlyGeoAssets.topojson || {};
        window.PlotlyGeoAssets.topojson[MAP] = world;
      });
    }
    return map;
  }
  function fetched(address) {
    return fetch(address, { credentials: "same-origin" }).then(function (answer) {
      if (!answer.ok) { throw new Error(address + ": " + answer.status); }
      return answer.json();
    });
  }

  // --- colours -------------------------------------------------------------------------------------------
  var DARK = {
    "#ffffff": null, "#f2f2ee": "#2b3138", "#e4e7eb": "#3a424c", "#eef1f4": "#2b323b", "#d5d8dc": "#4a525c",
    "#1f2933": "#e6e9ed", "#52606d": "#a9b4c0", "#9aa5b1": "#77828f", "#1b4f72": "#6fb1dc", "#bbbbbb": "#8a8f96", "#aec4d4": "#3d566a", "#ebd3a6": "#6b5836", "#b9770e": "#e0a63c",
    "#332288": "#8f83e0", "#882255": "#d0608f", "#661100": "#c9715a", "#117733": "#4fae72", "#aa4499": "#cf74c0",
    "#999933": "#b9b957", "#e8d5a9": "#8b7440", "#f3e3b3": "#6a5a24", "#fbedea": "#452c2a", "#fbf3e4": "#3b3320",
    "#c6dbef": "#1e3a56", "#9ecae1": "#27537a", "#6baed6": "#33709f", "#3182bd": "#4a93c7", "#08519c": "#7fb8e0",
    "#08306b": "#bcdcf2"
  };
  function background(element) {
    for (var each = element; each; each = each.parentElement) {
      var parts = (window.getComputedStyle(each).backgroundColor.match(/[\d.]+/g) || []).map(Number);
      if (parts.length === 3 || parts[3] > 0.5) { return parts; }
    }
    return [255, 255, 255];
  }
  function isDark(parts) { return parts[0] * 0.299 + parts[1] * 0.587 + parts[2] * 0.114 < 110; }
  function recoloured(value, behind) {
    if (typeof value === "string") {
      if (value.charAt(0) !== "#") { return value; }
      var small = value.toLowerCase();
      if (!(small in DARK)) { return value; }
      return DARK[small] === null ? behind : DARK[small];
    }
    if (Array.isArray(value)) { return value.map(function (each) { return recoloured(each, behind); }); }
    if (value !== null && typeof value === "object") {
      var made = {};
      Object.keys(value).forEach(function (name) { made[name] = recoloured(value[name], behind); });
      return made;
    }
    return value;
  }

  // --- what a figure looks like now --------------------------------------------------------------------------
  function isPlain(value) { return value !== null && typeof value === "object" && !Array.isArray(value); }
  function over(base, change) {
    var made = Object.assign({}, base);
    Object.keys(change || {}).forEach(function (name) {
      made[name] = isPlain(made[name]) && isPlain(change[name]) ? Object.assign({}, made[name], change[name]) : change[name];
    });
    return made;
  }
  function changed(figure, change) {
    if (!change) { return figure; }
    return {
      data: change.traces || figure.data.map(function (trace, number) { return over(trace, (change.data || [])[number]); }),
      layout: over(figure.layout, change.layout)
    };
  }
  function hasMap(figure) {
    return figure.data.some(function (trace) { return trace.type === "choropleth" || trace.type === "scattergeo"; });
  }
  function cut(text, most) {
    return text.split("<br>").map(function (line) {
      return line.length > most ? line.slice(0, most - 1) + "…" : line;
    }).join("<br>");
  }
  function narrowed(figure, width) {
    // what does not fit on a narrow screen: long labels beside the plot, wide colour bars, tall maps
    var layout = Object.assign({}, figure.layout), margin = Object.assign({}, layout.margin);
    if (margin.l > width * 0.36) {
      margin.l = Math.round(width * 0.36);
      var labels = [];
      figure.data.forEach(function (trace) {
        (trace.y || []).forEach(function (label) { if (typeof label === "string" && labels.indexOf(label) < 0) { labels.push(label); } });
      });
      if (labels.length) {
        var written = (layout.yaxis && layout.yaxis.ticktext) || labels;
        layout.yaxis = Object.assign({}, layout.yaxis, {
          tickmode: "array", tickvals: (layout.yaxis && layout.yaxis.tickvals) || labels, automargin: false,
          ticktext: written.map(function (label) { return cut(label, Math.floor(margin.l / 5.5)); }),
          tickfont: { size: 10 }
        });
      }
    }
    // names in the legend stand below each other, and need room of their own
    var named = figure.data.filter(function (trace) { return trace.name && trace.showlegend !== false && (trace.legend || "legend") === "legend"; });
    if (layout.showlegend !== false && named.length > 2 && layout.legend && layout.legend.orientation === "h" && layout.legend.yanchor === "bottom" && layout.legend.y > 1) {
      var room = 19 * Math.ceil(named.length / (named.some(function (trace) { return trace.name.length > 16; }) ? 1 : 2));
      margin.t = (margin.t || 8) + room;
      layout.height = (layout.height || 300) + room;
    }
    if (layout.legend && layout.legend.orientation === "v") {
      layout.legend = { orientation: "h", x: 0, y: -0.15, yanchor: "top", font: { size: 11 } };
      layout.height = (layout.height || 210) + 80;
      margin.b = (margin.b || 26) + 80;
    }
    Object.keys(layout).filter(function (name) { return /^xaxis\d*$/.test(name); }).forEach(function (name) {
      var axis = layout[name] = Object.assign({}, layout[name]), title = axis.title && axis.title.text;
      axis.tickangle = 0;
      axis.tickfont = Object.assign({}, axis.tickfont, { size: 10 });
      if (axis.dtick) { axis.dtick = axis.dtick * 2; }
      if (axis.tickvals && axis.tickvals.length > 5) {
        var half = function (value, place) { return place % 2 === 0; };
        axis.ticktext = axis.ticktext && axis.ticktext.filter(half);
        axis.tickvals = axis.tickvals.filter(half);
      } else if (!axis.tickvals) { axis.nticks = 4; }
      if (title && title.length > 30) {
        axis.title = Object.assign({}, axis.title, { text: title.replace(/\s{3,}/g, "<br>"), font: { size: 10 } });
        axis.automargin = true;
      }
    });
    layout.margin = margin;
    var data = figure.data;
    if (hasMap(figure)) {
      layout.height = Math.min(layout.height || 260, 260);
      data = data.map(function (trace) { return trace.colorbar ? over(trace, { colorbar: { len: 0.96 } }) : trace; });
    }
    return { data: data, layout: layout };
  }
  function selects(plot) { return Array.prototype.slice.call(document.querySelectorAll('select[data-plot="' + plot.id + '"]')); }
  function shown(plot) {
    // read anew every time, for Plotly writes into what it draws
    var figure = JSON.parse(plot.figureText), choices = figure.choices || {};
    var choice = choices[selects(plot).map(function (select) { return select.value; }).join("|")];
    var made = changed(figure, choice), width = plot.clientWidth;
    if (width < NARROW) { made = figure.narrow ? changed(made, figure.narrow) : narrowed(made, width); }
    var parts = background(plot.parentElement), behind = "rgb(" + parts.slice(0, 3).join(",") + ")";
    if (isDark(parts)) { made = { data: recoloured(made.data, behind), layout: recoloured(made.layout, behind) }; }
    made.layout.paper_bgcolor = made.layout.plot_bgcolor = "rgba(0,0,0,0)";
    if (made.layout.geo) { made.layout.geo = Object.assign({}, made.layout.geo, { bgcolor: "rgba(0,0,0,0)" }); }
    if (window.matchMedia("(prefers-reduced-motion: reduce)").matches) { made.layout.transition = { duration: 0 }; }
    made.text = choice && choice.text;
    made.title = choice && choice.title;
    if (made.layout.height) { plot.style.height = made.layout.height + "px"; }
    return made;
  }

  // --- drawing -----------------------------------------------------------------------------------------------
  var open = 0;
  function text(plot) {
    if (plot.figureText) { return Promise.resolve(plot.figureText); }
    if (plot.dataset.figure) {
      plot.figureText = document.getElementById(plot.dataset.figure).textContent;
      return Promise.resolve(plot.figureText);
    }
    return fetched(plot.dataset.url).then(function (figure) { plot.figureText = JSON.stringify(figure); });
  }
  function draw(plot) {
    if (plot.dataset.state) { return; }
    plot.dataset.state = "drawing";
    open += 1;
    delete root.dataset.figures;
    Promise.all([text(plot), withPlotly()]).then(function () {
      return hasMap(JSON.parse(plot.figureText)) ? withMap() : null;
    }).then(function () {
      var figure = shown(plot);
      plot.textContent = "";
      plot.classList.remove("plot-waiting");
      plot.drawnWidth = plot.clientWidth;
      return window.Plotly.newPlot(plot, figure.data, figure.layout, { displayModeBar: false, displaylogo: false, responsive: false, scrollZoom: false, doubleClick: false });
    }).then(function () { plot.dataset.state = "drawn"; }, function (error) {
      plot.dataset.state = "failed";
      plot.textContent = plot.dataset.failed;
      window.console.error(plot.id, error);
    }).then(function () {
      open -= 1;
      if (!open) { root.dataset.figures = "drawn"; }
    });
  }
  function redraw(plot) {
    if (plot.dataset.state !== "drawn") { return null; }
    var figure = shown(plot);
    window.Plotly.react(plot, figure.data, figure.layout);
    return figure;
  }
  function everyPlot() { return Array.prototype.slice.call(document.querySelectorAll(".plot")); }

  var near = "IntersectionObserver" in window ? new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting) { near.unobserve(entry.target); draw(entry.target); }
    });
  }, { rootMargin: "500px" }) : null;
  var width = "ResizeObserver" in window ? new ResizeObserver(function (entries) {
    entries.forEach(function (entry) {
      var plot = entry.target;
      if (plot.dataset.state === "drawn" && plot.clientWidth && plot.clientWidth !== plot.drawnWidth) {
        plot.drawnWidth = plot.clientWidth;
        window.requestAnimationFrame(function () { redraw(plot); });
      }
    });
  }) : null;
  function look() {
    everyPlot().forEach(function (plot) {
      if (plot.watched) { return; }
      plot.watched = true;
      if (near) { near.observe(plot); } else { draw(plot); }
      if (width) { width.observe(plot); }
    });
    if (!document.querySelector(".plot")) { root.dataset.figures = "drawn"; }
  }
  look();
  ["htmx:afterSettle", "htmx:historyRestore", "htmx:after:swap", "htmx:after:settle"].forEach(function (name) {
    document.addEventListener(name, look);
  });
  document.addEventListener("toggle", look, true);

  document.addEventListener("change", function (event) {
    var select = event.target.closest("select[data-plot]");
    if (!select) { return; }
    var plot = document.getElementById(select.dataset.plot), figure = redraw(plot);
    if (!figure) { return; }
    var reading = document.getElementById(plot.id + "-r"), heading = document.getElementById(plot.id + "-h");
    if (reading && figure.text) { reading.textContent = figure.text; }
    if (figure.text) { plot.setAttribute("aria-label", figure.text); }
    if (heading && figure.title) { heading.textContent = figure.title; }
  });

  function redrawAll() { everyPlot().forEach(redraw); }
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
  document.addEventListener("geomonitor:theme", redrawAll);
  new MutationObserver(redrawAll).observe(root, { attributes: true, attributeFilter: ["data-theme", "class"] });
  window.addEventListener("beforeprint", function () { everyPlot().forEach(draw); });
}());
