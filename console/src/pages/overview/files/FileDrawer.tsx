import Drawer from "antd/es/drawer";
import type { ReactNode } from "react";
import { type FileView, RequestError } from "../../../api/client";
import { useFile } from "../../../api/queries";
import { useI18n } from "../../../i18n/context";
import { formatBytes, formatDuration } from "../../../i18n/format";
import { reasonText } from "../../../i18n/translate";
import { Copy } from "../../../ui/Copy";
import { Empty, ErrorBlock, Loading } from "../../../ui/StateBlock";
import { Status } from "../../../ui/Status";
import { TimeText } from "../../../ui/TimeText";
import { FILE_TONE } from "./tones";

/** Everything known about one file. */
export function FileDrawer({ id, onClose }: { id: number | undefined; onClose: () => void }) {
  const { t } = useI18n();
  const file = useFile(id);
  return (
    <Drawer
      open={id !== undefined}
      onClose={onClose}
      title={t("detail.title")}
      size={520}
      closable={{ "aria-label": t("detail.close"), placement: "end" }}
      mask={false}
      destroyOnHidden
    >
      {file.data ? <Details file={file.data} /> : <Missing id={id ?? 0} error={file.error} retry={() => void file.refetch()} />}
    </Drawer>
  );
}

function Missing({ id, error, retry }: { id: number; error: Error | null; retry: () => void }) {
  const { t } = useI18n();
  if (!error) return <Loading rows={9} />;
  if (error instanceof RequestError && error.status === 404) {
    return <Empty title={t("detail.missing", { id: String(id) })}>{t("detail.missing.sub")}</Empty>;
  }
  return <ErrorBlock error={error} retry={retry} />;
}

function Details({ file }: { file: FileView }) {
  const { t, language } = useI18n();
  const time = (at: string | null): ReactNode => (at ? <TimeText at={at} /> : t("none"));
  const tone = FILE_TONE[file.state];
  return (
    <div className="details">
      <div className={`detail-head ${tone}`}>
        <Status tone={tone}>{t(`file.${file.state}`)}</Status>
        {file.reason && (
          <>
            <span className="strong">{reasonText(language, file.reason)}</span>
            <p className="mono dim detail-message">{file.reason.message}</p>
          </>
        )}
      </div>
      <h3>{t("detail.file")}</h3>
      <dl>
        <Copied name={t("detail.path")} value={file.path} />
        <Fact name={t("detail.size")}>
          {formatBytes(file.size_bytes)}{" "}
          {file.size_bytes >= 1024 && (
            <span className="dim">{t("detail.bytes", { count: file.size_bytes.toLocaleString("en-US") })}</span>
          )}
        </Fact>
        <Fact name={t("detail.modified")}>{time(file.modified_at)}</Fact>
        <Fact name={t("detail.id")}>{file.id}</Fact>
      </dl>
      <h3>{t("detail.transfer")}</h3>
      <dl>
        <Fact name={t("detail.updated")}>{time(file.updated_at)}</Fact>
        <Fact name={t("detail.attempts")}>{file.attempts}</Fact>
        <Fact name={t("detail.class")}>{file.error_class ? t(`class.${file.error_class}`) : t("none")}</Fact>
        <Fact name={t("detail.next")}>{time(file.next_at)}</Fact>
        <Fact name={t("detail.duration")}>
          {file.duration_ms === null ? t("none") : formatDuration(file.duration_ms / 1000, t)}
        </Fact>
        <Fact name={t("detail.priority")}>{file.priority}</Fact>
      </dl>
      <h3>{t("detail.object")}</h3>
      <dl>
        <Fact name={t("detail.store")}>{file.store}</Fact>
        <Copied name={t("detail.key")} value={file.key} />
        <Copied name={t("detail.etag")} value={file.etag} />
        <Copied name={t("detail.sha256")} value={file.sha256} />
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Copied({ name, value }: { name: string; value: string | null }) {
  const { t } = useI18n();
  if (value === null) return <Fact name={name}>{t("none")}</Fact>;
  return (
    <Fact name={name}>
      <span className="mono breakable">{value}</span> <Copy text={value} what={name} />
    </Fact>
  );
}
