// Keeps what is chosen beside a figure in the part of the address behind "#", so that a link holds the
// whole state of a page: "#materials-map=tungsten%20extraction|world".
(function () {
  "use strict";
  function selects(plot) { return Array.prototype.slice.call(document.querySelectorAll('select[data-plot="' + plot + '"]')); }
  function kept() { return new URLSearchParams(window.location.hash.slice(1)); }
  function tell(plot) {
    // a figure that is not drawn yet says what it shows once it is
    var place = document.getElementById(plot), change = function () { selects(plot)[0].dispatchEvent(new Event("change", { bubbles: true })); };
    if (place && place.dataset.state !== "drawn") {
      new MutationObserver(function (found, watch) {
        if (place.dataset.state === "drawn") { watch.disconnect(); change(); }
      }).observe(place, { attributes: true, attributeFilter: ["data-state"] });
      return;
    }
    change();
  }
  function restore() {
    kept().forEach(function (value, plot) {
      var values = value.split("|");
      selects(plot).forEach(function (select, place) {
        var known = Array.prototype.some.call(select.options, function (each) { return each.value === values[place]; });
        if (!known || select.value === values[place]) { return; }
        select.value = values[place];
        tell(plot);
      });
    });
  }
  document.addEventListener("change", function (event) {
    var select = event.target.closest("select[data-plot]");
    if (!select) { return; }
    var state = kept(), plot = select.dataset.plot;
    state.set(plot, selects(plot).map(function (each) { return each.value; }).join("|"));
    window.history.replaceState(window.history.state, "", "#" + state.toString());
  });
  window.addEventListener("hashchange", restore);
  restore();
}());
