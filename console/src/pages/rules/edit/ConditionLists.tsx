import { FIELDS } from "../cond/conditions";
import { FIELD_LIST, ZONE_LIST } from "./form";

const zones = (): string[] => ("supportedValuesOf" in Intl ? Intl.supportedValuesOf("timeZone") : ["UTC", "Asia/Shanghai"]);

/** What the fields of conditions suggest: names of an event, and more where it is tried. */
export function ConditionLists({ more = [] }: { more?: readonly string[] }) {
  return (
    <>
      <datalist id={FIELD_LIST}>
        {[...FIELDS, ...more].map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id={ZONE_LIST}>
        {zones().map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </>
  );
}
