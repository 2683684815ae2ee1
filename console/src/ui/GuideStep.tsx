import type { ReactNode } from "react";
import { useI18n } from "../i18n/context";
import { Status } from "./Status";

/** A step of a first-run guide, ticked off when it is done. */
export function GuideStep({ done, title, children }: { done: boolean; title: string; children: ReactNode }) {
  const { t } = useI18n();
  return (
    <li>
      <Status tone={done ? "ok" : "mute"} size={16} bare>
        {t(done ? "guide.done" : "guide.todo")}
      </Status>
      <div>
        <h3>{title}</h3>
        {children}
      </div>
    </li>
  );
}
