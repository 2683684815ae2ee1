import { createContext, useContext } from "react";
import { type Translate, translator } from "./translate";
import type { Language } from "./types";

export interface I18n {
  language: Language;
  t: Translate;
}

export const I18nContext = createContext<I18n>({ language: "zh", t: translator("zh") });

export const useI18n = (): I18n => useContext(I18nContext);
