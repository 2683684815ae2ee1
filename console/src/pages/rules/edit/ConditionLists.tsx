import { useMay } from "../../../api/account";
import { useFlows } from "../../../api/flows";
import { FIELDS } from "../cond/conditions";
import { FIELD_LIST, FLOW_LIST, ZONE_LIST } from "./form";

const zones = (): string[] => ("supportedValuesOf" in Intl ? Intl.supportedValuesOf("timeZone") : ["UTC", "Asia/Shanghai"]);

/** What the fields of conditions suggest: names of an event, and more where it is tried. */
export function ConditionLists({ more = [] }: { more?: readonly string[] }) {
  const flows = useFlows(useMay()("flows:read")).data?.items ?? [];
  return (
    <>
      <datalist id={FLOW_LIST}>
        {flows.map(({ flow_id: id, name }) => (
          <option key={id} value={name} />
        ))}
      </datalist>
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
