import type { Language } from "./types";

/**
 * What each setting of a layer means, by its key as the reference of settings writes it. The server tells it in
 * English; a test holds these keys against the server's.
 */
export const settingHelp: Record<Language, Record<string, string>> = {
  en: {},
  zh: {
    "log.level": "低于这个级别的日志不写",
    "stores": "按名字区分的存储目的地；不设则用 data_dir/objects 里的 default",
    "stores.<name>.url": "file:///目录 · memory:// · s3://桶[/前缀] · oss://桶[/前缀]",
    "stores.<name>.endpoint": "服务地址 scheme://host[:port]；s3 和 oss 不设时用 region 的公网地址",
    "stores.<name>.region": "没有 endpoint 时，s3 和 oss 必填",
    "stores.<name>.access_key": "s3 和 oss 必填",
    "stores.<name>.secret_key": "s3 和 oss 必填",
    "stores.<name>.session_token": "临时凭据的会话令牌",
    "stores.<name>.path_style": "桶名放在路径里而不是域名里；不设时，指定了 endpoint 就放在路径里",
    "stores.<name>.ca_file": "给 endpoint 证书签名的 PEM 文件",
    "stores.<name>.proxy": "正向代理 http://host:port；不设则不用代理",
    "stores.<name>.connect_timeout": "建立连接最长等待",
    "stores.<name>.read_timeout": "服务端读取或应答时最长的静默",
    "stores.<name>.health_timeout": "健康检查用的同样两个上限，取较短者",
    "stores.<name>.multipart_threshold": "达到这个大小的对象分片上传，中断后可续传",
    "stores.<name>.part_size": "分片大小；会自动增大，使一个对象不超过 10,000 片",
    "stores.<name>.part_concurrency": "一个对象同时上传的分片数",
    "stores.<name>.orphan_grace": "本机未记录的未完成上传，超过这个时间就清理；0 = 从不",
    "stores.<name>.workers": "同时发往这个存储的文件数；不设则用 agent.transfer.workers",
    "stores.<name>.max_bytes_per_s": "这个存储每秒字节上限，与 agent.transfer 的同时有效；不设 = 不限",
    "stores.<name>.max_files_per_s": "这个存储每秒文件数上限；不设 = 不限",
    "agent.watch": "监视的目录树",
    "agent.watch[].path": "目录；可以以后才出现",
    "agent.watch[].suffixes": "文件名结尾，如 .log、.tar.gz，不分大小写；空 = 所有文件",
    "agent.watch[].temp_suffixes": "按约定还在写的文件；带这些结尾时不上传",
    "agent.watch[].exclude": "目录名、绝对路径或通配（gitignore 写法，相对 path）",
    "agent.watch[].min_size": "更小的文件跳过",
    "agent.watch[].max_size": "更大的文件跳过；不设 = 不限",
    "agent.watch[].finish": "auto 向内核确认是否仍有写者；silence 只等静默时间",
    "agent.watch[].settle": "一次打开写入关闭、或移动进来之后的静默时间",
    "agent.watch[].silence": "反复写入的文件、或无法向内核确认时的静默时间",
    "agent.watch[].store": "stores 里的名字",
    "agent.watch[].key": "对象键模板；变量：hostname path relpath dir name stem suffix date sha256 label.<名字>",
    "agent.watch[].identity": "怎样算新文件：inode、大小或时间变了（stat），或内容变了（content）",
    "agent.watch[].priority": "0 最先 … 9 最后",
    "agent.watch[].follow_symlinks": "指向 path 之内文件的链接也上传（用链接的名字）；不进入目录链接",
    "agent.watch[].existing": "目录第一次被监视时，已有文件怎么办",
    "agent.watch[].max_bytes_per_s": "这棵目录树每秒字节上限，与存储的同时有效；不设 = 不限",
    "agent.watch[].max_files_per_s": "这棵目录树每秒文件数上限；不设 = 不限",
    "agent.watch[].after": "上传校验通过之后依次做的事",
    "agent.watch[].after[].archive.compress": "none = 原样移动",
    "agent.watch[].after[].archive.into": "归档目录，相对监视目录；其中的文件不会再上传，内部路径保持不变",
    "agent.watch[].after[].archive.delete": "不保留：再向存储核对一次校验和，然后删除本地文件",
    "agent.watch[].after[].script": "agent.actions.scripts 里的名字",
    "agent.rules.set_no": "这些规则所属规则集的编号",
    "agent.rules.rules": "按先后排列，第一条命中的规则决定",
    "agent.rules.rules[].id": "规则在中心的编号",
    "agent.rules.rules[].version": "发布的版本",
    "agent.rules.rules[].rule": "规则本身（JSON）",
    "agent.actions.at_once": "同时进行的动作数",
    "agent.actions.max_attempts": "总共尝试几次，之后等人处理",
    "agent.actions.timeout": "归档一个文件最长用时",
    "agent.reconcile_interval": "两次完整扫描目录树的间隔，补上没有通知到的变化",
    "agent.transfer.workers": "每个存储同时发送的文件数",
    "agent.transfer.max_bytes_per_s": "所有存储合计每秒字节上限；不设 = 不限",
    "agent.transfer.max_files_per_s": "所有存储合计每秒文件数上限；不设 = 不限",
    "agent.transfer.drain_timeout": "正常停止时，最长等待正在发送的文件",
    "agent.retry.max_attempts": "总共尝试几次，之后转入死信",
    "agent.retry.max_age": "从首次入队起超过这个时间仍失败，就转入死信",
    "agent.retry.base": "第一次重试最长等待",
    "agent.retry.cap": "任何一次重试最长等待",
    "agent.breaker.failure_ratio": "窗口内失败比例达到多少就熔断",
    "agent.breaker.min_outcomes": "窗口内结果少于这么多时不会熔断",
    "agent.breaker.window": "更早的结果不再计入",
    "agent.breaker.open_for": "第一次探测之前的休息；每次探测失败加倍（带抖动），直到 open_cap",
    "agent.breaker.open_cap": "最长休息",
    "agent.high_water.files": "日志里等待的文件数",
    "agent.high_water.oldest": "等待最久的文件的时长",
    "agent.high_water.min_free_bytes": "日志所在文件系统的剩余空间",
  },
};

/** Limits in the reader's language, made from the server's English phrases. */
export function boundsText(language: Language, bounds: string): string {
  if (language === "en") return bounds;
  return bounds
    .split(", ")
    .map((phrase) => phrase.replace(/^at least /, "≥ ").replace(/^at most /, "≤ ").replace(/^more than /, "> ").replace(/^matching /, ""))
    .join("，");
}
