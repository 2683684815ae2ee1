import { useCallback, useEffect, useRef, useState } from "react";
import type { FileContent } from "../../api/files";
import { useKeys } from "../../app/keys";
import { useI18n } from "../../i18n/context";
import { formatBytes } from "../../i18n/format";
import { Segments } from "../../ui/Segments";
import { Forbidden } from "../../ui/StateBlock";
import { useMay, useMe } from "../../api/account";
import { FindPane } from "./FindPane";
import { TailPane } from "./TailPane";
import { ENCODINGS } from "./routes";
import { usePlace } from "./usePlace";

interface Props {
  agent: string;
  path: string;
  roots: readonly string[];
  go: (path: string | undefined) => void;
}

/** What is in a file: its end, followed; or lines that were looked for. */
export function ContentPane({ agent, path, roots, go }: Props) {
  const { t } = useI18n();
  const { search, set } = usePlace();
  const finding = search.find === "1";
  const [about, setAbout] = useState<FileContent | null>(null);
  const [full, setFull] = useState(false);
  const box = useRef<HTMLElement>(null);
  const me = useMe();
  const mayRead = useMay()("files:content") || me.data === null;
  const toggleFull = useCallback(() => setFull((old) => !old), []);
  useKeys([
    { key: "/", label: "browse.key.find", run: () => startFinding() },
    { key: "w", label: "log.wrap", run: () => set({ wrap: search.wrap ? undefined : "1" }, true) },
  ]);
  const startFinding = (): void => {
    set({ find: "1", line: undefined }, true);
    setTimeout(() => box.current?.querySelector<HTMLInputElement>("input[data-find]")?.focus(), 50);
  };
  useEffect(() => {
    if (!full) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setFull(false);
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [full]);
  if (!mayRead) {
    return (
      <section className="card">
        <Forbidden permission="files:content" />
      </section>
    );
  }
  return (
    <section ref={box} className={full ? "card content-pane full" : "card content-pane"} aria-label={t("log.content")}>
      <header>
        <h2>{t("log.content")}</h2>
        <Segments
          label={t("log.mode")}
          value={finding ? "find" : "tail"}
          options={[
            { value: "tail", label: t("log.tail") },
            { value: "find", label: t("log.find") },
          ]}
          onChange={(mode) => (mode === "find" ? startFinding() : set({ find: undefined }, true))}
        />
        {about && <About about={about} />}
        <span className="tools">
          {about && !about.binary && <EncodingPick about={about} />}
          <button
            type="button"
            className="chip"
            aria-pressed={search.wrap === "1"}
            onClick={() => set({ wrap: search.wrap ? undefined : "1" }, true)}
          >
            {t("log.wrap")}
          </button>
          <button type="button" className="button ghost small" aria-pressed={full} onClick={toggleFull}>
            {t(full ? "log.small" : "log.full")}
          </button>
        </span>
      </header>
      {finding ? (
        <FindPane agent={agent} path={path} roots={roots} go={go} tell={setAbout} />
      ) : (
        <TailPane agent={agent} path={path} roots={roots} go={go} tell={setAbout} />
      )}
    </section>
  );
}

const NAMES: Record<string, string> = { "utf-8": "UTF-8", gb18030: "GBK", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "latin-1": "Latin-1" };

/** Encoding, length, packing. */
function About({ about }: { about: FileContent }) {
  const { t } = useI18n();
  const parts = [
    NAMES[about.encoding] ?? about.encoding,
    typeof about.total_lines === "number" ? t("log.lines", { count: about.total_lines.toLocaleString("en-US") }) : formatBytes(about.size_bytes),
    about.compressed ? t("log.packed", { how: about.compressed }) : "",
    about.partial ? t("log.partial", { size: formatBytes(about.size_bytes) }) : "",
  ].filter(Boolean);
  return <span className="sub">{parts.join(" · ")}</span>;
}

const LONG_NAMES: Record<string, string> = { gb18030: "GBK / GB18030", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE" };

/** How the bytes are read: found by the agent, or chosen, which the link keeps. */
function EncodingPick({ about }: { about: FileContent }) {
  const { t } = useI18n();
  const { search, set } = usePlace();
  return (
    <label className="find-context">
      <span className="sr">{t("log.encoding")}</span>
      <select className="input fit" value={search.enc ?? ""} title={t("log.encoding")} onChange={(event) => set({ enc: event.target.value || undefined }, true)}>
        <option value="">{search.enc ? t("log.encoding.found") : t("log.encoding.auto", { name: NAMES[about.encoding] ?? about.encoding })}</option>
        {ENCODINGS.map((one) => (
          <option key={one} value={one}>
            {LONG_NAMES[one] ?? NAMES[one] ?? one}
          </option>
        ))}
      </select>
    </label>
  );
}
