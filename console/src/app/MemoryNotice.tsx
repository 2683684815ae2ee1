import { useMe } from "../api/account";
import { useI18n } from "../i18n/context";
import { Status } from "../ui/Status";

/** Says on every page that what is done here ends with the centre: its database cannot be used, or is none. */
export function MemoryNotice() {
  const { t } = useI18n();
  const database = useMe().data?.process.database;
  if (!database || database.durable) return null;
  const { problem } = database;
  return (
    <div className={problem === null ? "notice mute memory" : "notice warn memory"} role="status">
      <Status tone={problem === null ? "mute" : "crit"}>{t(problem === null ? "memory.wanted" : "memory.failed")}</Status>
      <span>{t("memory.lost")}</span>
      {problem !== null && <code>{problem}</code>}
    </div>
  );
}
