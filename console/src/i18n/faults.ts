import { reasonNames } from "./reasonNames";
import { fill } from "./translate";
import type { Language } from "./types";

/**
 * What is wrong with a document, by the server's codes. English readers get the server's own sentence; these say it in Chinese: whole,
 * where the code and its values say all, or in a word before the server's sentence.
 */

const WHOLE: Readonly<Record<string, string>> = {
  missing: "必须填写",
  extra_forbidden: "这里没有这一项",
  unknown_key: "这里没有 {key} 这一项；可以写：{allowed}",
  unknown_word: "只能是：{allowed}",
  out_of_range: "应在 {least} 到 {most} 之间",
  wrong_length: "长度应为 {least} 到 {most} 个字符，现在是 {count} 个",
  too_many: "最多 {most} 个",
  wrong_type: "类型不对：应为{want}，现在是{have}",
  not_unique: "重复了：{name}",
  circle: "步骤互相等待，永远不会开始：{steps}",
  no_steps: "至少要有一个步骤",
  unknown_step: "没有步骤 {name}；有：{known}",
  not_before: "步骤 {step} 开始时，{name} 可能还没有结束：把它加进 needs",
  unknown_kind: "没有动作 {name}；有：{known}",
  unknown_input: "流程没有参数 {name}：先在 input 下声明",
  unknown_field: "没有字段 {name}；有：{known}",
  not_of_agents: "只有 {kinds} 由 Agent 执行：去掉这一项",
  not_needed: "必填的参数没有默认值：两者去掉一个",
  bad_undo: "写 true、false，或写出用来撤销的动作",
  bad_action: "写出做什么，用大写，例如 WEBHOOK 或 ARCHIVE",
  bad_text: "不能含有 NUL 或半个代理对",
  bad_time: "时刻写成 2026-10-01T08:30:00+08:00，带时区",
  bad_date: "日期写成 2026-10-01，一段写成 2026-10-01/2026-10-07",
  bad_template: "$ 后面要跟花括号里的字段名；要写 $ 本身就写 $$",
  bad_type: "* 只能放在最后，例如 gwf.file.*",
  bad_suffix: "后缀是名称的结尾，例如 .log 或 .tar.gz",
  empty_range: "区间是空的：下限不能高于上限，起止不能相同",
  too_deep: "嵌套太深",
  unknown_zone: "时区写成 Asia/Shanghai 或 UTC",
  own_header: "这个请求头由 GWF 自己设置",
  no_signing_key: "server.webhooks.keys 里没有这个密钥",
  no_channels: "还没有任何通知渠道，通知发不出去；请在 server.channels 里写一个，或用 WEBHOOK",
  no_channel: "没有这个通知渠道",
  string_type: "应为文本",
  string_too_short: "不能为空",
  bool_type: "应为 true 或 false",
  bool_parsing: "应为 true 或 false",
  int_type: "应为整数",
  int_parsing: "应为整数",
  float_type: "应为数字",
  list_type: "应为列表",
  dict_type: "应为键和值",
};

const TYPES: Readonly<Record<string, string>> = {
  null: "空值",
  boolean: "真或假",
  number: "数字",
  integer: "整数",
  string: "文本",
  array: "列表",
  object: "键和值",
};

const WORDS: Readonly<Record<string, string>> = {
  wrong_type: "类型不对",
  wrong_length: "长度不对",
  too_many: "太多",
  empty: "不能为空",
  bad_name: "名称不合规则",
  bad_condition: "条件写法不对",
  bad_comparison: "比较写法不对",
  bad_glob: "通配符写法不对",
  bad_regex: "正则表达式写法不对（RE2）",
  bad_selector: "选择器写法不对",
  bad_label: "标签不合规则",
  bad_size: "大小写法不对",
  bad_url: "地址不能用",
  not_unique: "重复了",
  unknown_calendar: "没有这个日历",
  unknown_field: "没有这个字段",
  unknown_word: "不是允许的词",
  out_of_range: "超出范围",
  not_of_files: "只有文件事件才有",
  no_text: "这里不能用文本",
  invalid: "不能用",
  invalid_value: "值不能用",
  literal_error: "不是允许的词",
  enum: "不是允许的词",
  string_pattern_mismatch: "写法不对",
  string_too_long: "太长",
  greater_than_equal: "太小",
  less_than_equal: "太大",
  greater_than: "太小",
  less_than: "太大",
  value_error: "值不能用",
};

interface Fault {
  code: string;
  message: string;
  params?: Readonly<Record<string, string>>;
}

/** A fault in the reader's language: a word of its own, and the server's sentence where that still says more. */
export function faultText(language: Language, { code, message, params = {} }: Fault): { word: string; rest: string } {
  if (language === "en") return { word: "", rest: message };
  const values = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, name === "want" || name === "have" ? (TYPES[value] ?? value) : value]));
  const whole = WHOLE[code] === undefined ? null : fill(WHOLE[code], values, language);
  return whole === null ? { word: WORDS[code] ?? "", rest: message } : { word: whole, rest: "" };
}

/** The same in one line. */
export function faultLine(language: Language, fault: Fault): string {
  const { word, rest } = faultText(language, fault);
  return [word, rest].filter(Boolean).join(" · ");
}

/** Of what a rollout looks at while an agent tries a configuration. */
const HEALTH = "health.";

/** Why an agent refused a configuration or went back from it: its state in the reader's words, with the part it is about, or the fault. */
export function refusalLine(language: Language, { pointer, ...fault }: Fault & { pointer: string }): string {
  const name = fault.code.startsWith(HEALTH) ? reasonNames[language][fault.code.slice(HEALTH.length)] : undefined;
  if (name === undefined) return faultLine(language, fault);
  const part = pointer.split("/").at(-1) ?? "";
  return part ? `${name}${language === "zh" ? "：" : ": "}${part}` : name;
}
