import { useState } from "react";
import { type Choice, type LetterAct, type LetterDetail, type LetterRehearsal, orderLetters, rehearseLetters, useRenewLetters, type Wish } from "../../api/dlq";
import { useI18n } from "../../i18n/context";
import { formatCount, formatDuration } from "../../i18n/format";
import { ActionDialog } from "../../ui/action/ActionDialog";
import type { Preview } from "../../ui/action/types";
import { FieldDiff } from "../../ui/diff/FieldDiff";
import { changeOf } from "../../ui/diff/values";
import { PathText } from "../../ui/PathText";
import { Status } from "../../ui/Status";
import { changedParts, noteWord, objectOf } from "./words";

const numberOf = (text: string, most: number): number | undefined => {
  const value = Number(text);
  return text.trim() === "" || !Number.isFinite(value) || value <= 0 ? undefined : Math.min(value, most);
};

interface ManyProps {
  act: LetterAct;
  choice: Choice;
  count: number;
  close: () => void;
}

/** Many letters done again or given up: what it would do, at which pace, how many at most. */
export function OrderDialog({ act, choice, count, close }: ManyProps) {
  const { t } = useI18n();
  const [rate, setRate] = useState("");
  const [limit, setLimit] = useState("");
  const [poison, setPoison] = useState(false);
  const named = "ids" in choice;
  const wish: Wish = { act, choice, poison, rate: act === "replay" ? numberOf(rate, 10_000) : undefined, limit: numberOf(limit, 100_000) };
  return (
    <Order wish={wish} count={count} close={close} title={t(`dlq.${act}.title`)}>
      {!named && (
        <div className="dlq-fields">
          <Amount label={t("dlq.limit")} value={limit} set={setLimit} />
          {act === "replay" && <Amount label={t("dlq.rate")} value={rate} set={setRate} />}
          {act === "replay" && (
            <label className="check">
              <input type="checkbox" checked={poison} onChange={(event) => setPoison(event.target.checked)} />
              {t("dlq.with.poison")}
            </label>
          )}
        </div>
      )}
    </Order>
  );
}

function Amount({ label, value, set }: { label: string; value: string; set: (value: string) => void }) {
  const { t } = useI18n();
  return (
    <label className="dlq-field">
      <span>{label}</span>
      <input className="input" type="number" min={1} value={value} placeholder={t("dlq.any")} onChange={(event) => set(event.target.value)} />
    </label>
  );
}

/** One letter changed before it is done again; the server checks it and shows every difference. */
export function EditDialog({ letter, close }: { letter: LetterDetail; close: () => void }) {
  const { t } = useI18n();
  const before = (letter.editable ?? {}) as Record<string, unknown>;
  const [text, setText] = useState(() => JSON.stringify(before, null, 2));
  const value = objectOf(text);
  const edit = value === null ? {} : changedParts(before, value);
  const same = Object.keys(edit).length === 0;
  return (
    <Order
      wish={{ act: "replay", choice: { ids: [letter.letter_id] }, edit }}
      count={1}
      ready={!same}
      close={close}
      title={t("dlq.edit.title")}
    >
      <label className="dlq-field">
        <span>{t("dlq.edit.content")}</span>
        <textarea className="input mono" rows={Math.min(16, text.split("\n").length + 1)} spellCheck={false} value={text} onChange={(event) => setText(event.target.value)} />
      </label>
      {value === null && <p className="field-error">{t("dlq.edit.wrong")}</p>}
      {value !== null && same && <p className="dim">{t("dlq.edit.same")}</p>}
    </Order>
  );
}

interface OrderProps {
  wish: Wish;
  count: number;
  title: string;
  ready?: boolean;
  close: () => void;
  children?: React.ReactNode;
}

function Order({ wish, count, title, ready = true, close, children }: OrderProps) {
  const { t } = useI18n();
  const renew = useRenewLetters();
  const [able, setAble] = useState(count);
  const ahead = async (signal: AbortSignal): Promise<Preview> => {
    const found = await rehearseLetters(wish, signal);
    setAble(found.letters);
    return {
      picture: <Ahead found={found} act={wish.act} chosen={count} />,
      risk: wish.act === "drop" ? "medium" : "low",
      ...(wish.act === "replay" ? { wayBack: t("dlq.back.replay") } : {}),
    };
  };
  return (
    <ActionDialog
      title={title}
      act={t(`dlq.${wish.act}.do`, { count: able })}
      ready={ready && (able > 0 || !ready)}
      close={close}
      preview={ahead}
      previewKey={JSON.stringify(wish)}
      run={async (order) => {
        const run = await orderLetters(wish, order);
        renew();
        return run;
      }}
      reason={wish.act === "drop" ? "required" : "auto"}
      done={(run) => t(`dlq.done.${wish.act}`, { count: run?.total ?? 0 })}
    >
      {children}
    </ActionDialog>
  );
}

/** What the server says an order would do: how many of those that were chosen, which, and what stands in the way. */
function Ahead({ found, act, chosen }: { found: LetterRehearsal; act: LetterAct; chosen: number }) {
  const { t, language } = useI18n();
  const noted = found.items.filter(({ note }) => note !== "").length;
  const looked = found.items.length;
  const known = found.out_of_reach >= noted || looked >= found.letters; // agents are counted over all letters
  const stuck = known ? Math.max(noted, found.out_of_reach) : noted;
  const other = chosen - found.letters - found.poison_left_out - found.beyond;
  return (
    <div className="dlq-ahead">
      <strong>{t(`dlq.would.${act}`, { count: found.letters, chosen })}</strong>
      {found.poison_left_out > 0 && <p>{t("dlq.left.poison", { count: found.poison_left_out })}</p>}
      {found.beyond > 0 && <p>{t("dlq.left.more", { count: found.beyond })}</p>}
      {other > 0 && <p>{t("dlq.left.other", { count: other })}</p>}
      {stuck > 0 && <Status tone="warn">{t(known ? "dlq.stands" : "dlq.stands.of", { count: stuck, looked })}</Status>}
      <ul className="dlq-ahead-list" tabIndex={0} aria-label={t("dlq.ahead.list")}>
        {found.items.map(({ letter, note }) => (
          <li key={letter.letter_id}>
            <PathText text={letter.about} className="mono" />
            <span className="dim el">{letter.hostname ?? letter.place}</span>
            {note !== "" && <Status tone="warn">{noteWord(note, language)}</Status>}
          </li>
        ))}
        {looked < found.letters && <li className="dim">{t("dlq.ahead.more", { count: formatCount(found.letters - looked, language) })}</li>}
      </ul>
      {found.changes.length > 0 && <FieldDiff changes={found.changes.map(({ pointer, before, after }) => changeOf(pointer, { before, after }))} />}
      <p className="dim">{t(`dlq.effect.${act}`)}</p>
      {found.takes_s !== null && <p className="dim">{t("dlq.takes", { time: formatDuration(found.takes_s, t) })}</p>}
    </div>
  );
}
