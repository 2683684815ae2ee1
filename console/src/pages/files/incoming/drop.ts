import { useEffect, useRef, useState } from "react";

export interface Dropped {
  files: File[];
  /** Whole directories among them, which are not taken. */
  directories: number;
}

/** What was dropped; a directory comes as a file that cannot be read, so it is told apart here. */
export function droppedOf({ items }: Pick<DataTransfer, "items">): Dropped {
  const entries = [...items].filter(({ kind }) => kind === "file").map((item) => ({ file: item.getAsFile(), entry: item.webkitGetAsEntry() }));
  const isDirectory = ({ entry }: (typeof entries)[number]): boolean => entry?.isDirectory === true;
  const files = entries.filter((one) => !isDirectory(one)).flatMap(({ file }) => file ?? []);
  return { files, directories: entries.filter(isDirectory).length };
}

const carriesFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") === true;

/** Files may be dropped anywhere on the page; true while some are held over it. Where none is taken, none opens either. */
export function useDrop(take: ((dropped: Dropped) => void) | undefined): boolean {
  const [over, setOver] = useState(false);
  const latest = useRef(take);
  latest.current = take;
  useEffect(() => {
    let depth = 0; // enter and leave come for every element on the way
    const move = (step: number) => (event: DragEvent) => {
      if (!carriesFiles(event)) return;
      depth = Math.max(0, depth + step);
      setOver(depth > 0);
    };
    const hold = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = latest.current ? "copy" : "none";
    };
    const drop = (event: DragEvent): void => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      if (event.dataTransfer) latest.current?.(droppedOf(event.dataTransfer));
    };
    const listeners = [["dragenter", move(1)], ["dragleave", move(-1)], ["dragover", hold], ["drop", drop]] as const;
    for (const [name, listener] of listeners) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of listeners) removeEventListener(name, listener);
    };
  }, []);
  return over && take !== undefined;
}
