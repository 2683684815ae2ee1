import type { Language } from "./types";

/** Words for the server's reason codes. A code or value that is missing here falls back to the server's English. */
export const reasonTexts: Record<Language, Record<string, string>> = {
  zh: {
    nothing_watched: "没有监视任何目录：在 agent.watch 里写一个",
    starting: "正在启动：把被监视的目录与传输日志对账",
    watch_missing: "监视的目录 {path} 不存在，出现后会自动开始",
    watch_denied: "没有权限读取监视的目录 {path}",
    watch_limit: "内核的监视数量已用完，{path} 改为定时对账；请调大 fs.inotify.max_user_watches",
    watch_unreadable: "{path} 下有 {directories} 个目录没有权限读取",
    polling: "内核不报告这里的变化，改为定时对账",
    events_lost: "内核丢失了一部分文件事件，已重新对账补齐",
    store_unreachable: "目的地 {store} 没有正常应答：{error_class}",
    breaker_open: "目的地 {store} 连续失败，已暂停发送；文件在队列里等待",
    breaker_half_open: "目的地 {store} 又有应答了，正用一个文件试探",
    breaker_manual: "目的地 {store} 被人工暂停",
    breaker_manual_by: "目的地 {store} 被 {who} 人工暂停",
    breaker_manual_noted: "目的地 {store} 被 {who} 人工暂停，理由：{note}",
    journal_unavailable: "传输日志无法写入；文件留在磁盘上等待",
    journal_dropped: "程序出错，{entries} 条记录没有写进传输日志；原因在日志里",
    input_crashed: "程序出错，读取文件事件失败 {times} 次；原因在日志里",
    config_refused: "新配置有误，没有生效，仍按原配置工作",
    config_overlaid: "文件改过，但这些项以运行时所设的为准，文件里的没有生效：{keys}；要用文件里的，请执行 gwf config apply 文件名",
    config_half_done: "程序出错，配置只改了一半又没能恢复；请重启，原因在日志里",
    centre_refused: "中心不认这台主机：{why}；文件照常传输",
    centre_away: "中心 {url} 已有 {away_s} 没有应答；文件照常传输，事件留在本机，恢复后补报",
    centre_backlog: "{events} 条事件在等中心，已用掉预留空间的 {used_pct}%；用满后会丢弃最早的：调大 agent.centre.keep_events，或执行 gwf centre leave",
    centre_events_dropped: "有事件在中心收到之前被丢弃（{events} 条），恢复联系后会告知中心",
    centre_config_failed: "中心下发的一份配置在这里不行（{phase}），已保持或恢复原配置：{why}",
    database_in_memory: "中心的数据库 {database} 打不开：现在的记录只在内存里，停止后会丢失；排除原因后请重启",
    upkeep_failing: "过期的事件无法清理，数据库会越来越大",
    secrets_key_missing: "密钥文件 {path} 不在：{unreadable} 个密文读不出，也不能保存新的密码；请放回密钥文件，或从同一中心的另一台服务器复制",
    secrets_key_wrong: "密钥文件 {path} 不是这个数据库的：{unreadable} 个密文读不出，也不能保存新的密码；请换回正确的密钥文件",
    secrets_key_unusable: "密钥文件 {path} 用不了（{problem}）：{unreadable} 个密文读不出，也不能保存新的密码",
    fleet_not_written: "Agent 上报的状态暂时写不进数据库，先留在内存里，能写时立即写入",
    centre_crashed: "程序出错，与中心的连接失败 {times} 次；原因在日志里；文件照常传输",
    audit_broken: "{tenant} 的审计记录被改动过，第一处在第 {seq} 条（{kind}）；请按运行手册核对备份和导出",
    disk_low: "数据目录只剩 {free_bytes}，已暂停读取（至少需要 {min_free_bytes}）",
    high_water_files: "积压 {files} 个文件，高水位是 {limit}",
    high_water_oldest: "最老的文件已等待 {oldest_s}，上限是 {limit_s}",
    dead_letters: "{files} 个文件送不出去，成为死信，等人决定",
    dead_letters_growing: "死信在增加：共 {files} 个，新增 {grown} 个",
    actions_failed: "{actions} 个上传后的动作失败，等人决定：gwf action ls --state failed",
    archived: "上传核实后已归档",
    existed_before_first_start: "首次启动前就在目录里",
    smaller_than_min_size: "小于大小下限",
    larger_than_max_size: "超过大小上限",
    dropped_by_operator: "被人工放弃",
    moved_by_operator: "被人工改送到另一个目的地",
    store_no_longer_configured: "它的目的地已不在配置里",
    open_for_writing: "有程序正在写它",
    rate_limited: "限速：轮到它时再发",
    quiet_time: "静默窗口，还剩 {seconds} 秒",
    excluded: "监视目录的过滤条件不包含它",
  },
  en: {
    nothing_watched: "no directory is watched: name one in agent.watch",
    starting: "starting: watched directories are being compared with the journal",
    watch_missing: "watched directory {path} does not exist; watching starts when it appears",
    watch_denied: "no permission to read the watched directory {path}",
    watch_limit: "the kernel's watch limit is used up, {path} is polled; raise fs.inotify.max_user_watches",
    watch_unreadable: "{directories} {directories|directory|directories} below {path} may not be read",
    polling: "the kernel does not report changes here; found by reconciliation",
    events_lost: "the kernel lost file events; the directories were walked again",
    store_unreachable: "destination {store} does not answer as it should: {error_class}",
    breaker_open: "destination {store} keeps failing and is paused; its files wait in the queue",
    breaker_half_open: "destination {store} answers again; one file is being tried",
    breaker_manual: "destination {store} is held back by hand",
    breaker_manual_by: "destination {store} is held back by {who}",
    breaker_manual_noted: "destination {store} is held back by {who}: {note}",
    journal_unavailable: "the journal cannot be written; files wait on disk",
    journal_dropped: "a program error kept {entries} {entries|entry|entries} out of the journal; see the log",
    input_crashed: "reading file events failed {times} {times|time|times} by a program error; see the log",
    config_refused: "a configuration was refused, the one before stays in force",
    config_overlaid: "the file was changed where a value set at run time stands above it, and is ignored there: {keys}; gwf config apply FILE puts the file into force",
    config_half_done: "a change of the configuration failed half-way and could not be undone; restart, and see the log",
    centre_refused: "the centre does not want this edge: {why}; files are carried all the same",
    centre_away: "the centre {url} has not answered for {away_s}; files are carried all the same, events are kept and reported later",
    centre_backlog: "{events} {events|event waits|events wait} for the centre and use {used_pct}% of their room; past it the oldest are dropped: raise agent.centre.keep_events, or run gwf centre leave",
    centre_events_dropped: "{events} {events|event was|events were} dropped before the centre had them; it is told with the next ones",
    centre_config_failed: "a configuration of the centre did not do well here ({phase}), the one before is in force: {why}",
    database_in_memory:
      "The centre's database {database} cannot be opened: what is recorded now lies in memory and ends with the process. Mend the cause and restart",
    upkeep_failing: "Old events cannot be removed: the database grows",
    secrets_key_missing: "the key file {path} is not there: {unreadable} {unreadable|secret|secrets} cannot be read and no new one can be kept; put it back, or copy it from another server of this centre",
    secrets_key_wrong: "the key file {path} is not the one of this database: {unreadable} {unreadable|secret|secrets} cannot be read and no new one can be kept; put the right one there",
    secrets_key_unusable: "the key file {path} cannot be used ({problem}): {unreadable} {unreadable|secret|secrets} cannot be read and no new one can be kept",
    fleet_not_written: "what agents say cannot be written to the database now; it is kept in memory and written as soon as it can be",
    centre_crashed: "the link to the centre failed {times} {times|time|times} by a program error; see the log; files are carried all the same",
    audit_broken: "the record of changes of {tenant} was changed by hand, first at entry {seq} ({kind}); compare backups and exports, see the runbook",
    disk_low: "only {free_bytes} left in the data directory, reading is paused ({min_free_bytes} needed)",
    high_water_files: "{files} files wait; the high-water mark is {limit}",
    high_water_oldest: "the oldest file has waited {oldest_s}; the mark is {limit_s}",
    dead_letters: "{files} {files|file|files} could not be sent and {files|waits|wait} for a decision",
    dead_letters_growing: "dead letters grow: {files} in all, {grown} new",
    actions_failed: "{actions} {actions|action|actions} after an upload failed and {actions|waits|wait} for a decision",
    archived: "archived after its upload was verified",
    existed_before_first_start: "was there before the first start",
    smaller_than_min_size: "below the size limit",
    larger_than_max_size: "above the size limit",
    dropped_by_operator: "dropped by an operator",
    moved_by_operator: "sent to another destination by an operator",
    store_no_longer_configured: "its destination is no longer configured",
    open_for_writing: "a program is writing it",
    rate_limited: "waits for its turn under a rate limit",
    quiet_time: "quiet time, {seconds} s left",
    excluded: "a filter of its watched directory leaves it out",
  },
};

