import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { FleetOverview } from "../../../api/fleet";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { GuideStep } from "../../../ui/GuideStep";
import { useAllowed } from "../../agents/acts/allowed";
import { Enrol } from "../../agents/acts/Enrol";

/** The first steps of a centre that knows nobody; each is ticked off by what happens. */
export function FirstRun({ overview }: { overview: FleetOverview }) {
  const { t } = useI18n();
  const allowed = useAllowed();
  const [enrolling, setEnrolling] = useState(false);
  const agents = overview.scope.agents > 0;
  const files = overview.upload.done > 0;
  return (
    <Card title={t("guide.title")} sub={t("first.sub")}>
      <ol className="guide">
        <GuideStep done={agents} title={t("first.agent")}>
          <p className="dim">{t("first.agent.sub")}</p>
          <button type="button" className="button primary" disabled={!allowed.enrol} title={allowed.enrol ? undefined : t("agents.enrol.denied")} onClick={() => setEnrolling(true)}>
            {t("agents.enrol")}
          </button>
        </GuideStep>
        <GuideStep done={files} title={t("first.files")}>
          <p className="dim">{t("first.files.sub")}</p>
        </GuideStep>
        <GuideStep done={false} title={t("first.config")}>
          <p className="dim">{t("first.config.sub")}</p>
          <Link to={"/configs" as string} className="button">
            {t("nav.configs")}
          </Link>
        </GuideStep>
      </ol>
      {enrolling && <Enrol close={() => setEnrolling(false)} />}
    </Card>
  );
}
