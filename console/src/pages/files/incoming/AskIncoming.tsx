import { useState } from "react";
import { useI18n } from "../../../i18n/context";
import { formatBytes } from "../../../i18n/format";
import { ActionDialog } from "../../../ui/action/ActionDialog";
import type { Dropped } from "./drop";
import { incoming } from "./queue";

interface Props {
  wished: Dropped;
  agent: string;
  host: string;
  directory: string;
  auto: boolean;
  maxBytes: number;
  close: () => void;
}

/** Before files leave this computer: which, where to, what follows, over what, and why. */
export function AskIncoming({ wished, agent, host, directory, auto, maxBytes, close }: Props) {
  const { t } = useI18n();
  const [replace, setReplace] = useState(false);
  const files = wished.files.filter(({ size }) => size <= maxBytes);
  const large = wished.files.filter(({ size }) => size > maxBytes);
  const total = files.reduce((sum, { size }) => sum + size, 0);
  return (
    <ActionDialog
      title={t("incoming.ask", { host })}
      act={t("incoming.ask.do", { count: files.length })}
      close={close}
      ready={files.length > 0}
      suggestions={[t("incoming.ask.why1"), t("incoming.ask.why2")]}
      run={async ({ reason }) => incoming.add(files.map((file) => ({ agent, directory, file, reason, replace })))}
      done={() => t("incoming.begun", { count: files.length })}
    >
      <p>{t("incoming.ask.effect")}</p>
      <p className="mono path-line">{directory}</p>
      {files.length > 0 && (
        <ul className="incoming-files" aria-label={t("incoming.list")}>
          {files.map((file) => (
            <li key={`${file.name} ${file.size} ${file.lastModified}`}>
              <span className="el">{file.name}</span>
              <span className="dim">{formatBytes(file.size)}</span>
            </li>
          ))}
        </ul>
      )}
      {files.length > 1 && <p className="dim">{t("incoming.ask.total", { size: formatBytes(total) })}</p>}
      {large.length > 0 && <p className="notice warn">{t("incoming.ask.large", { size: formatBytes(maxBytes), names: large.map(({ name }) => name).join(" · ") })}</p>}
      {wished.directories > 0 && <p className="notice warn">{t("incoming.dirs", { count: wished.directories })}</p>}
      {!auto && <p className="notice warn">{t("incoming.ask.held")}</p>}
      <label className="check">
        <input type="checkbox" checked={replace} onChange={({ target }) => setReplace(target.checked)} />
        {t("incoming.ask.replace")}
      </label>
      <p className="dim">{t("incoming.ask.back")}</p>
    </ActionDialog>
  );
}