/** Codes that stop work wholly. */
export const stopping: ReadonlySet<string> = new Set([
  "journal_unavailable", "journal_dropped", "input_crashed", "disk_low", "watch_denied",
]);

/** Codes that hold up files which are ready: told before those of single places. */
export const holdsUp: ReadonlySet<string> = new Set([
  "breaker_open", "breaker_manual", "store_unreachable", "high_water_files", "high_water_oldest",
]);

/** Codes that stop work wholly when the process says it is failing: then no destination is left. */
export const stoppingWhenFailing: ReadonlySet<string> = new Set(["breaker_open", "breaker_manual", "store_unreachable"]);

/** Codes of what a person ordered: known to somebody, so told behind what fails by itself. */
export const byHand: ReadonlySet<string> = new Set(["breaker_manual"]);

/** Codes that speak of one or more destinations. */
export const ofStores: ReadonlySet<string> = new Set([
  "breaker_open", "breaker_half_open", "breaker_manual", "store_unreachable",
]);

/** The stage of the pipe that a code speaks of; destinations are judged by themselves. */
export const stageOf: Readonly<Record<string, "watch" | "queue" | "done">> = {
  nothing_watched: "watch",
  watch_missing: "watch",
  watch_denied: "watch",
  watch_limit: "watch",
  watch_unreadable: "watch",
  events_lost: "watch",
  input_crashed: "watch",
  disk_low: "watch",
  journal_unavailable: "queue",
  journal_dropped: "queue",
  high_water_files: "queue",
  high_water_oldest: "queue",
  dead_letters: "done",
  actions_failed: "done",
};
