// Sets theme, density and language before the first paint; a file of its own because the page allows no inline script.
(function () {
  var root = document.documentElement, stored = {};
  try {
    stored = JSON.parse(localStorage.getItem("gwf.prefs") || "{}") || {};
  } catch (e) {
    stored = {}; // storage switched off or foreign content: the defaults hold
  }
  var dark = stored.theme === "dark" || (stored.theme !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.density = stored.density === "comfortable" ? "comfortable" : "compact";
  var asked = /[?&]lang=(zh|en)(?:&|$)/.exec(location.search), own = navigator.language.toLowerCase().indexOf("zh") ? "en" : "zh";
  var language = asked ? asked[1] : stored.language === "zh" || stored.language === "en" ? stored.language : own;
  root.lang = language === "zh" ? "zh-CN" : "en";

  // What costs time waits until the frame is painted: words, the smaller files, and all scripts of the built page.
  document.addEventListener("DOMContentLoaded", function () {
    var begun = false;
    function start() {
      if (begun) return;
      begun = true;
      var say = document.querySelector(".sk-say"), entry = document.querySelector("link[data-entry]");
      if (say) say.textContent = say.dataset[language];
      document.querySelectorAll("link[data-later]").forEach(function (link) { link.rel = "modulepreload"; });
      if (!entry) return; // in development the page starts its scripts itself
      var script = document.createElement("script");
      script.type = "module";
      script.crossOrigin = "";
      script.src = entry.href;
      document.head.append(script);
    }
    requestAnimationFrame(function () { setTimeout(start); });
    setTimeout(start, document.hidden ? 0 : 1000); // what nobody sees is not painted
  });
})();
