import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMay, useMe } from "../../api/account";
import { PageHead } from "../../app/PageHead";
import { Appearance } from "../../app/UserMenu";
import { useI18n } from "../../i18n/context";
import { Tabs } from "../../ui/Tabs";
import { Account } from "./Account";
import { SETTINGS_TABS, type SettingsTab } from "./routes";
import { Tokens } from "./Tokens";
import { Users } from "./Users";
import "../../styles/settings.css";

/** People and their roles, ways in for programs, one's own account, and how the page looks. */
export function SettingsPage() {
  const { t } = useI18n();
  const search = useSearch({ from: "/settings" });
  const navigate = useNavigate();
  const may = useMay();
  const { data: me } = useMe();
  const open: Record<SettingsTab, boolean> = {
    users: may("users:manage"),
    tokens: may("account:self"),
    account: me?.kind === "user",
    appearance: true,
  };
  const tabs = SETTINGS_TABS.filter((key) => open[key] || key === search.tab);
  const tab = search.tab ?? tabs[0] ?? "appearance";
  return (
    <div className="stack">
      <PageHead title={t("nav.settings")} scoped={false} />
      <section className="card">
        <Tabs
          label={t("nav.settings")}
          tabs={tabs.map((key) => ({ key, label: t(`settings.tab.${key}`) }))}
          value={tab}
          onChange={(key) => void navigate({ to: ".", search: { tab: key } })}
        >
          {tab === "users" && <Users />}
          {tab === "tokens" && <Tokens />}
          {tab === "account" && <Account />}
          {tab === "appearance" && (
            <div className="settings-pane">
              <p className="dim">{t("settings.appearance.sub")}</p>
              <Appearance />
            </div>
          )}
        </Tabs>
      </section>
    </div>
  );
}
