import { Outlet, useLocation, useSearch } from "@tanstack/react-router";
import ConfigProvider from "antd/es/config-provider";
import { lazy, type ReactNode, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { I18nContext, useI18n } from "../i18n/context";
import { translator } from "../i18n/translate";
import type { Language } from "../i18n/types";
import { Toasts } from "../ui/toast";
import { DroppedNotice } from "./DroppedNotice";
import { FrameKeys } from "./FrameKeys";
import { Header } from "./Header";
import { useKeptPrefs } from "./keptPrefs";
import { MemoryNotice } from "./MemoryNotice";
import { Nav } from "./Nav";
import { Part } from "./Part";
import { HeadSlot } from "./PageHead";
import { useDark, usePrefs } from "./prefs";
import { useGate } from "./session";
import { themeOf } from "./theme";

const LoginAgain = lazy(() => import("../pages/login/LoginAgain"));

const browserLanguage: Language = navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";

/** Pages that stand alone, without navigation and header. */
const BARE = new Set(["/login"]);

/** Everything around a page: language, theme, navigation and header. */
export function Frame() {
  const bare = BARE.has(useLocation({ select: ({ pathname }) => pathname }));
  return <Surroundings>{bare ? <Outlet /> : <Layout />}</Surroundings>;
}

/** Language and theme of the address and of this browser, and the toasts, for whatever is inside. */
export function Surroundings({ children }: { children: ReactNode }) {
  const prefs = usePrefs();
  const dark = useDark();
  const search = useSearch({ from: "__root__" });
  const language = search.lang ?? prefs.language ?? browserLanguage;
  const i18n = useMemo(() => ({ language, t: translator(language) }), [language]);
  const theme = useMemo(() => themeOf(dark, prefs.density === "comfortable"), [dark, prefs.density]);
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  }, [language]);
  return (
    <I18nContext value={i18n}>
      <ConfigProvider theme={theme}>
        {children}
        <Toasts />
      </ConfigProvider>
    </I18nContext>
  );
}

function Layout() {
  const { t } = useI18n();
  const main = useRef<HTMLElement>(null);
  const [slot, setSlot] = useState<HTMLElement | null>(null);
  const gate = useGate();
  useKeptPrefs();
  return (
    <HeadSlot value={slot}>
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
        <div className="column">
          <Header slot={setSlot} />
          <main id="main" ref={main} tabIndex={-1}>
            <MemoryNotice />
            <DroppedNotice />
            <Part>
              <Outlet />
            </Part>
          </main>
        </div>
      </div>
      <FrameKeys />
      {gate === "ask" && (
        <Suspense>
          <LoginAgain />
        </Suspense>
      )}
    </HeadSlot>
  );
}
