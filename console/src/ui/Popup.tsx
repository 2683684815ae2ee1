import Popover from "antd/es/popover";
import { type ReactNode, useState } from "react";

interface Props {
  /** Names the button for those who do not see it. */
  label?: string;
  button: ReactNode;
  className?: string;
  placement?: "bottomLeft" | "bottomRight";
  /** Gets the way to close, for content that is done with one choice. */
  children: (close: () => void) => ReactNode;
}

/** A button that opens a small surface below itself; Escape and a click elsewhere close it. */
export function Popup({ label, button, className = "button", placement = "bottomLeft", children }: Props) {
  const [open, setOpen] = useState(false);
  const close = (): void => setOpen(false);
  return (
    <Popover
      open={open}
      onOpenChange={setOpen}
      trigger="click"
      placement={placement}
      content={
        <div
          className="popup"
          onKeyDown={(event) => {
            if (event.key === "Escape") close();
          }}
        >
          {children(close)}
        </div>
      }
      styles={{ container: { border: "1px solid var(--bd2)", padding: 0 } }}
      arrow={false}
      destroyOnHidden
    >
      <button
        type="button"
        className={className}
        aria-label={label}
        aria-expanded={open}
        title={label}
        onKeyDown={(event) => event.key === "Escape" && close()}
      >
        {button}
      </button>
    </Popover>
  );
}
