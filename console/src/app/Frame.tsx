import { Outlet, useSearch } from "@tanstack/react-router";
import ConfigProvider from "antd/es/config-provider";
import { useEffect, useMemo, useRef } from "react";
import { I18nContext, useI18n } from "../i18n/context";
import { translator } from "../i18n/translate";
import type { Language } from "../i18n/types";
import { Header } from "./Header";
import { Nav } from "./Nav";
import { useDark, usePrefs } from "./prefs";
import { themeOf } from "./theme";

const browserLanguage: Language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

/** Everything around a page: language, theme, navigation and header. */
export function Frame() {
  const prefs = usePrefs();
  const dark = useDark();
  const search = useSearch({ from: "__root__" });
  const language = search.lang ?? prefs.language ?? browserLanguage;
  const i18n = useMemo(() => ({ language, t: translator(language) }), [language]);
  const theme = useMemo(() => themeOf(dark, prefs.density === "comfortable"), [dark, prefs.density]);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = `${i18n.t("nav.overview")} · GWF`;
  }, [language, i18n]);
  return (
    <I18nContext value={i18n}>
      <ConfigProvider theme={theme}>
        <Layout />
      </ConfigProvider>
    </I18nContext>
  );
}

function Layout() {
  const { t } = useI18n();
  const main = useRef<HTMLElement>(null);
  return (
    <>
      <a
        className="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault(); // a fragment would lead away from the page because of <base>
          main.current?.focus();
        }}
      >
        {t("app.skip")}
      </a>
      <div className="app">
        <Nav />
        <div>
          <Header />
          <main id="main" ref={main} tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
    </>
  );
}
