import type { ReactNode } from "react";
import { useI18n } from "../../../i18n/context";
import { Empty } from "../../../ui/StateBlock";

/** No agent is known yet: what one is, and how the first one comes. */
export function FleetEmpty({ enrol }: { enrol: ReactNode }) {
  const { t } = useI18n();
  return (
    <Empty title={t("agents.empty")} icon="server" action={enrol}>
      <p>{t("agents.empty.sub")}</p>
    </Empty>
  );
}
