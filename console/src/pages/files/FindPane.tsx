import { useEffect, useMemo, useState } from "react";
import { RequestError } from "../../api/client";
import type { FileContent } from "../../api/files";
import { useKeys } from "../../app/keys";
import { useI18n } from "../../i18n/context";
import { formatBytes } from "../../i18n/format";
import { HitStrip } from "../../ui/log/HitStrip";
import { rowsOf } from "../../ui/log/lines";
import { LogView } from "../../ui/log/LogView";
import { Empty, Loading } from "../../ui/StateBlock";
import { Binary } from "./TailPane";
import { FilesProblem } from "./FilesProblem";
import { FindBar } from "./FindBar";
import { useHits } from "./useHits";
import { usePlace } from "./usePlace";

interface Props {
  agent: string;
  path: string;
  roots: readonly string[];
  go: (path: string | undefined) => void;
  tell: (about: FileContent | null) => void;
}

/** Lines of the whole file that hold a text: counted by level, placed on a strip, stepped through. */
export function FindPane({ agent, path, roots, go, tell }: Props) {
  const { t } = useI18n();
  const { search, set } = usePlace();
  const [from, setFrom] = useState(0);
  const hits = useHits(agent, path, search, from);
  const { first, lines, error } = hits;
  const facts = first?.search ?? undefined;
  const [at, setAt] = useState(-1);
  const [view, setView] = useState<[number, number]>([0, 0]);
  const asked = `${search.q ?? ""} ${search.re ?? ""} ${search.case ?? ""} ${(search.level ?? []).join()}`;
  const [seen, setSeen] = useState(asked);
  if (seen !== asked) {
    setSeen(asked);
    setAt(-1);
    setFrom(0);
  }
  useEffect(() => tell(first ?? null), [first, tell]);
  const rows = useMemo(() => rowsOf(lines, true), [lines]);
  const keys = useMemo(() => lines.filter(({ hit }) => hit).map(({ offset }) => `${offset}`), [lines]);
  const step = (by: 1 | -1): void => {
    if (!keys.length) return;
    const next = at + by;
    if (next >= keys.length && hits.more) hits.fetchMore();
    setAt(next < 0 ? keys.length - 1 : next >= keys.length ? (hits.more ? at : 0) : next);
  };
  useKeys([
    { key: "n", label: "browse.key.next", run: () => step(1) },
    { key: "shift+n", label: "browse.key.back", run: () => step(-1) },
  ]);
  const size = Math.max(1, first?.size_bytes ?? 1);
  const toCell = (index: number): void => {
    const cells = facts?.strip.length ?? 1;
    const offset = Math.floor((index * size) / cells);
    const place = keys.findIndex((key) => Number(key) >= offset);
    if (place >= 0) setAt(place);
    else {
      setFrom(offset);
      setAt(0);
    }
  };
  const shown = at >= 0 && from === 0 ? at + 1 : 0;
  const asking = Boolean(search.q) || Boolean(search.level?.length);
  const badPattern = error instanceof RequestError && (error.code === "bad_pattern" || error.code === "pattern_too_slow") ? error : null;
  return (
    <>
      <FindBar facts={facts} place={shown} step={step} problem={badPattern} busy={hits.fetching} />
      {facts && facts.hits > 0 && <HitStrip cells={facts.strip} view={[view[0] / size, view[1] / size]} onCell={toCell} />}
      {facts?.truncated && (
        <p className="find-note notice warn">{t("log.truncated", { size: formatBytes(facts.scanned_bytes), of: formatBytes(size) })}</p>
      )}
      {!asking ? (
        <Empty title={t("log.ask")} icon="search">
          {t("log.ask.sub")}
        </Empty>
      ) : error && !badPattern ? (
        <FilesProblem error={error} retry={hits.refetch} roots={roots} go={go} />
      ) : hits.pending && !badPattern ? (
        <Loading rows={12} />
      ) : first?.binary ? (
        <Binary about={first} />
      ) : badPattern ? null : rows.length === 0 ? (
        <Empty title={t("log.nohits")} icon="search">
          {facts && facts.hits > 0 ? t("log.nohits.level") : t("log.nohits.sub", { size: formatBytes(size) })}
        </Empty>
      ) : (
        <LogView
          label={path}
          rows={rows}
          wrap={search.wrap === "1"}
          marked={search.line}
          current={keys[at]}
          follow={false}
          atEnd={false}
          setFollow={() => undefined}
          onLine={(number) => set({ line: number, find: undefined })}
          onTop={() => undefined}
          onBottom={() => hits.more && hits.fetchMore()}
          onGap={hits.expand}
          onView={(start, end) => setView([start, end])}
        />
      )}
    </>
  );
}
