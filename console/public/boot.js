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
})();
