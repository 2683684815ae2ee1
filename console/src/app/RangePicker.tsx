import { useState } from "react";
import { useI18n } from "../i18n/context";
import { momentOf } from "../i18n/format";
import type { Translate } from "../i18n/translate";
import { serverNow } from "../live/now";
import { Icon } from "../ui/Icon";
import { Popup } from "../ui/Popup";
import { useKeys } from "./keys";
import { absolute, presetRange, PRESETS, type Range, resolve, shifted } from "./range";
import { type TimeRange, useRange } from "./useRange";

/** The time range of all pages: presets, or two instants. */
export function RangePicker() {
  const { t } = useI18n();
  const range = useRange();
  const move = (direction: 1 | -1): void => range.set(shifted(range, direction, serverNow()));
  useKeys([
    { key: "[", label: "keys.earlier", run: () => move(-1) },
    { key: "]", label: "keys.later", run: () => move(1) },
  ]);
  return (
    <Popup
      label={t("range.label", { range: rangeText(range, t) })}
      className="button pick"
      placement="bottomRight"
      button={
        <>
          <Icon name="clock" size={14} />
          <span className="pick-text">{rangeText(range, t)}</span>
          <Icon name="down" size={13} />
        </>
      }
    >
      {(close) => <Choices range={range} close={close} />}
    </Popup>
  );
}

export function rangeText(range: Pick<TimeRange, "from" | "to" | "preset">, t: Translate): string {
  if (range.preset) return t(`range.${range.preset}`);
  const { fromMs, toMs } = resolve(range, serverNow());
  const [from, to] = [momentOf(fromMs), momentOf(toMs)];
  const day = "MM-DD HH:mm";
  if (range.to === "now") return t("range.since", { at: from.format(day) });
  return `${from.format(day)} – ${to.format(from.isSame(to, "day") ? "HH:mm" : day)}`;
}

const FIELD = "YYYY-MM-DDTHH:mm";

function Choices({ range, close }: { range: TimeRange; close: () => void }) {
  const { t } = useI18n();
  const { fromMs, toMs } = resolve(range, serverNow());
  const [from, setFrom] = useState(momentOf(fromMs).format(FIELD));
  const [to, setTo] = useState(momentOf(toMs).format(FIELD));
  const chosen = instants(from, to);
  const take = (next: Range): void => {
    range.set(next);
    close();
  };
  return (
    <div className="range">
      <div className="menu-list" role="group" aria-label={t("range.presets")}>
        {PRESETS.map((preset) => (
          <button
            key={preset}
            type="button"
            className="menu-item"
            aria-pressed={range.preset === preset}
            onClick={() => take(presetRange(preset))}
          >
            {t(`range.${preset}`)}
          </button>
        ))}
      </div>
      <form
        className="range-exact"
        onSubmit={(event) => {
          event.preventDefault();
          if (chosen) take(chosen);
        }}
      >
        <label>
          {t("range.from")}
          <input type="datetime-local" className="input" value={from} onChange={(event) => setFrom(event.target.value)} />
        </label>
        <label>
          {t("range.to")}
          <input type="datetime-local" className="input" value={to} onChange={(event) => setTo(event.target.value)} />
        </label>
        {!chosen && (
          <p className="field-error" role="alert">
            {t("range.wrong")}
          </p>
        )}
        <button type="submit" className="button primary" disabled={!chosen}>
          {t("range.apply")}
        </button>
      </form>
    </div>
  );
}

/** Two fields as a range, in the zone in which they were shown; null when they make none. */
function instants(from: string, to: string): Range | null {
  const [begin, end] = [from, to].map((text) => Date.parse(`${text}${momentOf(serverNow()).format("Z")}`));
  if (begin === undefined || end === undefined || Number.isNaN(begin) || Number.isNaN(end) || begin >= end) return null;
  return absolute(begin, end);
}
