import { useParams } from "@tanstack/react-router";
import { useMay } from "../../../api/account";
import { type AlertDetail, SEE, useAlert } from "../../../api/alerts";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import { Mono } from "../../../ui/Mono";
import { QueryState } from "../../../ui/QueryState";
import { Forbidden } from "../../../ui/StateBlock";
import "../../../styles/alerts.css";
import { Behind } from "./Behind";
import { Chain } from "./Chain";
import { Course } from "./Course";
import { Evidence } from "./Evidence";
import { Head } from "./Head";
import { Near } from "./Near";
import { SameGroup } from "./Others";
import { Scope } from "./Scope";
import { Signal } from "./Signal";
import { Told } from "./Told";

/** One alert: why me, why now, what next. */
export function AlertPage() {
  const { t } = useI18n();
  const { alert: id } = useParams({ from: "/alerts/$alert" });
  const alert = useAlert(id);
  const may = useMay()(SEE);
  return (
    <div className="stack">
      <PageHead title={alert.data?.title ?? t("alert.one")} crumbs={[{ label: t("nav.alerts"), to: "/alerts" }]} scoped={false}>
        <Mono text={id} most={18} />
      </PageHead>
      {may ? (
        <QueryState query={alert} rows={10} object={{ what: t("alert.one"), id }} pace="detail">
          {(data) => <Loaded alert={data} />}
        </QueryState>
      ) : (
        <section className="card"><Forbidden permission={SEE} /></section>
      )}
    </div>
  );
}

function Loaded({ alert }: { alert: AlertDetail }) {
  return (
    <>
      <Head alert={alert} />
      <div className="alert-body">
        <div className="stack">
          <Chain alert={alert} />
          <Signal alert={alert} />
          <Evidence alert={alert} />
          <Scope alert={alert} />
          <Told alert={alert} />
          <Behind alert={alert} />
          <SameGroup alert={alert} />
        </div>
        <div className="stack">
          <Near alert={alert} />
          <Course alert={alert} />
        </div>
      </div>
    </>
  );
}
