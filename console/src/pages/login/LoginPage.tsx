import { useNavigate, useRouter, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { setPrefs } from "../../app/prefs";
import { welcome } from "../../app/session";
import { LANGUAGES } from "../../app/UserMenu";
import { useI18n } from "../../i18n/context";
import { Icon } from "../../ui/Icon";
import { Segments } from "../../ui/Segments";
import { LoginForm } from "./LoginForm";
import "../../styles/login.css";

/** Product, language switch, name and password; nothing else. */
export function LoginPage() {
  const { t, language } = useI18n();
  const { next, lang } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const router = useRouter();
  useEffect(() => {
    document.title = `${t("login.title")} · GWF`;
  }, [t]);
  return (
    <main className="login">
      <div className="login-card card">
        <h1 className="brand">
          <Icon name="pulse" size={24} />
          {t("app.name")}
        </h1>
        <LoginForm
          done={() => {
            welcome();
            router.history.replace(`${router.basepath.replace(/\/$/, "")}${next ?? (lang ? `/?lang=${lang}` : "/")}`);
          }}
        />
      </div>
      <Segments
        label={t("menu.language")}
        value={language}
        options={LANGUAGES}
        onChange={(lang) => {
          setPrefs({ language: lang });
          void navigate({ to: ".", search: (old) => ({ ...old, lang }), replace: true });
        }}
      />
    </main>
  );
}
