import type { Language } from "./types";

/** Words for the server's reason codes. A code or value that is missing here falls back to the server's English. */
export const reasonTexts: Record<Language, Record<string, string>> = {
  zh: {
    watch_missing: "监视的目录 {path} 不存在，出现后会自动开始",
    watch_denied: "没有权限读取监视的目录 {path}",
    watch_limit: "内核的监视数量已用完，{path} 改为定时对账",
    watch_network_fs: "{path} 在网络文件系统上，改为定时对账",
    watch_overflow: "文件事件太多，内核丢弃了一部分；正在对账补齐",
    store_unreachable: "连不上目的地 {store}",
    store_denied: "目的地 {store} 拒绝了凭据",
    store_missing: "目的地 {store} 的存储桶或目录不存在",
    breaker_open: "目的地 {store} 连续失败，已暂停发送，{probe_in_s} 秒后试探",
    breaker_half_open: "目的地 {store} 正在试探是否恢复",
    high_water: "积压 {files} 个文件，达到高水位的 {level_pct}%",
    journal_unavailable: "日志库 {path} 无法写入",
    disk_low: "磁盘空间不足：{path} 只剩 {free}",
    upload_failed: "{error_class}",
    max_size: "{size} 超过大小上限 {limit}",
    min_size: "{size} 小于大小下限 {limit}",
  },
  en: {
    watch_missing: "watched directory {path} does not exist; watching starts when it appears",
    watch_denied: "no permission to read the watched directory {path}",
    watch_limit: "the kernel's watch limit is used up; {path} is found by reconciliation",
    watch_network_fs: "{path} is on a network file system and is found by reconciliation",
    watch_overflow: "the kernel dropped file events; reconciliation is catching up",
    store_unreachable: "destination {store} does not answer",
    store_denied: "destination {store} refused the credentials",
    store_missing: "the bucket or directory of destination {store} does not exist",
    breaker_open: "destination {store} keeps failing and is paused; next probe in {probe_in_s} s",
    breaker_half_open: "destination {store} is being probed",
    high_water: "{files} files wait, {level_pct}% of the high-water mark",
    journal_unavailable: "the journal {path} cannot be written",
    disk_low: "disk space is low: {free} left for {path}",
    upload_failed: "{error_class}",
    max_size: "{size} is above the limit of {limit}",
    min_size: "{size} is below the limit of {limit}",
  },
};

/** Codes that stop work, and those that only ask for a look; all others are told without alarm. */
export const critical = new Set(["journal_unavailable", "store_denied", "store_missing", "disk_low", "watch_denied"]);
