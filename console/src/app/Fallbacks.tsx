import { type ErrorComponentProps, Link, useLocation } from "@tanstack/react-router";
import { useI18n } from "../i18n/context";
import { Copy } from "../ui/Copy";
import { Empty, Loading } from "../ui/StateBlock";
import { PageHead } from "./PageHead";

/** What stands in the place of a page: it is not there, it failed, or it is on its way. */

export function MissingPage() {
  const { t } = useI18n();
  const path = useLocation({ select: ({ pathname }) => pathname });
  return (
    <div className="card">
      <PageHead title={t("page.missing")} scoped={false} />
      <Empty
        title={t("page.missing")}
        icon="search"
        action={
          <Link to="/" className="button primary">
            {t("page.home")}
          </Link>
        }
      >
        {t("page.missing.sub", { path })}
      </Empty>
    </div>
  );
}

export function BrokenPage({ error, reset }: ErrorComponentProps) {
  const { t } = useI18n();
  return (
    <div className="card" role="alert">
      <PageHead title={t("page.broken")} />
      <Empty
        title={t("page.broken")}
        icon="x"
        action={
          <button type="button" className="button primary" onClick={reset}>
            {t("error.retry")}
          </button>
        }
      >
        <p>{t("page.broken.sub")}</p>
        <p className="mono row center">
          {String(error)}
          <Copy text={`${location.href}\n${error instanceof Error ? error.stack : String(error)}`} what={String(error)} />
        </p>
      </Empty>
    </div>
  );
}

export function PendingPage() {
  return (
    <div className="card">
      <Loading rows={8} />
    </div>
  );
}
