import { useI18n } from "../../i18n/context";
import { Icon } from "../../ui/Icon";
import { askPalette } from "./state";

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

/** Opens the command palette; says which keys do. */
export function PaletteButton() {
  const { t } = useI18n();
  return (
    <button type="button" className="button palette-button" title={t("palette.open")} onClick={askPalette}>
      <Icon name="search" size={14} />
      <span className="palette-hint">{t("palette.hint")}</span>
      <kbd className="palette-hint">{isMac ? "⌘ K" : "Ctrl K"}</kbd>
    </button>
  );
}
