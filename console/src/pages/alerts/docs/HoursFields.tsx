import { useI18n } from "../../../i18n/context";
import { isBlock } from "../../../ui/edit/places";
import { DAYS } from "../../rules/cond/conditions";
import { Check, TextField } from "../../rules/edit/controls";
import { ZONE_LIST } from "../../rules/edit/form";
import { Line } from "../rules/fields";
import { useKey } from "../rules/form";

/** Hours of days in which a document counts; without them it always does. `zoned` = they name their zone themselves. */
export function HoursFields({ zoned }: { zoned: boolean }) {
  const { t } = useI18n();
  const { value, set } = useKey("hours");
  const hours = isBlock(value) ? value : undefined;
  const days = Array.isArray(hours?.["days"]) ? hours["days"].map(String) : [...DAYS];
  const put = (key: string, next: unknown): void => set({ ...hours, [key]: next } as never);
  return (
    <Line label={t("hours")} at={["/hours"]}>
      <Check label={t("hours.only")} value={hours !== undefined} set={(on) => set(on ? { ...(zoned ? { zone: "Asia/Shanghai" } : {}), days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", to: "18:00" } : undefined)} />
      {hours && (
        <>
          {zoned && <TextField label={t("schedule.zone")} className="zone" value={hours["zone"]} set={(next) => put("zone", next ?? "")} list={ZONE_LIST} />}
          <span className="chips">
            {DAYS.map((day) => (
              <button key={day} type="button" className="chip" aria-pressed={days.includes(day)} onClick={() => put("days", DAYS.filter((one) => (one === day ? !days.includes(day) : days.includes(one))))}>
                {t(`hours.day.${day}`)}
              </button>
            ))}
          </span>
          <TextField label={t("hours.from")} className="short" value={hours["from"]} set={(next) => put("from", next ?? "")} />
          <span>–</span>
          <TextField label={t("hours.to")} className="short" value={hours["to"]} set={(next) => put("to", next ?? "")} />
        </>
      )}
    </Line>
  );
}
