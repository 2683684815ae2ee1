import Drawer from "antd/es/drawer";
import type { ReactNode } from "react";
import { useI18n } from "../i18n/context";
import { Copy } from "./Copy";
import { useNarrow } from "./table/useNarrow";

interface Props {
  open: boolean;
  close: () => void;
  title: ReactNode;
  /** State of the object and its actions, beside the title. */
  tools?: ReactNode;
  width?: number;
  children: ReactNode;
}

/** What is known about a row, beside the list: the list stays usable, J and K walk on, Escape closes. */
export function DetailDrawer({ open, close, title, tools, width = 560, children }: Props) {
  const { t } = useI18n();
  const narrow = useNarrow(760);
  return (
    <Drawer
      open={open}
      onClose={close}
      title={title}
      size={narrow ? "100%" : width}
      closable={{ "aria-label": t("detail.close"), placement: "end" }}
      mask={false}
      destroyOnHidden
      className="detail-drawer"
      extra={
        <span className="row">
          {tools}
          <Copy text={location.href} what={t("detail.link")} icon="link" />
        </span>
      }
    >
      {children}
    </Drawer>
  );
}
