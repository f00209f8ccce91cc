// Sliders beside number fields, and forms that keep their address short.
(function () {
  "use strict";
  function number(slider) { return document.getElementById(slider.dataset.slides); }
  function prepare() {
    document.querySelectorAll("input[type=range][data-slides]").forEach(function (slider) {
      if (slider.dataset.ready) { return; }
      slider.dataset.ready = "yes";
      slider.hidden = false;
      slider.disabled = !("free" in slider.dataset);
      slider.value = number(slider).value;
    });
    document.querySelectorAll("button[data-resets]").forEach(function (button) { button.hidden = false; });
  }
  function tell(field) { field.dispatchEvent(new Event("change", { bubbles: true })); }
  document.addEventListener("input", function (event) {
    var slider = event.target.closest("input[type=range][data-slides]");
    if (slider) {
      var field = number(slider);
      field.value = slider.value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      return;
    }
    var beside = document.querySelector('input[type=range][data-slides="' + event.target.id + '"]');
    if (event.target.id && beside && event.target.value !== "") { beside.value = event.target.value; }
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("button[data-resets]");
    if (!button) { return; }
    event.preventDefault();
    var field = document.getElementById(button.dataset.resets);
    field.value = button.dataset.published;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    tell(field);
  });
  document.addEventListener("change", function (event) {
    var chooser = event.target.closest("select[data-goes]");
    if (chooser) { chooser.form.requestSubmit(); }
  });
  ["htmx:afterSettle", "htmx:historyRestore", "htmx:after:swap", "htmx:after:settle"].forEach(function (name) {
    document.addEventListener(name, prepare);
  });
  prepare();
}());
