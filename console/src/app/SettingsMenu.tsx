import { useNavigate } from "@tanstack/react-router";
import Popover from "antd/es/popover";
import { useState } from "react";
import { useI18n } from "../i18n/context";
import { Icon } from "../ui/Icon";
import { Segments } from "../ui/Segments";
import { setPrefs, usePrefs } from "./prefs";

const LANGUAGES = [
  { value: "zh", label: "中文", lang: "zh-CN" },
  { value: "en", label: "English", lang: "en" },
] as const;

/** Language, theme and density. */
export function SettingsMenu() {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      content={<Choices />}
      styles={{ container: { border: "1px solid var(--bd2)" } }}
      destroyOnHidden
    >
      <button
        type="button"
        className="button ghost square"
        aria-label={t("menu.open")}
        aria-expanded={open}
        title={t("menu.open")}
        onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
      >
        <Icon name="gear" size={15} />
      </button>
    </Popover>
  );
}

function Choices() {
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
    </div>
  );
}
