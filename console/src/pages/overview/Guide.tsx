import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { GuideStep } from "../../ui/GuideStep";
import { firstSteps } from "./judge";
import { quoted } from "./shell";

interface Props {
  now: Overview;
  /** Put it away; offered once all is done. */
  away: () => void;
}

/** The first run: what to do next, with the real path; each step is ticked off by what happens. */
export function Guide({ now, away }: Props) {
  const { t } = useI18n();
  const steps = firstSteps(now);
  const path = now.watches[0]?.path;
  const command = `echo hello > ${quoted(`${path ?? ""}/hello.txt`)}`;
  return (
    <Card
      title={t("guide.title")}
      sub={t(steps.see ? "guide.all" : "guide.sub")}
      {...(steps.see
        ? {
            tools: (
              <button type="button" className="button ghost small" onClick={away}>
                {t("guide.hide")}
              </button>
            ),
          }
        : {})}
    >
      <ol className="guide">
        <GuideStep done={steps.watch} title={t("guide.watch")}>
          {path === undefined ? (
            <span className="dim">{t("watches.none.sub")}</span>
          ) : (
            <span className="row">
              <span className="mono path-wrap">{path}</span>
              <Copy text={path} what={t("detail.path")} />
            </span>
          )}
        </GuideStep>
        <GuideStep done={steps.drop} title={t("guide.drop")}>
          {!steps.drop && <span className="dim">{t("guide.drop.sub")}</span>}
          {path !== undefined && !steps.drop && (
            <span className="row">
              <code className="code grow">{command}</code>
              <Copy text={command} what={t("guide.drop")} />
            </span>
          )}
        </GuideStep>
        <GuideStep done={steps.see} title={t("guide.see")}>
          <span className="dim">{t(steps.see ? "guide.seen" : "guide.see.sub")}</span>
        </GuideStep>
      </ol>
    </Card>
  );
}
