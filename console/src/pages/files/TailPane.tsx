import { useEffect, useMemo, useState } from "react";
import type { FileContent } from "../../api/files";
import { useKeys } from "../../app/keys";
import { useI18n } from "../../i18n/context";
import { formatClock } from "../../i18n/format";
import { rowsOf } from "../../ui/log/lines";
import { LogView } from "../../ui/log/LogView";
import { Icon } from "../../ui/Icon";
import { Empty, ErrorBlock, Loading } from "../../ui/StateBlock";
import { FilesProblem } from "./FilesProblem";
import { usePlace } from "./usePlace";
import { useTail } from "./useTail";

interface Props {
  agent: string;
  path: string;
  roots: readonly string[];
  go: (path: string | undefined) => void;
  tell: (about: FileContent | null) => void;
}

/** The end of a file, followed until the reader looks elsewhere; both sides grow as they come into sight. */
export function TailPane({ agent, path, roots, go, tell }: Props) {
  const { t } = useI18n();
  const { search, set } = usePlace();
  const [follow, setFollowing] = useState(search.line === undefined);
  const tail = useTail({ agent, path, encoding: search.enc, first: search.line, active: true, following: follow });
  const { piece, about, error } = tail;
  useEffect(() => tell(about), [about, tell]);
  const rows = useMemo(() => rowsOf(piece?.lines ?? [], false), [piece]);
  const setFollow = (on: boolean): void => {
    setFollowing(on);
    if (on) tail.seen();
  };
  const toEnd = (): void => {
    setFollow(true);
    if (search.line !== undefined) set({ line: undefined }, true);
    if (!piece?.atEnd) tail.restart();
  };
  useKeys([
    { key: "f", label: "browse.key.follow", run: () => (follow ? setFollow(false) : toEnd()) },
    { key: "End", label: "browse.key.end", run: toEnd },
  ]);
  if (error !== null && !piece) return <FilesProblem error={error} retry={() => tail.restart(search.line)} roots={roots} go={go} />;
  if (!piece || !about) return <Loading rows={14} />;
  if (about.binary) return <Binary about={about} />;
  if (rows.length === 0) {
    return (
      <Empty title={t("log.empty")} icon="file">
        {t("log.empty.sub")}
      </Empty>
    );
  }
  return (
    <>
      {error !== null && <ErrorBlock error={error} retry={tail.newer} age={formatClock(about.as_of, Date.now())} />}
      <LogView
        label={path}
        rows={rows}
        wrap={search.wrap === "1"}
        marked={search.line}
        current={undefined}
        follow={follow}
        atEnd={piece.atEnd}
        setFollow={setFollow}
        onLine={(number) => {
          setFollow(false);
          set({ line: number }, true);
        }}
        onTop={tail.older}
        onBottom={() => !piece.atEnd && tail.newer()}
        onGap={() => undefined}
        onView={() => undefined}
      >
        {follow ? (
          <span className="log-follow">
            <i />
            {t("log.following")}
          </span>
        ) : (
          <button type="button" className="log-to-end" onClick={toEnd}>
            <Icon name="down" size={13} />
            {tail.fresh > 0 ? t("log.fresh", { count: tail.fresh }) : t("log.toend")}
            <kbd>{"End"}</kbd>
          </button>
        )}
      </LogView>
    </>
  );
}

/** A file that is no text: what it seems to be, and its beginning. */
export function Binary({ about }: { about: FileContent }) {
  const { t } = useI18n();
  const { binary } = about;
  if (!binary) return null;
  const bytes = binary.hex.match(/../g) ?? [];
  const rows = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, row) => bytes.slice(row * 16, row * 16 + 16));
  const plain = (byte: string): string => {
    const code = Number.parseInt(byte, 16);
    return code >= 32 && code < 127 ? String.fromCharCode(code) : ".";
  };
  return (
    <div className="binary">
      <p>{binary.type ? t("log.binary", { type: binary.type }) : t("log.binary.unknown")}</p>
      <pre tabIndex={0} aria-label={t("log.binary.head")}>
        {rows.map((row, index) => `${(index * 16).toString(16).padStart(6, "0")}  ${row.join(" ").padEnd(48)} ${row.map(plain).join("")}\n`).join("")}
      </pre>
    </div>
  );
}
