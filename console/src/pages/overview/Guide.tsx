import type { Overview } from "../../api/client";
import { useI18n } from "../../i18n/context";
import { Card } from "../../ui/Card";
import { Copy } from "../../ui/Copy";
import { Status } from "../../ui/Status";
import { quoted } from "./shell";

/** The first run: what to do next, with the real path. */
export function Guide({ now }: { now: Overview }) {
  const { t } = useI18n();
  const path = now.watches[0]?.path;
  const command = `echo hello > ${quoted(`${path ?? ""}/hello.txt`)}`;
  return (
    <Card title={t("guide.title")} sub={t("guide.sub")}>
      <ol className="guide">
        <Step done={path !== undefined} title={t("guide.watch")}>
          {path === undefined ? (
            <span className="dim">{t("watches.none.sub")}</span>
          ) : (
            <span className="row">
              <span className="mono path-wrap">{path}</span>
              <Copy text={path} what={t("detail.path")} />
            </span>
          )}
        </Step>
        <Step done={false} title={t("guide.drop")}>
          <span className="dim">{t("guide.drop.sub")}</span>
          {path !== undefined && (
            <span className="row">
              <code className="code grow">{command}</code>
              <Copy text={command} what={t("guide.drop")} />
            </span>
          )}
        </Step>
        <Step done={false} title={t("guide.see")}>
          <span className="dim">{t("guide.see.sub")}</span>
        </Step>
      </ol>
    </Card>
  );
}

function Step({ done, title, children }: { done: boolean; title: string; children: React.ReactNode }) {
  const { t } = useI18n();
  return (
    <li>
      <Status tone={done ? "ok" : "mute"} size={16} bare>
        {t(done ? "guide.done" : "guide.todo")}
      </Status>
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}
