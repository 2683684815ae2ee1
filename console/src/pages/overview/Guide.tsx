import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { GuideStep } from "../../ui/GuideStep";
import { quoted } from "./shell";

/** The first run: what to do next, with the real path. */
export function Guide({ now }: { now: Overview }) {
  const { t } = useI18n();
  const path = now.watches[0]?.path;
  const command = `echo hello > ${quoted(`${path ?? ""}/hello.txt`)}`;
  return (
    <Card title={t("guide.title")} sub={t("guide.sub")}>
      <ol className="guide">
        <GuideStep done={path !== undefined} title={t("guide.watch")}>
          {path === undefined ? (
            <span className="dim">{t("watches.none.sub")}</span>
          ) : (
            <span className="row">
              <span className="mono path-wrap">{path}</span>
              <Copy text={path} what={t("detail.path")} />
            </span>
          )}
        </GuideStep>
        <GuideStep done={false} title={t("guide.drop")}>
          <span className="dim">{t("guide.drop.sub")}</span>
          {path !== undefined && (
            <span className="row">
              <code className="code grow">{command}</code>
              <Copy text={command} what={t("guide.drop")} />
            </span>
          )}
        </GuideStep>
        <GuideStep done={false} title={t("guide.see")}>
          <span className="dim">{t("guide.see.sub")}</span>
        </GuideStep>
      </ol>
    </Card>
  );
}
