import type { ReactNode } from "react";
import { RequestError } from "../api/client";
import { useI18n } from "../i18n/context";
import { wordOf } from "../i18n/translate";
import { Copy } from "./Copy";
import { Icon } from "./Icon";
import { Status } from "./Status";

/** Nothing is here, and why. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="dim">{children}</div>}
    </div>
  );
}

/** Grey shapes in the place of the real layout; shown after a moment, so that quick answers do not flash. */
export function Loading({ rows }: { rows: number }) {
  return (
    <div className="loading" aria-hidden="true">
      {Array.from({ length: rows }, (_, row) => (
        <i key={row} style={{ width: `${92 - ((row * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** What failed in words, its id, and another try. */
export function ErrorBlock({ error, retry, age }: { error: unknown; retry: () => void; age?: string }) {
  const { t, language } = useI18n();
  const known = error instanceof RequestError ? error : null;
  const code = known?.code ?? "internal";
  const word = wordOf(language, "error", code);
  return (
    <div className="error-block" role="alert">
      <Status tone="crit">{t("error.title")}</Status>
      <span>{word === code ? t("error.other", { code }) : word}</span>
      {age !== undefined && <span className="dim">{t("error.old", { at: age })}</span>}
      {known?.requestId && (
        <span className="row dim small">
          {t("error.id", { id: known.requestId })}
          <Copy text={known.requestId} what={known.requestId} />
        </span>
      )}
      <button type="button" className="button small" onClick={retry}>
        <Icon name="retry" size={13} />
        {t("error.retry")}
      </button>
    </div>
  );
}
