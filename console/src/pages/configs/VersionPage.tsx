import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { type Layer, useLayers, useSpread, useVersion, useVersionChoice, type Version } from "../../api/configs";
import { PageHead } from "../../app/PageHead";
import { useI18n } from "../../i18n/context";
import "../../styles/configs.css";
import "../../styles/diff.css";
import { Copy } from "../../ui/Copy";
import { QueryState } from "../../ui/QueryState";
import { Status } from "../../ui/Status";
import { Tabs } from "../../ui/Tabs";
import { TimeText } from "../../ui/TimeText";
import { useMayWhy } from "../../ui/useMayWhy";
import { Against, useAgainst } from "./Against";
import { BackDialog } from "./BackDialog";
import type { VersionTab } from "./routes";
import { FirstDiff, VersionDiff } from "./VersionDiff";
import { Versions } from "./Versions";
import { useLayerName, VERSION_TONE, versionState, wasTakenBack } from "./words";

/** One version: what it says, how it differs from any other one, what became of it. */
export function VersionPage() {
  const { t } = useI18n();
  const params = useParams({ from: "/configs/$layer/v/$number" });
  const layers = useLayers();
  const layer = layers.data?.find(({ layer_id }) => layer_id === params.layer);
  const name = useLayerName()(layer);
  const number = Number(params.number);
  const version = useVersion(params.layer, Number.isSafeInteger(number) && number > 0 ? number : undefined);
  return (
    <div className="stack">
      <PageHead
        title={t("version.title", { layer: name || params.layer, number: params.number })}
        crumbs={[{ label: t("configs.title"), to: `/configs?layer=${params.layer}` }]}
      />
      <QueryState query={version} object={{ what: t("version.what"), id: `v${params.number}` }}>
        {(data) => <Loaded version={data} layer={layer} />}
      </QueryState>
    </div>
  );
}

function Loaded({ version, layer }: { version: Version; layer: Layer | undefined }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/configs/$layer/v/$number" });
  const navigate = useNavigate({ from: "/configs/$layer/v/$number" });
  const tab = search.tab ?? (version.parent_id === null ? "document" : "diff");
  const tabs = (["diff", "document", "history"] as const).map((key) => ({ key, label: t(`version.tab.${key}`) }));
  return (
    <>
      <Facts version={version} layer={layer} />
      <section className="card">
        <Tabs<VersionTab>
          label={t("version.tab")}
          tabs={tabs}
          value={tab}
          onChange={(next) => void navigate({ search: (old) => ({ ...old, tab: next }), replace: true, resetScroll: false })}
        >
          {tab === "document" && <DocumentText version={version} />}
          {tab === "diff" && <DiffTab version={version} />}
          {tab === "history" && layer && <Versions layer={layer} />}
        </Tabs>
      </section>
    </>
  );
}

function Facts({ version, layer }: { version: Version; layer: Layer | undefined }) {
  const { t } = useI18n();
  const why = useMayWhy();
  const [back, setBack] = useState(false);
  const item = useVersionChoice(version.layer_id).data?.items.find(({ version_id }) => version_id === version.version_id);
  const again = wasTakenBack(item);
  const state = item ? versionState(item, layer?.current?.version_id) : undefined;
  const current = layer?.current?.version_id === version.version_id;
  const params = { layer: version.layer_id, number: String(version.number) };
  return (
    <section className="card version-facts">
      <dl className="facts">
        <dt>{t("versions.state")}</dt>
        <dd>
          {state ? <Status tone={VERSION_TONE[state]}>{t(`versions.state.${state}`)}</Status> : t("none")}
          {item?.rollout && (
            <Link to="/rollouts/$rollout" params={{ rollout: item.rollout.rollout_id }}>
              {t("version.rollout")}
            </Link>
          )}
        </dd>
        <dt>{t("versions.author")}</dt>
        <dd>
          {version.author}
          <span className="dim">
            <TimeText at={version.created_at} />
          </span>
        </dd>
        <dt>{t("versions.reason")}</dt>
        <dd>{version.reason || t("none")}</dd>
        <dt>{t("version.hash")}</dt>
        <dd className="row">
          <span className="mono el">{version.hash.slice(0, 19)}</span>
          <Copy text={version.hash} what={t("version.hash")} />
        </dd>
      </dl>
      <div className="layer-acts">
        <Link to="/configs/$layer/edit" params={params} search={{ base: version.number }} className="button" disabled={why("config:write") !== undefined} title={why("config:write")}>
          {t("version.edit")}
        </Link>
        {layer && item && !current && !layer.rollout_id && (
          item.rollout?.status === "completed" && layer.current ? (
            <button type="button" className="button primary" disabled={why("rollout:run") !== undefined} title={why("rollout:run")} onClick={() => setBack(true)}>
              {t("version.back", { number: version.number })}
            </button>
          ) : (
            <Link to="/configs/$layer/v/$number/rollout" params={params} className={again ? "button" : "button primary"} disabled={why("rollout:run") !== undefined} title={why("rollout:run") ?? (again ? t("configs.launch.again.why", { number: version.number }) : undefined)}>
              {t(again ? "configs.launch.again" : "configs.launch", { number: version.number })}
            </Link>
          )
        )}
      </div>
      {back && layer && <BackDialog layer={layer} to={version} close={() => setBack(false)} />}
    </section>
  );
}

function DocumentText({ version }: { version: Version }) {
  const { t } = useI18n();
  if (Object.keys(version.document).length === 0) return <p className="pad dim">{t("version.empty")}</p>;
  return (
    <div className="pad yaml-shown">
      <Copy text={version.text} what={t("version.document.yaml")} />
      <pre className="code" tabIndex={0} aria-label={t("version.document.yaml")}>
        {version.text}
      </pre>
    </div>
  );
}

function DiffTab({ version }: { version: Version }) {
  const search = useSearch({ from: "/configs/$layer/v/$number" });
  const navigate = useNavigate({ from: "/configs/$layer/v/$number" });
  const choice = useVersionChoice(version.layer_id);
  const spread = useSpread(version.layer_id);
  const against = useAgainst(version, search.against, choice.data?.items, spread.data);
  const other = useVersion(version.layer_id, against ?? undefined);
  return (
    <div className="pad">
      <Against
        version={version}
        versions={choice.data?.items ?? []}
        spread={spread.data}
        value={search.against}
        onChange={(value) => void navigate({ search: ({ against: _, ...old }) => (value === undefined ? old : { ...old, against: value }), replace: true, resetScroll: false })}
      />
      {against === null ? (
        <FirstDiff version={version} />
      ) : (
        <QueryState query={other} rows={4}>
          {(before) => (
            <VersionDiff
              before={before}
              after={version}
              view={search.view}
              onView={(view) => void navigate({ search: (old) => ({ ...old, view }), replace: true, resetScroll: false })}
            />
          )}
        </QueryState>
      )}
    </div>
  );
}
