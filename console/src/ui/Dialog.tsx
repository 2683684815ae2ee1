import Modal from "antd/es/modal";
import { type ReactNode, useRef } from "react";
import { useI18n } from "../i18n/context";

interface Props {
  title: ReactNode;
  close: () => void;
  width?: number;
  /** The row of buttons; none = the dialog only shows something. */
  footer?: ReactNode;
  /** A click beside the dialog closes it; not where something typed could be lost. */
  lightly?: boolean;
  className?: string;
  /** It cannot be closed, only answered. */
  fixed?: boolean;
  children: ReactNode;
}

/** A dialog over the page: keeps the focus, closes with Escape, gives the focus back. */
export function Dialog({ title, close, width = 480, footer = null, lightly = true, className = "", fixed = false, children }: Props) {
  const { t } = useI18n();
  const body = useRef<HTMLDivElement>(null);
  return (
    <Modal
      open
      title={title}
      onCancel={close}
      footer={footer}
      width={width}
      closable={fixed ? false : { "aria-label": t("dialog.close") }}
      keyboard={!fixed}
      mask={{ closable: lightly }}
      className={`dialog ${className}`}
      centered={false}
      destroyOnHidden
      afterOpenChange={(open) => open && focusFirst(body.current)}
    >
      <div ref={body}>{children}</div>
    </Modal>
  );
}

/** The first field, so that typing can begin; the dialog itself would focus its way out. */
const focusFirst = (body: HTMLElement | null): void =>
  body?.querySelector<HTMLElement>("input:not([type=hidden], [type=radio], [type=checkbox], [readonly]), textarea, select")?.focus();
