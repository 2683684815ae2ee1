import { useNavigate } from "@tanstack/react-router";
import { type Me, useMe } from "../api/account";
import { useI18n } from "../i18n/context";
import { type Translate, wordOf } from "../i18n/translate";
import { Icon } from "../ui/Icon";
import { Popup } from "../ui/Popup";
import { Segments } from "../ui/Segments";
import { setPrefs, usePrefs } from "./prefs";
import { useLogout } from "./session";

/** A language is named in itself. */
export const LANGUAGES = [
  { value: "zh", label: "中文", lang: "zh-CN" },
  { value: "en", label: "English", lang: "en" },
] as const;

/** Who is logged in, how the page looks to them, and the way out. */
export function UserMenu() {
  const { t } = useI18n();
  const { data: me } = useMe();
  const person = me && me.kind !== "anonymous" ? nameOf(me, t) : null;
  return (
    <Popup
      label={person === null ? t("menu.open") : t("menu.open.user", { name: person })}
      className={person === null ? "button ghost square" : "person"}
      placement="bottomRight"
      button={person === null ? <Icon name="gear" size={15} /> : <Person me={me} name={person} />}
    >
      {(close) => (
        <div className="user-menu">
          {me && <Who me={me} />}
          <Appearance />
          {me && <Way me={me} close={close} />}
        </div>
      )}
    </Popup>
  );
}

const initial = (name: string): string => [...name][0]?.toUpperCase() ?? "";

/** People and tokens have names; what is known of others is how they came here. */
const nameOf = ({ kind, name }: Me, t: Translate): string => (kind === "user" || kind === "token" ? name : t(`who.${kind}`));

/** A round sign, and beside it the name where there is room. */
function Person({ me, name }: { me: Me | null | undefined; name: string }) {
  return (
    <>
      <span className="avatar" aria-hidden="true" data-initial={me?.kind === "user" ? initial(name) : undefined}>
        {me?.kind !== "user" && <Icon name={me?.kind === "token" ? "key" : "user"} size={14} />}
      </span>
      <span className="name el" aria-hidden="true">
        {name}
      </span>
      <Icon name="down" size={12} />
    </>
  );
}

function Who({ me }: { me: Me }) {
  const { t, language } = useI18n();
  return (
    <div className="who">
      <strong>{nameOf(me, t)}</strong>
      {me.role && <span className="dim">{wordOf(language, "role", me.role)}</span>}
      {me.tenant !== "default" && <span className="dim">{me.tenant}</span>}
    </div>
  );
}

/** Language, theme, density, zone and keys of this browser. */
export function Appearance() {
  const { t, language } = useI18n();
  const prefs = usePrefs();
  const navigate = useNavigate();
  return (
    <div className="menu">
      <span className="dim">{t("menu.language")}</span>
      <Segments
        label={t("menu.language")}
        value={language}
        options={LANGUAGES}
        onChange={(lang) => {
          setPrefs({ language: lang });
          void navigate({ to: ".", search: (old) => ({ ...old, lang }), replace: true });
        }}
      />
      <span className="dim">{t("menu.theme")}</span>
      <Segments
        label={t("menu.theme")}
        value={prefs.theme}
        options={(["system", "light", "dark"] as const).map((value) => ({ value, label: t(`menu.theme.${value}`) }))}
        onChange={(theme) => setPrefs({ theme })}
      />
      <span className="dim">{t("menu.density")}</span>
      <Segments
        label={t("menu.density")}
        value={prefs.density}
        options={(["compact", "comfortable"] as const).map((value) => ({ value, label: t(`menu.density.${value}`) }))}
        onChange={(density) => setPrefs({ density })}
      />
      <span className="dim">{t("menu.zone")}</span>
      <Segments
        label={t("menu.zone")}
        value={prefs.zone}
        options={(["local", "utc"] as const).map((value) => ({ value, label: t(`menu.zone.${value}`) }))}
        onChange={(zone) => setPrefs({ zone })}
      />
      <span className="dim">{t("menu.keys")}</span>
      <Segments
        label={t("menu.keys")}
        value={prefs.keys}
        options={(["on", "off"] as const).map((value) => ({ value, label: t(`menu.keys.${value}`) }))}
        onChange={(keys) => setPrefs({ keys })}
      />
    </div>
  );
}

function Way({ me, close }: { me: Me; close: () => void }) {
  const { t } = useI18n();
  const navigate = useNavigate();
  const leave = useLogout();
  if (me.kind === "token" || me.kind === "operator") return null;
  if (me.kind === "anonymous") {
    return (
      <div className="way">
        <button type="button" className="button" onClick={() => (close(), void navigate({ to: "/login" }))}>
          {t("menu.login")}
        </button>
      </div>
    );
  }
  return (
    <div className="way">
      {me.kind === "user" && (
        <button type="button" className="button" onClick={() => (close(), void navigate({ to: "/settings", search: { tab: "account" } }))}>
          {t("menu.account")}
        </button>
      )}
      <button type="button" className="button" onClick={() => (close(), leave())}>
        {t("menu.logout")}
      </button>
    </div>
  );
}
