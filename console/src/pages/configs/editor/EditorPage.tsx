import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type Document, type Layer, useLayers, useSettings, useVersion } from "../../../api/configs";
import { PageHead } from "../../../app/PageHead";
import { useI18n } from "../../../i18n/context";
import "../../../styles/configs.css";
import "../../../styles/diff.css";
import "../../../styles/editor.css";
import { Allowed } from "../../../ui/Allowed";
import { YamlEditor } from "../../../ui/edit/YamlEditor";
import { QueryState } from "../../../ui/QueryState";
import { Segments } from "../../../ui/Segments";
import { NotFoundBlock } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { useNarrow } from "../../../ui/table/useNarrow";
import { useLayerName } from "../words";
import { Form } from "./Form";
import { useBelow } from "./origins";
import { Publish } from "./Publish";
import { type Draft, type EditView, useDraft } from "./useDraft";

const NONE: never[] = [];

/** A new version of a layer: by form or as YAML, judged while it is typed. */
export function EditorPage() {
  const { t } = useI18n();
  const { layer: id } = useParams({ from: "/configs/$layer/edit" });
  const layers = useLayers();
  const layer = layers.data?.find(({ layer_id }) => layer_id === id);
  const name = useLayerName()(layer);
  return (
    <div className="stack">
      <PageHead title={t("edit.title", { layer: name || id })} crumbs={[{ label: t("configs.title"), to: `/configs?layer=${id}` }]} />
      <Allowed needs="config:write">
        <QueryState query={layers}>{() => (layer ? <Based layer={layer} /> : <NotFoundBlock what={t("configs.layers")} id={id} />)}</QueryState>
      </Allowed>
    </div>
  );
}

function Based({ layer }: { layer: Layer }) {
  const { t } = useI18n();
  const search = useSearch({ from: "/configs/$layer/edit" });
  // what is written meanwhile changes nothing here: it is shown, and merged when the writer says so
  const [newest] = useState(layer.newest_number);
  const from = search.base ?? (newest || undefined);
  const version = useVersion(layer.layer_id, from);
  const nothing = useMemo(() => ({ text: "", document: {} as Document }), []);
  if (from === undefined) return <Editor layer={layer} start={nothing} number={undefined} newest={newest} />;
  return (
    <QueryState query={version} object={{ what: t("version.what"), id: `v${from}` }}>
      {(data) => <Editor key={data.version_id} layer={layer} start={data as { text: string; document: Document }} number={data.number} newest={newest} />}
    </QueryState>
  );
}

interface EditorProps {
  layer: Layer;
  start: { text: string; document: Document };
  number: number | undefined;
  /** Number of the newest version when the writing began; 0 = there was none. */
  newest: number;
}

function Editor({ layer, start, number, newest }: EditorProps) {
  const { t } = useI18n();
  const search = useSearch({ from: "/configs/$layer/edit" });
  const navigate = useNavigate({ from: "/configs/$layer/edit" });
  const draft = useDraft(layer.layer_id, start);
  const [onto, setOnto] = useState(newest);
  const take = (document: Document, from: number): void => {
    draft.setDocument(document);
    setOnto(from);
  };
  const settings = useSettings();
  const below = useBelow(layer);
  const narrow = useNarrow(760);
  const view: EditView = search.as ?? "form";
  return (
    <div className="editor">
      <section className="card">
        <header>
          <Segments
            label={t("edit.view")}
            value={view}
            options={(["form", "yaml"] as const).map((value) => ({ value, label: t(`edit.${value}`) }))}
            onChange={(as) => void navigate({ search: (old) => ({ ...old, as }), replace: true, resetScroll: false })}
          />
          <span className="sub">{number === undefined ? t("edit.based.nothing") : t("edit.based", { number })}</span>
          <span className="tools">
            <Verdict draft={draft} />
          </span>
        </header>
        {narrow && (
          <div className="pad">
            <p className="notice mute">{t("edit.desktop")}</p>
          </div>
        )}
        <div className="pad">
          {view === "yaml" ? (
            <YamlEditor text={draft.text} setText={draft.setText} faults={draft.check?.faults ?? NONE} readOnly={narrow} label={t("edit.yaml.label")} />
          ) : draft.document === null ? (
            <p className="notice warn">{t("edit.yaml.broken")}</p>
          ) : (
            <QueryState query={settings} rows={10}>
              {(tree) => <Form tree={tree} draft={draft} below={below} readOnly={narrow} />}
            </QueryState>
          )}
        </div>
      </section>
      {!narrow && <Publish layer={layer} draft={draft} onto={onto} take={take} />}
    </div>
  );
}

/** Whether what stands there could be a version, as the server sees it. */
function Verdict({ draft: { check, checking, error } }: { draft: Draft }) {
  const { t } = useI18n();
  if (error) return <Status tone="warn">{t("edit.check.failed")}</Status>;
  if (checking || !check) return <Status tone="run">{t("edit.checking")}</Status>;
  return check.faults.length ? (
    <Status tone="crit">{t("edit.faults", { count: check.faults.length })}</Status>
  ) : (
    <Status tone="ok">{t("edit.valid")}</Status>
  );
}
