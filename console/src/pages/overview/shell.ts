/** A value as one word of a POSIX shell. */
export const quoted = (value: string): string =>
  /^[\w./-]+$/.test(value) && !value.startsWith("-") ? value : `'${value.replaceAll("'", `'\\''`)}'`;

/** The command that sends the dead letters of one cause again, from wherever it is pasted on the host. */
export const replayCommand = (causeId: string, dataDir: string): string =>
  `gwf queue replay --cause ${quoted(causeId)} --data ${quoted(dataDir)}`;
