import theme from "antd/es/theme";
import type { ThemeConfig } from "antd/es/config-provider";

const light = {
  colorPrimary: "#1f53cf", colorLink: "#1b47b3", colorText: "#161c27", colorTextSecondary: "#4d586b",
  colorTextDescription: "#677285", colorTextPlaceholder: "#667085", colorBgLayout: "#f4f5f7",
  colorBgContainer: "#ffffff", colorBgElevated: "#ffffff", colorBorder: "#cfd4dc", colorBorderSecondary: "#e1e4ea",
};
const dark: typeof light = {
  colorPrimary: "#7ba8ff", colorLink: "#a5c4ff", colorText: "#e6eaf0", colorTextSecondary: "#aab4c2",
  colorTextDescription: "#8d98a8", colorTextPlaceholder: "#9aa4b2", colorBgLayout: "#0c1015",
  colorBgContainer: "#141920", colorBgElevated: "#141920", colorBorder: "#364150", colorBorderSecondary: "#252d38",
};

/** Ant Design's tokens, from the same table as tokens.css. */
export const themeOf = (isDark: boolean, comfortable: boolean): ThemeConfig => ({
  algorithm: [isDark ? theme.darkAlgorithm : theme.defaultAlgorithm, theme.compactAlgorithm],
  token: {
    ...(isDark ? dark : light),
    fontSize: comfortable ? 14 : 13,
    fontFamily: "var(--sans)",
    fontFamilyCode: "var(--mono)",
    borderRadius: 5,
    borderRadiusLG: 7,
    controlHeight: 28,
    motionDurationMid: "0.12s",
    motionDurationSlow: "0.15s",
    // base.css stops animations for those who asked; components that wait for their end must know
    motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
  },
});
