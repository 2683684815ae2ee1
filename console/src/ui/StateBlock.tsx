import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { RequestError } from "../api/client";
import type { ListState } from "../app/listSearch";
import { useI18n } from "../i18n/context";
import { wordOf } from "../i18n/translate";
import { Copy } from "./Copy";
import { noFilters } from "./filter/FilterBar";
import type { Filter } from "./filter/types";
import { Icon, type IconName } from "./Icon";
import { Status } from "./Status";

/** The page of the audit; a string, because not every build has it. */
const AUDIT: string = "/audit";

interface EmptyProps {
  title: string;
  icon?: IconName | undefined;
  /** The first step, as a button. */
  action?: ReactNode;
  children?: ReactNode;
}

/** Nothing is here, and why: what the page is for, and the first step. */
export function Empty({ title, icon, action, children }: EmptyProps) {
  return (
    <div className="empty">
      {icon && (
        <span className="empty-icon">
          <Icon name={icon} size={22} />
        </span>
      )}
      <p className="empty-title">{title}</p>
      {children !== undefined && <div className="dim">{children}</div>}
      {action !== undefined && <div className="empty-action">{action}</div>}
    </div>
  );
}

interface EmptyFilteredProps {
  filters: readonly Filter[];
  state: ListState;
  /** How many there would be without one of them, by its key. */
  without?: Record<string, number>;
}

/** Nothing matches: the filters stand here once more, each ready to be dropped. */
export function EmptyFiltered({ filters, state, without = {} }: EmptyFilteredProps) {
  const { t } = useI18n();
  const chips = filters.flatMap(({ key, label, values }) =>
    state.values(key).map((value) => ({
      key,
      value,
      text: `${label}: ${values.find((one) => one.value === value)?.label ?? value}`,
    })),
  );
  return (
    <Empty title={t("empty.filtered")}>
      <div className="chips center">
        {state.q && (
          <button type="button" className="chip" onClick={() => state.set({ q: undefined })}>
            {t("empty.filtered.q", { text: state.q })}
            <Icon name="x" size={11} />
          </button>
        )}
        {chips.map(({ key, value, text }) => (
          <button
            key={`${key} ${value}`}
            type="button"
            className="chip"
            onClick={() => state.set({ [key]: state.values(key).filter((one) => one !== value) })}
          >
            {text}
            {without[key] !== undefined && <span className="dim">{t("empty.filtered.without", { count: without[key] })}</span>}
            <Icon name="x" size={11} />
          </button>
        ))}
        <button type="button" className="button small" onClick={() => state.set(noFilters(filters))}>
          {t("filter.clear")}
        </button>
      </div>
    </Empty>
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

/** Whether something was not to be had, is not possible now, or was wrong. */
const titleOf = (status: number | undefined) => (status === 409 ? "error.notnow" : status === 400 || status === 422 ? "error.refused" : "error.title");

/** What failed in words, its id, and another try. */
export function ErrorBlock({ error, retry, age }: { error: unknown; retry: () => void; age?: string }) {
  const { t } = useI18n();
  const known = error instanceof RequestError ? error : null;
  const text = useErrorText(error);
  if (known?.status === 403) return <Forbidden permission={known.params["permission"]} />;
  return (
    <div className="error-block" role="alert">
      <Status tone="crit">{t(titleOf(known?.status))}</Status>
      <span>{text}</span>
      {known?.params["why"] && <span className="mono small">{known.params["why"]}</span>}
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

/** A failure in the reader's language; the server's own words where its code has none. */
export function useErrorText(error: unknown): string {
  const { t, language } = useI18n();
  const known = error instanceof RequestError ? error : null;
  const code = known?.code ?? "internal";
  const word = wordOf(language, "error", code);
  return word === code ? known?.message || t("error.other", { code }) : word;
}

/** The reader may not see this; never shown as missing or empty. */
export function Forbidden({ permission }: { permission?: string | undefined }) {
  const { t, language } = useI18n();
  return (
    <Empty title={t("forbidden.title")} icon="lock">
      <p>
        {permission
          ? t("forbidden.what", { permission: wordOf(language, "permission", permission) })
          : t("forbidden.unknown")}
      </p>
      <p>{t("forbidden.who")}</p>
      {permission && (
        <p className="row center">
          <code>{permission}</code>
          <Copy text={t("forbidden.ask", { permission })} what={t("forbidden.request")} />
        </p>
      )}
    </Empty>
  );
}

/** An object that is not there: which one, what may have become of it, where to look on. */
export function NotFoundBlock({ what, id, children }: { what: string; id: string; children?: ReactNode }) {
  const { t } = useI18n();
  return (
    <Empty title={t("missing.title", { what, id })} icon="search">
      {children ?? <p>{t("missing.sub")}</p>}
      <p>
        <Link to={AUDIT} search={{ q: id } as never}>
          {t("missing.audit")}
        </Link>
      </p>
    </Empty>
  );
}

/** A function that is off: what switching it on does and costs. */
export function Disabled({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className="notice mute" role="note">
      <Status tone="mute">{title}</Status>
      <span className="grow">{children}</span>
      {action}
    </div>
  );
}
