import { type Json, type Layer, useLayers, useVersionById } from "../../../api/configs";
import { useLayerName } from "../words";
import { type Place, valueAt } from "./tree";

/** What layers below this one say about a setting. */
export interface Below {
  /** The value that counts unless this layer sets one; undefined = no layer below says anything. */
  valueAt: (place: Place) => Json | undefined;
  /** What the layer is called that says it. */
  name: string;
}

/** For a group or a host: the base that is in force. A host's groups depend on its labels and are shown on its own page. */
export function useBelow(layer: Layer): Below | undefined {
  const base = useLayers().data?.find(({ kind }) => kind === "base");
  const version = useVersionById(layer.kind === "base" ? undefined : base?.current?.version_id).data;
  const name = useLayerName()(base);
  if (!version) return undefined;
  return { name, valueAt: (place) => valueAt(version.document as Json, place) };
}
