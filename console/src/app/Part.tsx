import { useLocation } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMe } from "../api/account";
import { useI18n } from "../i18n/context";
import { Empty } from "../ui/StateBlock";
import { PageHead } from "./PageHead";
import { entryOf } from "./pages";

/** A page of a part that this process does not run says so, instead of asking for what nobody answers. */
export function Part({ children }: { children: ReactNode }) {
  const { t } = useI18n();
  const { data: me } = useMe();
  const entry = entryOf(useLocation({ select: ({ pathname }) => pathname }));
  const runs = me === null ? { edge: true, centre: false } : me && { edge: me.process.has_edge, centre: me.process.has_centre };
  if (!entry || !runs || entry.parts.some((part) => runs[part])) return children;
  return (
    <div className="stack">
      <PageHead title={t(`nav.${entry.key}`)} scoped={false} />
      <section className="card">
        <Empty icon="server" title={t("part.none")}>
          {t(runs.centre ? "part.none.edge" : "part.none.centre")}
        </Empty>
      </section>
    </div>
  );
}
