import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { WRITE } from "../../../api/alerts";
import { CHANNELS_KEY, dropTemplate, previewTemplate, putTemplate, type Template, useRenewChannels, useTemplates } from "../../../api/channels";
import { useI18n } from "../../../i18n/context";
import { formatBytes } from "../../../i18n/format";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import { Card } from "../../../ui/Card";
import { QueryState } from "../../../ui/QueryState";
import { useErrorText } from "../../../ui/StateBlock";
import { TimeText } from "../../../ui/TimeText";
import { useLater } from "../../../ui/useLater";
import { useMayWhy } from "../../../ui/useMayWhy";
import { personOf } from "../words";

const QUIET_MS = 300;

/** How messages read, by what they tell. */
export function Templates({ channels }: { channels: readonly string[] }) {
  const { t } = useI18n();
  const query = useTemplates();
  const why = useMayWhy()(WRITE);
  const [open, setOpen] = useState<Template | null>(null);
  return (
    <Card title={t("template.title")} sub={t("template.sub")}>
      <QueryState query={query} rows={3} pace="list">
        {({ items }) => (
          <ul className="template-list">
            {items.map((template) => (
              <li key={template.kind}>
                <strong>{t(`template.kind.${template.kind}`)}</strong>
                <span className="mono el" title={template.title}>{template.title}</span>
                <span className="dim">{template.is_default || !template.updated_at ? t("template.default") : <>{personOf(template.by)} · <TimeText at={template.updated_at} /></>}</span>
                <button type="button" className="button small" disabled={why !== undefined} title={why} onClick={() => setOpen(template)}>{t("rule.edit")}</button>
              </li>
            ))}
          </ul>
        )}
      </QueryState>
      {open && <Editor template={open} channels={channels} close={() => setOpen(null)} />}
    </Card>
  );
}

/** A text with its places, and how a message would read with it. */
function Editor({ template, channels, close }: { template: Template; channels: readonly string[]; close: () => void }) {
  const { t } = useI18n();
  const renew = useRenewChannels();
  const [text, setText] = useState({ title: template.title, text: template.text });
  const [channel, setChannel] = useState(channels[0] ?? "");
  const [back, setBack] = useState(false);
  const later = useLater(text, QUIET_MS);
  const seen = useQuery({
    queryKey: [CHANNELS_KEY, "preview", template.kind, channel, later],
    queryFn: ({ signal }) => previewTemplate(template.kind, later, channel, signal),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  });
  const wrong = useErrorText(seen.error);
  const changed = text.title !== template.title || text.text !== template.text;
  return (
    <ActionDialog
      title={t("template.edit", { name: t(`template.kind.${template.kind}`) })}
      act={t(back ? "template.back" : "template.save")}
      width={860}
      close={close}
      ready={back || (changed && seen.error === null && !seen.isPlaceholderData && later === text)}
      run={async (order) => {
        const wish = { ...order, revision: String(template.revision) };
        await (back ? dropTemplate(template.kind, wish) : putTemplate(template.kind, text, wish));
        renew();
      }}
      done={() => t("template.saved")}
    >
      <div className="template-edit">
        <div className="form-grid">
          <label className="labelled"><span>{t("template.head")}</span><input className="input mono" value={text.title} maxLength={300} disabled={back} onChange={(event) => setText({ ...text, title: event.target.value })} /></label>
          <label className="labelled"><span>{t("template.text")}</span><textarea className="input mono" rows={10} value={text.text} maxLength={4_000} disabled={back} spellCheck={false} onChange={(event) => setText({ ...text, text: event.target.value })} /></label>
          <details className="schema-block">
            <summary>{t("template.fields")}</summary>
            <dl className="facts">{Object.entries(template.fields).map(([name, what]) => <div key={name}><dt className="mono">{`\${${name}}`}</dt><dd>{what}</dd></div>)}</dl>
          </details>
          {!template.is_default && <label className="check"><input type="checkbox" checked={back} onChange={(event) => setBack(event.target.checked)} />{t("template.back.word")}</label>}
        </div>
        <section className="template-seen" aria-label={t("template.preview")}>
          <p className="row spread">
            <strong>{t("template.preview")}</strong>
            {channels.length > 0 && (
              <select className="input fit" aria-label={t("message.channel")} value={channel} onChange={(event) => setChannel(event.target.value)}>
                {channels.map((name) => <option key={name} value={name}>{name}</option>)}
              </select>
            )}
          </p>
          {seen.error && <p className="field-error" role="alert">{seen.error.message || wrong}</p>}
          {seen.data && (
            <>
              <h3>{seen.data.title}</h3>
              <pre>{seen.data.text}</pre>
              <p className={seen.data.size_bytes > seen.data.max_bytes ? "field-error" : "dim small"}>{t("template.size", { size: formatBytes(seen.data.size_bytes), most: formatBytes(seen.data.max_bytes) })}</p>
            </>
          )}
        </section>
      </div>
    </ActionDialog>
  );
}
