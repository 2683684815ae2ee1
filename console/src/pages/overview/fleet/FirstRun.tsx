import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useI18n } from "../../../i18n/context";
import { Card } from "../../../ui/Card";
import { GuideStep } from "../../../ui/GuideStep";
import { useAllowed } from "../../agents/acts/allowed";
import { Enrol } from "../../agents/acts/Enrol";
import { left, type Steps } from "./steps";

/** The first steps of a centre; each is ticked off by what happens. */
export function FirstRun({ steps, hide }: { steps: Steps; hide: () => void }) {
  const { t } = useI18n();
  const allowed = useAllowed();
  const [enrolling, setEnrolling] = useState(false);
  return (
    <Card
      title={t("guide.title")}
      sub={left(steps) === 0 ? t("first.all") : t(steps.agents ? "first.left" : "first.sub", { count: left(steps) })}
      {...(steps.agents
        ? {
            tools: (
              <button type="button" className="button ghost small" onClick={hide}>
                {t("first.hide")}
              </button>
            ),
          }
        : {})}
    >
      <ol className="guide">
        <GuideStep done={steps.agents} title={t("first.agent")}>
          {!steps.agents && (
            <>
              <p className="dim">{t("first.agent.sub")}</p>
              <button type="button" className="button primary" disabled={!allowed.enrol} title={allowed.enrol ? undefined : t("agents.enrol.denied")} onClick={() => setEnrolling(true)}>
                {t("agents.enrol")}
              </button>
            </>
          )}
        </GuideStep>
        <GuideStep done={steps.files} title={t("first.files")}>
          {!steps.files && <p className="dim">{t("first.files.sub")}</p>}
        </GuideStep>
        {steps.config !== null && (
          <GuideStep done={steps.config} title={t("first.config")}>
            {!steps.config && (
              <>
                <p className="dim">{t("first.config.sub")}</p>
                <Link to={"/configs" as string} className="button">
                  {t("nav.configs")}
                </Link>
              </>
            )}
          </GuideStep>
        )}
      </ol>
      {enrolling && <Enrol close={() => setEnrolling(false)} />}
    </Card>
  );
}
