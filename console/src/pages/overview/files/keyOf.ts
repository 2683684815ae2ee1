/** Files that are not queued yet have no id of their own (theirs is negative and changes): the path names them. */
export const keyOf = ({ id, path }: { id: number; path: string }): string => (id > 0 ? String(id) : path);
