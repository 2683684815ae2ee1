import { useDocs } from "../../../api/alertdocs";
import { useChannels } from "../../../api/channels";

export const CHANNEL_LIST = "alert-channels";
export const RECEIVER_LIST = "alert-receivers";

/** What fields for receivers suggest: channels, and with them schedules. */
export function ReceiverLists() {
  const channels = (useChannels().data?.items ?? []).map(({ name }) => name);
  const schedules = (useDocs("schedule").data?.items ?? []).map(({ name }) => name);
  return (
    <>
      <datalist id={CHANNEL_LIST}>{channels.map((name) => <option key={name} value={name} />)}</datalist>
      <datalist id={RECEIVER_LIST}>{[...channels, ...schedules].map((name) => <option key={name} value={name} />)}</datalist>
    </>
  );
}
